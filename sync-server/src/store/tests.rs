//! What the relay's disk keeps, refuses and notices.
#![allow(clippy::unwrap_used)]

use super::*;
use mera_schema::{RecordId, RecordKind, RecordRef};
use mera_sync_protocol::{
    Content, DeviceKey, Entry, EntryKind, Hlc, Payload, PeerState, Place, RelayStore, Vector, Verified,
};
use mera_trust::fixture::{Fixture, card, noise};
use mera_trust::{Intent, LogEnd, Role};
use std::sync::OnceLock;

/// A company of five devices.
pub(crate) fn fixture() -> &'static Fixture {
    static COMPANY: OnceLock<Fixture> = OnceLock::new();
    COMPANY.get_or_init(|| Fixture::of(5))
}

pub(crate) fn company() -> WorkspaceId {
    fixture().workspace()
}

/// A disk that knows the company.
pub(crate) fn opened(folder: &tempfile::TempDir) -> RelayDisk {
    let disk = RelayDisk::open(folder.path()).unwrap();
    disk.learn(company(), fixture().chain.clone()).unwrap();
    disk.go_on(company()).unwrap();
    disk
}

const OTHER: WorkspaceId = WorkspaceId::new(uuid::Uuid::from_u128(2));

/// A log of so many entries, all about one record.
pub(crate) fn log(seed: u8, entries: u64, bytes: usize) -> (DeviceKey, Vec<SignedEntry>) {
    let key = DeviceKey::from_seed(&[seed; 32]);
    let quote = RecordRef::new(RecordKind::Quote, RecordId::new(uuid::Uuid::from_u128(9)));
    let mut log: Vec<SignedEntry> = Vec::new();
    for seq in 1..=entries {
        let previous = log.last().map_or([0; 32], |last| last.hash);
        let at = Place { workspace: company(), device: key.public().device(), seq, previous };
        let (time, subjects, payload) = (Hlc::default(), vec![quote.into()], Payload::default());
        let mut entry = Entry { time, kind: EntryKind::CHANGES, epoch: 1, subjects, payload };
        Content::seal(&mut entry, &at, vec![noise(seed, bytes)], &fixture().keys).unwrap();
        log.push(SignedEntry::write(&key, &at, entry));
    }
    (key, log)
}

pub(crate) fn run(key: &DeviceKey, log: &[SignedEntry], after: usize) -> Verified {
    let previous = after.checked_sub(1).map_or([0; 32], |i| log[i].hash);
    Run::cut(key.public(), after as u64 + 1, previous, &log[after..]).unwrap().verify(company()).unwrap()
}

#[test]
fn what_was_accepted_is_there_after_a_restart_and_belongs_to_one_company() {
    let folder = tempfile::tempdir().unwrap();
    let (key, log) = log(1, 3, 10);
    let disk = opened(&folder);
    let epoch = disk.epoch();
    assert_eq!(disk.accept(company(), run(&key, &log[..2], 0)).unwrap(), 2);
    drop(disk);
    let disk = RelayDisk::open(folder.path()).unwrap();
    assert_ne!(disk.epoch(), epoch, "a new life: nobody's place in the order of arrival is taken on trust");
    assert_eq!(disk.vector(company()).unwrap().of(key.public().device()), 2);
    assert_eq!(disk.accept(company(), run(&key, &log, 0)).unwrap(), 3, "what is known already is passed over");
    assert_eq!(disk.arrivals(company()).unwrap(), 2);
    assert_eq!(disk.vector(OTHER).unwrap(), Vector::default());
}

#[test]
fn a_delivery_stays_near_its_budget_goes_on_where_it_stopped_and_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let disk = opened(&folder);
    let (key, log) = log(1, 40, 1_000);
    for n in 0..40 {
        disk.accept(company(), run(&key, &log[..=n], n)).unwrap();
    }
    let (mut arrival, mut got, mut rounds) = (0, 0, 0);
    loop {
        let delivery = disk.after(company(), arrival, &Vector::default(), 10_000).unwrap();
        for run in delivery.runs {
            got += run.verify(company()).unwrap().entries.len();
        }
        (arrival, rounds) = (delivery.arrival, rounds + 1);
        if delivery.complete {
            break;
        }
    }
    assert_eq!((got, arrival), (40, 40));
    assert!((4..=6).contains(&rounds), "{rounds}");
    let skip = Vector::from_iter([(key.public().device(), 39)]);
    assert_eq!(disk.after(company(), 0, &skip, 10_000).unwrap().runs.len(), 1, "what is held is not sent");
}

#[test]
fn gaps_and_forks_are_refused_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let disk = opened(&folder);
    let (key, true_log) = log(1, 3, 10);
    let (_, copied) = log(1, 2, 11);
    disk.accept(company(), run(&key, &true_log[..1], 0)).unwrap();
    assert_eq!(disk.accept(company(), run(&key, &true_log, 2)).unwrap_err().code(), "sync.gap");
    assert_eq!(disk.accept(company(), run(&key, &copied, 0)).unwrap_err().code(), "sync.fork");
    assert_eq!(disk.arrivals(company()).unwrap(), 1);
}

