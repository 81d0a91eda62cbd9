//! What a device brings: its own log, what neighbours told of, and everything where the relay's disk is new.

use super::{ClientEffect, ClientSession, Replica, State};
use crate::session::{BATCH_BYTES, WINDOW};
use crate::{Brought, Frame, Run, SyncFault};
use mera_schema::DeviceId;

impl ClientSession {
    /// There are new entries in one's own log.
    pub fn committed(&mut self, replica: &dyn Replica) -> Result<Vec<ClientEffect>, SyncFault> {
        if self.state != State::Open || self.comparing {
            return Ok(Vec::new());
        }
        self.look_what_to_bring(replica);
        self.push(replica)
    }

    pub(super) fn look_what_to_bring(&mut self, replica: &dyn Replica) {
        // A relay that has told what it has gets everything else; what it was known to have before it may have lost.
        if self.refill {
            return;
        }
        for (device, from) in replica.brings().iter() {
            self.pushed.reach(device, from);
            self.brings.insert(device);
        }
    }

    /// Notes whether the relay lacks nothing any more.
    pub(super) fn paid(&mut self, replica: &dyn Replica) -> Result<(), SyncFault> {
        self.owes &= !(self.awaiting.is_empty() && self.pushed.covers(&replica.vector()?));
        Ok(())
    }

    pub(super) fn acked(
        &mut self,
        device: DeviceId,
        seq: u64,
        replica: &dyn Replica,
    ) -> Result<Vec<ClientEffect>, SyncFault> {
        let next = self.awaiting.iter().find(|(whose, _)| *whose == device).map(|(_, end)| *end);
        if let Some(end) = next.filter(|end| seq < *end) {
            // The relay passed over what was under way of another's log.
            self.awaiting.retain(|(whose, _)| *whose != device);
            if end > replica.vector()?.of(device) {
                // The members' chain has ended that log meanwhile; what counts of it goes out anew.
                self.pushed.forget_beyond(device, seq);
            }
        }
        self.awaiting.retain(|(whose, end)| *whose != device || *end > seq);
        self.under_way = self.awaiting.len();
        let mut effects = vec![ClientEffect::Acked { device, seq }];
        effects.extend(self.push(replica)?);
        let owed = self.owes;
        self.paid(replica)?;
        effects.extend(self.taken.filter(|_| owed && !self.owes).map(ClientEffect::Keep));
        Ok(effects)
    }

    /// Sends what the relay lacks, as far as the window allows.
    pub(super) fn push(&mut self, replica: &dyn Replica) -> Result<Vec<ClientEffect>, SyncFault> {
        let mut effects = Vec::new();
        let first = replica.comes_first();
        let mut logs: Vec<_> = replica.vector()?.iter().collect();
        logs.sort_by_key(|(device, _)| Some(*device) != first);
        for (device, last) in logs {
            if device != self.device && !self.refill && !self.brings.contains(&device) {
                continue;
            }
            self.pushed.reach(device, replica.base(device)?);
            while self.pushed.of(device) < last && self.under_way < WINDOW {
                let runs = replica.runs_after(device, self.pushed.of(device), BATCH_BYTES)?;
                let Some(end) = runs.last().map(Run::last) else { break };
                self.pushed.reach(device, end);
                self.awaiting.push((device, end));
                self.under_way = self.awaiting.len();
                let runs = runs.into_iter().map(|run| self.brought(run)).collect();
                effects.push(ClientEffect::Send(Frame::Push(runs).encode()));
            }
        }
        Ok(effects)
    }

    /// A run as it travels: without what the relay can put in again, where it has said that it holds what goes before. One that is being
    /// filled may go on from a checkpoint meanwhile, and hold that no more.
    fn brought(&mut self, run: Run) -> Brought {
        if run.author != self.key.public() {
            return Brought::Whole(run);
        }
        let goes_on = run.first == self.own + 1 && !self.owes;
        self.own = self.own.max(run.last());
        if goes_on { Brought::Onward(run.into()) } else { Brought::Whole(run) }
    }
}
