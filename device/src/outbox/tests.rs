//! What was appended is there again, whatever happened to the file's end.
#![allow(clippy::unwrap_used)]

use super::*;
use mera_schema::{RecordId, RecordKind, RecordRef, WorkspaceId};
use mera_sync_protocol::{DeviceKey, Entry, EntryKind, Hlc, Part, Payload, Place};
use mera_trust::{Group, SealedPart};
use std::collections::BTreeSet;
use uuid::Uuid;

fn entry(seq: u64, bytes: usize) -> SignedEntry {
    let quote = RecordRef::new(RecordKind::Quote, RecordId::new(Uuid::from_u128(9)));
    let payload = Payload(vec![Part::Present(SealedPart { group: Group::HOUSE, bytes: vec![7; bytes] })]);
    let entry =
        Entry { time: Hlc::default(), kind: EntryKind::CHANGES, epoch: 1, subjects: vec![quote.into()], payload };
    let key = DeviceKey::from_seed(&[1; 32]);
    let (workspace, device) = (WorkspaceId::new(Uuid::from_u128(1)), key.public().device());
    SignedEntry::write(&key, &Place { workspace, device, seq, previous: [0; 32] }, entry)
}

fn seal(key: u8) -> Seal {
    Seal::new(&[key; 32], &[9; 32])
}

fn heading() -> usize {
    record::heading(&seal(1)).len()
}

fn numbers(found: &Found) -> Vec<u64> {
    found.entries.iter().map(|(seq, _)| *seq).collect()
}

/// A folder, the file in it, and an outbox with three entries.
fn three() -> (tempfile::TempDir, PathBuf, Outbox) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    let (mut outbox, found) = Outbox::open(&path, seal(1)).unwrap();
    assert_eq!((numbers(&found), found.end), (vec![], End::Whole));
    for seq in 1..=3 {
        outbox.append(seq, &entry(seq, 20)).unwrap();
    }
    (folder, path, outbox)
}

#[test]
fn what_was_appended_is_there_again_until_the_relay_has_it() {
    let (_folder, path, mut outbox) = three();
    let (_, found) = Outbox::open(&path, seal(1)).unwrap();
    assert_eq!(found.entries[1], (2, entry(2, 20)));
    outbox.release(3).unwrap();
    assert_eq!(numbers(&Outbox::open(&path, seal(1)).unwrap().1), [1, 2, 3], "a small file is left as it is");
    outbox.tidy(2).unwrap();
    assert_eq!(numbers(&Outbox::open(&path, seal(1)).unwrap().1), [2, 3], "the third still waits");
    outbox.tidy(9).unwrap();
    assert_eq!(numbers(&Outbox::open(&path, seal(1)).unwrap().1), [3], "the last one tells where the log stands");
    outbox.append(4, &entry(4, 20)).unwrap();
    assert_eq!(numbers(&Outbox::open(&path, seal(1)).unwrap().1), [3, 4]);
}

#[test]
fn a_file_cut_at_any_byte_gives_every_whole_entry_and_takes_the_next_one() {
    let (_folder, path, _) = three();
    let whole = fs::read(&path).unwrap();
    let one = (whole.len() - heading()) / 3;
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let (mut outbox, found) = Outbox::open(&path, seal(1)).unwrap();
        let entries = length.saturating_sub(heading()) / one;
        assert_eq!(found.entries.len(), entries, "cut at {length}");
        outbox.append(9, &entry(9, 20)).unwrap();
        let (_, found) = Outbox::open(&path, seal(1)).unwrap();
        assert_eq!((found.entries.len(), found.end), (entries + 1, End::Whole), "cut at {length}");
    }
}

#[test]
fn a_wrong_byte_is_never_read_as_an_entry_and_the_file_is_kept_for_a_person() {
    let (folder, path, _) = three();
    let whole = fs::read(&path).unwrap();
    let one = (whole.len() - heading()) / 3;
    for place in heading()..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let (_, found) = Outbox::open(&path, seal(1)).unwrap();
        assert_eq!(found.entries.len(), (place - heading()) / one, "byte {place}");
        let End::Damaged(aside) = found.end else { panic!("byte {place}: {:?}", found.end) };
        assert_eq!((fs::read(&aside).unwrap(), aside.parent().unwrap()), (bytes, folder.path()));
        let (_, again) = Outbox::open(&path, seal(1)).unwrap();
        assert_eq!((again.entries, again.end), (found.entries, End::Whole), "it goes on with what is good");
        fs::remove_file(aside).unwrap();
    }
}

#[test]
fn a_long_outbox_lets_go_of_what_the_relay_has_and_keeps_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    let (mut outbox, _) = Outbox::open(&path, seal(1)).unwrap();
    for seq in 1..=12 {
        outbox.append(seq, &entry(seq, 100_000)).unwrap();
    }
    outbox.release(10).unwrap();
    assert!(outbox.length() < 350_000, "{}", outbox.length());
    outbox.append(13, &entry(13, 20)).unwrap();
    assert_eq!(numbers(&Outbox::open(&path, seal(1)).unwrap().1), [10, 11, 12, 13]);
}

