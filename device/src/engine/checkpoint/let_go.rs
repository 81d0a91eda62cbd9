//! Letting go of the entries that a checkpoint covers, a little at a time: whoever works on the device waits for one step at most.

use super::Engine;
use crate::DeviceFault;
use crate::store::Batch;
use mera_sync_protocol::SyncFault;

impl Engine {
    /// Does a step. Whether there is more to do. What a power cut leaves is done the next time.
    pub fn let_go_some(&mut self) -> Result<bool, DeviceFault> {
        let done = self.try_let_go_some();
        self.noting_damage(done)
    }

    fn try_let_go_some(&mut self) -> Result<bool, DeviceFault> {
        if self.begin_at_checkpoint()? {
            return Ok(true);
        }
        for (device, _) in self.vector.iter() {
            if self.store.take_out_covered(device)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Has every log begin where the newest checkpoint says, if that is here. Whether that is new.
    fn begin_at_checkpoint(&mut self) -> Result<bool, DeviceFault> {
        let Some(reached) = self.members.now().checkpoint() else { return Ok(false) };
        let mut behind = false;
        for (device, base) in &reached.checkpoint.base {
            behind |= self.store.base(*device)?.seq < base.seq;
        }
        if !behind {
            return Ok(false);
        }
        if !reached.is_covered(|device| self.vector.of(device)) || !self.holds_records(reached)? {
            return Ok(false);
        }
        let mut batch = Batch::default();
        for (device, base) in &reached.checkpoint.base {
            if self.store.base(*device)?.seq >= base.seq {
                continue;
            }
            if self.store.hash(*device, base.seq)? != Some(base.hash) {
                return Err(SyncFault::Fork { device: *device, seq: base.seq }.into());
            }
            batch.base(*device, base);
        }
        batch.lingers(true);
        self.store.commit(batch)?;
        self.store.flush()?;
        self.erasures.files_linger();
        Ok(true)
    }
}