#[test]
fn two_devices_differ_only_if_they_told_their_marks_of_the_same_entries() {
    let folder = tempfile::tempdir().unwrap();
    let disk = opened(&folder);
    let (key, log) = log(1, 2, 10);
    let (anna, bo) = (key.public().device(), DeviceKey::from_seed(&[2; 32]).public().device());
    let tells = |device, last, digest| {
        let vector = Vector::from_iter([(anna, last)]);
        disk.confirm(company(), PeerState { device, vector, spoke: 0 }, digest).unwrap()
    };
    let digests = |toggled: bool| {
        let mut digests = mera_sync_protocol::Digests::default();
        if toggled {
            digests.toggle(RecordRef::new(RecordKind::Quote, RecordId::new(uuid::Uuid::nil())), &Vec::new());
        }
        digests.readable(|_| true).marks()
    };
    let (before, after) = (|| digests(false), || digests(true));
    disk.accept(company(), run(&key, &log[..1], 0)).unwrap();
    assert_eq!((tells(anna, 1, Some(before())), tells(bo, 1, Some(before()))), (None, None));
    disk.accept(company(), run(&key, &log, 1)).unwrap();
    tells(anna, 2, None);
    assert_eq!(tells(bo, 2, Some(after())), None, "Anna has written since she told her marks");
    assert_eq!(tells(anna, 2, Some(before())), Some(bo), "now she holds the same entries and yet something else");
}

#[test]
fn a_wrong_byte_is_an_error_with_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let disk = opened(&folder);
    let (key, log) = log(1, 1, 10);
    disk.accept(company(), run(&key, &log, 0)).unwrap();
    let place = log_key(company(), key.public().device(), 1);
    let mut bytes = disk.tree().get(&place).unwrap().unwrap().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    disk.tree().insert(place, bytes).unwrap();
    let fault = RelayStore::runs_after(&disk, company(), key.public().device(), 0, 1).unwrap_err();
    assert!(fault.to_string().contains("damaged"), "{fault}");
}

#[test]
fn a_second_relay_on_the_same_folder_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let _first = RelayDisk::open(folder.path()).unwrap();
    let refused = RelayDisk::open(folder.path()).err().unwrap().to_string();
    assert!(refused.contains("another relay"), "{refused}");
}

/// A wrong bit at any place of any file of the relay: it is told, or what the relay then gives is a part of the truth.
#[test]
fn a_wrong_bit_in_any_file_is_told_or_changes_nothing_of_what_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let (key, log) = log(1, 40, 8_000);
    let disk = opened(&folder);
    for n in 0..40 {
        disk.accept(company(), run(&key, &log[..=n], n)).unwrap();
    }
    drop(disk);
    let (mut told, mut given) = (0, 0);
    for file in ["conf", "db"] {
        let bytes = std::fs::read(folder.path().join(file)).unwrap();
        let written: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
        for at in written.iter().step_by((written.len() / 60).max(1)) {
            let hurt = tempfile::tempdir().unwrap();
            for name in ["conf", "db"] {
                std::fs::copy(folder.path().join(name), hurt.path().join(name)).unwrap();
            }
            let mut wrong = bytes.clone();
            wrong[*at] ^= 1 << (at % 8);
            std::fs::write(hurt.path().join(file), wrong).unwrap();
            match everything(hurt.path()) {
                Ok((vector, entries)) => {
                    given += 1;
                    let held = usize::try_from(vector.of(key.public().device())).unwrap();
                    assert!(entries == log[..held], "byte {at} of {file}");
                }
                Err(fault) => {
                    told += 1;
                    assert!(fault.to_string().len() > 20, "a sentence: {fault}");
                }
            }
        }
    }
    assert!(told > 10 && given > 10, "{told} told, {given} given");
}

/// What the relay says that it holds, and the entries that it gives.
fn everything(folder: &Path) -> Result<(Vector, Vec<SignedEntry>), SyncFault> {
    let disk = RelayDisk::open(folder)?;
    let (mut entries, mut arrival) = (Vec::new(), 0);
    loop {
        let delivery = disk.after(company(), arrival, &Vector::default(), 100_000)?;
        for run in delivery.runs {
            entries.extend(run.verify(company())?.entries);
        }
        arrival = delivery.arrival;
        if delivery.complete {
            return Ok((disk.vector(company())?, entries));
        }
    }
}

