//! Records made anew from the logs: when entries count no more, when there are new keys, or when a record went wrong.

use super::{Engine, judged};
use crate::DeviceFault;
use crate::store::{Batch, RecordRow, Standing};
use mera_business::facts;
use mera_device_api::Notice;
use mera_schema::document::{self, Document};
use mera_schema::{DeviceId, RecordRef};
use mera_sync_protocol::{Content, Place, SignedEntry, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// Records that are made anew in one pass over the logs: some 20 MB of open documents.
pub(super) const AT_A_TIME: usize = 1_000;

/// A record that is being made anew, and the entry that changed it last.
struct Anew {
    doc: Document,
    last: Option<(u64, DeviceId, u64)>,
}

/// What came of making records anew.
#[derive(Default)]
struct Remade {
    /// How many were not what the logs say.
    differed: u64,
    /// Whether some of them are not there any more.
    gone: bool,
}

impl Engine {
    /// Makes records anew that waited for it when the device was switched off.
    pub(super) fn rebuild_what_waits(&mut self) -> Result<(), DeviceFault> {
        let waiting = self.store.to_rebuild()?;
        if !waiting.is_empty() {
            self.rebuild(waiting.into_iter().collect())?;
        }
        Ok(())
    }

    /// Commits a batch after which records have to be made anew, and makes them. The batch names them, so that a power cut leaves
    /// none out.
    pub(super) fn commit_and_rebuild(
        &mut self,
        mut batch: Batch,
        again: BTreeSet<RecordRef>,
    ) -> Result<(), DeviceFault> {
        batch.waits_for_rebuild(&again.iter().copied().collect::<Vec<_>>());
        batch.standing(&Standing { digests: self.books.digests.clone(), vector: self.vector.clone() });
        self.store.commit(batch)?;
        self.store.flush()?;
        if !again.is_empty() {
            self.rebuild(again)?;
        }
        Ok(())
    }

    /// Makes records anew, and says how many were not what the logs say. They must have been named in the store as waiting
    /// for it, so that a power cut leaves none out.
    pub(super) fn rebuild(&mut self, records: BTreeSet<RecordRef>) -> Result<u64, DeviceFault> {
        self.open.clear();
        let erased = |record: &RecordRef| self.erasures.has(&(*record).into());
        let all: Vec<RecordRef> = records.into_iter().filter(|record| !erased(record)).collect();
        let mut anew = Remade::default();
        for part in all.chunks(AT_A_TIME) {
            let some = self.rebuild_some(part)?;
            anew = Remade { differed: anew.differed + some.differed, gone: anew.gone || some.gone };
        }
        if anew.gone {
            self.list_anew()?;
        }
        let mut batch = Batch::default();
        batch.waits_for_rebuild(&[]);
        self.store.commit(batch)?;
        self.store.flush()?;
        if anew.differed > 0 {
            self.notices.push(Notice::Changed { records: Vec::new() });
        }
        Ok(anew.differed)
    }

    /// Makes the views anew from the rows: lists have no way to let go of one, since records hardly ever go.
    pub(super) fn list_anew(&mut self) -> Result<(), DeviceFault> {
        self.views = crate::views::Views::default();
        Ok(self.views.take_in(self.store.rows().map(|row| row.map(|(record, row)| (record, row.facts))))?)
    }

    /// Every record of the given logs' entries that `touches` picks.
    pub(super) fn touched(
        &self,
        mut touches: impl FnMut(&Place, &SignedEntry, &Subject) -> bool,
    ) -> Result<BTreeSet<RecordRef>, DeviceFault> {
        let mut records = BTreeSet::new();
        self.walk(|at, signed| {
            let picked = signed.entry.subjects.iter().filter(|subject| touches(at, signed, subject));
            records.extend(picked.filter_map(Subject::record));
            Ok(())
        })?;
        Ok(records)
    }

    /// Every record of which a log says something.
    pub(super) fn touched_by(&self, log: DeviceId) -> Result<BTreeSet<RecordRef>, DeviceFault> {
        let mut records = BTreeSet::new();
        self.walk_log(log, &mut |_, signed| {
            records.extend(signed.entry.subjects.iter().filter_map(Subject::record));
            Ok(())
        })?;
        Ok(records)
    }

    /// Every entry of every log that is kept, each with its place.
    pub(super) fn walk(
        &self,
        mut each: impl FnMut(&Place, &SignedEntry) -> Result<(), DeviceFault>,
    ) -> Result<(), DeviceFault> {
        self.vector.iter().try_for_each(|(device, _)| self.walk_log(device, &mut each))
    }

    /// The same of one log.
    pub(super) fn walk_log(
        &self,
        device: DeviceId,
        each: &mut impl FnMut(&Place, &SignedEntry) -> Result<(), DeviceFault>,
    ) -> Result<(), DeviceFault> {
        let (base, last) = (self.store.base(device)?, self.vector.of(device));
        let mut at = Place { workspace: self.identity.workspace, device, seq: base.seq + 1, previous: base.hash };
        for row in self.store.log(device, base.seq) {
            let signed = row?;
            if at.seq > last {
                break;
            }
            each(&at, &signed)?;
            at = at.next(signed.hash);
        }
        Ok(())
    }

    fn rebuild_some(&mut self, records: &[RecordRef]) -> Result<Remade, DeviceFault> {
        let mut anew: BTreeMap<RecordRef, Anew> =
            records.iter().map(|record| (*record, Anew { doc: Document::empty(), last: None })).collect();
        self.walk(|at, signed| {
            let meant = |subject: &Subject| subject.record().is_some_and(|one| anew.contains_key(&one));
            if self.changes_no_record(at, signed) || !signed.entry.subjects.iter().any(meant) {
                return Ok(());
            }
            let opened = Content::open_of(&signed.entry, at, self.members.keys(), meant);
            let Ok(content) = opened else { return Ok(()) };
            for (subject, chunk) in content.chunks {
                let Ok(chunk) = judged::change(signed.entry.kind, chunk) else { continue };
                let Some(one) = subject.record().and_then(|record| anew.get_mut(&record)) else { continue };
                // What cannot be read was set aside when it came.
                if one.doc.merge(&chunk).is_ok() {
                    one.last = one.last.max(Some((signed.entry.time.millis, at.device, at.seq)));
                }
            }
            Ok(())
        })?;
        let mut batch = Batch::default();
        let mut changed = Vec::new();
        let mut books = self.books.clone();
        let mut differed = 0;
        for (record, mut one) in anew {
            let old = self.store.row(record)?;
            let former = old.as_ref().map(|old| old.stands);
            if let Some(old) = &old {
                books.digests.toggle(record, &old.heads);
            }
            let row = one.last.map(|(_, by, seq)| {
                let heads = document::heads(&mut one.doc);
                let facts = facts::facts(&document::read(&mut one.doc, record));
                let stands = batch.snapshot(record, &one.doc.save(), former);
                RecordRow { heads, last: (by, seq), stands, facts }
            });
            differed += u64::from(!self.stands(record, old.as_ref(), row.as_ref())?);
            match &row {
                Some(row) => {
                    books.digests.toggle(record, &row.heads);
                    batch.row(record, row);
                }
                None => batch.forget(record, former),
            }
            changed.push((record, old, row));
        }
        batch.bookkeeping(&books);
        batch.standing(&Standing { digests: books.digests.clone(), vector: self.vector.clone() });
        self.store.commit(batch)?;
        self.books = books;
        let gone = changed.iter().any(|(_, old, row)| old.is_some() && row.is_none());
        for (record, old, row) in changed {
            let old = old.map(|old| old.facts).unwrap_or_default();
            self.views.replace(record, &old, row.map(|row| row.facts).unwrap_or_default());
        }
        Ok(Remade { differed, gone })
    }

    /// Whether a record stands in the store as the logs say: its row and its document.
    fn stands(&self, record: RecordRef, old: Option<&RecordRow>, row: Option<&RecordRow>) -> Result<bool, DeviceFault> {
        let (Some(old), Some(row)) = (old, row) else { return Ok(old.is_none() && row.is_none()) };
        let bytes = match self.store.document_of(record, old, self.members.keys()) {
            Ok(bytes) => bytes,
            // The entry that it stood in may be what counts no more.
            Err(fault) if fault.is_damage() => return Ok(false),
            Err(fault) => return Err(fault),
        };
        let fits = Document::open(&bytes).is_ok_and(|mut doc| document::heads(&mut doc) == row.heads);
        Ok(fits && old.heads == row.heads && old.facts == row.facts)
    }
}
