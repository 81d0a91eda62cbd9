//! Logs that begin at a checkpoint.

use super::company::{Device, Logs, company, company_id, talk};
use super::held;
use crate::*;
use mera_schema::{DeviceId, RecordId, RecordKind, RecordRef};
use mera_trust::fixture::Fixture;
use mera_trust::{Base, Checkpoint, Intent, LogEnd};
use uuid::Uuid;

fn customer(n: u128) -> RecordRef {
    RecordRef::new(RecordKind::Customer, RecordId::new(Uuid::from_u128(n)))
}

/// What a device says of everything it holds: the records in its own log, and the statement about them.
fn checkpoint(maker: &Device, records: &[&str]) -> Checkpoint {
    let logs = &maker.logs;
    let base = |(device, seq): (DeviceId, u64)| (device, Base { seq, hash: logs.hash(device, seq).unwrap() });
    let base = held(logs).iter().map(base).collect();
    for (n, words) in (1..).zip(records) {
        maker.write_kind(EntryKind::SNAPSHOT, &[(customer(n), *words)]);
    }
    let seq = held(logs).of(maker.id());
    let end = Base { seq, hash: logs.hash(maker.id(), seq).unwrap() };
    Checkpoint { base, seen: Vec::new(), begun: 1, end, records: records.len() as u64 }
}

/// The founder's device says it in the chain of the relay, which lets go of everything before.
fn say(maker: &Device, relay: &Logs, checkpoint: Checkpoint) -> Result<(), SyncFault> {
    let members = maker.logs.members();
    let mut entropy = mera_trust::Entropy::from_seed(&[9; 32]);
    let intent = Intent::Checkpoint(checkpoint);
    let drafted = members.draft(&intent, (&maker.key, &company().keys), |_| LogEnd::default(), 7, &mut entropy)?;
    RelayStore::extend(relay, company_id(), &drafted)?;
    relay.follow_checkpoint(true);
    Ok(())
}

/// Anna and Bo have worked; Anna's device has told a checkpoint of it, and both went on.
fn checkpointed() -> (Logs, Device, Device) {
    let (relay, mut anna, mut bo) = (Logs::default(), Device::new(1), Device::new(2));
    (0..30).for_each(|n| anna.write(&format!("anna {n}")));
    (0..20).for_each(|n| bo.write(&format!("bo {n}")));
    talk(&mut anna, &relay, 1000).unwrap();
    talk(&mut bo, &relay, 1000).unwrap();
    talk(&mut anna, &relay, 1000).unwrap();
    let said = checkpoint(&anna, &["one", "two", "three"]);
    talk(&mut anna, &relay, 1000).unwrap();
    say(&anna, &relay, said).unwrap();
    talk(&mut anna, &relay, 1000).unwrap();
    bo.write("bo, later");
    talk(&mut bo, &relay, 1000).unwrap();
    talk(&mut anna, &relay, 1000).unwrap();
    (relay, anna, bo)
}

fn entries(logs: &Logs) -> usize {
    logs.logs.borrow().values().map(|(_, entries)| entries.len()).sum()
}

#[test]
fn a_new_device_takes_the_records_of_the_checkpoint_and_what_came_since_and_holds_what_all_hold() {
    let (relay, anna, bo) = checkpointed();
    assert_eq!(entries(&relay), 4, "three records and Bo's later entry");
    for frames in 1..40 {
        let mut clara = Device::new(3);
        // The line breaks after each number of frames; the next call goes on.
        talk(&mut clara, &relay, frames).unwrap();
        talk(&mut clara, &relay, 1000).unwrap();
        assert_eq!(held(&clara.logs), held(&anna.logs), "it broke after {frames} frames");
        assert_eq!((entries(&clara.logs), held(&clara.logs)), (4, held(&bo.logs)));
        let vector = &relay.peers.borrow()[&clara.id()].0;
        assert!(vector.covers(&held(&relay)), "the relay knows that Clara has everything");
    }
}

#[test]
fn a_device_that_was_away_with_unsent_work_brings_it_and_goes_on_from_the_checkpoint() {
    let (relay, mut anna, mut bo) = (Logs::default(), Device::new(1), Device::new(2));
    let mut clara = Device::new(3);
    (0..5).for_each(|n| anna.write(&format!("anna {n}")));
    bo.write("bo");
    clara.write("clara, sent");
    for device in [&mut anna, &mut clara, &mut bo] {
        talk(device, &relay, 1000).unwrap();
    }
    talk(&mut anna, &relay, 1000).unwrap();
    clara.write("clara, in the cellar");
    anna.write("anna, while Clara is away");
    talk(&mut anna, &relay, 1000).unwrap();
    let said = checkpoint(&anna, &["one"]);
    talk(&mut anna, &relay, 1000).unwrap();
    say(&anna, &relay, said).unwrap();
    talk(&mut clara, &relay, 1000).unwrap();
    for device in [&mut anna, &mut bo, &mut clara] {
        talk(device, &relay, 1000).unwrap();
    }
    assert_eq!(held(&clara.logs), held(&relay));
    assert_eq!(held(&anna.logs), held(&clara.logs));
    assert_eq!(held(&bo.logs).of(clara.id()), 2, "what Clara wrote in the cellar is everywhere");
}