#[test]
fn a_long_outbox_is_written_anew_when_little_of_it_is_left_and_not_with_each_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    let (mut outbox, _) = Outbox::open(&path, seal(1)).unwrap();
    for seq in 1..=40 {
        outbox.append(seq, &entry(seq, 100_000)).unwrap();
    }
    let mut lengths = BTreeSet::from([outbox.length()]);
    for seq in 1..=40 {
        outbox.release(seq).unwrap();
        lengths.insert(outbox.length());
    }
    assert_eq!(lengths.len(), 2, "each is a file that was written: {lengths:?}");
    assert!(outbox.length() < TIDY_ABOVE, "{}", outbox.length());
    outbox.append(41, &entry(41, 20)).unwrap();
    let (again, found) = Outbox::open(&path, seal(1)).unwrap();
    assert_eq!((numbers(&found).last(), found.end), (Some(&41), End::Whole));
    assert_eq!(
        again.holds, outbox.holds,
        "where entries stand is known alike to who wrote the file and to who opens it"
    );
    outbox.tidy(40).unwrap();
    assert_eq!(numbers(&Outbox::open(&path, seal(1)).unwrap().1), [40, 41]);
}

#[test]
fn a_strange_file_is_refused_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    fs::write(&path, b"MERA outbox 3\nsomething newer").unwrap();
    assert_eq!(Outbox::open(&path, seal(1)).unwrap_err().code(), "outbox.not_an_outbox");
    assert_eq!(fs::read(&path).unwrap(), b"MERA outbox 3\nsomething newer");
    assert_eq!(Outbox::open(folder.path(), seal(1)).unwrap_err().code(), "outbox.cannot_read", "a folder is no file");
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

#[test]
fn entries_stand_sealed_and_another_key_neither_opens_nor_touches_them() {
    let (folder, path, mut outbox) = three();
    outbox.append(4, &entry(4, 2_000)).unwrap();
    let held = fs::read(&path).unwrap();
    assert!(!held.windows(8).any(|part| part == [7; 8]), "nothing of a payload shows");
    assert_eq!(Outbox::open(&path, seal(2)).unwrap_err().code(), "outbox.other_key");
    assert_eq!((fs::read(&path).unwrap(), fs::read_dir(folder.path()).unwrap().count()), (held, 1));
}

/// An entry as the program before wrote it.
fn in_plain(seq: u64) -> Vec<u8> {
    let bytes = postcard::to_allocvec(&(seq, entry(seq, 200))).unwrap();
    let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let (of_length, of_entry) = (crc32fast::hash(&length).to_le_bytes(), crc32fast::hash(&bytes).to_le_bytes());
    [length.as_slice(), &of_length, &of_entry, &bytes].concat()
}

#[test]
fn an_outbox_in_plain_is_sealed_when_it_is_opened_with_all_that_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox");
    let file =
        |entries: &[u64]| [record::FORMER.to_vec(), entries.iter().flat_map(|seq| in_plain(*seq)).collect()].concat();
    let damaged = [file(&[1, 2]), vec![7; 40]].concat();
    let cut = [file(&[1, 2]), in_plain(3)[..100].to_vec()].concat();
    let table = [(file(&[1, 2]), End::Whole), (cut, End::Cut), (file(&[]), End::Whole)];
    for (bytes, end) in table {
        fs::write(&path, &bytes).unwrap();
        fs::write(path.with_extension("new"), file(&[1])).unwrap();
        fs::write(path.with_extension("damaged-1"), &damaged).unwrap();
        let (mut outbox, found) = Outbox::open(&path, seal(1)).unwrap();
        assert_eq!(found.end, end);
        outbox.append(3, &entry(3, 200)).unwrap();
        assert_eq!(Outbox::open(&path, seal(1)).unwrap().1.entries.last(), Some(&(3, entry(3, 200))));
        assert_eq!(former::read_aside(&path.with_extension("damaged-1"), &seal(1)), Some(damaged.clone()));
        for left in fs::read_dir(folder.path()).unwrap() {
            let left = fs::read(left.unwrap().path()).unwrap();
            assert!(!left.windows(8).any(|part| part == [7; 8]), "nothing of a payload is left");
        }
    }
    fs::write(&path, &damaged).unwrap();
    let (_, found) = Outbox::open(&path, seal(1)).unwrap();
    assert_eq!(found.entries, [(1, entry(1, 200)), (2, entry(2, 200))]);
    let End::Damaged(aside) = found.end else { panic!("{:?}", found.end) };
    assert_eq!(former::read_aside(&aside, &seal(1)), Some(damaged));
}
