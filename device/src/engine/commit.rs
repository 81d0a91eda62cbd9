//! One durable commit: the outbox first, then documents, log, facts and bookkeeping in one batch, then the views.

use super::alone::Alone;
use super::erasing::Going;
use super::{Engine, Open, Unsent};
use crate::DeviceFault;
use crate::store::{Batch, FOLD_AFTER, RecordRow, SetAside, Standing, Stands};
use mera_business::facts;
use mera_device_api::Notice;
use mera_schema::document::{self, Document};
use mera_schema::{DeviceId, RecordKind, RecordRef};
use mera_sync_protocol::{Collection, Content, ENTRY_LIMIT, Entry, EntryKind, Payload, Place, SignedEntry, Subject};

impl Engine {
    /// Commits one's own chunks as one entry. When it returns, the entry survives a power cut. The documents have
    /// taken the chunks already; if anything fails they are let go of, so that nobody reads what was not saved.
    pub(super) fn commit(&mut self, chunks: Vec<(RecordRef, Vec<u8>)>) -> Result<(), DeviceFault> {
        let committed = self.try_commit(chunks);
        if committed.is_err() {
            self.open.clear();
        }
        committed
    }

    fn try_commit(&mut self, chunks: Vec<(RecordRef, Vec<u8>)>) -> Result<(), DeviceFault> {
        self.may_write(chunks.iter().map(|(record, _)| record.kind))?;
        let contents = chunks.iter().map(|(record, chunk)| (Subject::from(*record), chunk.clone())).collect();
        self.commit_entry(EntryKind::CHANGES, contents, chunks)
    }

    /// Commits an entry that says something of each of its subjects; `chunks` are what documents have taken of it.
    pub(super) fn commit_entry(
        &mut self,
        kind: EntryKind,
        contents: Vec<(Subject, Vec<u8>)>,
        chunks: Vec<(RecordRef, Vec<u8>)>,
    ) -> Result<(), DeviceFault> {
        self.may_commit()?;
        let seq = self.vector.of(self.device) + 1;
        let time = self.time.tick(self.world.millis());
        let (subjects, contents) = contents.into_iter().unzip();
        let (epoch, payload) = (self.members.now().epoch(), Payload::default());
        let mut entry = Entry { time, kind, epoch, subjects, payload };
        let at = self.own_place(seq);
        Content::seal(&mut entry, &at, contents, self.members.keys())?;
        // A relay refuses a larger one, and everything behind it would wait for ever.
        let bytes = entry.payload.length();
        if bytes > ENTRY_LIMIT {
            return Err(DeviceFault::TooLarge { bytes });
        }
        self.save(seq, &SignedEntry::write(&self.key, &at, entry), chunks)
    }

    /// Whether this device may write on its log now.
    pub(super) fn may_commit(&self) -> Result<(), DeviceFault> {
        if self.broken {
            return Err(DeviceFault::MustRestart);
        }
        if self.is_whole() { Ok(()) } else { Err(DeviceFault::Recovering) }
    }

    /// Saves the next entry of one's own log, and brings it into store and views.
    pub(super) fn save(
        &mut self,
        seq: u64,
        signed: &SignedEntry,
        chunks: Vec<(RecordRef, Vec<u8>)>,
    ) -> Result<(), DeviceFault> {
        self.outbox.append(seq, signed)?;
        // From here on the entry is saved. Whatever fails now is done again from the outbox when the device opens.
        self.broken = true;
        self.settle_own(seq, signed, chunks, Vec::new())
            .map_err(|cause| DeviceFault::SavedNotShown(cause.to_string()))?;
        self.broken = false;
        Ok(())
    }

    /// Refuses what the roles of this device's person do not allow, or a device that is no member any more.
    pub(super) fn may_write(&self, kinds: impl IntoIterator<Item = RecordKind>) -> Result<(), DeviceFault> {
        let members = self.members.now();
        members.admits(self.device)?;
        let roles = members.roles_on(self.device).unwrap_or_default();
        match kinds.into_iter().find(|kind| !roles.may_write(Collection::of(*kind))) {
            Some(kind) => Err(DeviceFault::NoRight(kind)),
            None => Ok(()),
        }
    }

    /// Where the next entry of one's own log stands.
    pub(super) fn own_place(&self, seq: u64) -> Place {
        Place { workspace: self.identity.workspace, device: self.device, seq, previous: self.head }
    }

