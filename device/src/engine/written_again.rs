//! What this device wrote on changes of a colleague's that count no more (decision 73). Its entries count, but what they say
//! waits in every document for changes that no log holds any more. The device that wrote it writes it again, as an entry of
//! its own, on what is left.
//!
//! Which records may hold such changes is noted in the batch in which the others go, and struck out once it is done: a
//! power cut between the two has it done at the next start, and twice is as good as once. What was set aside is what
//! they are read beside.

use super::Engine;
use super::judging::Works;
use crate::DeviceFault;
use crate::store::{Batch, SetAside};
use mera_device_api::Notice;
use mera_schema::document::{Document, WrittenAgain};
use mera_schema::{DeviceId, RecordRef};
use mera_sync_protocol::{Collection, Content, EntryKind, Place, SignedEntry, Subject, SyncFault};
use std::collections::BTreeSet;

/// What came of looking at a record.
enum Looked {
    /// There is nothing left to write.
    Done,
    /// It is looked at once more when something comes.
    Waits,
}

impl Engine {
    /// Something that was said of records counts no more: what was written here on it is to be written again.
    pub(super) fn may_stand_on(&mut self, batch: &mut Batch, void: impl IntoIterator<Item = RecordRef>) {
        self.stand_on_void.extend(void);
        batch.waits_to_be_written(&self.stand_on_void);
    }

    /// The same for an entry that is set aside as it comes.
    pub(super) fn may_stand_on_entry(&mut self, batch: &mut Batch, void: &SignedEntry) {
        self.may_stand_on(batch, void.entry.subjects.iter().filter_map(Subject::record));
    }

    /// Writes again what this device wrote on changes that count no more, as far as it can now.
    pub(super) fn write_again_what_stood_on_void(&mut self) -> Result<(), DeviceFault> {
        let idle = self.stand_on_void.is_empty() || self.may_commit().is_err() || self.expelled().is_some();
        // A record that is to be made anew still shows what counts no more.
        if idle || !self.store.to_rebuild()?.is_empty() {
            return Ok(());
        }
        let records = std::mem::take(&mut self.stand_on_void);
        let (mut left, mut written, mut works) = (BTreeSet::new(), Vec::new(), None);
        for record in records.clone() {
            self.close_some();
            let before = self.written();
            match self.look_again(record, &mut works) {
                Ok(Looked::Done) => {}
                Ok(Looked::Waits) => drop(left.insert(record)),
                Err(fault) => {
                    self.open.clear();
                    self.stand_on_void = records;
                    return Err(fault);
                }
            }
            if self.written() > before {
                written.push(record);
            }
        }
        let changed = left != records;
        self.stand_on_void = left;
        if changed {
            let mut batch = Batch::default();
            batch.waits_to_be_written(&self.stand_on_void);
            self.store.commit(batch)?;
            self.store.flush()?;
        }
        if !written.is_empty() {
            self.notices.push(Notice::Changed { records: written });
        }
        Ok(())
    }

    /// Whether changes of a device wait in a record for others that count no more, and were not written again: they are in the
    /// log, and nobody sees what they say.
    pub fn waits_for_void(&mut self, record: RecordRef, device: DeviceId) -> Result<bool, DeviceFault> {
        self.close_some();
        Ok(self.document(record)?.doc.has_waiting(device))
    }

    fn look_again(&mut self, record: RecordRef, works: &mut Option<Works>) -> Result<Looked, DeviceFault> {
        let told = SetAside::not_written_again(record);
        let device = self.device;
        if self.erasures.has(&record.into()) {
            return self.no_more(&told);
        }
        self.set_aside_what_nobody_writes_again(record)?;
        let may = self.may_write([record.kind]).is_ok();
        if !self.document(record)?.doc.has_waiting(device) {
            // Whoever may not read a record does not know.
            let reads = self.my_roles().may_read(Collection::of(record.kind).group());
            return if reads { self.no_more(&told) } else { Ok(Looked::Waits) };
        }
        if !may {
            if !self.store.set_aside()?.contains(&told) {
                self.keep_aside(&told)?;
                self.link.trouble = Some(mera_device_api::Refused::new(&told.code, told.says));
            }
            return Ok(Looked::Waits);
        }
        let works = match works {
            Some(works) => works,
            None => works.insert(self.works()?),
        };
        let mut beside = self.beside(record, works)?;
        let again = self.document(record)?.doc.write_own_again(record, &mut beside, device);
        let Ok(WrittenAgain { chunk, left }) = again else {
            // The document has taken in what will not be written.
            self.open.remove(&record);
            return Ok(Looked::Waits);
        };
        if !chunk.is_empty() {
            match self.commit(vec![(record, chunk)]) {
                Err(DeviceFault::TooLarge { .. }) => return Ok(Looked::Waits),
                committed => committed?,
            }
        }
        if left { Ok(Looked::Waits) } else { self.no_more(&told) }
    }

    /// Whoever wrote on what counts no more, and was taken out, writes nothing again: that waits for somebody who judges it.
    fn set_aside_what_nobody_writes_again(&mut self, record: RecordRef) -> Result<(), DeviceFault> {
        if !self.my_roles().may_judge() || !self.document(record)?.doc.misses_something() {
            return Ok(());
        }
        let devices = self.members.now().devices();
        let out: Vec<DeviceId> =
            devices.filter(|(_, standing)| standing.revoked.is_some()).map(|(device, _)| device).collect();
        let mut batch = Batch::default();
        for device in out {
            if !self.document(record)?.doc.has_waiting(device) {
                continue;
            }
            for (at, signed, chunk) in self.said_of(record, device)? {
                if self.document(record)?.doc.has_waiting_of(device, &chunk) {
                    let fault = SyncFault::StandsOnVoid { device, seq: at.seq };
                    self.set_aside_in_room(&mut batch, Some(device), SetAside::entry(&fault, &at, &signed))?;
                }
            }
        }
        Ok(self.store.commit(batch)?)
    }

    /// The changes of a record in a log, each with its entry.
    fn said_of(&self, record: RecordRef, log: DeviceId) -> Result<Vec<(Place, SignedEntry, Vec<u8>)>, DeviceFault> {
        let meant = |subject: &Subject| subject.record() == Some(record);
        let mut said = Vec::new();
        self.walk_log(log, &mut |at, signed| {
            if signed.entry.kind == EntryKind::CHANGES && signed.entry.subjects.iter().any(meant) {
                let opened = Content::open_of(&signed.entry, at, self.members.keys(), meant);
                let chunks = opened.map(|content| content.chunks).unwrap_or_default();
                said.extend(chunks.into_iter().map(|(_, chunk)| (*at, signed.clone(), chunk)));
            }
            Ok(())
        })?;
        Ok(said)
    }

    fn no_more(&self, told: &SetAside) -> Result<Looked, DeviceFault> {
        if self.store.set_aside()?.contains(told) {
            let mut batch = Batch::default();
            batch.forget_aside(told);
            self.store.commit(batch)?;
        }
        Ok(Looked::Done)
    }

    /// A record beside everything that was said of it and counts no more. Nobody sees it, and it is never stored.
    pub(super) fn beside(&self, record: RecordRef, works: &Works) -> Result<Document, DeviceFault> {
        let mut doc = self.copy_of(record)?;
        for chunk in self.void_of(record, works) {
            // What does not fit cannot be read, nor what was made on it.
            doc.merge(&chunk).ok();
        }
        Ok(doc)
    }
}
