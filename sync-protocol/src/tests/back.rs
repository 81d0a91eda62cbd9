//! Devices that come back where little or nothing has changed.

use super::company::{NOW, come_back};
use super::membership::said;
use super::*;
use mera_trust::Intent;
use mera_trust::fixture::Fixture;

/// A relay, and two devices that hold all that it holds and told so.
fn settled() -> (Logs, Device, Device) {
    let relay = Logs { chain: RefCell::new(company().chain.clone()), life: Cell::new(3), ..Logs::default() };
    let (mut anna, mut bo) = (Device::new(1), Device::new(2));
    anna.write("one");
    bo.write("two");
    for _ in 0..2 {
        talk(&mut anna, &relay, 1000).unwrap();
        talk(&mut bo, &relay, 1000).unwrap();
    }
    assert_eq!(held(&anna.logs), held(&bo.logs));
    (relay, anna, bo)
}

#[test]
fn where_nothing_changed_one_question_and_one_answer_of_less_than_a_hundred_bytes_say_so() {
    let (relay, mut anna, mut bo) = settled();
    for (who, now) in [(1, NOW), (2, NOW), (1, NOW + 1)] {
        let device = if who == 1 { &mut anna } else { &mut bo };
        let (frames, bytes) = come_back(device, &relay, now).unwrap();
        assert_eq!(frames - 2, 2, "how far the others are is asked by this test's device each time");
        let peers = Frame::Peers(device.peers.clone()).encode().len();
        let bytes = bytes - Frame::AskPeers.encode().len() - peers;
        assert!(bytes <= 92, "question and answer took {bytes} bytes");
    }
}

#[test]
fn what_was_written_meanwhile_on_either_side_is_exchanged() {
    let (relay, mut anna, mut bo) = settled();
    anna.write("without a signal");
    bo.write("meanwhile");
    talk(&mut bo, &relay, 1000).unwrap();
    come_back(&mut anna, &relay, NOW).unwrap();
    assert_eq!(held(&anna.logs).of(bo.id()), 2);
    assert_eq!(held(&relay).of(anna.id()), 2);
    assert_eq!(anna.acked.of(anna.id()), 2);
}

#[test]
fn other_records_over_the_same_entries_are_noticed_also_when_nothing_else_changed() {
    let (relay, mut anna, bo) = settled();
    anna.digests.toggle(RecordRef::new(RecordKind::Quote, RecordId::new(Uuid::from_u128(9))), &vec!["x".into()]);
    come_back(&mut anna, &relay, NOW).unwrap();
    assert_eq!(anna.diverged, Some(bo.id()));
}

#[test]
fn what_was_said_once_opens_the_door_once() {
    let (relay, anna, _) = settled();
    anna.stand_as_known_to(&relay);
    let says =
        |now| ClientSession::back(anna.key.clone(), company_id(), anna.cursor, &anna.logs, now).unwrap().unwrap().1;
    let answer = |frame: &[u8], now| {
        let mut server = RelaySession::awaiting_back([7; 32]);
        let effects = server.frame(frame, now, &relay);
        let Some(RelayEffect::Send(answer)) = effects.first() else { panic!("{effects:?}") };
        (matches!(Frame::decode(answer), Ok(Frame::WelcomeBack { .. })), server.guest().is_some())
    };
    let first = says(NOW + 5);
    assert_eq!(answer(&first, NOW), (true, true));
    assert_eq!(answer(&first, NOW), (false, false), "whoever listened says it again");
    assert_eq!(answer(&says(NOW + 4), NOW), (false, false), "her clock went back");
    let kept = says(NOW + 10);
    assert_eq!(answer(&kept, NOW + 10 * 60 * 1000), (false, false), "whoever held it back says it ten minutes later");
    assert_eq!(answer(&says(NOW + 6), NOW), (true, true));
}

