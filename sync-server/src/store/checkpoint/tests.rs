//! What the relay lets go of at a checkpoint, and when.

use super::super::tests::{company, fixture, log, run};
use super::*;
use mera_schema::{RecordId, RecordKind, RecordRef};
use mera_sync_protocol::{
    Content, DeviceKey, Entry, EntryKind, Hlc, Payload, PeerState, Place, RelayStore, SignedEntry,
};
use mera_trust::fixture::noise;
use mera_trust::{Checkpoint, Entropy, Intent, LogEnd};

pub(crate) const NOW: u64 = 1_790_000_000_000;
const DAY: u64 = 24 * 60 * 60 * 1000;

fn device(seed: u8) -> DeviceId {
    DeviceKey::from_seed(&[seed; 32]).public().device()
}

/// The log of device 1 goes on with so many records of a checkpoint.
fn records(log: &mut Vec<SignedEntry>, count: u128) {
    let key = DeviceKey::from_seed(&[1; 32]);
    for n in 0..count {
        let at = Place {
            workspace: company(),
            device: device(1),
            seq: log.len() as u64 + 1,
            previous: log.last().map_or([0; 32], |last| last.hash),
        };
        let subjects = vec![RecordRef::new(RecordKind::Quote, RecordId::new(uuid::Uuid::from_u128(n))).into()];
        let (time, kind, payload) = (Hlc::default(), EntryKind::SNAPSHOT, Payload::default());
        let mut entry = Entry { time, kind, epoch: 1, subjects, payload };
        Content::seal(&mut entry, &at, vec![noise(9, 100)], &fixture().keys).unwrap();
        log.push(SignedEntry::write(&key, &at, entry));
    }
}

struct Told {
    folder: tempfile::TempDir,
    disk: RelayDisk,
    /// The logs of devices 1 and 2.
    logs: [(DeviceKey, Vec<SignedEntry>); 2],
    signed: SignedStatement,
}

/// Device 1 has written 6 entries and then 3 records of a checkpoint that covers these and 4 of device 2's log, whose fifth came
/// later; and the statement that says so.
pub(crate) fn said() -> ([(DeviceKey, Vec<SignedEntry>); 2], SignedStatement) {
    let (mut anna, bo) = (log(1, 6, 400), log(2, 5, 400));
    let end = |log: &[SignedEntry], seq: u64| Base { seq, hash: log[usize::try_from(seq).unwrap() - 1].hash };
    records(&mut anna.1, 3);
    let mut base = vec![(device(1), end(&anna.1, 6)), (device(2), end(&bo.1, 4))];
    base.sort_unstable_by_key(|(device, _)| *device);
    let checkpoint = Checkpoint { base, seen: Vec::new(), begun: 1, end: end(&anna.1, 9), records: 3 };
    let intent = Intent::Checkpoint(checkpoint);
    let mut entropy = Entropy::from_seed(&[3; 32]);
    let signed =
        fixture().members.draft(&intent, (&anna.0, &fixture().keys), |_| LogEnd::default(), NOW, &mut entropy).unwrap();
    ([anna, bo], signed)
}

/// The relay has all of it, and the statement is ready.
fn told() -> Told {
    let folder = tempfile::tempdir().unwrap();
    let disk = super::super::tests::opened(&folder);
    let ([anna, bo], signed) = said();
    for n in 0..6 {
        disk.accept(company(), run(&anna.0, &anna.1[..=n], n)).unwrap();
    }
    disk.accept(company(), run(&bo.0, &bo.1, 0)).unwrap();
    for seed in 1..=5 {
        spoke(&disk, seed, &[], NOW - 40 * DAY);
    }
    assert_eq!(disk.extend(company(), &signed).unwrap_err().code(), "checkpoint.early", "its records are not here");
    disk.accept(company(), run(&anna.0, &anna.1, 6)).unwrap();
    Told { folder, disk, logs: [anna, bo], signed }
}

fn spoke(disk: &RelayDisk, seed: u8, holds: &[(u8, u64)], at: u64) {
    let vector = holds.iter().map(|(seed, seq)| (device(*seed), *seq)).collect();
    disk.confirm(company(), PeerState { device: device(seed), vector, spoke: at }, None).unwrap();
}

fn entries(disk: &RelayDisk) -> usize {
    disk.tree().beginning(key(super::super::LOG, company(), &[])).count()
}

