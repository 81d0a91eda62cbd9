//! Erased records: no entry that says something of one keeps saying it here, whether it came before or comes later. The
//! relay cannot read what it erases; the entries name their records in plain.

use super::{CACHE, LOG, RelayDisk, StoreFault, key};
use mera_disk as disk;
use mera_schema::WorkspaceId;
use mera_sync_protocol::{EntryKind, SignedEntry, Subject, Verified};
use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

/// An erased record of a company.
pub(super) const ERASED: u8 = b'x';
/// Companies of which something went whose bytes may still stand in the files.
pub(super) const LINGERS: u8 = b'z';
/// Values that are written at one go while the logs of a company are gone through.
const BATCH: usize = 256;

impl RelayDisk {
    /// Whether files hold bytes of what was erased, or was let go of at a checkpoint.
    pub fn lingers(&self) -> bool {
        self.lingering.load(Ordering::Acquire)
    }

    /// Writes the disk anew, so that nothing that was erased stands in its files any more. Who writes waits meanwhile; who
    /// reads does not.
    pub fn write_anew(&self) -> Result<(), StoreFault> {
        let _nobody_writes = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let _nobody_confirms = self.confirming.write().unwrap_or_else(PoisonError::into_inner);
        let new = disk::anew(&self.tree(), &self.folder, CACHE)?;
        *self.tree.write().unwrap_or_else(PoisonError::into_inner) = new;
        // Readers that are under way keep the former files open; they have no name any more.
        disk::forget_former(&self.folder)?;
        let tree = self.tree();
        let mut done = disk::Batch::default();
        for row in tree.beginning([LINGERS]) {
            done.remove(row?.0);
        }
        tree.apply(done)?;
        tree.flush()?;
        self.lingering.store(false, Ordering::Release);
        Ok(())
    }

    /// Ends what a power cut interrupted.
    pub(super) fn finish_erasing(&self) -> Result<(), StoreFault> {
        let waiting: Vec<_> = self.tree().beginning([LINGERS]).collect::<Result<_, _>>()?;
        for (place, _) in &waiting {
            let company = super::ledger::company(place)?;
            let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            self.erase(&writing, company)?;
        }
        if waiting.is_empty() { Ok(()) } else { self.write_anew() }
    }

    /// Takes out of new entries what may not be kept: of records that were erased before, and of those that the entries
    /// themselves erase, which join the batch. Whether there are any of these.
    pub(super) fn take_out(
        &self,
        ws: WorkspaceId,
        new: &mut Verified,
        batch: &mut disk::Batch,
    ) -> Result<bool, StoreFault> {
        let erasing = new.entries.iter().filter(|signed| signed.entry.kind == EntryKind::ERASURE);
        let erasing: HashSet<Subject> = erasing.flat_map(|signed| signed.entry.subjects.iter().copied()).collect();
        let mut gone = erasing.clone();
        if self.tree().beginning(key(ERASED, ws, &[])).next().is_some() {
            gone.extend(self.erased_of(ws, new)?);
        }
        for signed in &mut new.entries {
            signed.entry.erase(|subject| gone.contains(subject));
        }
        for subject in &erasing {
            batch.insert(erased_key(ws, subject), disk::wrap(&()));
        }
        if !erasing.is_empty() {
            batch.insert(key(LINGERS, ws, &[]), disk::wrap(&()));
        }
        Ok(!erasing.is_empty())
    }

    /// Goes through the logs of a company and takes out what they say of its erased records. The caller writes alone.
    pub(super) fn erase(&self, _alone: &MutexGuard<'_, ()>, ws: WorkspaceId) -> Result<(), StoreFault> {
        let (tree, erased) = (self.tree(), self.erased(ws)?);
        let (mut batch, mut waiting) = (disk::Batch::default(), 0);
        for row in tree.beginning(key(LOG, ws, &[])) {
            let (place, stored) = row?;
            let mut signed: SignedEntry = disk::unwrap(&place, &stored)?;
            if signed.entry.erase(|subject| erased.contains(subject)) {
                batch.insert(place, disk::wrap(&signed));
                waiting += 1;
            }
            if waiting == BATCH {
                tree.apply(std::mem::take(&mut batch))?;
                waiting = 0;
            }
        }
        tree.apply(batch)?;
        self.logs_changed(ws)?;
        tree.flush()?;
        self.ledger.count(&tree, ws)?;
        self.lingering.store(true, Ordering::Release);
        Ok(())
    }

    /// Those records of new entries that were erased before.
    fn erased_of(&self, ws: WorkspaceId, new: &Verified) -> Result<HashSet<Subject>, StoreFault> {
        let (tree, mut erased) = (self.tree(), HashSet::new());
        for subject in new.entries.iter().flat_map(|signed| &signed.entry.subjects) {
            if disk::get::<()>(&tree, &erased_key(ws, subject))?.is_some() {
                erased.insert(*subject);
            }
        }
        Ok(erased)
    }

    /// Every record of a company that was erased.
    fn erased(&self, ws: WorkspaceId) -> Result<HashSet<Subject>, StoreFault> {
        self.tree()
            .beginning(key(ERASED, ws, &[]))
            .map(|row| {
                let (place, _) = row?;
                subject(&place).ok_or_else(|| StoreFault::Damaged("an erased record".into()))
            })
            .collect()
    }
}

fn erased_key(ws: WorkspaceId, subject: &Subject) -> Vec<u8> {
    key(ERASED, ws, &[&[subject.collection.0], subject.id.as_slice()].concat())
}

fn subject(place: &[u8]) -> Option<Subject> {
    let collection = mera_trust::Collection(*place.get(17)?);
    Some(Subject { collection, id: place.get(18..34)?.try_into().ok()? })
}

#[cfg(test)]
pub(crate) mod tests;
