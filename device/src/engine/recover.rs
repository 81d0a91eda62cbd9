//! A device whose store was lost, or is older than its log. Its own log goes on where it stopped and never beside that:
//! a second entry with the same number would be a fork, which every relay and colleague refuses. So nothing is written
//! before the log is whole again. The outbox knows where it stopped; what the outbox has let go of, the relay has.

use super::{Engine, Unsent};
use crate::DeviceFault;
use crate::store::Batch;
use mera_sync_protocol::{SignedEntry, SyncFault};
use std::collections::VecDeque;

/// What is known of one's own log beyond what the store holds.
#[derive(Default)]
pub(super) struct OwnLog {
    /// It reaches at least so far; nothing where only the relay can tell.
    reaches: Option<u64>,
    /// Entries of the outbox whose predecessors have to be fetched first.
    behind: VecDeque<(u64, SignedEntry)>,
}

impl OwnLog {
    /// One that has no entry yet anywhere.
    pub fn begins() -> Self {
        Self { reaches: Some(0), behind: VecDeque::new() }
    }
}

impl Engine {
    /// Takes in what the outbox holds beyond the store. `founded` says that this device has just been made.
    pub(super) fn go_on_from_outbox(
        &mut self,
        entries: Vec<(u64, SignedEntry)>,
        founded: bool,
    ) -> Result<(), DeviceFault> {
        let in_outbox = entries.last().map(|(seq, _)| *seq);
        self.own_log.reaches = in_outbox.max(self.store.own_log()?).max(Some(self.written()).filter(|last| *last > 0));
        if founded || self.relay().is_none() {
            self.own_log.reaches.get_or_insert(0);
        }
        if self.store.restored()? && self.relay().is_some() {
            // The original may have written more after the backup; only the relay can tell.
            self.own_log.reaches = None;
        }
        for (seq, signed) in &entries {
            if *seq > self.written() {
                let records = self.still_there(&signed.entry);
                self.unsent.insert(*seq, Unsent { since: signed.entry.time.millis, records });
            }
        }
        self.own_log.behind = entries.into();
        self.catch_up()
    }

    /// The relay told how far it holds one's own log.
    pub(super) fn log_is_known_to_reach(&mut self, seq: u64) -> Result<(), DeviceFault> {
        let reaches = self.own_log.reaches.map_or(seq, |known| known.max(seq));
        self.own_log.reaches = Some(reaches.max(self.written()));
        if self.is_whole() {
            if self.store.restored()? {
                let mut batch = Batch::default();
                batch.restored(false);
                self.store.commit(batch)?;
            }
        } else {
            // Also a device that is switched off before it has fetched the rest must know that there is one.
            let mut batch = Batch::default();
            batch.own_log(reaches);
            batch.restored(false);
            self.store.commit(batch)?;
        }
        self.catch_up()
    }

    /// Puts entries of the outbox behind the last one of the log, as far as they follow.
    pub(super) fn catch_up(&mut self) -> Result<(), DeviceFault> {
        self.take_again_what_follows()?;
        // That may have been the rest of a checkpoint's records, and the log may go on behind what it covers.
        match self.follow_checkpoint() {
            Err(DeviceFault::Sync(SyncFault::Fork { .. })) => self.is_said_to_part(),
            followed => followed?,
        }
        self.take_again_what_follows()?;
        if self.is_whole() && self.expelled().is_none() {
            self.introduce()?;
        }
        self.write_again_what_stood_on_void()
    }

    fn take_again_what_follows(&mut self) -> Result<(), DeviceFault> {
        while let Some((seq, signed)) = self.own_log.behind.pop_front() {
            if seq > self.written() + 1 {
                self.own_log.behind.push_front((seq, signed));
                break;
            }
            if let Err(fault) = self.take_again(seq, &signed) {
                self.open.clear();
                self.own_log.behind.push_front((seq, signed));
                return Err(fault);
            }
        }
        Ok(())
    }

    /// Whether one's own log is all here, so that it may be written on.
    pub(super) fn is_whole(&self) -> bool {
        self.own_log.reaches.is_some_and(|reaches| self.written() >= reaches)
    }

    /// An outbox that has lost its end, or all of it, gets back from the store what the relay does not have, and the
    /// last entry, which tells where the log stands.
    pub(super) fn fill_outbox(&mut self) -> Result<(), DeviceFault> {
        let written = self.written();
        // One that was made from a backup tells the relay from its store; the backup still has everything.
        let known = if self.store.restored()? { written } else { self.books.acked };
        let from = self.outbox.last().unwrap_or(known.min(written.saturating_sub(1)));
        for seq in from + 1..=written {
            if let Some(signed) = self.store.entry(self.device, seq)? {
                self.outbox.append(seq, &signed)?;
            }
        }
        Ok(())
    }
}