#[test]
fn entries_go_once_all_who_work_have_them_and_the_disk_stands_after_each_step() {
    let Told { folder, disk, logs: [anna, bo], signed } = told();
    disk.extend(company(), &signed).unwrap();
    spoke(&disk, 2, &[(1, 9), (2, 5)], NOW);
    spoke(&disk, 3, &[(1, 2)], NOW - DAY);
    assert!(!disk.let_go(NOW).unwrap(), "device 3 was here yesterday and lacks some of it");
    assert_eq!(entries(&disk), 14);
    let before = disk.usage().1.bytes;
    assert!(disk.let_go(NOW + 30 * DAY).unwrap(), "it has been away for a month");
    assert_eq!(entries(&disk), 4, "three records and Bo's fifth");
    assert!(disk.usage().1.bytes < before && disk.lingers());
    disk.write_anew().unwrap();
    let whole = Vector::from_iter([(device(1), 9), (device(2), 5)]);
    assert_eq!(RelayStore::vector(&disk, company()).unwrap(), whole);
    assert_eq!(disk.bases(company()).unwrap(), Vector::from_iter([(device(1), 6), (device(2), 4)]));
    assert_eq!((disk.arrivals(company()).unwrap(), disk.floor(company()).unwrap()), (8, 7));
    // What is left verifies, and goes on.
    let delivery = disk.after(company(), 0, &Vector::default(), usize::MAX).unwrap();
    assert_eq!((delivery.arrival, delivery.complete), (8, true));
    for run in delivery.runs {
        run.verify(company()).unwrap();
    }
    drop(disk);
    let disk = RelayDisk::open(folder.path()).unwrap();
    assert_eq!(RelayStore::vector(&disk, company()).unwrap(), whole);
    assert_eq!(
        disk.accept(company(), run(&bo.0, &bo.1, 0)).unwrap(),
        5,
        "a device that still has all brings nothing new"
    );
    assert_eq!(disk.accept(company(), run(&anna.0, &anna.1, 7)).unwrap(), 9);
    assert!(!disk.let_go(NOW + 60 * DAY).unwrap(), "once is enough");
}

#[test]
fn what_a_power_cut_left_of_it_goes_the_next_time() {
    let Told { folder, disk, signed, .. } = told();
    disk.extend(company(), &signed).unwrap();
    assert!(disk.begin_at_checkpoint(company(), NOW).unwrap());
    drop(disk);
    let disk = RelayDisk::open(folder.path()).unwrap();
    assert_eq!(entries(&disk), 14);
    assert!(disk.let_go(NOW).unwrap());
    assert_eq!(entries(&disk), 4);
    drop(disk);
    assert_eq!(entries(&RelayDisk::open(folder.path()).unwrap()), 4);
}

#[test]
fn a_new_relay_takes_the_records_first_and_then_lets_every_log_begin_there() {
    let Told { logs: [anna, bo], signed, .. } = told();
    let folder = tempfile::tempdir().unwrap();
    let disk = super::super::tests::opened(&folder);
    // It knew a little of Bo's once, as one that was restored from an old backup.
    disk.accept(company(), run(&bo.0, &bo.1[..2], 0)).unwrap();
    disk.learn(company(), vec![signed]).unwrap();
    let late = |disk: &RelayDisk| disk.accept(company(), run(&bo.0, &bo.1, 4));
    assert_eq!(late(&disk).unwrap_err().code(), "sync.gap", "the records are not here");
    disk.accept(company(), run(&anna.0, &anna.1[..8], 6)).unwrap();
    assert_eq!(late(&disk).unwrap_err().code(), "sync.gap", "not all of them are here");
    disk.accept(company(), run(&anna.0, &anna.1, 8)).unwrap();
    assert_eq!(RelayStore::vector(&disk, company()).unwrap().of(device(2)), 4);
    assert_eq!(late(&disk).unwrap(), 5);
    assert_eq!(entries(&disk), 4);
    drop(disk);
    RelayDisk::open(folder.path()).unwrap();
}

#[test]
fn a_checkpoint_over_another_log_than_the_one_that_is_here_does_not_stand() {
    let Told { disk, mut signed, .. } = told();
    let Act::Checkpoint(checkpoint) = &mut signed.statement.act else { panic!("it is one") };
    checkpoint.base.iter_mut().for_each(|(_, base)| base.hash[0] ^= 1);
    let signed = signed.statement.sign(&DeviceKey::from_seed(&[1; 32]));
    assert_eq!(disk.extend(company(), &signed).unwrap_err().code(), "sync.fork");
    assert!(!disk.let_go(NOW).unwrap());
    assert_eq!(entries(&disk), 14);
}

#[test]
fn a_relay_that_was_opened_again_lets_none_stand_before_all_who_work_have_called_for_they_may_know_of_another() {
    let Told { folder, disk, signed, .. } = told();
    spoke(&disk, 3, &[], NOW - DAY);
    drop(disk);
    let disk = RelayDisk::open(folder.path()).unwrap();
    let stands = |disk: &RelayDisk| disk.extend(company(), &signed).map_err(|fault| fault.code().to_owned());
    assert_eq!(stands(&disk), Err("checkpoint.early".into()));
    spoke(&disk, 1, &[], NOW);
    assert_eq!(stands(&disk), Err("checkpoint.early".into()), "device 3 was here yesterday");
    spoke(&disk, 3, &[], NOW);
    stands(&disk).unwrap();
    // A disk that is new knows of nobody's last call.
    let fresh = tempfile::tempdir().unwrap();
    let disk = super::super::tests::opened(&fresh);
    spoke(&disk, 1, &[], NOW);
    assert!(!disk.all_have_called(company(), &fixture().members).unwrap());
    spoke(&disk, 1, &[], NOW + 31 * DAY);
    assert!(
        disk.all_have_called(company(), &fixture().members).unwrap(),
        "a month later nobody is waited for any more"
    );
}
