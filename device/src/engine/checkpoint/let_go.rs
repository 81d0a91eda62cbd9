//! Letting go of the entries that a checkpoint covers, a little at a time: whoever works on the device waits for one step at most.

use super::Engine;
use crate::DeviceFault;
use crate::store::Batch;
use mera_sync_protocol::SyncFault;

/// Records that are written whole in one step.
const FOLDED_AT_A_TIME: usize = 32;

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
        self.fold_some()
    }

    /// Writes some records whole that still stand in pieces: what is kept of them beside the checkpoint shall be small as well.
    /// What a power cut leaves of it is folded when people work on it. Whether there was anything to do.
    fn fold_some(&mut self) -> Result<bool, DeviceFault> {
        let waiting = &mut self.checkpoints.unfolded;
        let some = waiting.split_off(waiting.len().saturating_sub(FOLDED_AT_A_TIME));
        if some.is_empty() {
            return Ok(false);
        }
        let mut batch = Batch::default();
        for record in some {
            let chunks = self.store.chunks(record)?;
            if chunks > 0 && self.store.row(record)?.is_some() {
                let open = self.document(record)?;
                batch.snapshot(record, &open.doc.save(), chunks);
                open.chunks = 0;
            }
        }
        let committed = self.store.commit(batch);
        if committed.is_err() {
            self.open.clear();
        }
        committed?;
        self.close_some();
        if self.checkpoints.unfolded.is_empty() {
            self.store.flush()?;
            self.outbox.tidy(self.books.acked)?;
        }
        Ok(true)
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
        self.checkpoints.unfolded =
            self.store.rows().map(|row| row.map(|(record, _)| record)).collect::<Result<_, _>>()?;
        Ok(true)
    }
}