#[test]
fn a_chain_is_kept_extended_by_one_at_a_time_and_refused_when_it_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let disk = RelayDisk::open(folder.path()).unwrap();
    assert_eq!(disk.members(company()).unwrap(), None);
    let unknown = disk.extend(company(), &fixture().chain[0]).unwrap_err();
    assert_eq!(unknown.code(), "membership.stranger", "a company is not founded by extending it");
    let other = disk.learn(OTHER, fixture().chain.clone()).unwrap_err();
    assert_eq!(other.code(), "membership.other_company");
    disk.learn(company(), fixture().chain[..2].to_vec()).unwrap();
    disk.learn(company(), fixture().chain[2..].to_vec()).unwrap();
    disk.learn(company(), fixture().chain.clone()).unwrap();
    let mut forked = fixture().chain[..2].to_vec();
    let mut other = Fixture::of(2);
    forked.push(other.say(&Intent::Rotate));
    assert_eq!(disk.learn(company(), forked).unwrap_err().code(), "membership.forked");
    let mut said = Fixture::of(5);
    let next = said.say(&Intent::Rotate);
    disk.go_on(company()).unwrap();
    disk.extend(company(), &next).unwrap();
    assert_eq!(disk.extend(company(), &next).unwrap_err().code(), "membership.behind");
    drop(disk);
    let disk = RelayDisk::open(folder.path()).unwrap();
    assert_eq!(*disk.members(company()).unwrap().unwrap(), said.members, "after a restart too");
    assert_eq!(disk.statements(company(), 1, 1).unwrap(), said.chain[1..2], "near its budget");
    assert_eq!(disk.statements(company(), 0, usize::MAX).unwrap(), said.chain);
}

#[test]
fn who_was_revoked_or_has_no_right_adds_nothing_and_what_is_held_must_be_known_first() {
    let folder = tempfile::tempdir().unwrap();
    let disk = opened(&folder);
    let (bo, log) = log(2, 12, 10);
    disk.accept(company(), run(&bo, &log[..11], 0)).unwrap();
    let mut said = Fixture::of(5);
    // The founder has taken in ten entries of each device.
    let revoked = said.say(&Intent::Revoke { device: bo.public().device() });
    assert_eq!(disk.extend(company(), &revoked).unwrap_err().code(), "membership.entries_beyond");
    let mut said = Fixture::of(5);
    let warehouse = [Role::Warehouse].into_iter().collect();
    let moved = said.say(&Intent::SetRoles { person: card(3).2.person, roles: warehouse });
    disk.extend(company(), &moved).unwrap();
    let (carla, quotes) = self::log(3, 12, 10);
    assert_eq!(disk.accept(company(), run(&carla, &quotes[..10], 0)).unwrap(), 10);
    assert_eq!(disk.accept(company(), run(&carla, &quotes, 10)).unwrap_err().code(), "sync.no_right");
    let (stranger, log) = self::log(9, 1, 10);
    assert_eq!(disk.accept(company(), run(&stranger, &log, 0)).unwrap_err().code(), "membership.stranger");
}

#[test]
fn what_counts_of_a_log_stays_where_the_chain_has_the_signature_that_its_end_lacks() {
    let (bo, log) = log(2, 12, 10);
    let device = bo.public().device();
    let of_another = self::log(3, 12, 10).1[9].signature.clone();
    for (signature, stays) in [(log[9].signature.clone(), 10), (of_another, 8)] {
        let folder = tempfile::tempdir().unwrap();
        let disk = opened(&folder);
        disk.accept(company(), run(&bo, &log[..8], 0)).unwrap();
        disk.accept(company(), run(&bo, &log, 8)).unwrap();
        let revoked = Fixture::of(5).say_until(&Intent::Revoke { device }, &LogEnd { last: 10, signature });
        disk.learn(company(), vec![revoked]).unwrap();
        assert_eq!(disk.vector(company()).unwrap().of(device), stays);
        let delivered = disk.after(company(), 0, &Vector::default(), usize::MAX).unwrap();
        let ends = delivered.runs.into_iter().map(|run| run.verify(company()).unwrap()).map(|run| run.entries.len());
        assert_eq!(ends.sum::<usize>(), stays as usize);
    }
}

#[test]
fn a_relay_restored_from_a_backup_lets_go_of_what_was_void_already() {
    let folder = tempfile::tempdir().unwrap();
    let disk = opened(&folder);
    let (bo, log) = log(2, 12, 10);
    disk.accept(company(), run(&bo, &log[..8], 0)).unwrap();
    disk.accept(company(), run(&bo, &log, 8)).unwrap();
    let revoked = Fixture::of(5).say(&Intent::Revoke { device: bo.public().device() });
    disk.learn(company(), vec![revoked]).unwrap();
    // Ten entries count, but the tenth came without a signature of its own.
    assert_eq!(disk.vector(company()).unwrap().of(bo.public().device()), 8);
    disk.accept(company(), run(&bo, &log[..10], 0)).unwrap();
    assert_eq!(disk.accept(company(), run(&bo, &log, 10)).unwrap_err().code(), "membership.revoked");
    let delivered = disk.after(company(), 0, &Vector::default(), usize::MAX).unwrap();
    assert_eq!(delivered.runs.iter().map(Run::last).max(), Some(10));
    drop(disk);
    assert_eq!(RelayDisk::open(folder.path()).unwrap().vector(company()).unwrap().of(bo.public().device()), 10);
}
