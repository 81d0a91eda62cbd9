//! A run of which a part was taken in. Its author signed it as a whole: what is held of a log beyond the last signature, nobody else
//! believes. So all of a run is on the disk before its first part counts, and what a broken line or a power cut left of it is taken in
//! from there.

use super::Engine;
use super::receive::InLog;
use crate::DeviceFault;
use crate::store::{Author, Batch};
use mera_schema::DeviceId;
use mera_sync_protocol::{EntryKind, Run, SignedEntry, SyncFault, Verified};
use mera_trust::{LogEnd, TrustFault};

impl Engine {
    /// Whether a run is taken in a part at a time, of about so many records. If it is, the disk has all of it from now on.
    pub(super) fn begin_run(&mut self, run: &Verified, most: usize) -> Result<bool, DeviceFault> {
        self.finish_run()?;
        if run.records() <= most || !self.may_be_split(run)? {
            return Ok(false);
        }
        let have = self.vector.of(run.device);
        let mut batch = Batch::default();
        batch.author(&Author { key: run.author, last: have });
        for (at, signed) in run.placed().filter(|(at, _)| at.seq > have) {
            batch.entry(run.device, at.seq, &self.without_erased(signed, &Default::default()));
        }
        self.store.commit(batch)?;
        self.begun_run = Some(run.device);
        Ok(true)
    }

    /// What a person erased is weighed against everything that came with it, and nothing follows on work that is set aside because
    /// its author was taken out: that is one part. So is what does not follow on what is here, and one's own log.
    fn may_be_split(&self, run: &Verified) -> Result<bool, DeviceFault> {
        let erases = |one: &SignedEntry| one.entry.kind == EntryKind::ERASURE;
        let out = self.members.now().admits(run.device).is_err();
        if out || run.device == self.device || run.entries.iter().any(erases) {
            return Ok(false);
        }
        let have = self.vector.of(run.device);
        let behind = run.placed().find(|(at, _)| at.seq == have + 1).map(|(at, _)| at.previous);
        Ok(behind.is_some() && behind == self.store.hash(run.device, have)?)
    }

    /// The last part of a run was taken in, or nothing more of it may be.
    pub(super) fn end_run(&mut self) -> Result<(), DeviceFault> {
        let Some(device) = self.begun_run.take() else { return Ok(()) };
        let mut batch = Batch::default();
        self.store.forget_ahead(device, self.vector.of(device), &mut batch)?;
        if batch.len() > 0 {
            self.store.commit(batch)?;
        }
        Ok(())
    }

    /// Takes in what is left of a run that was begun, before anybody else is told how far its log is held.
    pub(super) fn finish_run(&mut self) -> Result<(), DeviceFault> {
        let Some(device) = self.begun_run else { return Ok(()) };
        if let Some(rest) = self.store.ahead(device)? {
            match self.take_rest(rest) {
                // Its keys have not been heard of yet.
                Err(DeviceFault::Sync(SyncFault::Trust(TrustFault::Stranger | TrustFault::NewerKeys))) => return Ok(()),
                // What may not stand any more comes again with what says so, or not at all.
                Ok(()) | Err(DeviceFault::Sync(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        self.end_run()
    }

    fn take_rest(&mut self, rest: Run) -> Result<(), DeviceFault> {
        let rest = rest.verify(self.workspace())?;
        self.take_verified(rest, InLog::AsItCame)?;
        self.took_all(self.books.cursor).map(drop)
    }

    /// A power cut may have come in the midst of runs.
    pub(super) fn finish_runs(&mut self) -> Result<(), DeviceFault> {
        let logs: Vec<Author> = self.store.authors().collect::<Result<_, _>>()?;
        for log in logs {
            let device = log.key.device();
            if device != self.device && self.store.has_ahead(device, log.last)? {
                self.begun_run = Some(device);
                self.finish_run()?;
            }
        }
        Ok(())
    }

    /// How far a log is held, and its signature there, if that entry is still there; with what is on the disk of a run that was begun.
    pub(super) fn log_end(&self, device: DeviceId) -> LogEnd {
        // An entry that cannot be read is found damaged by whoever needs it; the chain only goes without its signature.
        let rest =
            self.begun_run.filter(|begun| *begun == device).and_then(|_| self.store.ahead(device).ok().flatten());
        if let Some(rest) = rest {
            return LogEnd { last: rest.last(), signature: Some(rest.signature) };
        }
        let last = self.vector.of(device);
        let end = self.store.entry(device, last).ok().flatten();
        LogEnd { last, signature: end.and_then(|signed| signed.signature) }
    }
}
