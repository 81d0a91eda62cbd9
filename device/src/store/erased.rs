//! Records that were erased for good: their names stay, so that nothing of them is taken in again.

use super::aside::Left;
use super::in_log::place_of;
use super::{Batch, CACHE, ERASED, LOG, Store, subject_of};
use mera_disk::{self as disk, DiskFault};
use mera_sync_protocol::{SignedEntry, Subject};
use std::collections::HashSet;
use std::path::PathBuf;

/// Values that are written at one go while everything is gone through.
const AT_A_TIME: usize = 256;
/// Bytes in sled above which a folder is worth writing anew: less is in its cache anyway.
const GROWN: u64 = 32 << 20;

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

    /// Begins to write the folder anew, so that nothing that was taken out stands in its files any more; work goes on meanwhile.
    pub fn begin_anew(&mut self) -> Result<Anew, DiskFault> {
        self.tried = self.db.sizes().map_or(0, |(above, _)| above);
        Ok(Anew(disk::Anew::begin(&self.db, &self.folder)?))
    }

    /// Goes on with the folder that was written anew, and gives the former one, which is to be forgotten.
    pub fn end_anew(&mut self, written: Written) -> Result<Former, DiskFault> {
        let files = std::mem::replace(&mut self.db, written.0.finish()?);
        self.tried = 0;
        Ok(Former { files, folder: self.folder.clone() })
    }

    /// Whether so much has come since the folder was last written anew that doing so again makes it smaller, and what seldom changes
    /// quicker to read. Where that did not come to an end, as on a full disk, it is not tried again until more has come.
    pub fn has_grown(&self) -> Result<bool, DiskFault> {
        let (above, beneath) = self.db.sizes()?;
        Ok(above > GROWN + self.tried && above > beneath)
    }
}

/// A store's folder that is to be written anew.
pub struct Anew(disk::Anew);

/// One that was gone through.
pub struct Written(disk::Written);

impl Anew {
    /// What stops it when it is dropped.
    pub fn stopper(&self) -> disk::Stopper {
        self.0.stopper()
    }

    /// Writes what stands in the folder; whoever works on the device does not wait for it.
    pub fn write(self) -> Result<Written, DiskFault> {
        self.0.write(CACHE).map(Written)
    }
}

/// What a folder was before it was written anew.
pub struct Former {
    files: disk::Tree,
    folder: PathBuf,
}

impl Former {
    /// Closes it and takes its files away.
    pub fn forget(self) -> Result<(), DiskFault> {
        drop(self.files);
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
