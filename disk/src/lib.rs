//! How rooms stand on sled: every stored value carries its format version and a checksum, so that a wrong byte is an
//! error with a name and never a silently wrong figure; where a device's folder may be stolen, values are sealed instead;
//! and a folder is opened patiently.

mod seal;

pub use seal::{Mark, Seal, bytes_of};

use serde::{Serialize, de::DeserializeOwned};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Why something stored could not be had.
#[derive(Debug, thiserror::Error)]
pub enum DiskFault {
    /// The folder could not be opened, read or written.
    #[error("the folder cannot be used; is another program using it, or is the disk full? {0}")]
    Closed(#[from] sled::Error),
    /// A stored value is damaged.
    #[error("there is a damaged value under {0}")]
    Damaged(String),
}

impl DiskFault {
    fn damaged(key: &[u8]) -> Self {
        Self::Damaged(key.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The version of the stored format.
const FORMAT: u8 = 1;

/// A value as it is stored: version, CRC-32 of the rest, postcard.
pub fn wrap(value: &impl Serialize) -> Vec<u8> {
    let bytes = bytes_of(value);
    [&[FORMAT], crc32fast::hash(&bytes).to_le_bytes().as_slice(), &bytes].concat()
}

/// Reads a stored value.
pub fn unwrap<T: DeserializeOwned>(key: &[u8], stored: &[u8]) -> Result<T, DiskFault> {
    postcard::from_bytes(unwrapped(key, stored)?).map_err(|_| DiskFault::damaged(key))
}

/// The bytes of a stored value, as they were before they were wrapped.
pub fn unwrapped<'a>(key: &[u8], stored: &'a [u8]) -> Result<&'a [u8], DiskFault> {
    let (head, bytes) = stored.split_at_checked(5).ok_or_else(|| DiskFault::damaged(key))?;
    if head[0] != FORMAT || head[1..] != crc32fast::hash(bytes).to_le_bytes() {
        return Err(DiskFault::damaged(key));
    }
    Ok(bytes)
}

/// Reads the value under a key.
pub fn get<T: DeserializeOwned>(tree: &sled::Db, key: &[u8]) -> Result<Option<T>, DiskFault> {
    tree.get(key)?.map(|stored| unwrap(key, &stored)).transpose()
}

/// How often a folder in use is tried again, and how long between: one second in all. sled's own threads let go of a
/// closed folder only a moment later, so a program that is started over at once would otherwise meet its own shadow.
const TRIES: (u32, Duration) = (40, Duration::from_millis(25));

/// Opens a folder, or makes it. `cache` is how many bytes of it sled may keep in memory.
pub fn open(folder: &Path, cache: u64) -> Result<sled::Db, DiskFault> {
    let config = sled::Config::new().path(folder).cache_capacity(cache);
    for _ in 1..TRIES.0 {
        match config.open() {
            // sled tells a lock held by another in this way, and no other.
            Err(sled::Error::Io(cause)) if cause.kind() == io::ErrorKind::Other => std::thread::sleep(TRIES.1),
            opened => return Ok(opened?),
        }
    }
    Ok(config.open()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_byte_anywhere_is_an_error_with_a_name() {
        let stored = wrap(&("line", 7_u32));
        assert_eq!(unwrap::<(String, u32)>(b"k", &stored).unwrap(), ("line".into(), 7));
        for at in 0..stored.len() {
            let mut wrong = stored.clone();
            wrong[at] ^= 0x10;
            assert!(matches!(unwrap::<(String, u32)>(b"k", &wrong), Err(DiskFault::Damaged(key)) if key == "6b"));
        }
        assert!(unwrap::<u32>(b"k", b"1").is_err());
    }

    #[test]
    fn a_folder_opens_again_at_once_after_it_was_closed() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0_u32..3 {
            let db = open(folder.path(), 1 << 20).unwrap();
            db.insert(b"k", wrap(&round)).unwrap();
            db.flush().unwrap();
            drop(db);
        }
        assert_eq!(get::<u32>(&open(folder.path(), 1 << 20).unwrap(), b"k").unwrap(), Some(2));
    }
}
