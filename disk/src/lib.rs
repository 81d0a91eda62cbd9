//! How rooms stand on sled: every stored value carries its format version and a checksum, so that a wrong byte is an
//! error with a name and never a silently wrong figure; where a device's folder may be stolen, values are sealed instead;
//! a folder is opened patiently, and written anew where what was taken out of it must be gone, or its room is needed.

mod anew;
mod ends;
pub mod power;
mod seal;
mod sorted;
mod tree;

pub use anew::{Anew, Stopper, Written, anew, copy, forget_former, sync, sync_folder};
pub use seal::{Mark, Seal, bytes_of};
pub use tree::{Batch, Rows, Tree};

use serde::{Serialize, de::DeserializeOwned};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

/// Why something stored could not be had.
#[derive(Debug, thiserror::Error)]
pub enum DiskFault {
    /// The folder could not be opened, read or written.
    #[error("the folder cannot be used; is another program using it, or is the disk full? {0}")]
    Closed(sled::Error),
    /// The disk can only be read, or nobody gave this program the right to write there.
    #[error("the disk can only be read ({0}); make it writable")]
    ReadOnly(io::Error),
    /// A stored value, or the folder as a whole, is damaged.
    #[error("there is damage under {0}")]
    Damaged(String),
}

impl From<io::Error> for DiskFault {
    fn from(cause: io::Error) -> Self {
        sled::Error::Io(cause).into()
    }
}

impl From<sled::Error> for DiskFault {
    fn from(fault: sled::Error) -> Self {
        match fault {
            sled::Error::Io(cause) if is_read_only(&cause) => Self::ReadOnly(cause),
            other => Self::Closed(other),
        }
    }
}

/// Whether something could not be written because writing is not allowed, rather than for want of space.
pub fn is_read_only(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
}

impl DiskFault {
    /// Whether what is on the disk is wrong, rather than the disk full, away or in use.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged(_) => true,
            Self::Closed(sled::Error::Io(cause)) => {
                matches!(cause.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
            }
            Self::Closed(_) => true,
            Self::ReadOnly(_) => false,
        }
    }

    fn damaged(key: &[u8]) -> Self {
        Self::Damaged(key.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// Work on sled. It panics where a folder is damaged in a way that it does not expect; that is a fault like any other.
/// Whoever catches one must not go on with this folder, but nothing else is touched by it.
pub fn contained<T, F: From<DiskFault>>(work: impl FnOnce() -> Result<T, F>) -> Result<T, F> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let says = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Err(DiskFault::Damaged(format!("the folder itself ({})", says.unwrap_or("no reason was given"))).into())
    })
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
pub fn get<T: DeserializeOwned>(tree: &Tree, key: &[u8]) -> Result<Option<T>, DiskFault> {
    tree.get(key)?.map(|stored| unwrap(key, &stored)).transpose()
}

/// Bytes of a key or a stored value.
pub type Bytes = sled::IVec;

/// A key and the value that is stored under it.
pub type Row = (Bytes, Bytes);

/// How often a folder in use is tried again, and how long between: one second in all. sled's own threads let go of a
/// closed folder only a moment later, so a program that is started over at once would otherwise meet its own shadow.
const TRIES: (u32, Duration) = (40, Duration::from_millis(25));

/// Opens a folder, or makes it. `cache` is how many bytes of it sled may keep in memory.
pub fn open(folder: &Path, cache: u64) -> Result<Tree, DiskFault> {
    contained(|| anew::opened(&anew::place(folder)?, cache))
}

fn patiently(folder: &Path, cache: u64) -> Result<sled::Db, DiskFault> {
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
    fn a_panic_of_sled_is_a_fault_that_tells_of_damage_and_ends_nothing_else() {
        let fault = contained(|| -> Result<(), DiskFault> { panic!("page 7 is gone") }).unwrap_err();
        assert!(fault.is_damage() && fault.to_string().contains("page 7 is gone"), "{fault}");
        assert!(!DiskFault::from(sled::Error::Io(io::ErrorKind::StorageFull.into())).is_damage());
    }

    #[test]
    fn a_disk_that_can_only_be_read_is_neither_damaged_nor_full() {
        for kind in [io::ErrorKind::ReadOnlyFilesystem, io::ErrorKind::PermissionDenied] {
            let fault = DiskFault::from(sled::Error::Io(kind.into()));
            assert!(matches!(fault, DiskFault::ReadOnly(_)) && !fault.is_damage(), "{fault}");
            assert!(fault.to_string().contains("can only be read"), "{fault}");
        }
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
