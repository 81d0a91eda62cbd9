//! What a backup takes from a device, and how a device begins from one.

use super::{Begun, Engine, lock};
use crate::identity::Identity;
use crate::store::{Batch, SetAside};
use crate::{DeviceFault, Surroundings};
use mera_disk::DiskFault;
use mera_schema::DeviceId;
use mera_sync_protocol::{Digest, Run, Vector};
use std::path::Path;
use std::sync::Arc;

/// Everything but the logs, as it is at one moment, and how far the logs reach then.
pub(crate) struct Kept {
    /// Who the device is, with its key.
    pub identity: Vec<u8>,
    pub vector: Vector,
    pub digest: Digest,
    pub set_aside: Vec<SetAside>,
}

impl Engine {
    /// What a backup that begins now holds.
    pub(crate) fn kept(&self) -> Result<Kept, DeviceFault> {
        let (vector, digest) = (self.vector.clone(), self.books.digest);
        Ok(Kept { identity: self.identity.for_backup(), vector, digest, set_aside: self.store.set_aside()? })
    }

    /// The entries of a log after one of them and up to another, a run's worth. They must be there.
    pub(crate) fn run_up_to(&self, log: DeviceId, after: u64, last: u64) -> Result<Run, DeviceFault> {
        let missing = || DiskFault::Damaged(format!("entry {} of the log of {log}", after + 1));
        self.noting_damage(match self.store.run_between(log, after, last) {
            Ok(run) => run.ok_or_else(|| missing().into()),
            Err(fault) => Err(fault.into()),
        })
    }

    /// A device whose identity was put back into an empty folder.
    pub(crate) fn restoring(folder: &Path, world: Arc<dyn Surroundings>) -> Result<Self, DeviceFault> {
        Self::open_as(Identity::read(folder)?, folder, lock(folder)?, world, Begun::FromBackup)
    }

    /// Keeps something that could not be taken in.
    pub(crate) fn keep_aside(&mut self, aside: &SetAside) -> Result<(), DeviceFault> {
        let mut batch = Batch::default();
        batch.set_aside(aside);
        Ok(self.store.commit(batch)?)
    }

    /// Whether the device holds this and nothing else.
    pub(crate) fn holds(&self, vector: &Vector, digest: Digest) -> bool {
        self.vector == *vector && self.books.digest == digest
    }

    /// Notes that the device was made from a backup, so that it asks its relay where its log stands before it writes.
    pub(crate) fn restored(&mut self) -> Result<(), DeviceFault> {
        let mut batch = Batch::default();
        batch.restored(true);
        self.store.commit(batch)?;
        Ok(self.store.flush()?)
    }
}