#[test]
fn where_anything_is_not_as_the_device_knows_it_the_two_greet_each_other_as_strangers_do() {
    type Change = fn(&Logs, &mut Device, &mut Device);
    let changes: [(&str, Change); 6] = [
        ("another life of the relay", |relay, _, _| relay.life.set(4)),
        ("the members' list went on", |relay, _, _| {
            let next = said(&relay.chain.borrow(), &Intent::Rotate);
            relay.chain.borrow_mut().push(next);
        }),
        ("the device knows more members", |_, anna, _| {
            let next = said(&anna.logs.chain.borrow(), &Intent::Rotate);
            anna.logs.chain.borrow_mut().push(next);
        }),
        ("the relay has more of its log than it knows", |relay, anna, _| {
            let mut copy = Device::new(1);
            copy.logs = Logs { chain: RefCell::new(company().chain.clone()), ..Logs::default() };
            copy.logs.take(anna.run().verify(company_id()).unwrap()).unwrap();
            copy.write("in the copy");
            relay.take(copy.run().verify(company_id()).unwrap()).unwrap();
        }),
        ("the relay has lost its log", |relay, anna, _| {
            relay.logs.borrow_mut().remove(&anna.id());
        }),
        ("nobody knows the place", |relay, _, _| relay.floor.set(1_000)),
    ];
    for (name, change) in changes {
        let (relay, mut anna, mut bo) = settled();
        anna.stand_as_known_to(&relay);
        let standing = anna.logs.stands.borrow().clone();
        change(&relay, &mut anna, &mut bo);
        *anna.logs.stands.borrow_mut() = standing;
        let back = ClientSession::back(anna.key.clone(), company_id(), anna.cursor, &anna.logs, NOW).unwrap().unwrap();
        let mut server = RelaySession::awaiting_back([7; 32]);
        let effects = server.frame(&back.1, NOW, &relay);
        let [RelayEffect::Send(challenge)] = &effects[..] else { panic!("{name}: {effects:?}") };
        assert!(matches!(Frame::decode(challenge), Ok(Frame::Challenge { .. })), "{name}");
        let mut client = back.0;
        let hello = client.frame(challenge, &anna.logs).unwrap();
        let [ClientEffect::Send(hello)] = &hello[..] else { panic!("{name}: {hello:?}") };
        let effects = server.frame(hello, NOW, &relay);
        assert!(!effects.contains(&RelayEffect::Close), "{name}: and then it is let in");
    }
}

#[test]
fn who_was_taken_out_and_who_never_was_a_member_does_not_come_back() {
    let (relay, anna, bo) = settled();
    let revoked = said(&relay.chain.borrow(), &Intent::Revoke { device: bo.id() });
    for device in [&anna, &bo] {
        device.stand_as_known_to(&relay);
        device.logs.chain.borrow_mut().push(revoked.clone());
    }
    relay.chain.borrow_mut().push(revoked);
    let comes = |device: &Device| {
        let back = ClientSession::back(device.key.clone(), company_id(), device.cursor, &device.logs, NOW);
        let effects = RelaySession::awaiting_back([7; 32]).frame(&back.unwrap().unwrap().1, NOW, &relay);
        matches!(effects.first(), Some(RelayEffect::Send(frame)) if Frame::decode(frame).unwrap() == Frame::WelcomeBack { complete: true })
    };
    assert!(comes(&anna));
    assert!(!comes(&bo));
    let other = Fixture::of(1);
    *relay.chain.borrow_mut() = other.chain.clone();
    assert!(!comes(&anna), "it is another company's list");
}

#[test]
fn whoever_says_it_is_back_where_it_was_asked_who_it_is_is_asked_still() {
    let (relay, anna, _) = settled();
    anna.stand_as_known_to(&relay);
    let back = ClientSession::back(anna.key.clone(), company_id(), anna.cursor, &anna.logs, NOW).unwrap().unwrap();
    let (mut server, challenge) = RelaySession::open([7; 32], &relay);
    assert_eq!(server.frame(&back.1, NOW, &relay), [], "something between them took the question out of the address");
    let mut client = back.0;
    let hello = client.frame(&challenge, &anna.logs).unwrap();
    let [ClientEffect::Send(hello)] = &hello[..] else { panic!("{hello:?}") };
    assert!(!server.frame(hello, NOW, &relay).contains(&RelayEffect::Close));
}
