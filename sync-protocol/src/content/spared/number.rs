//! Numbers in LEB128, as Automerge writes them.

use leb128::{read, write};

/// A number from 0 on, and what stands behind it.
pub fn unsigned_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut behind = bytes;
    let value = read::unsigned(&mut behind).ok()?;
    Some((value, behind))
}

/// A number, and what stands behind it.
pub fn signed_number(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let mut behind = bytes;
    let value = read::signed(&mut behind).ok()?;
    Some((value, behind))
}

/// A number from 0 on in as few bytes as it takes.
pub fn unsigned(value: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(10);
    write::unsigned(&mut bytes, value).expect("memory takes whatever is written to it");
    bytes
}

/// A number in as few bytes as it takes.
pub fn signed(value: i64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(10);
    write::signed(&mut bytes, value).expect("memory takes whatever is written to it");
    bytes
}
