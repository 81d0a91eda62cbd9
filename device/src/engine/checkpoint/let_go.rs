//! Letting go of the entries that a checkpoint covers, a little at a time: whoever works on the device waits for one step at most.

use super::{Engine, Unfolded};
use crate::DeviceFault;
use crate::store::{At, Batch, RecordRow, Stands};
use mera_schema::document::{self, Document};
use mera_schema::{DeviceId, RecordRef};
use mera_sync_protocol::{EntryKind, Subject, SyncFault};

impl Engine {
    /// Does a step. Whether there is more to do. What a power cut leaves is done the next time.
    pub fn let_go_some(&mut self) -> Result<bool, DeviceFault> {
        let done = self.try_let_go_some();
        self.noting_damage(done)
    }

    fn try_let_go_some(&mut self) -> Result<bool, DeviceFault> {
        // What a change of members asks of the records comes first, where it was interrupted: by a disk that was full, say.
        self.follow_chain()?;
        self.rebuild_what_waits()?;
        if self.begin_at_checkpoint()? || self.fold_some()? {
            return Ok(true);
        }
        for (device, _) in self.vector.iter() {
            if self.store.take_out_covered(device, self.members.keys())? {
                self.erasures.files_linger();
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Of the records in the next entry of the checkpoint, those that say the same here stand there from now on and nowhere
    /// else; of the others, what stands in pieces is written whole. What a power cut leaves of it is folded when people work on
    /// it. Whether there was anything to do.
    fn fold_some(&mut self) -> Result<bool, DeviceFault> {
        let Some(place) = self.checkpoints.unfolded.next() else { return Ok(false) };
        let folded = self.fold_entry(place);
        if folded.is_err() {
            // Documents in memory say of themselves what is not on disk.
            self.open.clear();
        }
        folded?;
        self.close_some();
        if self.checkpoints.unfolded.is_empty() {
            self.store.flush()?;
            self.outbox.tidy(self.books.acked)?;
        }
        Ok(true)
    }

    fn fold_entry(&mut self, (maker, seq): (DeviceId, u64)) -> Result<(), DeviceFault> {
        let mut batch = Batch::default();
        let previous = self.store.hash(maker, seq - 1)?.unwrap_or_default();
        let at = At { device: maker, seq, previous };
        let signed = self.store.entry(maker, seq)?.filter(|signed| signed.entry.kind == EntryKind::SNAPSHOT);
        let records = signed.iter().flat_map(|signed| &signed.entry.subjects).filter_map(Subject::record);
        for record in records {
            let Some(row) = self.store.row(record)? else { continue };
            // Also what an administrator's device wrote is looked at before what stands here goes.
            let document = self.store.document_at(record, at, self.members.keys());
            let same = document.ok().and_then(|document| Document::open(&document).ok());
            let same = same.is_some_and(|mut document| document::heads(&mut document) == row.heads);
            let stands = if same && !self.has_waiting(record, row.stands)? {
                batch.stands_at(record, at, row.stands)
            } else if row.stands.chunks > 0 {
                let whole = self.document(record)?.doc.save();
                batch.snapshot(record, &whole, Some(row.stands))
            } else {
                continue;
            };
            batch.row(record, &RecordRow { stands, ..row });
            if let Some(open) = self.open.get_mut(&record) {
                open.stands = Some(stands);
            }
        }
        Ok(self.store.commit(batch)?)
    }

    /// Whether a change stands with a record that waits for another one: it is no head, and is in no checkpoint. None is with a
    /// document that stands in one and has not been changed since.
    fn has_waiting(&mut self, record: RecordRef, stands: Stands) -> Result<bool, DeviceFault> {
        let untouched = stands.chunks == 0 && stands.entry.is_some();
        Ok(!untouched && self.document(record)?.doc.misses_something())
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
        self.checkpoints.unfolded = Unfolded::of(reached);
        Ok(true)
    }
}