    /// Brings one's own entry, which stands in the outbox, into store and views.
    pub(super) fn settle_own(
        &mut self,
        seq: u64,
        signed: &SignedEntry,
        chunks: Vec<(RecordRef, Vec<u8>)>,
        aside: Vec<SetAside>,
    ) -> Result<(), DeviceFault> {
        let mut batch = Batch::default();
        aside.into_iter().for_each(|aside| self.tell_aside(&mut batch, aside));
        batch.entry(self.device, seq, signed);
        if signed.entry.kind == EntryKind::JUDGEMENT {
            batch.judgement(self.device, seq);
        }
        batch.author(&self.author(seq));
        let records: Vec<RecordRef> = chunks.iter().map(|(record, _)| *record).collect();
        let going = self.going(self.device, std::iter::once((seq, &signed.entry)));
        let changes = chunks.into_iter().map(|(record, chunk)| Change::InDocument(record, chunk)).collect();
        self.settle(batch, (self.device, seq), changes, &going)?;
        self.vector.reach(self.device, seq);
        self.head = signed.hash;
        self.time = self.time.max(signed.entry.time);
        self.unsent.insert(seq, Unsent { since: signed.entry.time.millis, records });
        Ok(())
    }

    /// Writes what documents have taken in: chunks, facts and digest join the batch, and the views follow the disk. Records
    /// that are erased go in the same commit.
    pub(super) fn settle(
        &mut self,
        mut batch: Batch,
        (by, seq): (DeviceId, u64),
        changes: Vec<Change>,
        going: &Going,
    ) -> Result<(), DeviceFault> {
        let mut books = self.books.clone();
        self.let_go(&mut batch, &mut books.digests, going)?;
        let mut changed = Vec::new();
        for change in changes {
            let (record, old, row) = self.keep(&mut batch, change, (by, seq))?;
            if let Some(old) = &old {
                books.digests.toggle(record, &old.heads);
            }
            books.digests.toggle(record, &row.heads);
            batch.row(record, &row);
            changed.push((record, old, row));
        }
        batch.bookkeeping(&books);
        let mut vector = self.vector.clone();
        vector.reach(by, seq);
        batch.standing(&Standing { digests: books.digests.clone(), vector });
        self.store.commit(batch)?;
        self.books = books;
        // Views that are made anew hold what this commit has written.
        let anew = self.have_gone(going)?;
        let mut records: Vec<RecordRef> = going.records().collect();
        for (record, old, row) in changed {
            if !anew {
                self.views.replace(record, old.as_ref().map_or(&[], |old| &old.facts), row.facts);
            }
            self.note_number(record);
            records.push(record);
        }
        if !records.is_empty() {
            // More than a screen could show is announced as "more than are worth listing".
            let records = if records.len() > 100 { Vec::new() } else { records };
            self.notices.push(Notice::Changed { records });
        }
        self.notices.push(Notice::Sync);
        Ok(())
    }

    /// Writes a change with a commit, the last entry of which is `last`: of which record, what its row was, and what it is now.
    fn keep(&mut self, batch: &mut Batch, change: Change, last: (DeviceId, u64)) -> Result<Kept, DeviceFault> {
        match change {
            Change::Alone(alone) => {
                let stands = alone.keep(batch);
                let Alone { record, old, heads, facts, .. } = *alone;
                Ok((record, old, RecordRow { heads, last, stands, facts }))
            }
            Change::InDocument(record, chunk) => {
                let old = self.store.row(record)?;
                let open = self.document(record)?;
                let stands = keep(batch, record, open, &chunk);
                let heads = document::heads(&mut open.doc);
                let facts = facts::facts(&document::read(&mut open.doc, record));
                Ok((record, old, RecordRow { heads, last, stands, facts }))
            }
        }
    }
}

type Kept = (RecordRef, Option<RecordRow>, RecordRow);

/// How a commit changes a record.
pub(super) enum Change {
    /// Its document has taken in this chunk.
    InDocument(RecordRef, Vec<u8>),
    /// It was read from its changes alone.
    Alone(Box<Alone>),
}

/// A chunk joins its document on disk; now and then the chunks are folded into a new snapshot.
fn keep(batch: &mut Batch, record: RecordRef, open: &mut Open, chunk: &[u8]) -> Stands {
    let stands = match open.stands {
        Some(stands) if !open.fold && stands.chunks < FOLD_AFTER => batch.chunk(record, chunk, stands),
        former => batch.snapshot(record, &Document::save(&mut open.doc), former),
    };
    (open.stands, open.fold) = (Some(stands), false);
    stands
}
