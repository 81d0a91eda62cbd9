//! Conversations between devices and a relay in memory, with everything that can go wrong on the way.
#![allow(clippy::unwrap_used)]

mod back;
mod bad_input;
mod checkpoint;
pub(crate) mod company;
mod membership;
mod recovery;

use crate::*;
use company::{Device, Logs, company, company_id, noise, talk, talk_in};
use mera_schema::{RecordId, RecordKind, RecordRef, WorkspaceId};
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use uuid::Uuid;

/// The runs that a session would send to a relay.
fn brought(effects: Vec<ClientEffect>) -> Vec<Brought> {
    let frames = effects.into_iter().filter_map(|effect| match effect {
        ClientEffect::Send(frame) => Some(Frame::decode(&frame).unwrap()),
        _ => None,
    });
    frames.filter_map(|frame| if let Frame::Push(runs) = frame { Some(runs) } else { None }).flatten().collect()
}

fn held(replica: &impl Replica) -> Vector {
    replica.vector().unwrap()
}

#[test]
fn two_devices_meet_through_a_relay_and_a_second_meeting_costs_next_to_nothing() {
    let (relay, mut anna, mut bo) = (Logs::default(), Device::new(1), Device::new(2));
    (0..3).for_each(|n| anna.write(&format!("anna {n}")));
    (0..2).for_each(|n| bo.write(&format!("bo {n}")));
    talk(&mut anna, &relay, 1000).unwrap();
    talk(&mut bo, &relay, 1000).unwrap();
    talk(&mut anna, &relay, 1000).unwrap();
    assert_eq!(held(&anna.logs), held(&bo.logs));
    assert_eq!(anna.acked.of(anna.id()), 3);
    let frames = talk(&mut bo, &relay, 1000).unwrap();
    assert!(frames <= 9, "challenge, hello, welcome, the last entry, its receipt, deliver, took, peers: {frames}");
    assert!(bo.peers.of(anna.id(), bo.id()) >= 2, "the relay knows that Anna has Bo's work");
}

#[test]
fn what_a_device_brought_is_announced_even_if_it_is_gone_before_it_hears_so() {
    let anna = Device::new(1);
    let relay = Logs { chain: RefCell::new(company().chain.clone()), ..Logs::default() };
    anna.write("from the car park");
    let (mut server, first) = RelaySession::open([7; 32], &relay);
    let hello = anna.session().frame(&first, &anna.logs).unwrap();
    let [ClientEffect::Send(hello)] = &hello[..] else { panic!("{hello:?}") };
    server.frame(hello, 1, &relay);
    let effects = server.frame(&Frame::Push(vec![Brought::Whole(anna.run())]).encode(), 1, &relay);
    assert_eq!(
        effects.first(),
        Some(&RelayEffect::Announce(company_id(), News::Entries)),
        "a shell that cannot send stops there"
    );
}

#[test]
fn a_relay_that_lost_its_disk_is_filled_again_by_any_device() {
    let (relay, mut anna, mut bo) = (Logs::default(), Device::new(1), Device::new(2));
    anna.write("only once");
    talk(&mut anna, &relay, 1000).unwrap();
    talk(&mut bo, &relay, 1000).unwrap();
    let fresh = Logs { life: Cell::new(9), ..Logs::default() };
    talk(&mut bo, &fresh, 1000).unwrap();
    assert_eq!(held(&fresh).of(anna.id()), 1, "Bo brought Anna's work");
}

#[test]
fn a_line_that_breaks_while_a_relay_is_filled_again_leaves_nothing_out() {
    for frames in 0..20 {
        let (relay, mut anna, mut bo) = (Logs::default(), Device::new(1), Device::new(2));
        anna.write("only once");
        talk(&mut anna, &relay, 1000).unwrap();
        talk(&mut bo, &relay, 1000).unwrap();
        let fresh = Logs { life: Cell::new(9), ..Logs::default() };
        talk(&mut bo, &fresh, frames).unwrap();
        talk(&mut bo, &fresh, 1000).unwrap();
        assert_eq!(held(&fresh).of(anna.id()), 1, "it broke after {frames} frames");
        assert!(talk(&mut bo, &fresh, 1000).unwrap() <= 8, "and then the place is known");
    }
}

