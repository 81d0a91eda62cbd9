//! How entries stand in the file.

use mera_disk::{Seal, bytes_of};
use mera_sync_protocol::{ENTRY_LIMIT, SignedEntry};

/// What the file begins with: its name and the version of its format. The mark of the key follows.
const NAME: &[u8] = b"MERA outbox 2\n";
/// What a file of a program begins with that did not seal entries yet.
pub const FORMER: &[u8] = b"MERA outbox 1\n";
/// What a copy of a damaged file of such a program begins with, once it has been sealed.
pub const ASIDE: &[u8] = b"MERA outbox set aside 1\n";
/// For what place entries are sealed.
const PLACE: &[u8] = b"outbox";
/// The length and the CRC-32 of the length, each of four bytes, the least first. A wrong length is thereby damage, and
/// not mistaken for an entry that was cut short.
const HEAD: usize = 8;
/// More than the largest entry with its signature and subjects: a wrong length costs no more memory than this.
const LIMIT: usize = 2 * ENTRY_LIMIT;

/// What a file of this key begins with.
pub fn heading(seal: &Seal) -> Vec<u8> {
    [NAME, &seal.mark()].concat()
}

/// Whether a file is an outbox of this program, whoever's key sealed it.
pub fn is_outbox(file: &[u8]) -> bool {
    file.starts_with(NAME) && file.len() >= NAME.len() + 16
}

/// Whether a file begins as an outbox of another version does.
pub fn is_of_another_version(file: &[u8]) -> bool {
    let (name, version) = NAME.split_at(NAME.len() - 2);
    let found = file.strip_prefix(name).and_then(|rest| rest.first());
    found.is_some_and(|found| found.is_ascii_digit() && *found != version[0])
}

/// An entry as it is written: its head, then itself, sealed.
pub fn written(seal: &Seal, seq: u64, entry: &SignedEntry) -> Vec<u8> {
    let sealed = seal.close(PLACE, &bytes_of(&(seq, entry)));
    let length = u32::try_from(sealed.len()).expect("an entry is limited to a few MiB where it is made");
    let length = length.to_le_bytes();
    [length.as_slice(), &crc32fast::hash(&length).to_le_bytes(), &sealed].concat()
}

/// What a file holds.
pub struct Read {
    /// The entries with their numbers, oldest first.
    pub entries: Vec<(u64, SignedEntry)>,
    /// At which byte each of them begins.
    pub places: Vec<usize>,
    /// Up to which byte they reach.
    pub good: usize,
    /// Whether what follows is damaged rather than cut short.
    pub damaged: bool,
}

/// Reads a file behind its heading.
pub fn read(seal: &Seal, file: &[u8]) -> Read {
    let open = |_: &[u8], sealed: &[u8]| postcard::from_bytes(&seal.open(PLACE, sealed)?).ok();
    records(file, heading(seal).len(), HEAD, open)
}

/// Reads a file of a program that did not seal entries yet: the CRC-32 of the entry stands behind that of the length.
pub fn read_former(file: &[u8]) -> Read {
    let check = |of_entry: &[u8], bytes: &[u8]| {
        if crc32fast::hash(bytes).to_le_bytes() == of_entry { postcard::from_bytes(bytes).ok() } else { None }
    };
    records(file, FORMER.len(), HEAD + 4, check)
}

/// Entries behind heads of `head` bytes; `entry` is given what stands in the head behind the length's checksum.
fn records(
    file: &[u8],
    heading: usize,
    head: usize,
    entry: impl Fn(&[u8], &[u8]) -> Option<(u64, SignedEntry)>,
) -> Read {
    let (mut entries, mut places, mut at) = (Vec::new(), Vec::new(), heading.min(file.len()));
    let damaged = loop {
        let Some((head, after)) = file[at..].split_at_checked(head) else { break false };
        let length = head[..4].iter().rev().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte)) as usize;
        if crc32fast::hash(&head[..4]).to_le_bytes() != head[4..8] || length > LIMIT {
            break true;
        }
        let Some(bytes) = after.get(..length) else { break false };
        let Some(entry) = entry(&head[8..], bytes) else { break true };
        entries.push(entry);
        places.push(at);
        at += head.len() + length;
    };
    Read { entries, places, good: at, damaged }
}
