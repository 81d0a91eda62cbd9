//! What an entry says of each of its records, sealed for those who may read it: AES-256-GCM-SIV (RFC 8452).
//!
//! Each author's log has a key of its own in every group and epoch. The nonce is a hash of the part's whole place: what
//! came before the entry, its number, its time, its records, and which of them this part is about. It repeats only if a
//! device writes the same entry's header twice, as a copied or restored device might; even then the cipher gives away no
//! more than whether both contents are the same, since what encrypts is a function of the content too.

use crate::{Group, GroupKeys, TrustFault};
use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit};
use mera_schema::DeviceId;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What an entry says of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedPart {
    /// Which group.
    pub group: Group,
    /// Its content and its tag.
    #[serde(with = "bytes")]
    pub bytes: Vec<u8>,
}

/// Seals a content at its place: `place` is a hash over everything in the entry's header and the part's number in it.
pub fn seal(
    keys: &GroupKeys,
    (group, epoch): (Group, u32),
    author: DeviceId,
    place: &[u8; 32],
    content: &[u8],
) -> Result<SealedPart, TrustFault> {
    let (cipher, nonce, aad) = at(keys, (group, epoch), author, place)?;
    let bytes = cipher.encrypt(&nonce.into(), Payload { msg: content, aad: &aad });
    Ok(SealedPart { group, bytes: bytes.map_err(|_| TrustFault::SealBroken)? })
}

/// Opens a content at its place.
pub fn open(
    keys: &GroupKeys,
    epoch: u32,
    author: DeviceId,
    place: &[u8; 32],
    part: &SealedPart,
) -> Result<Vec<u8>, TrustFault> {
    let (cipher, nonce, aad) = at(keys, (part.group, epoch), author, place)?;
    cipher.decrypt(&nonce.into(), Payload { msg: &part.bytes, aad: &aad }).map_err(|_| TrustFault::SealBroken)
}

type Aad = [u8; 33];

fn at(
    keys: &GroupKeys,
    (group, epoch): (Group, u32),
    author: DeviceId,
    place: &[u8; 32],
) -> Result<(Aes256GcmSiv, [u8; 12], Aad), TrustFault> {
    let mut hash = blake3::Hasher::new_keyed(keys.key(group, epoch)?);
    hash.update(b"MERA log key v1").update(author.uuid().as_bytes());
    let key = Zeroizing::new(*hash.finalize().as_bytes());
    let mut aad = [group.0; 33];
    aad[1..].copy_from_slice(place);
    let mut nonce = [0; 12];
    blake3::Hasher::new_derive_key("MERA entry nonce v1").update(&aad).finalize_xof().fill(&mut nonce);
    Ok((Aes256GcmSiv::new((&*key).into()), nonce, aad))
}

/// Byte strings are written as such, not as lists of numbers.
pub mod bytes {
    use serde::{Deserializer, Serializer, de::Visitor};

    /// Writes them.
    pub fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bytes(bytes)
    }

    /// Reads them.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
                Ok(bytes)
            }
        }
        d.deserialize_byte_buf(Bytes)
    }
}
