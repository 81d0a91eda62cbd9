//! What was appended is there again, whatever happened to the file's end.
#![allow(clippy::unwrap_used)]

use super::*;
use mera_schema::{RecordId, RecordKind, RecordRef, WorkspaceId};
use mera_sync_protocol::{DeviceKey, Entry, EntryKind, Hlc, Payload, Place};
use uuid::Uuid;

fn entry(seq: u64, bytes: usize) -> SignedEntry {
    let quote = RecordRef::new(RecordKind::Quote, RecordId::new(Uuid::from_u128(9)));
    let payload = Payload::Present(vec![7; bytes]);
    let entry =
        Entry { time: Hlc::default(), kind: EntryKind::CHANGES, epoch: 1, subjects: vec![quote.into()], payload };
    let key = DeviceKey::from_seed(&[1; 32]);
    let (workspace, device) = (WorkspaceId::new(Uuid::from_u128(1)), key.public().device());
    SignedEntry::write(&key, &Place { workspace, device, seq, previous: [0; 32] }, entry)
}

fn numbers(found: &Found) -> Vec<u64> {
    found.entries.iter().map(|(seq, _)| *seq).collect()
}

/// A folder, the file in it, and an outbox with three entries.
fn three() -> (tempfile::TempDir, PathBuf, Outbox) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    let (mut outbox, found) = Outbox::open(&path).unwrap();
    assert_eq!((numbers(&found), found.end), (vec![], End::Whole));
    for seq in 1..=3 {
        outbox.append(seq, &entry(seq, 20)).unwrap();
    }
    (folder, path, outbox)
}

#[test]
fn what_was_appended_is_there_again_until_the_relay_has_it() {
    let (_folder, path, mut outbox) = three();
    let (_, found) = Outbox::open(&path).unwrap();
    assert_eq!(found.entries[1], (2, entry(2, 20)));
    outbox.release(3).unwrap();
    assert_eq!(numbers(&Outbox::open(&path).unwrap().1), [1, 2, 3], "a small file is left as it is");
    outbox.tidy(2).unwrap();
    assert_eq!(numbers(&Outbox::open(&path).unwrap().1), [2, 3], "the third still waits");
    outbox.tidy(9).unwrap();
    assert_eq!(numbers(&Outbox::open(&path).unwrap().1), [3], "the last one tells where the log stands");
    outbox.append(4, &entry(4, 20)).unwrap();
    assert_eq!(numbers(&Outbox::open(&path).unwrap().1), [3, 4]);
}

#[test]
fn a_file_cut_at_any_byte_gives_every_whole_entry_and_takes_the_next_one() {
    let (_folder, path, _) = three();
    let whole = fs::read(&path).unwrap();
    let one = (whole.len() - record::HEADING.len()) / 3;
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let (mut outbox, found) = Outbox::open(&path).unwrap();
        let entries = length.saturating_sub(record::HEADING.len()) / one;
        assert_eq!(found.entries.len(), entries, "cut at {length}");
        outbox.append(9, &entry(9, 20)).unwrap();
        let (_, found) = Outbox::open(&path).unwrap();
        assert_eq!((found.entries.len(), found.end), (entries + 1, End::Whole), "cut at {length}");
    }
}

#[test]
fn a_wrong_byte_is_never_read_as_an_entry_and_the_file_is_kept_for_a_person() {
    let (folder, path, _) = three();
    let whole = fs::read(&path).unwrap();
    let one = (whole.len() - record::HEADING.len()) / 3;
    for place in record::HEADING.len()..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let (_, found) = Outbox::open(&path).unwrap();
        assert_eq!(found.entries.len(), (place - record::HEADING.len()) / one, "byte {place}");
        let End::Damaged(aside) = found.end else { panic!("byte {place}: {:?}", found.end) };
        assert_eq!((fs::read(&aside).unwrap(), aside.parent().unwrap()), (bytes, folder.path()));
        let (_, again) = Outbox::open(&path).unwrap();
        assert_eq!((again.entries, again.end), (found.entries, End::Whole), "it goes on with what is good");
        fs::remove_file(aside).unwrap();
    }
}

#[test]
fn a_long_outbox_lets_go_of_what_the_relay_has_and_keeps_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    let (mut outbox, _) = Outbox::open(&path).unwrap();
    for seq in 1..=12 {
        outbox.append(seq, &entry(seq, 100_000)).unwrap();
    }
    outbox.release(10).unwrap();
    assert!(outbox.length() < 350_000, "{}", outbox.length());
    outbox.append(13, &entry(13, 20)).unwrap();
    assert_eq!(numbers(&Outbox::open(&path).unwrap().1), [10, 11, 12, 13]);
}

#[test]
fn a_strange_file_is_refused_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    fs::write(&path, b"MERA outbox 2\nsomething newer").unwrap();
    assert_eq!(Outbox::open(&path).unwrap_err().code(), "outbox.not_an_outbox");
    assert_eq!(fs::read(&path).unwrap(), b"MERA outbox 2\nsomething newer");
    assert_eq!(Outbox::open(folder.path()).unwrap_err().code(), "outbox.cannot_read", "a folder is no file");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_and_what_was_held_stays() {
    let (_folder, path, mut outbox) = three();
    let held = fs::read(&path).unwrap();
    outbox.fill_disk();
    let refused = outbox.append(4, &entry(4, 20)).unwrap_err();
    assert_eq!(refused.code(), "outbox.cannot_write");
    assert!(refused.to_string().contains("free some space"), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), held);
}
