//! The device's records on disk: one sled tree with prefixed keys, so that one batch is one atomic commit of
//! documents, logs, facts and bookkeeping together.

mod batch;

pub(crate) use batch::Batch;

use crate::DeviceFault;
use mera_business::facts::Fact;
use mera_disk::{self as disk, DiskFault};
use mera_schema::{DeviceId, Heads, RecordRef, WorkspaceId};
use mera_sync_protocol::{
    Collection, Cursor, Digest, EntryHash, PublicKey, RUN_ENTRIES, Run, SignedEntry, Subject, Vector,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::path::Path;

const META: u8 = b'm';
const AUTHOR: u8 = b'k';
const LOG: u8 = b'l';
const SNAPSHOT: u8 = b'd';
const CHUNK: u8 = b'c';
const ROW: u8 = b'f';
const ASIDE: u8 = b'q';

/// Bytes of the records that sled may keep in memory: 48 MiB, so that a device with 100,000 records stays below 200.
const CACHE: u64 = 48 << 20;
/// Chunks of a document after which they are folded into its snapshot: opening stays quick, and a save small.
pub(crate) const FOLD_AFTER: u32 = 24;

/// Whose log, and how far it is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Author {
    pub key: PublicKey,
    pub last: u64,
}

/// What is kept of a record besides its document: enough for every list without opening one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordRow {
    /// Its newest changes.
    pub heads: Heads,
    /// The entry that changed it last: whose, and which.
    pub last: (DeviceId, u64),
    /// What it contributes to the views.
    pub facts: Vec<Fact>,
}

/// Single values of bookkeeping.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bookkeeping {
    /// Where the device stopped in the relay's order of arrival.
    pub cursor: Option<Cursor>,
    /// The last entry of its own log that the relay has on disk.
    pub acked: u64,
    /// The digest over all records.
    pub digest: Digest,
}

/// A digest and the vector of the entries it is over. Both change together; where they do not, a part of the store is
/// older than the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    pub digest: Digest,
    pub vector: Vector,
}

/// Something that could not be taken in, kept for a person to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SetAside {
    pub code: String,
    pub says: String,
    pub bytes: Vec<u8>,
}

/// The open store.
pub(crate) struct Store {
    db: sled::Db,
}

impl Store {
    /// Opens the folder for its owner; a folder of somebody else is refused.
    pub fn open(folder: &Path, workspace: WorkspaceId, device: DeviceId) -> Result<Self, DeviceFault> {
        let store = Self { db: disk::open(folder, CACHE)? };
        let owner = (*workspace.uuid().as_bytes(), *device.uuid().as_bytes());
        match store.meta::<([u8; 16], [u8; 16])>("owner")? {
            Some(found) if found == owner => {}
            Some(_) => return Err(DeviceFault::OtherOwner(folder.to_owned())),
            // A folder with records and no owner is one that has lost him.
            None if disk::beginning(&store.db, []).next().is_some() => {
                return Err(DiskFault::Damaged("owner".into()).into());
            }
            None => {
                let mut owned = Batch::default();
                owned.owner(&owner);
                store.commit(owned)?;
                store.flush()?;
            }
        }
        Ok(store)
    }

    /// Opens a folder that is known to be damaged, to read what can be read.
    pub fn open_damaged(folder: &Path) -> Result<Self, DiskFault> {
        Ok(Self { db: disk::open(folder, CACHE)? })
    }

    fn meta<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, DiskFault> {
        disk::get(&self.db, &meta_key(name))
    }

    /// The bookkeeping as it was last committed.
    pub fn bookkeeping(&self) -> Result<Bookkeeping, DiskFault> {
        Ok(self.meta("books")?.unwrap_or_default())
    }

    /// How far the device's own log is known to reach, if it was ever told that it reaches further than it is held.
    pub fn own_log(&self) -> Result<Option<u64>, DiskFault> {
        self.meta("own log")
    }

    /// Whether the device was made from a backup and has not asked its relay yet.
    pub fn restored(&self) -> Result<bool, DiskFault> {
        Ok(self.meta("restored")?.unwrap_or(false))
    }

    /// Which version of the facts is stored; nothing in a store that is new or older than such versions.
    pub fn facts_version(&self) -> Result<Option<u32>, DiskFault> {
        self.meta("facts")
    }

    /// How far a log is held, and its author's key.
    pub fn author(&self, device: DeviceId) -> Result<Option<Author>, DiskFault> {
        disk::get(&self.db, &author_key(device))
    }

    /// Whose logs are held, and how far.
    pub fn authors(&self) -> impl Iterator<Item = Result<Author, DiskFault>> {
        disk::beginning(&self.db, [AUTHOR]).map(|row| row.and_then(|(key, bytes)| disk::unwrap(&key, &bytes)))
    }

    /// How far every log is held.
    pub fn vector(&self) -> Result<Vector, DiskFault> {
        self.authors().map(|author| author.map(|author| (author.key.device(), author.last))).collect()
    }

    /// What digest and vector were when they were last written together; nothing in a store of an older program.
    pub fn standing(&self) -> Result<Option<Standing>, DiskFault> {
        self.meta("standing")
    }

    /// The hash of an entry; zeroes before the first.
    pub fn hash(&self, device: DeviceId, seq: u64) -> Result<Option<EntryHash>, DiskFault> {
        Ok(if seq == 0 { Some([0; 32]) } else { self.entry(device, seq)?.map(|stored| stored.hash) })
    }