#[test]
fn a_device_that_was_interrupted_in_a_run_owes_a_new_relay_nothing_once_that_has_the_whole_of_it() {
    let (anna, bo) = (Device::new(1), Device::new(2));
    (0..3).for_each(|n| anna.write(&format!("{n}")));
    let mut whole = anna.run().verify(company_id()).unwrap();
    let begun = whole.split(2);
    assert_eq!((begun.entries.len(), whole.first, whole.entries.len()), (2, 3, 1));
    assert_eq!(whole.previous, begun.entries[1].hash);
    bo.logs.take(begun).unwrap();
    let (mut session, cursor) = (bo.session(), Cursor { epoch: [9; 16], arrival: 1 });
    let mut hears = |frame: Frame| session.frame(&frame.encode(), &bo.logs).unwrap();
    hears(Frame::Challenge { protocol: PROTOCOL, epoch: [9; 16], nonce: [0; 32] });
    let told = hears(Frame::Welcome { own: 0, have: Some(Vector::default()) });
    assert_eq!(told.len(), 2, "what its author did not sign alone cannot be brought: {told:?}");
    let runs = vec![anna.run()];
    let takes = ClientEffect::Take { runs: runs.clone(), cursor, keep: true };
    assert_eq!(hears(Frame::Deliver { runs, cursor, more: false }).first(), Some(&takes));
}

#[test]
fn the_place_at_a_new_relay_is_remembered_only_once_that_lacks_nothing_the_device_holds() {
    let (anna, bo) = (Device::new(1), Device::new(2));
    anna.write("only once");
    bo.logs.take(anna.run().verify(company_id()).unwrap()).unwrap();
    let (mut session, cursor) = (bo.session(), Cursor { epoch: [9; 16], arrival: 0 });
    let mut hears = |frame: Frame| session.frame(&frame.encode(), &bo.logs).unwrap();
    let delivery = Frame::Deliver { runs: Vec::new(), cursor, more: false };
    let takes = |keep| ClientEffect::Take { runs: Vec::new(), cursor, keep };
    hears(Frame::Challenge { protocol: PROTOCOL, epoch: [9; 16], nonce: [0; 32] });
    hears(Frame::Welcome { own: 0, have: Some(Vector::default()) });
    assert_eq!(hears(delivery.clone())[0], takes(false), "the line may break before the relay has Anna's work");
    hears(Frame::Ack { device: anna.id(), seq: 1 });
    assert_eq!(hears(delivery)[0], takes(true));
}

/// Anna's laptop falls into the harbour on the way home.
#[test]
fn what_a_neighbour_told_is_brought_to_a_relay_that_is_known_and_only_once() {
    let (relay, anna, mut bo) = (Logs::default(), Device::new(1), Device::new(2));
    bo.write("before the basement");
    talk(&mut bo, &relay, 1000).unwrap();
    assert!(bo.cursor.is_some());
    (0..3).for_each(|_| anna.write("in the basement"));
    bo.logs.take(anna.run().verify(company_id()).unwrap()).unwrap();
    bo.logs.brings.borrow_mut().reach(anna.id(), 0);
    talk(&mut bo, &relay, 1000).unwrap();
    assert_eq!((held(&relay).of(anna.id()), bo.acked.of(anna.id())), (3, 3));
    *bo.logs.brings.borrow_mut() = Vector::default();
    let arrived = relay.arrivals.borrow().len();
    talk(&mut bo, &relay, 1000).unwrap();
    assert_eq!(relay.arrivals.borrow().len(), arrived);
}

