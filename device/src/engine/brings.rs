//! What a neighbour told is brought to the relay by whoever meets it first: the laptop that wrote it may be lost before it
//! meets the relay itself, and whoever takes it out then may be the only one who has its last work.

use super::{Engine, receive::Receipt};
use crate::DeviceFault;
use crate::store::Batch;
use mera_schema::DeviceId;
use mera_sync_protocol::{Run, Vector};

impl Engine {
    /// Takes in what a neighbour told. The place in the relay's order stays where it is.
    pub fn take_nearby(&mut self, runs: Vec<Run>) -> Result<Receipt, DeviceFault> {
        for run in &runs {
            self.will_bring(run.author.device(), run.last())?;
        }
        self.take(runs, self.books.cursor)
    }

    /// Notes that a log may go on here where the relay does not have it. That reaches the disk with the entries.
    pub(super) fn will_bring(&mut self, log: DeviceId, last: u64) -> Result<(), DeviceFault> {
        let held = self.vector.of(log);
        if log == self.device || last <= held || self.relay().is_none() || self.brings.contains_key(&log) {
            return Ok(());
        }
        self.brings.insert(log, held);
        self.note_what_it_brings()
    }

    /// The relay has a log up to here.
    pub(super) fn is_at_relay(&mut self, log: DeviceId, last: u64) -> Result<(), DeviceFault> {
        let held = self.vector.of(log);
        let Some(from) = self.brings.get_mut(&log) else { return Ok(()) };
        if last >= held {
            self.brings.remove(&log);
        } else if last > *from {
            *from = last;
        } else {
            return Ok(());
        }
        self.note_what_it_brings()
    }

    /// The logs that the relay may not have, and how far it is known to have each.
    pub(super) fn what_it_brings(&self) -> Vector {
        self.brings.iter().map(|(log, from)| (*log, *from)).collect()
    }

    fn note_what_it_brings(&mut self) -> Result<(), DeviceFault> {
        let mut batch = Batch::default();
        batch.brings(&self.what_it_brings());
        Ok(self.store.commit(batch)?)
    }
}
