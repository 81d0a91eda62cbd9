//! What of a change its reader can put in again, and does not travel: what every chunk begins with, its length and checksum, the
//! author and the moment, which are known from the entry (<https://automerge.org/automerge-binary-format-spec>, "Chunks" and
//! "Change Chunks"). What is left is packed (DEFLATE, RFC 1951) with a dictionary that both ends have.

mod number;
mod packed;

use mera_schema::DeviceId;
use number::{signed, signed_number, unsigned, unsigned_number};
use packed::{pack, unpack};
use sha2::{Digest, Sha256};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const SUM: usize = 4;
/// The type of a chunk that holds a change, not packed by Automerge.
const CHANGE: u8 = 1;
const HASH: usize = 32;

/// What a content begins with that stands behind it as it is. Most need no such sign: chunks begin with [`MAGIC`].
const AS_IT_IS: u8 = 0;
/// One change with what can be put in again left out, and all but what it follows packed.
const CHANGE_PACKED: u8 = 1;
/// Anything else, packed.
const PACKED: u8 = 2;

/// Who wrote an entry, and when: what the change in it need not say.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    pub by: DeviceId,
    /// Milliseconds since 1970.
    pub at: u64,
}

/// A content as it is sealed.
pub fn spare(content: Vec<u8>, written: Written) -> Vec<u8> {
    let packed = change_packed(&content, written).or_else(|| Some([&[PACKED], &pack(&content)?[..]].concat()));
    // A chunk that another program wrote in another way, as with a length in more bytes than it takes, stays as it is.
    let same = |spared: &Vec<u8>| spared.len() < content.len() && restored(spared, written).as_ref() == Some(&content);
    match (packed.filter(same), content.first()) {
        (Some(spared), _) => spared,
        (None, Some(&(AS_IT_IS | CHANGE_PACKED | PACKED))) => [&[AS_IT_IS], &content[..]].concat(),
        (None, _) => content,
    }
}

/// The content again. What nobody could have spared stays as it is: whoever reads it finds that it is no change.
pub fn restore(content: Vec<u8>, written: Written) -> Vec<u8> {
    restored(&content, written).unwrap_or(content)
}

fn restored(content: &[u8], written: Written) -> Option<Vec<u8>> {
    match content.split_first()? {
        (&AS_IT_IS, rest) => Some(rest.to_vec()),
        (&CHANGE_PACKED, rest) => change(rest, written),
        (&PACKED, rest) => unpack(rest),
        _ => None,
    }
}

/// What a change follows, then packed: the length of its author's name before the device, that name, and the rest with its moment
/// counted from the entry's.
fn change_packed(content: &[u8], written: Written) -> Option<Vec<u8>> {
    let (kind, rest) = content.strip_prefix(&MAGIC)?.get(SUM..)?.split_first()?;
    let (length, body) = unsigned_number(rest)?;
    if *kind != CHANGE || usize::try_from(length) != Ok(body.len()) {
        return None;
    }
    let (follows, actor) = body.split_at_checked(followed(body)?)?;
    let (length, rest) = unsigned_number(actor)?;
    let (actor, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let name = actor.strip_suffix(written.by.uuid().as_bytes())?;
    let (numbers, moment) = rest.split_at_checked(numbers(rest)?)?;
    let (moment, rest) = signed_number(moment)?;
    let since = moment.checked_sub(i64::try_from(written.at).ok()?)?;
    let left = [&unsigned(name.len() as u64)[..], name, numbers, &signed(since), rest].concat();
    Some([&[CHANGE_PACKED], follows, &pack(&left)?[..]].concat())
}

fn change(spared: &[u8], written: Written) -> Option<Vec<u8>> {
    let (follows, packed) = spared.split_at_checked(followed(spared)?)?;
    let left = unpack(packed)?;
    let (length, rest) = unsigned_number(&left)?;
    let (name, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let (numbers, since) = rest.split_at_checked(numbers(rest)?)?;
    let (since, rest) = signed_number(since)?;
    let moment = i64::try_from(written.at).ok()?.checked_add(since)?;
    let device = written.by.uuid();
    let own = device.as_bytes();
    let actor = unsigned((name.len() + own.len()) as u64);
    let body = [follows, &actor, name, own, numbers, &signed(moment), rest].concat();
    let hashed = [&[CHANGE], &unsigned(body.len() as u64)[..], &body].concat();
    Some([&MAGIC, &Sha256::digest(&hashed)[..SUM], &hashed].concat())
}

/// Where the changes that a change follows end: their number, and their hashes.
fn followed(body: &[u8]) -> Option<usize> {
    let (count, rest) = unsigned_number(body)?;
    usize::try_from(count).ok()?.checked_mul(HASH)?.checked_add(body.len() - rest.len())
}

/// Where the change's number and that of its first operation end, behind which its moment stands.
fn numbers(rest: &[u8]) -> Option<usize> {
    let (_, behind) = unsigned_number(rest)?;
    let (_, behind) = unsigned_number(behind)?;
    Some(rest.len() - behind.len())
}

#[cfg(test)]
mod tests;