#[test]
fn a_relay_that_lost_its_disk_is_filled_from_the_checkpoint_on_wherever_the_line_breaks() {
    let (_, mut anna, mut bo) = checkpointed();
    anna.logs.follow_checkpoint(true);
    for frames in 1..30 {
        let fresh = Logs { life: std::cell::Cell::new(9), ..Logs::default() };
        talk(&mut anna, &fresh, frames).unwrap();
        talk(&mut bo, &fresh, 1000).unwrap();
        talk(&mut anna, &fresh, 1000).unwrap();
        assert_eq!(held(&fresh), held(&anna.logs), "it broke after {frames} frames");
        let mut clara = Device::new(3);
        talk(&mut clara, &fresh, 1000).unwrap();
        assert_eq!(held(&clara.logs), held(&anna.logs));
    }
}

#[test]
fn a_relay_that_holds_less_than_the_checkpoint_covers_lets_none_stand_and_lets_go_of_nothing() {
    let (relay, mut anna) = (Logs::default(), Device::new(1));
    (0..3).for_each(|n| anna.write(&format!("anna {n}")));
    talk(&mut anna, &relay, 1000).unwrap();
    let said = checkpoint(&anna, &["one"]);
    assert_eq!(say(&anna, &relay, said).unwrap_err().code(), "checkpoint.early", "its records are not there yet");
    assert_eq!(entries(&relay), 3);
}

#[test]
fn a_run_is_cut_where_a_checkpoint_says_and_another_log_than_that_is_a_fork() {
    let anna = Device::new(1);
    (0..6).for_each(|n| anna.write(&format!("{n}")));
    let run = |after| anna.logs.cut(anna.id(), after).unwrap().verify(company_id()).unwrap();
    let hash = |seq| anna.logs.hash(anna.id(), seq).unwrap();
    let base = |seq| Base { seq, hash: hash(seq) };
    let nothing = |_| Ok(None);
    let at_checkpoint = HeldLog { checkpoint: Some(base(4)), ..HeldLog::default() };
    for after in 1..=4 {
        let new = run(after).beyond(&at_checkpoint, nothing).unwrap();
        assert_eq!(
            (new.run.first, new.run.previous, new.from),
            (5, hash(4), Some(base(4))),
            "from entry {}",
            after + 1
        );
    }
    assert_eq!(run(5).beyond(&at_checkpoint, nothing).unwrap_err().code(), "sync.gap");
    assert_eq!(run(0).beyond(&at_checkpoint, nothing).unwrap().run.first, 1, "a whole log is better than a part");
    let wrong = HeldLog { checkpoint: Some(Base { seq: 4, hash: [1; 32] }), ..HeldLog::default() };
    assert_eq!(run(2).beyond(&wrong, nothing).unwrap_err().code(), "sync.fork");
    assert_eq!(run(4).beyond(&wrong, nothing).unwrap_err().code(), "sync.fork");
    // What was let go of is passed over, also where all of a run is.
    let held = HeldLog { base: base(4), last: 5, checkpoint: None };
    let hash_at = |seq| Ok((seq == 5).then(|| hash(5)));
    assert_eq!(run(0).beyond(&held, hash_at).unwrap().run.first, 6);
    assert!(
        run(0).beyond(&HeldLog { base: base(6), last: 6, checkpoint: None }, nothing).unwrap().run.entries.is_empty()
    );
    let forked = HeldLog { base: Base { seq: 4, hash: [1; 32] }, last: 4, checkpoint: None };
    assert_eq!(run(0).beyond(&forked, nothing).unwrap_err().code(), "sync.fork");
}

#[test]
fn only_administrators_say_what_records_are() {
    let mut company = Fixture::of(3);
    let (bo, roles) = (mera_trust::fixture::card(2).2, [mera_trust::Role::Office].into_iter().collect());
    company.say(&Intent::SetRoles { person: bo.person, roles });
    let bo = Device::new(2);
    (0..11).for_each(|n| bo.write_in(RecordKind::Customer, &format!("{n}")));
    bo.write_kind(EntryKind::SNAPSHOT, &[(customer(1), "mine")]);
    let verified = bo.run().verify(company.workspace()).unwrap();
    assert_eq!(judge(&company.members, &verified).unwrap_err().code(), "sync.no_right");
}

#[test]
fn a_forged_part_of_a_checkpoint_is_refused() {
    let (relay, anna, _) = checkpointed();
    let members = relay.members();
    let reached = members.checkpoint().unwrap();
    let mut run = relay.cut(anna.id(), reached.base_of(anna.id()).seq).unwrap();
    run.entries[1] = run.entries[0].clone();
    assert_eq!(run.verify(company_id()).unwrap_err().code(), "sync.bad_signature");
    let held = Vector::from_iter([(anna.id(), reached.checkpoint.end.seq)]);
    let other = holds_records(reached, &held, |_, _| Ok(Some([7; 32]))).unwrap_err();
    assert_eq!(other, SyncFault::Fork { device: anna.id(), seq: reached.checkpoint.end.seq });
    assert!(matches!(Whole::decode(b"\x01"), Err(SyncFault::FrameUnreadable)));
}
