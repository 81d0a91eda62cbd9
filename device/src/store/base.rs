//! Where logs begin: what was let go of at a checkpoint.

use super::{BASE, Batch, CHUNK, LOG, SNAPSHOT, Store, log_key};
use mera_disk::{self as disk, DiskFault};
use mera_schema::DeviceId;
use mera_sync_protocol::{EntryKind, SignedEntry};
use mera_trust::Base;

/// Entries that are let go of at one go.
const AT_A_TIME: usize = 256;

impl Store {
    /// The last entry of a log that was let go of.
    pub fn base(&self, device: DeviceId) -> Result<Base, DiskFault> {
        Ok(self.seal.get(&self.db, &base_key(device))?.unwrap_or_default())
    }

    /// Bytes of the logs but for the records of checkpoints in them, and of the documents, as they stand here.
    pub fn weight(&self) -> Result<(u64, u64), DiskFault> {
        let (mut logs, mut documents) = (0, 0);
        for row in disk::beginning(&self.db, [LOG]) {
            let (key, sealed) = row?;
            let entry: SignedEntry = self.seal.unwrap(&key, &sealed)?;
            if entry.entry.kind != EntryKind::SNAPSHOT {
                logs += sealed.len() as u64;
            }
        }
        for prefix in [SNAPSHOT, CHUNK] {
            for row in disk::beginning(&self.db, [prefix]) {
                documents += row?.1.len() as u64;
            }
        }
        Ok((logs, documents))
    }

    /// Takes some of a log's entries out that stand before where it begins. Whether there were any.
    pub fn take_out_covered(&self, device: DeviceId) -> Result<bool, DiskFault> {
        let base = self.base(device)?.seq;
        let mut batch = Batch::default();
        for row in disk::between(&self.db, log_key(device, 1)..=log_key(device, base)).take(AT_A_TIME) {
            batch.take_out(row?.0.to_vec());
        }
        let any = batch.len() > 0;
        self.commit(batch)?;
        Ok(any)
    }
}

impl Batch {
    /// A log begins behind this entry.
    pub fn base(&mut self, device: DeviceId, base: &Base) {
        self.put(base_key(device), base);
    }
}

fn base_key(device: DeviceId) -> Vec<u8> {
    [&[BASE], device.uuid().as_bytes().as_slice()].concat()
}
