//! Change chunks as they travel. Automerge's own "incremental" loading passes silently over what it cannot read, and
//! a chunk that was stored so would keep its document from ever being opened again; here every chunk is read or refused.

use super::Unreadable;
use automerge::{AutoCommit, Change};

/// What every chunk begins with: the magic bytes, a checksum of four, and a byte for its type. Its length in LEB128
/// follows (<https://automerge.org/automerge-binary-format-spec>, "Chunks").
const MAGIC: &[u8] = &[0x85, 0x6f, 0x4a, 0x83];
const HEAD: usize = 9;
/// The type of a chunk that holds a whole document.
const WHOLE: u8 = 0;
/// The last type of the specification: a change that is packed. Automerge also reads bundles, which nobody here writes, and
/// panics over some of them (the seed `bundle`).
const PACKED: u8 = 2;

/// The chunks that bytes consist of, each of a type that this program writes.
pub(super) fn split(mut bytes: &[u8]) -> Result<Vec<&[u8]>, Unreadable> {
    let mut chunks = Vec::new();
    while !bytes.is_empty() {
        let end = end(bytes).ok_or_else(|| Unreadable("a change was cut short, or is none".into()))?;
        let (chunk, rest) = bytes.split_at(end);
        if chunk[HEAD - 1] > PACKED {
            return Err(Unreadable("it holds a chunk of a type that nobody writes".into()));
        }
        chunks.push(chunk);
        bytes = rest;
    }
    Ok(chunks)
}

/// The changes in a sequence of chunks.
pub(super) fn changes(bytes: &[u8]) -> Result<Vec<Change>, Unreadable> {
    let mut changes = Vec::new();
    for chunk in split(bytes)? {
        if is_whole(chunk) {
            changes.extend(AutoCommit::load(chunk)?.get_changes(&[]));
            continue;
        }
        changes.push(change(chunk)?);
    }
    Ok(changes)
}

/// Whether a chunk holds a whole document.
pub(super) fn is_whole(chunk: &[u8]) -> bool {
    chunk[HEAD - 1] == WHOLE
}

/// The change in a chunk that holds one.
pub(super) fn change(chunk: &[u8]) -> Result<Change, Unreadable> {
    let change = Change::try_from(chunk).map_err(|cause| Unreadable(cause.to_string()))?;
    // The checksum is the beginning of the hash.
    if change.hash().0[..4] != chunk[4..8] {
        return Err(Unreadable("a change is damaged".into()));
    }
    Ok(change)
}

/// Where the first chunk ends; nothing if it does not end within these bytes.
fn end(bytes: &[u8]) -> Option<usize> {
    let mut length = 0_usize;
    for (index, byte) in bytes.strip_prefix(MAGIC)?.get(HEAD - MAGIC.len()..)?.iter().take(8).enumerate() {
        length |= usize::from(byte & 0x7f).checked_shl(7 * u32::try_from(index).ok()?)?;
        if byte & 0x80 == 0 {
            return (HEAD + index + 1).checked_add(length).filter(|end| *end <= bytes.len());
        }
    }
    None
}
