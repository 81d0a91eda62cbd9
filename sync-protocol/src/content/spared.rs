//! What of a change its reader can put in again, and does not travel: what every chunk begins with, its length and checksum, and
//! the author, who is known from the log (<https://automerge.org/automerge-binary-format-spec>, "Chunks" and "Change Chunks").

use mera_schema::DeviceId;
use sha2::{Digest, Sha256};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const SUM: usize = 4;
/// The type of a chunk that holds a change, not packed.
const CHANGE: u8 = 1;
const HASH: usize = 32;

/// What a content begins with that stands behind it as it is. Most need no such sign: chunks begin with [`MAGIC`].
const AS_IT_IS: u8 = 0;
/// What a content begins with that is one change with what can be put in again left out.
const SPARED: u8 = 1;

/// A content as it is sealed.
pub fn spare(content: Vec<u8>, author: DeviceId) -> Vec<u8> {
    // A chunk that another program wrote in another way, as with a length in more bytes than it takes, stays as it is.
    let spared = without(&content, author).filter(|spared| restored(&spared[1..], author).as_ref() == Some(&content));
    match (spared, content.first()) {
        (Some(spared), _) => spared,
        (None, Some(&(AS_IT_IS | SPARED))) => [&[AS_IT_IS], &content[..]].concat(),
        (None, _) => content,
    }
}

/// The content again. What nobody could have spared stays as it is: whoever reads it finds that it is no change.
pub fn restore(content: Vec<u8>, author: DeviceId) -> Vec<u8> {
    match content.split_first() {
        Some((&AS_IT_IS, rest)) => rest.to_vec(),
        Some((&SPARED, rest)) => restored(rest, author).unwrap_or(content),
        _ => content,
    }
}

fn without(content: &[u8], author: DeviceId) -> Option<Vec<u8>> {
    let (kind, rest) = content.strip_prefix(&MAGIC)?.get(SUM..)?.split_first()?;
    let (length, body) = number(rest)?;
    if *kind != CHANGE || length != body.len() {
        return None;
    }
    let (before, actor) = body.split_at_checked(parents(body)?)?;
    let (length, rest) = number(actor)?;
    let (actor, rest) = rest.split_at_checked(length)?;
    let name = actor.strip_suffix(author.uuid().as_bytes())?;
    Some([&[SPARED], before, &numbered(name.len()), name, rest].concat())
}

fn restored(spared: &[u8], author: DeviceId) -> Option<Vec<u8>> {
    let (before, actor) = spared.split_at_checked(parents(spared)?)?;
    let (length, rest) = number(actor)?;
    let (name, rest) = rest.split_at_checked(length)?;
    let id = author.uuid();
    let own = id.as_bytes();
    let body = [before, &numbered(name.len() + own.len()), name, own, rest].concat();
    let hashed = [&[CHANGE], &numbered(body.len())[..], &body].concat();
    Some([&MAGIC, &Sha256::digest(&hashed)[..SUM], &hashed].concat())
}

/// Where the changes that a change follows end: their number, and their hashes.
fn parents(body: &[u8]) -> Option<usize> {
    let (count, rest) = number(body)?;
    count.checked_mul(HASH)?.checked_add(body.len() - rest.len())
}

/// A number in LEB128, and what stands behind it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (index, byte) in bytes.iter().enumerate().take(4) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

fn numbered(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4);
    loop {
        let seven = u8::try_from(value & 0x7f).expect("seven bits are less than a byte");
        value >>= 7;
        if value == 0 {
            bytes.push(seven);
            return bytes;
        }
        bytes.push(seven | 0x80);
    }
}

#[cfg(test)]
mod tests;