    /// One entry of a log.
    pub fn entry(&self, device: DeviceId, seq: u64) -> Result<Option<SignedEntry>, DiskFault> {
        disk::get(&self.db, &log_key(device, seq))
    }

    /// The entries of a log after one of them, a run's worth, and what is wrong with the next one, if anything is.
    fn entries_after(&self, device: DeviceId, after: u64) -> (Vec<SignedEntry>, Option<DiskFault>) {
        let mut entries = Vec::new();
        let rows = disk::between(&self.db, log_key(device, after + 1)..=log_key(device, u64::MAX));
        for (seq, row) in (after + 1..).zip(rows.take(RUN_ENTRIES)) {
            let missing = || DiskFault::Damaged(format!("entry {seq} of the log of {device}"));
            let entry =
                row.and_then(
                    |(key, bytes)| {
                        if *key == *log_key(device, seq) { disk::unwrap(&key, &bytes) } else { Err(missing()) }
                    },
                );
            match entry {
                Ok(entry) => entries.push(entry),
                Err(fault) => return (entries, Some(fault)),
            }
        }
        (entries, None)
    }

    /// The longest run of a log after an entry.
    pub fn run_after(&self, device: DeviceId, after: u64) -> Result<Option<Run>, DiskFault> {
        self.run_between(device, after, u64::MAX)
    }

    /// The longest run of a log after an entry and up to another whose signature is known.
    pub fn run_between(&self, device: DeviceId, after: u64, last: u64) -> Result<Option<Run>, DiskFault> {
        let (Some(author), Some(previous)) = (self.author(device)?, self.hash(device, after)?) else {
            return Ok(None);
        };
        let (mut entries, wrong) = self.entries_after(device, after);
        entries.truncate(usize::try_from(last - after).unwrap_or(usize::MAX));
        match wrong.filter(|_| entries.is_empty()) {
            Some(wrong) => Err(wrong),
            None => Ok(Run::cut(author.key, after + 1, previous, &entries)),
        }
    }

    /// Whether a log is held from its beginning to its end.
    pub fn is_whole(&self, author: &Author) -> Result<bool, DiskFault> {
        let mut seq = 0;
        while seq < author.last {
            let (entries, wrong) = self.entries_after(author.key.device(), seq);
            seq += entries.len() as u64;
            if wrong.is_some() || entries.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A document's bytes: its snapshot and the chunks since, and how many chunks there are. Nothing if there is none.
    pub fn document(&self, record: RecordRef) -> Result<Option<(Vec<u8>, u32)>, DiskFault> {
        let snapshot: Option<Vec<u8>> = disk::get(&self.db, &record_key(SNAPSHOT, record))?;
        let (mut bytes, mut chunks) = (snapshot.unwrap_or_default(), 0);
        for row in disk::beginning(&self.db, record_key(CHUNK, record)) {
            let (key, stored) = row?;
            if *key != *batch::chunk_key(record, chunks) {
                return Err(DiskFault::Damaged(format!("change {chunks} of {record}")));
            }
            bytes.extend(disk::unwrap::<Vec<u8>>(&key, &stored)?);
            chunks += 1;
        }
        Ok(if bytes.is_empty() { None } else { Some((bytes, chunks)) })
    }

    /// What is kept of a record besides its document.
    pub fn row(&self, record: RecordRef) -> Result<Option<RecordRow>, DiskFault> {
        disk::get(&self.db, &record_key(ROW, record))
    }

    /// What is kept of every record this program knows.
    pub fn rows(&self) -> impl Iterator<Item = Result<(RecordRef, RecordRow), DiskFault>> {
        disk::beginning(&self.db, [ROW]).filter_map(|row| match row {
            Ok((key, bytes)) => {
                let record = record_of(&key)?;
                Some(disk::unwrap(&key, &bytes).map(|row| (record, row)))
            }
            Err(fault) => Some(Err(fault)),
        })
    }

    /// What was set aside.
    pub fn set_aside(&self) -> Result<Vec<SetAside>, DiskFault> {
        disk::beginning(&self.db, [ASIDE]).map(|row| row.and_then(|(key, bytes)| disk::unwrap(&key, &bytes))).collect()
    }

    /// Commits a batch atomically. It survives a power cut once [`Store::flush`] has returned.
    pub fn commit(&self, batch: Batch) -> Result<(), DiskFault> {
        disk::apply(&self.db, batch.0)
    }

    /// Waits until everything committed is on disk.
    pub fn flush(&self) -> Result<(), DiskFault> {
        disk::flush(&self.db)
    }
}

fn meta_key(name: &str) -> Vec<u8> {
    [&[META], name.as_bytes()].concat()
}

fn author_key(device: DeviceId) -> Vec<u8> {
    [&[AUTHOR], device.uuid().as_bytes().as_slice()].concat()
}

fn log_key(device: DeviceId, seq: u64) -> Vec<u8> {
    [&[LOG], device.uuid().as_bytes().as_slice(), &seq.to_be_bytes()].concat()
}

fn record_key(prefix: u8, record: RecordRef) -> Vec<u8> {
    [&[prefix, Collection::of(record.kind).0], record.id.uuid().as_bytes().as_slice()].concat()
}

fn record_of(key: &[u8]) -> Option<RecordRef> {
    let collection = Collection(*key.get(1)?);
    Subject { collection, id: key.get(2..18)?.try_into().ok()? }.record()
}

#[cfg(test)]
mod tests;
