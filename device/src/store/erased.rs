//! Records that were erased for good: their names stay, so that nothing of them is taken in again.

use super::aside::Left;
use super::in_log::place_of;
use super::{Batch, CACHE, ERASED, LOG, Store, subject_of};
use mera_disk::{self as disk, DiskFault};
use mera_sync_protocol::{SignedEntry, Subject};
use std::collections::HashSet;

/// Values that are written at one go while everything is gone through.
const AT_A_TIME: usize = 256;

impl Store {
    /// Every record that was erased.
    pub fn erased(&self) -> Result<HashSet<Subject>, DiskFault> {
        let subject = |row: Result<disk::Row, DiskFault>| {
            let (key, sealed) = row?;
            self.seal.unwrap::<()>(&key, &sealed)?;
            subject_of(&key).ok_or_else(|| DiskFault::Damaged("an erased record".into()))
        };
        self.db.beginning([ERASED]).map(subject).collect()
    }

    /// Whether logs or files may hold something still of what was erased.
    pub fn lingers(&self) -> Result<bool, DiskFault> {
        Ok(self.meta("lingers")?.unwrap_or(false))
    }

    /// Goes through every log and everything that was set aside, and takes out what they say of erased records.
    pub fn take_out(&self, erased: &HashSet<Subject>) -> Result<(), DiskFault> {
        let gone = |subject: &Subject| erased.contains(subject);
        let mut batch = Batch::default();
        // Also what a checkpoint covers and was not let go of yet.
        for row in self.db.beginning([LOG]) {
            let (key, sealed) = row?;
            let mut signed: SignedEntry = self.seal.unwrap(&key, &sealed)?;
            if signed.entry.erase(gone) {
                let (device, seq) = place_of(&key)?;
                batch.entry(device, seq, &signed);
            }
            if batch.len() >= AT_A_TIME {
                self.commit(std::mem::take(&mut batch))?;
            }
        }
        for aside in self.set_aside()? {
            match aside.without(gone) {
                Left::All => continue,
                Left::Some(rest) => batch.set_aside(&rest),
                Left::Nothing => {}
            }
            batch.forget_aside(&aside);
        }
        self.commit(batch)?;
        self.flush()
    }

    /// Writes the folder anew, so that nothing that was taken out stands in its files any more.
    pub fn write_anew(&mut self) -> Result<(), DiskFault> {
        self.db = disk::anew(&self.db, &self.folder, CACHE)?;
        disk::forget_former(&self.folder)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
impl Store {
    /// What stands on the disk of a record, as it stands there: its row, its document, and every entry that speaks of it.
    pub fn sealed_of(&self, record: mera_schema::RecordRef) -> Vec<Vec<u8>> {
        self.flush().unwrap();
        let subject = Subject::from(record);
        let of_record = |key: &[u8]| match key[0] {
            super::ROW | super::SNAPSHOT | super::CHUNK => subject_of(key) == Some(subject),
            super::LOG => {
                let device = mera_schema::DeviceId::new(uuid::Uuid::from_slice(&key[1..17]).unwrap());
                let seq = u64::from_be_bytes(key[17..25].try_into().unwrap());
                self.entry(device, seq).unwrap().unwrap().entry.erase(|one| *one == subject)
            }
            _ => false,
        };
        let rows = self.db.beginning([]).map(Result::unwrap);
        rows.filter(|(key, _)| of_record(key)).map(|(_, sealed)| sealed.to_vec()).collect()
    }
}
