//! How entries stand in the file.

use mera_sync_protocol::{ENTRY_LIMIT, SignedEntry};

/// What the file begins with: its name and the version of its format.
pub const HEADING: &[u8] = b"MERA outbox 1\n";
/// Whether a file begins as an outbox of another version does.
pub fn is_of_another_version(file: &[u8]) -> bool {
    let (name, version) = HEADING.split_at(HEADING.len() - 2);
    let found = file.strip_prefix(name).and_then(|rest| rest.first());
    found.is_some_and(|found| found.is_ascii_digit() && *found != version[0])
}

/// The length, the CRC-32 of the length and the CRC-32 of the entry, each of four bytes, the least first. A wrong length
/// is thereby damage, and not mistaken for an entry that was cut short.
const HEAD: usize = 12;
/// More than the largest entry with its signature and subjects: a wrong length costs no more memory than this.
const LIMIT: usize = 2 * ENTRY_LIMIT;

/// An entry as it is written.
pub fn written(seq: u64, entry: &SignedEntry) -> Vec<u8> {
    let bytes = postcard::to_allocvec(&(seq, entry)).expect("entries are plain data in memory and always serialise");
    let length = u32::try_from(bytes.len()).expect("an entry is limited to a few MiB where it is made");
    let length = length.to_le_bytes();
    let (of_length, of_entry) = (crc32fast::hash(&length).to_le_bytes(), crc32fast::hash(&bytes).to_le_bytes());
    [length.as_slice(), &of_length, &of_entry, &bytes].concat()
}

/// The entries of a file, up to which byte they reach, and whether what follows is damaged rather than cut short.
pub fn read(file: &[u8]) -> (Vec<(u64, SignedEntry)>, usize, bool) {
    let (mut entries, mut at) = (Vec::new(), HEADING.len().min(file.len()));
    loop {
        let rest = &file[at..];
        let Some((head, after)) = rest.split_at_checked(HEAD) else { return (entries, at, false) };
        let number = |part: &[u8]| part.iter().rev().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
        let (length, of_length, of_entry) = (number(&head[..4]) as usize, number(&head[4..8]), number(&head[8..]));
        if crc32fast::hash(&head[..4]) != of_length || length > LIMIT {
            return (entries, at, true);
        }
        let Some(bytes) = after.get(..length) else { return (entries, at, false) };
        let entry = if crc32fast::hash(bytes) == of_entry { postcard::from_bytes(bytes).ok() } else { None };
        let Some(entry) = entry else { return (entries, at, true) };
        entries.push(entry);
        at += HEAD + length;
    }
}