#[test]
fn what_a_lost_relay_had_of_a_neighbours_log_is_brought_to_the_new_one_too() {
    let (anna, bo) = (Device::new(1), Device::new(2));
    // More than may be under way at one time.
    (0..20).for_each(|_| anna.write(&noise(RUN_BYTES)));
    (0..20).for_each(|after| {
        let run = anna.logs.cut(anna.id(), after).unwrap();
        bo.logs.take(run.verify(company_id()).unwrap()).unwrap();
    });
    bo.logs.brings.borrow_mut().reach(anna.id(), 15);
    let mut session = bo.session();
    let pushed = |effects| -> Vec<u64> { brought(effects).iter().map(Brought::first).collect() };
    session.frame(&Frame::Challenge { protocol: PROTOCOL, epoch: [9; 16], nonce: [0; 32] }.encode(), &bo.logs).unwrap();
    let welcome = Frame::Welcome { own: 0, have: Some(Vector::default()) };
    let mut first = pushed(session.frame(&welcome.encode(), &bo.logs).unwrap());
    first.extend(pushed(session.committed(&bo.logs).unwrap()));
    let ack = Frame::Ack { device: anna.id(), seq: 1 };
    first.extend(pushed(session.frame(&ack.encode(), &bo.logs).unwrap()));
    assert_eq!(first, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn whoever_brings_the_log_of_a_device_in_two_places_is_not_sent_away_for_it() {
    let (relay, mut anna, copy, mut bo) = (Logs::default(), Device::new(1), Device::new(1), Device::new(2));
    anna.write("the real one");
    copy.write("the copy");
    talk(&mut anna, &relay, 1000).unwrap();
    bo.logs.take(copy.run().verify(company_id()).unwrap()).unwrap();
    bo.logs.brings.borrow_mut().reach(anna.id(), 0);
    let mut session = bo.session();
    bo.cursor = Some(Cursor { epoch: [0; 16], arrival: 1 });
    bo.write("his own");
    talk_in(&mut bo, &mut session, &relay, 1000).unwrap();
    assert_eq!(held(&relay).of(bo.id()), 1, "his own work arrives");
    assert!(session.is_settled(), "and the session waits for nothing more");
}

#[test]
fn a_device_restored_from_a_backup_first_fetches_what_it_lost() {
    let (relay, mut anna) = (Logs::default(), Device::new(1));
    anna.write("before the backup");
    let backup = anna.logs.logs.borrow().clone();
    anna.write("after the backup");
    talk(&mut anna, &relay, 1000).unwrap();
    *anna.logs.logs.borrow_mut() = backup;
    talk(&mut anna, &relay, 1000).unwrap();
    assert_eq!(held(&anna.logs).of(anna.id()), 2);
}

#[test]
fn a_restored_device_fetches_also_more_than_fits_under_way_at_one_time() {
    let (relay, mut anna) = (Logs::default(), Device::new(1));
    (0..20).for_each(|_| anna.write(&noise(RUN_BYTES)));
    talk(&mut anna, &relay, 1000).unwrap();
    anna.logs.logs.borrow_mut().clear();
    anna.cursor = None;
    talk(&mut anna, &relay, 1000).unwrap();
    assert_eq!(held(&anna.logs).of(anna.id()), 20);
}

#[test]
fn what_the_relay_gave_is_not_given_back_to_it() {
    let (relay, anna, bo) = (Logs::default(), Device::new(1), Device::new(2));
    let mut session = anna.session();
    session
        .frame(&Frame::Challenge { protocol: PROTOCOL, epoch: [0; 16], nonce: [0; 32] }.encode(), &anna.logs)
        .unwrap();
    let welcome = Frame::Welcome { own: 0, have: Some(held(&relay)) };
    session.frame(&welcome.encode(), &anna.logs).unwrap();
    bo.write("from Bo");
    let cursor = Cursor { epoch: [0; 16], arrival: 1 };
    let delivery = Frame::Deliver { runs: vec![bo.run()], cursor, more: false };
    session.frame(&delivery.encode(), &anna.logs).unwrap();
    anna.logs.take(bo.run().verify(company_id()).unwrap()).unwrap();
    assert_eq!(session.committed(&anna.logs).unwrap(), []);
}

#[test]
fn a_copied_device_is_found_out() {
    let (relay, mut anna, mut copy) = (Logs::default(), Device::new(1), Device::new(1));
    anna.write("the real one");
    copy.write("the copy");
    talk(&mut anna, &relay, 1000).unwrap();
    copy.write("more of the copy");
    let fault = talk(&mut copy, &relay, 1000).unwrap_err();
    assert_eq!(fault.code(), "sync.fork");
}

#[test]
fn a_copied_device_is_given_its_log_as_the_relay_has_it_and_brings_and_takes_nothing_meanwhile() {
    let (relay, mut anna, mut copy, mut bo) = (Logs::default(), Device::new(1), Device::new(1), Device::new(2));
    // More than fit into the window at once.
    (0..40).for_each(|n| anna.write(&format!("the real one {n}")));
    copy.write("the copy");
    bo.write("a colleague's");
    talk(&mut anna, &relay, 1000).unwrap();
    talk(&mut bo, &relay, 1000).unwrap();
    let mut session = ClientSession::comparing(copy.key.clone(), company_id());
    talk_in(&mut copy, &mut session, &relay, 1000).unwrap();
    assert_eq!(session.committed(&copy.logs).unwrap(), []);
    assert_eq!(copy.compared.iter().map(|run| run.entries.len()).sum::<usize>(), 40);
    assert!(copy.compared.iter().all(|run| run.author.device() == copy.id()));
    assert_eq!((held(&copy.logs).entries(), held(&relay).of(copy.id())), (1, 40));
}

#[test]
fn equal_entries_with_unequal_records_are_noticed() {
    let (relay, mut anna, mut bo) = (Logs::default(), Device::new(1), Device::new(2));
    anna.write("something");
    talk(&mut anna, &relay, 1000).unwrap();
    talk(&mut bo, &relay, 1000).unwrap();
    bo.digests.toggle(RecordRef::new(RecordKind::Quote, RecordId::new(Uuid::from_u128(9))), &vec!["x".into()]);
    let mut session = bo.session();
    talk_in(&mut bo, &mut session, &relay, 1000).unwrap();
    assert_eq!(bo.diverged.take(), Some(anna.id()));
    // When it has made its records anew it says at once what it holds, and the relay compares again.
    bo.digests = Digests::default();
    let holds = Replica::vector(&bo.logs).unwrap();
    let Some(ClientEffect::Send(told)) = session.took_before(&holds, bo.digests.clone()) else { panic!() };
    assert!(matches!(Frame::decode(&told), Ok(Frame::Took { own: 0, held: 1, .. })));
    talk(&mut bo, &relay, 1000).unwrap();
    assert_eq!(bo.diverged, None);
}

#[test]
fn what_was_changed_on_the_way_is_refused() {
    let anna = Device::new(1);
    (0..3).for_each(|n| anna.write(&format!("{n}")));
    type Forgery = (&'static str, fn(&mut Run));
    let forgeries: [Forgery; 6] = [
        ("another payload", |run| run.entries[1].payload = run.entries[0].payload.clone()),
        ("another order", |run| run.entries.swap(0, 1)),
        ("the end cut off", |run| drop(run.entries.pop())),
        ("another place", |run| run.first += 1),
        ("another author", |run| run.author = DeviceKey::from_seed(&[3; 32]).public()),
        ("a short signature", |run| run.signature.0.truncate(10)),
    ];
    for (name, forge) in forgeries {
        let mut run = anna.run();
        forge(&mut run);
        assert_eq!(run.verify(company_id()).unwrap_err().code(), "sync.bad_signature", "{name}");
    }
    let elsewhere = WorkspaceId::new(Uuid::from_u128(2));
    assert!(anna.run().verify(elsewhere).is_err(), "a run of one company means nothing in another");
}

#[test]
fn an_erased_payload_leaves_a_log_that_verifies() {
    let anna = Device::new(1);
    (0..2).for_each(|n| anna.write(&format!("{n}")));
    let mut run = anna.run();
    run.entries[0].payload = run.entries[0].payload.erased();
    assert!(run.verify(company_id()).is_ok());
}

#[test]
fn what_an_entry_says_of_one_record_is_erased_and_what_it_says_of_others_stays() {
    let anna = Device::new(1);
    let record = |kind, n| RecordRef::new(kind, RecordId::new(Uuid::from_u128(n)));
    let (one, other) = (record(RecordKind::Task, 1), record(RecordKind::Customer, 2));
    anna.write_of(&[(one, "one"), (other, "the other")]);
    let whole = anna.run().verify(company_id()).unwrap();
    let mut run = anna.run();
    assert!(run.entries[0].erase(|subject| subject.record() == Some(other)));
    assert!(!run.entries[0].erase(|subject| subject.record() == Some(other)), "twice is as good as once");
    let kept = run.verify(company_id()).unwrap();
    assert_eq!(kept.entries[0].hash, whole.entries[0].hash);
    let (at, signed) = kept.placed().next().unwrap();
    let content = Content::open(&signed.entry, &at, &company().keys).unwrap();
    assert_eq!(content.chunks, [(one.into(), b"one".to_vec())]);
}

#[test]
fn a_part_that_belongs_to_no_record_is_refused_for_it_could_never_be_erased() {
    let anna = Device::new(1);
    anna.write("one");
    let mut run = anna.run();
    let part = run.entries[0].payload.0[0].clone();
    run.entries[0].payload.0.push(part);
    assert_eq!(run.verify(company_id()).unwrap_err().code(), "sync.frame_unreadable");
}

#[test]
fn a_gap_is_named() {
    let (relay, anna) = (Logs::default(), Device::new(1));
    (0..3).for_each(|n| anna.write(&format!("{n}")));
    let late = anna.logs.cut(anna.id(), 2).unwrap().verify(company_id()).unwrap();
    assert_eq!(relay.take(late).unwrap_err().code(), "sync.gap");
}

#[test]
fn strangers_other_versions_and_frames_out_of_turn_are_refused_with_a_reason() {
    let relay = Logs::default();
    let key = DeviceKey::from_seed(&[1; 32]);
    let hello = |protocol, proof| Frame::Hello {
        protocol,
        workspace: company_id(),
        key: key.public(),
        proof,
        cursor: None,
        chain: ChainPlace::default(),
    };
    let cases = [
        (hello(PROTOCOL, key.sign(b"nonsense")), "sync.bad_signature"),
        (hello(PROTOCOL + 1, key.sign(b"nonsense")), "sync.other_version"),
        (Frame::AskPeers, "sync.out_of_turn"),
    ];
    for (frame, code) in cases {
        let (mut server, _) = RelaySession::open([7; 32], &relay);
        let effects = server.frame(&frame.encode(), 1, &relay);
        let [RelayEffect::Send(bytes), RelayEffect::Close] = &effects[..] else { panic!("closed: {effects:?}") };
        let Frame::Refused { code: told, .. } = Frame::decode(bytes).unwrap() else { panic!("told why") };
        assert_eq!(told, code);
    }
    let challenge = Frame::Challenge { protocol: 99, epoch: [0; 16], nonce: [0; 32] };
    let anna = Device::new(1);
    let fault = anna.session().frame(&challenge.encode(), &anna.logs).unwrap_err();
    assert_eq!(fault, SyncFault::OtherVersion { ours: PROTOCOL, theirs: 99 });
}

#[test]
fn frames_too_large_cut_short_or_lying_about_their_length_are_refused() {
    assert_eq!(Frame::decode(&vec![0; FRAME_LIMIT + 1]).unwrap_err().code(), "sync.frame_too_large");
    let anna = Device::new(1);
    anna.write("hello");
    let whole = Frame::Push(vec![Brought::Whole(anna.run())]).encode();
    for length in 0..whole.len() {
        assert_eq!(Frame::decode(&whole[..length]).unwrap_err(), SyncFault::FrameUnreadable, "{length}");
    }
    assert!(Frame::decode(&[&whole[..], b"more"].concat()).is_err());
    // A push that claims 2^60 runs: nobody reserves memory for it.
    let push = Frame::Push(Vec::new()).encode()[0];
    assert!(Frame::decode(&[push, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]).is_err());
}

#[test]
fn one_changed_record_costs_at_most_70_bytes_beside_its_chunk() {
    let anna = Device::new(1);
    (0..100).for_each(|_| anna.write(&noise(110)));
    let bytes = Frame::Push(vec![Brought::Whole(anna.run())]).encode().len();
    assert!(bytes <= 100 * (110 + 70), "{bytes}");
}

#[test]
fn a_device_says_whose_log_it_is_and_what_goes_before_only_where_the_relay_cannot_know() {
    let (relay, mut anna) = (Logs::default(), Device::new(1));
    anna.write("one");
    talk(&mut anna, &relay, 1000).unwrap();
    // What she brings to a relay that holds so much of her log, and then when she writes once more: from where, and how.
    let brings = |own: u64, words: &str| -> Vec<(u64, bool)> {
        let mut session = anna.session();
        let challenge = Frame::Challenge { protocol: PROTOCOL, epoch: [0; 16], nonce: [0; 32] };
        session.frame(&challenge.encode(), &anna.logs).unwrap();
        let welcome = Frame::Welcome { own, have: None };
        let mut sent = brought(session.frame(&welcome.encode(), &anna.logs).unwrap());
        anna.write(words);
        sent.extend(brought(session.committed(&anna.logs).unwrap()));
        sent.iter().map(|one| (one.first(), matches!(one, Brought::Onward(_)))).collect()
    };
    anna.write("two");
    assert_eq!(brings(1, "three"), [(2, true), (3, true)]);
    // The relay has as much as the device, and perhaps another end of it: the last entry goes out again, and says all.
    assert_eq!(brings(3, "four"), [(3, false), (4, true)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bytes_from_anywhere_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let relay = Logs::default();
        let _ = Frame::decode(&bytes);
        let (mut server, _) = RelaySession::open([7; 32], &relay);
        server.frame(&bytes, 1, &relay);
        let anna = Device::new(1);
        let _ = anna.session().frame(&bytes, &anna.logs);
    }

    /// Lines that break after any number of frames; in the end everybody holds everything.
    #[test]
    fn broken_lines_lose_nothing(steps in prop::collection::vec((0usize..3, 0usize..4, 1usize..14), 1..40)) {
        let relay = Logs::default();
        let mut devices = [Device::new(1), Device::new(2), Device::new(3)];
        for (who, writes, frames) in steps {
            (0..writes).for_each(|n| devices[who].write(&format!("{n}")));
            talk(&mut devices[who], &relay, frames).unwrap();
        }
        for _ in 0..2 {
            for device in &mut devices {
                talk(device, &relay, 10_000).unwrap();
            }
        }
        for device in &devices {
            prop_assert_eq!(held(&device.logs), held(&relay));
            prop_assert_eq!(device.acked.of(device.id()), held(&device.logs).of(device.id()));
        }
    }
}
