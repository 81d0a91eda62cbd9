//! Taking runs in.

use super::{ARRIVAL, AUTHOR, Arrival, Author, By, RelayDisk, StoreFault, Usage, key, ledger, log_key};
use mera_disk as disk;
use mera_schema::WorkspaceId;
use mera_sync_protocol::{Continued, SyncFault, Verified, judge};
use mera_trust::{Membership, TrustFault};
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;

impl RelayDisk {
    /// What of a run is new here and may stand, and the base that it follows on where it does not follow on what is here.
    pub(super) fn new_in(&self, ws: WorkspaceId, members: &Membership, run: Verified) -> Result<Continued, SyncFault> {
        let device = run.device;
        let held = self.held(ws, device, members)?;
        let continued = run.beyond(&held, |seq| Ok(self.hash(ws, device, seq)?))?;
        if !continued.run.entries.is_empty() {
            judge(members, &continued.run)?;
        }
        Ok(continued)
    }

    /// Takes a run in and tells how far its log is held then.
    pub(super) fn take_in(
        &self,
        alone: &MutexGuard<'_, ()>,
        (ws, by): (WorkspaceId, By),
        run: Verified,
    ) -> Result<u64, SyncFault> {
        let members = self.members_of(ws)?.ok_or(TrustFault::Stranger)?;
        let device = run.device;
        let Continued { run: new, from } = self.new_in(ws, &members, run)?;
        if new.entries.is_empty() {
            return Ok(self.author(ws, device)?.map_or(0, |author| author.last));
        }
        let mut batch = by.batch(ws);
        if let Some(base) = from {
            self.move_log(ws, (device, new.author), base, &mut batch)?;
        }
        let last = self.store(alone, (ws, by), new, batch)?;
        self.follow_checkpoint(alone, ws, &members)?;
        Ok(last)
    }

    /// What a company keeps once a run is stored, if that is within its share.
    pub(super) fn weighed(&self, ws: WorkspaceId, stored: &[Vec<u8>], by: By) -> Result<Usage, StoreFault> {
        let mut grown = self.ledger.of(ws);
        stored.iter().for_each(|stored| grown.add(stored.len()));
        if by == By::Guest {
            self.rules.read().unwrap_or_else(PoisonError::into_inner).quota.holds(grown)?;
        }
        Ok(grown)
    }

    fn store(
        &self,
        alone: &MutexGuard<'_, ()>,
        (ws, by): (WorkspaceId, By),
        mut new: Verified,
        mut batch: disk::Batch,
    ) -> Result<u64, StoreFault> {
        let last = new.first + new.entries.len() as u64 - 1;
        let erases = self.take_out(ws, &mut new, &mut batch)?;
        let stored: Vec<_> = new.entries.iter().map(disk::wrap).collect();
        let grown = self.weighed(ws, &stored, by)?;
        for (seq, stored) in (new.first..).zip(stored) {
            batch.insert(log_key(ws, new.device, seq), stored);
        }
        batch.insert(ledger::key(ws), disk::wrap(&grown));
        let author = Author { key: new.author, last };
        batch.insert(key(AUTHOR, ws, new.device.uuid().as_bytes()), disk::wrap(&author));
        let number = self.last_arrival(ws)? + 1;
        let arrival = Arrival { device: new.device, first: new.first, last };
        batch.insert(key(ARRIVAL, ws, &number.to_be_bytes()), disk::wrap(&arrival));
        let began = Instant::now();
        self.commit(by, batch)?;
        if by == By::Guest {
            self.flushes.observe(began.elapsed().as_secs_f64());
        }
        self.ledger.note(ws, grown);
        self.log_grew(ws, number, &new)?;
        if erases {
            self.erase(alone, ws)?;
        }
        Ok(last)
    }

    /// Writes a batch; what a guest asked for is on the disk then, what a log says with what else it says now.
    pub(super) fn commit(&self, by: By, batch: disk::Batch) -> Result<(), StoreFault> {
        let flushed = || if by == By::Guest { self.tree().flush() } else { Ok(()) };
        let done = self.tree().apply(batch).and_then(|()| flushed());
        if done.is_err() {
            // It may be on the disk all the same, or in memory alone.
            self.doubted.store(true, Ordering::Release);
            self.doubt_memory();
        }
        Ok(done?)
    }
}
