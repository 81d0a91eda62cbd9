//! What was erased is in no value and no file, whenever it came.

use super::super::tests::{company, fixture, opened, run};
use super::*;
use mera_schema::{RecordId, RecordKind, RecordRef};
use mera_sync_protocol::{Content, Entry, Hlc, Part, Payload, Place, RelayStore};
use mera_trust::DeviceKey;
use mera_trust::fixture::noise;
use std::path::Path;

pub(crate) fn record(n: u128) -> RecordRef {
    RecordRef::new(RecordKind::Customer, RecordId::new(uuid::Uuid::from_u128(n)))
}

/// Writes the next entry of a log: of each of the records this, or that they are erased.
pub(crate) fn write(seed: u8, log: &mut Vec<SignedEntry>, records: &[RecordRef], says: Option<u8>) {
    let key = DeviceKey::from_seed(&[seed; 32]);
    let previous = log.last().map_or([0; 32], |last| last.hash);
    let at = Place { workspace: company(), device: key.public().device(), seq: log.len() as u64 + 1, previous };
    let subjects = records.iter().map(|record| (*record).into()).collect();
    let kind = if says.is_some() { EntryKind::CHANGES } else { EntryKind::ERASURE };
    let mut entry = Entry { time: Hlc::default(), kind, epoch: 1, subjects, payload: Payload::default() };
    if let Some(says) = says {
        Content::seal(&mut entry, &at, vec![noise(says, 1000); records.len()], &fixture().keys).unwrap();
    }
    log.push(SignedEntry::write(&key, &at, entry));
}

/// The sealed bytes of a part, as they would stand on a disk.
pub(crate) fn part(entry: &SignedEntry, index: usize) -> Vec<u8> {
    let Part::Present(part) = &entry.entry.payload.0[index] else { panic!("it was just written") };
    part.bytes.clone()
}

pub(crate) fn finds(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            finds(&path, needle)
        } else {
            std::fs::read(path).unwrap().windows(needle.len()).any(|bytes| bytes == needle)
        }
    })
}

#[test]
fn what_was_erased_is_in_no_value_and_no_file_and_what_comes_later_is_not_kept_either() {
    let folder = tempfile::tempdir().unwrap();
    let (anna, bo) = (DeviceKey::from_seed(&[1; 32]), DeviceKey::from_seed(&[2; 32]));
    let (mut hers, mut his) = (Vec::new(), Vec::new());
    write(1, &mut hers, &[record(1), record(2)], Some(7));
    write(2, &mut his, &[record(1)], Some(8));
    let (gone, stays) = (part(&hers[0], 0), part(&hers[0], 1));
    let late = part(&his[0], 0);
    let disk = opened(&folder);
    disk.accept(company(), run(&anna, &hers, 0)).unwrap();
    let before = disk.usage().1.bytes;
    assert!(finds(folder.path(), &gone) && !disk.lingers());
    write(1, &mut hers, &[record(1)], None);
    disk.accept(company(), run(&anna, &hers, 1)).unwrap();
    assert!(disk.lingers() && disk.usage().1.bytes < before);
    disk.accept(company(), run(&bo, &his, 0)).unwrap();
    disk.write_anew().unwrap();
    assert!(!disk.lingers());
    for (what, bytes) in [("before", &gone), ("later", &late)] {
        assert!(!finds(folder.path(), bytes), "{what}");
    }
    assert!(finds(folder.path(), &stays));
    // The logs still verify, and what they say of others can be read.
    let delivered = disk.after(company(), 0, &mera_sync_protocol::Vector::default(), usize::MAX).unwrap();
    let verified: Vec<_> = delivered.runs.into_iter().map(|run| run.verify(company()).unwrap()).collect();
    let (at, signed) = verified[0].placed().next().unwrap();
    let content = Content::open(&signed.entry, &at, &fixture().keys).unwrap();
    assert_eq!(content.chunks, [(record(2).into(), noise(7, 1000))]);
    drop(disk);
    let disk = RelayDisk::open(folder.path()).unwrap();
    assert_eq!(RelayStore::vector(&disk, company()).unwrap().entries(), 3);
}

#[test]
fn an_erasing_that_a_power_cut_interrupted_is_ended_when_the_relay_starts() {
    let folder = tempfile::tempdir().unwrap();
    let anna = DeviceKey::from_seed(&[1; 32]);
    let mut hers = Vec::new();
    write(1, &mut hers, &[record(1)], Some(7));
    let gone = part(&hers[0], 0);
    let disk = opened(&folder);
    disk.accept(company(), run(&anna, &hers, 0)).unwrap();
    // As it stands when the record is called erased and nothing else was done.
    let mut batch = disk::Batch::default();
    batch.insert(erased_key(company(), &record(1).into()), disk::wrap(&()));
    batch.insert(key(LINGERS, company(), &[]), disk::wrap(&()));
    disk.tree().apply(batch).unwrap();
    disk.tree().flush().unwrap();
    drop(disk);
    assert!(finds(folder.path(), &gone));
    let disk = RelayDisk::open(folder.path()).unwrap();
    assert!(!finds(folder.path(), &gone) && !disk.lingers());
}

#[test]
fn who_has_no_right_to_erase_erases_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let disk = opened(&folder);
    let key = DeviceKey::from_seed(&[1; 32]);
    let quote = RecordRef::new(RecordKind::Quote, RecordId::new(uuid::Uuid::from_u128(9)));
    let mut log = Vec::new();
    write(1, &mut log, &[quote], None);
    let fault = disk.accept(company(), run(&key, &log, 0)).unwrap_err();
    assert_eq!(fault.code(), "sync.no_right");
}
