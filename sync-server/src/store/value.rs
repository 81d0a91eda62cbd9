//! Every stored value carries its format version and a checksum: a wrong byte is an error with a name.

use super::StoreFault;
use serde::{Serialize, de::DeserializeOwned};

/// The version of the stored format.
const FORMAT: u8 = 1;

/// A value as it is stored: version, CRC-32 of the rest, postcard.
pub fn wrap(value: &impl Serialize) -> Vec<u8> {
    let bytes = postcard::to_allocvec(value).expect("stored values are plain data in memory and always serialise");
    [&[FORMAT], crc32fast::hash(&bytes).to_le_bytes().as_slice(), &bytes].concat()
}

/// Reads a stored value.
pub fn unwrap<T: DeserializeOwned>(key: &[u8], stored: &[u8]) -> Result<T, StoreFault> {
    let damaged = || StoreFault::Damaged(key.iter().map(|byte| format!("{byte:02x}")).collect());
    let (head, bytes) = stored.split_at_checked(5).ok_or_else(damaged)?;
    if head[0] != FORMAT || head[1..] != crc32fast::hash(bytes).to_le_bytes() {
        return Err(damaged());
    }
    postcard::from_bytes(bytes).map_err(|_| damaged())
}

/// Reads the value under a key.
pub fn get<T: DeserializeOwned>(tree: &sled::Db, key: &[u8]) -> Result<Option<T>, StoreFault> {
    tree.get(key)?.map(|stored| unwrap(key, &stored)).transpose()
}
