//! Two replicas with the same entries that show different records: one of them has gone wrong, and neither can tell
//! which from the other's digest. Each compares its records with the signed logs, makes anew those that differ, and tells
//! the relay what it holds then. Who was right has lost nothing by it.

use super::Engine;
use super::rebuild::AT_A_TIME;
use crate::DeviceFault;
use crate::store::{Batch, Standing};
use mera_device_api::{Notice, Refused};
use mera_schema::{DeviceId, RecordRef};
use mera_sync_protocol::{Digests, SyncFault};
use std::collections::VecDeque;

/// A comparison with the logs that is under way.
pub(super) struct Mending {
    /// Whose records are others.
    other: DeviceId,
    left: VecDeque<RecordRef>,
    compared: u64,
    /// How many records were not what the logs say.
    differed: u64,
}

impl Engine {
    /// The relay finds that a device with the same entries shows other records.
    pub(super) fn differs_from(&mut self, other: DeviceId) -> Result<(), DeviceFault> {
        if self.mending.is_some() {
            return Ok(());
        }
        let mut all = self.touched(|_, _, _| true)?;
        for row in self.store.rows() {
            all.insert(row?.0);
        }
        self.mending = Some(Mending { other, left: all.into_iter().collect(), compared: 0, differed: 0 });
        Ok(())
    }

    /// Whether there is more to compare.
    pub(super) fn is_mending(&self) -> bool {
        self.mending.is_some()
    }

    /// Compares some more records with the logs. Says whether that was the last of them, so that the relay can be told.
    pub(super) fn mend_some(&mut self) -> Result<bool, DeviceFault> {
        let Some(mut mending) = self.mending.take() else { return Ok(false) };
        let some: Vec<RecordRef> = mending.left.drain(..mending.left.len().min(AT_A_TIME)).collect();
        // Named first, so that a power cut in the midst leaves no record half made.
        let mut batch = Batch::default();
        batch.waits_for_rebuild(&some);
        self.store.commit(batch)?;
        mending.differed += self.rebuild(some.iter().copied().collect())?;
        mending.compared += some.len() as u64;
        if !mending.left.is_empty() {
            self.mending = Some(mending);
            return Ok(false);
        }
        let summed = self.sum_digests()?;
        self.tell_mended(&mending, summed);
        Ok(true)
    }

    /// The digests are summed from the rows once more. Says whether the sum that stood was wrong.
    fn sum_digests(&mut self) -> Result<bool, DeviceFault> {
        let mut digests = Digests::default();
        for row in self.store.rows() {
            let (record, row) = row?;
            digests.toggle(record, &row.heads);
        }
        if digests.equal(&self.books.digests) {
            return Ok(false);
        }
        self.books.digests = digests.clone();
        let mut batch = Batch::default();
        batch.bookkeeping(&self.books);
        batch.standing(&Standing { digests, vector: self.vector.clone() });
        self.store.commit(batch)?;
        self.store.flush()?;
        Ok(true)
    }

    fn tell_mended(&mut self, mending: &Mending, summed: bool) {
        let Mending { other, compared, differed, .. } = mending;
        let trouble = if *differed > 0 || summed {
            let says = format!(
                "{differed} of {compared} records on this device were not what the signed changes say, and were made \
                 anew from them; have this machine's memory and disk looked at"
            );
            let mut told = Refused::new("sync.mended", says);
            told.args.insert("differed".into(), differed.to_string());
            told.args.insert("compared".into(), compared.to_string());
            told
        } else {
            let mut told = Refused::from(DeviceFault::from(SyncFault::Diverged(*other)));
            told.args.insert("compared".into(), compared.to_string());
            told.args.insert("device".into(), self.person(*other).device);
            told
        };
        self.link.trouble = Some(trouble);
        self.notices.push(Notice::Sync);
    }
}
