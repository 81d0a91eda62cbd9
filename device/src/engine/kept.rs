//! What a backup takes from a device, and how a device begins from one.

use super::{Begun, Engine, lock};
use crate::identity::put_back;
use crate::members::Members;
use crate::store::{Batch, SetAside};
use crate::vault::Place;
use crate::{DeviceFault, Surroundings};
use chrono::NaiveDate;
use mera_device_api::Notice;
use mera_disk::DiskFault;
use mera_schema::DeviceId;
use mera_sync_protocol::{Digests, Run, Vector};
use mera_trust::SignedStatement;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Everything but the logs, as it is at one moment, and how far the logs reach then.
pub(crate) struct Kept {
    /// Who the device is, with its secret.
    pub identity: Zeroizing<Vec<u8>>,
    /// The members' chain.
    pub chain: Vec<SignedStatement>,
    pub vector: Vector,
    /// Whose logs, after which entry they are kept, and the last one; that with the records of a checkpoint first.
    pub logs: Vec<(DeviceId, u64, u64)>,
    pub digests: Digests,
    pub set_aside: Vec<SetAside>,
    /// How many records were erased until then.
    pub erased: usize,
}

impl Engine {
    /// What a backup that begins now holds.
    pub(crate) fn kept(&self) -> Result<Kept, DeviceFault> {
        let (vector, digests) = (self.vector.clone(), self.books.digests.clone());
        let (identity, chain) = (self.identity.for_backup(&self.secret), self.members.after(0, usize::MAX));
        let first = self.members.now().checkpoint().map(|reached| reached.maker);
        let mut logs = Vec::new();
        for (log, last) in vector.iter() {
            logs.push((log, self.store.base(log)?.seq, last));
        }
        // What a device that is restored must have before logs that begin at a checkpoint.
        logs.sort_by_key(|(log, ..)| Some(*log) != first);
        Ok(Kept {
            identity,
            chain,
            vector,
            logs,
            digests,
            set_aside: self.store.set_aside()?,
            erased: self.erasures.count(),
        })
    }

    /// Whether no record was erased since there were so many: a backup that began before would say something of one.
    pub(crate) fn has_erased(&self, count: usize) -> bool {
        self.erasures.count() == count
    }

    /// The entries of a log after one of them and up to another, a run's worth. They must be there, unless the members
    /// have called them void meanwhile, or a checkpoint has let go of them; then there is nothing.
    pub(crate) fn run_up_to(&self, log: DeviceId, after: u64, last: u64) -> Result<Option<Run>, DeviceFault> {
        if self.vector.of(log) < last || self.store.base(log)?.seq > after {
            return Ok(None);
        }
        let missing = || DiskFault::Damaged(format!("entry {} of the log of {log}", after + 1));
        self.noting_damage(match self.store.run_between(log, after, last) {
            Ok(run) => run.map(Some).ok_or_else(|| missing().into()),
            Err(fault) => Err(fault.into()),
        })
    }

    /// A device in an empty folder, from who it is and the members' chain; `place` is where its secret goes.
    pub(crate) fn restoring(
        folder: &Path,
        identity: &[u8],
        chain: &[SignedStatement],
        place: &Place,
        world: Arc<dyn Surroundings>,
    ) -> Result<Self, DeviceFault> {
        let lock = lock(folder)?;
        Members::begin(folder, chain)?;
        let (identity, secret) = put_back(folder, identity, place, world.as_ref())?;
        Self::open_as(identity, secret, folder, lock, world, Begun::FromBackup)
    }

    /// Keeps something that could not be taken in.
    pub(crate) fn keep_aside(&mut self, aside: &SetAside) -> Result<(), DeviceFault> {
        let Some(aside) = self.aside_without_erased(aside.clone()) else { return Ok(()) };
        let mut batch = Batch::default();
        batch.set_aside(&aside);
        Ok(self.store.commit(batch)?)
    }

    /// Notes that a backup was taken, so that screens can tell when.
    pub fn note_backup(&mut self) -> Result<(), DeviceFault> {
        let mut batch = Batch::default();
        batch.backed_up(self.world.today());
        self.store.commit(batch)?;
        self.store.flush()?;
        self.notices.push(Notice::Changed { records: Vec::new() });
        Ok(())
    }

    /// The day of the last one.
    pub(super) fn last_backup(&self) -> Option<NaiveDate> {
        // What cannot be read says nothing; the damage is found where something depends on it.
        self.store.backed_up().ok().flatten()
    }

    /// Where files for the person go, and the day that their names bear.
    pub(crate) fn saves_into(&self) -> (Option<PathBuf>, NaiveDate) {
        (self.world.saves_into(), self.world.today())
    }

    /// Whether the device holds this and nothing else.
    pub(crate) fn holds(&self, vector: &Vector, digests: &Digests) -> bool {
        self.vector.covers(vector) && vector.covers(&self.vector) && self.books.digests.equal(digests)
    }

    /// Notes that the device was made from a backup, so that it asks its relay where its log stands before it writes.
    pub(crate) fn restored(&mut self) -> Result<(), DeviceFault> {
        let mut batch = Batch::default();
        batch.restored(true);
        self.store.commit(batch)?;
        Ok(self.store.flush()?)
    }
}
