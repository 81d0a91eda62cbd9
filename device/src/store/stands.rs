//! Where a record's document is on the disk. Its row says it, so that who opens a record looks at nothing else, and a record that came
//! with an entry is two values: the entry and the row.

use super::{Batch, CHUNK, ROW, RecordRow, SNAPSHOT, Store, record_key};
use crate::DeviceFault;
use mera_disk::DiskFault;
use mera_schema::{DeviceId, RecordRef};
use mera_sync_protocol::EntryHash;
use mera_trust::GroupKeys;
use serde::{Deserialize, Serialize};

/// What a document begins with, and the changes since, which stand beside.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stands {
    /// The entry that it begins in; nothing where it begins with a snapshot of its own.
    pub entry: Option<At>,
    /// How many changes stand beside.
    pub chunks: u32,
}

/// An entry of a log. What it says is opened with the hash of the one before it, which is let go of first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct At {
    pub device: DeviceId,
    pub seq: u64,
    pub previous: EntryHash,
}

impl Stands {
    /// In an entry, and nothing beside.
    pub fn at(entry: At) -> Self {
        Self { entry: Some(entry), chunks: 0 }
    }
}

impl At {
    /// Whose entry, and which.
    pub(super) fn place(&self) -> (DeviceId, u64) {
        (self.device, self.seq)
    }
}

impl Store {
    /// A document's bytes. Nothing where there is no such record.
    pub fn document(&self, record: RecordRef, keys: &GroupKeys) -> Result<Option<Vec<u8>>, DeviceFault> {
        self.row(record)?.map(|row| self.document_of(record, &row, keys)).transpose()
    }

    /// A document's bytes: what it begins with and the changes since.
    pub fn document_of(&self, record: RecordRef, row: &RecordRow, keys: &GroupKeys) -> Result<Vec<u8>, DeviceFault> {
        let mut bytes = match row.stands.entry {
            Some(at) => self.document_at(record, at, keys)?,
            None => {
                let snapshot: Option<Vec<u8>> = self.seal.get(&self.db, &record_key(SNAPSHOT, record))?;
                snapshot.ok_or_else(|| DeviceFault::RecordDamaged(record.to_string()))?
            }
        };
        for number in 0..row.stands.chunks {
            let chunk: Option<Vec<u8>> = self.seal.get(&self.db, &chunk_key(record, number))?;
            bytes.extend(chunk.ok_or_else(|| DiskFault::Damaged(format!("change {number} of {record}")))?);
        }
        Ok(bytes)
    }
}

/// Each tells where the document stands then, which is to be written with the record's row.
impl Batch {
    /// One more change beside the document.
    #[must_use]
    pub fn chunk(&mut self, record: RecordRef, bytes: &[u8], stands: Stands) -> Stands {
        self.put(chunk_key(record, stands.chunks), &bytes);
        Stands { chunks: stands.chunks + 1, ..stands }
    }

    /// A whole document in the place of what stood of the record, if anything did.
    #[must_use]
    pub fn snapshot(&mut self, record: RecordRef, bytes: &[u8], former: Option<Stands>) -> Stands {
        self.forget_chunks(record, former);
        self.put(record_key(SNAPSHOT, record), &bytes);
        Stands::default()
    }

    /// An entry that says the same in the place of what stood of the record.
    #[must_use]
    pub fn stands_at(&mut self, record: RecordRef, at: At, former: Stands) -> Stands {
        self.forget_document(record, former);
        Stands::at(at)
    }

    /// What the document begins with stands beside the log from now on; the changes since stand on it as before.
    #[must_use]
    pub(super) fn leaves_log(&mut self, record: RecordRef, bytes: &[u8], stands: Stands) -> Stands {
        self.put(record_key(SNAPSHOT, record), &bytes);
        Stands { entry: None, ..stands }
    }

    /// Takes a record out.
    pub fn forget(&mut self, record: RecordRef, former: Option<Stands>) {
        self.take_out(record_key(ROW, record));
        former.into_iter().for_each(|former| self.forget_document(record, former));
    }

    fn forget_document(&mut self, record: RecordRef, former: Stands) {
        if former.entry.is_none() {
            self.take_out(record_key(SNAPSHOT, record));
        }
        self.forget_chunks(record, Some(former));
    }

    fn forget_chunks(&mut self, record: RecordRef, former: Option<Stands>) {
        (0..former.map_or(0, |former| former.chunks)).for_each(|number| self.take_out(chunk_key(record, number)));
    }
}

fn chunk_key(record: RecordRef, number: u32) -> Vec<u8> {
    [record_key(CHUNK, record), number.to_be_bytes().to_vec()].concat()
}
