//! What a session reads of the device.

use super::Engine;
use crate::DeviceFault;
use mera_schema::DeviceId;
use mera_sync_protocol::{ChainPlace, Replica, Run, Standing, SyncFault, Vector};
use mera_trust::SignedStatement;

impl Replica for Engine {
    fn vector(&self) -> Result<Vector, SyncFault> {
        Ok(self.vector.clone())
    }

    fn runs_after(&self, device: DeviceId, after: u64, _: usize) -> Result<Vec<Run>, SyncFault> {
        let run = self.noting_damage(self.store.run_after(device, after).map_err(DeviceFault::from))?;
        Ok(run.into_iter().collect())
    }

    fn base(&self, device: DeviceId) -> Result<u64, SyncFault> {
        let base = self.noting_damage(self.store.base(device).map_err(DeviceFault::from))?;
        Ok(base.seq)
    }

    fn comes_first(&self) -> Option<DeviceId> {
        self.members.now().checkpoint().map(|reached| reached.maker)
    }

    fn brings(&self) -> Vector {
        self.what_it_brings()
    }

    fn chain(&self) -> ChainPlace {
        self.members.place()
    }

    fn statements(&self, after: u32, budget: usize) -> Result<Vec<SignedStatement>, SyncFault> {
        Ok(self.members.after(after, budget))
    }

    fn standing(&self) -> Result<Option<Standing>, SyncFault> {
        Ok(self.stands_with_relay()?)
    }
}
