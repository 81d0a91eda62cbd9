//! A part of a colleague's log, taken in with one commit. What its entries say is read first, on every processor, for that changes
//! nothing here; then documents, logs and lists follow in the order in which it was written.

use super::Engine;
use super::alone::Alone;
use super::commit::Change;
use super::erasing::Going;
use super::judged::Found;
use super::receive::InLog;
use crate::DeviceFault;
use crate::store::{Author, Batch};
use mera_schema::RecordRef;
use mera_sync_protocol::{EntryKind, Place, SignedEntry, Subject, Verified};
use mera_trust::Base;
use rayon::iter::Either;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::HashMap;

/// Entries below which another processor is not worth asking.
const AT_LEAST: usize = 4;

/// An entry as it is kept, and what was found in it.
struct Read<'a> {
    at: Place,
    kept: Cow<'a, SignedEntry>,
    /// Of what needs no document, only what a person should look at.
    found: Found,
    /// What it says of records, where that needs none.
    alone: Vec<Alone>,
}

/// What entries say of records, in the order in which it was written.
#[derive(Default)]
struct Said {
    changes: Vec<Change>,
    /// Where the chunks of a record stand in it.
    places: HashMap<RecordRef, usize>,
}

impl Said {
    fn in_document(&mut self, record: RecordRef, chunk: Vec<u8>) {
        match self.places.get(&record).and_then(|place| self.changes.get_mut(*place)) {
            Some(Change::InDocument(_, sum)) => sum.extend(chunk),
            _ => {
                self.places.insert(record, self.changes.len());
                self.changes.push(Change::InDocument(record, chunk));
            }
        }
    }
}

impl Engine {
    /// All entries of a run in one commit; each record is opened once, if at all. One's own entries, fetched again after a restore
    /// from a backup, come this way too.
    pub(super) fn settle_foreign(
        &mut self,
        new: &Verified,
        from: Option<Base>,
        in_log: InLog,
    ) -> Result<(), DeviceFault> {
        self.close_some();
        let last = new.first + new.entries.len() as u64 - 1;
        let (mut batch, mut said) = (Batch::default(), Said::default());
        if let Some(base) = from {
            batch.base(new.device, &base);
        }
        let going = self.erased_by(new);
        // What was made on something that counts no more, nobody makes again once its author is out.
        let (out, mut waits) = (self.members.now().admits(new.device).is_err(), Vec::new());
        for Read { at, kept, found, alone } in self.read_entries(new, &going, out) {
            self.time_goes_on(new.device, kept.entry.time);
            if in_log == InLog::NotYet || matches!(kept, Cow::Owned(_)) {
                batch.entry(new.device, at.seq, &kept);
            }
            if kept.entry.kind == EntryKind::JUDGEMENT {
                batch.judgement(new.device, at.seq);
            }
            if !found.aside.is_empty() {
                self.may_stand_on_entry(&mut batch, &kept);
            }
            for aside in found.aside {
                self.tell_aside(&mut batch, aside);
            }
            said.changes.extend(alone.into_iter().map(|alone| Change::Alone(Box::new(alone))));
            let mut brought = found.chunks;
            for (record, whole) in found.wholes {
                if self.is_news(record, &whole)? {
                    brought.push((record, whole.document));
                }
            }
            for (record, chunk) in brought {
                if self.document(record)?.doc.merge(&chunk).is_err() {
                    self.tell_unreadable(&mut batch, record, chunk);
                    continue;
                }
                if out && self.document(record)?.doc.misses_something() {
                    waits.push(record);
                }
                said.in_document(record, chunk);
            }
        }
        if !waits.is_empty() {
            self.may_stand_on(&mut batch, waits);
        }
        batch.author(&Author { key: new.author, last });
        self.settle(batch, (new.device, last), said.changes, &going)?;
        self.vector.reach(new.device, last);
        if new.device == self.device {
            self.head = new.entries.last().map_or(self.head, |end| end.hash);
        }
        Ok(())
    }

    /// Reads the entries of a run, in their order.
    fn read_entries<'a>(&self, new: &'a Verified, going: &Going, out: bool) -> Vec<Read<'a>> {
        let mut times: HashMap<Subject, u32> = HashMap::new();
        new.entries
            .iter()
            .flat_map(|signed| &signed.entry.subjects)
            .for_each(|one| *times.entry(*one).or_default() += 1);
        // A record of which several entries speak is put together in its document.
        let once = |record: RecordRef| !out && times.get(&record.into()) == Some(&1);
        let read = |(at, signed): &(Place, &'a SignedEntry)| self.read_entry(at, signed, going, once);
        let placed: Vec<(Place, &SignedEntry)> = new.placed().collect();
        placed.par_iter().with_min_len(AT_LEAST).map(read).collect()
    }

    fn read_entry<'a>(
        &self,
        at: &Place,
        signed: &'a SignedEntry,
        going: &Going,
        once: impl Fn(RecordRef) -> bool + Sync,
    ) -> Read<'a> {
        let (kept, mut found) = match self.without_erased(signed, going) {
            Cow::Borrowed(signed) => self.judged(at, signed),
            Cow::Owned(signed) => {
                let (kept, found) = self.judged(at, &signed);
                (Cow::Owned(kept.into_owned()), found)
            }
        };
        let (mut alone, chunks) = parted(found.chunks, |record, chunk| {
            Some(record).filter(|_| once(record)).and_then(|record| self.read_alone(at, record, chunk))
        });
        let (wholes_alone, wholes) = parted(found.wholes, |record, whole| {
            Some(record).filter(|_| once(record)).and_then(|record| self.read_whole(at, record, whole))
        });
        alone.extend(wholes_alone);
        (found.chunks, found.wholes) = (chunks, wholes);
        Read { at: *at, kept, found, alone }
    }
}

/// What could be read so, and what is left.
fn parted<T: Send>(
    said: Vec<(RecordRef, T)>,
    read: impl Fn(RecordRef, &T) -> Option<Alone> + Sync,
) -> (Vec<Alone>, Vec<(RecordRef, T)>) {
    let one = |(record, said): (RecordRef, T)| match read(record, &said) {
        Some(alone) => Either::Left(alone),
        None => Either::Right((record, said)),
    };
    if said.len() > AT_LEAST {
        return said.into_par_iter().with_min_len(AT_LEAST).partition_map(one);
    }
    let (mut alone, mut left) = (Vec::new(), Vec::new());
    for one in said.into_iter().map(one) {
        match one {
            Either::Left(read) => alone.push(read),
            Either::Right(said) => left.push(said),
        }
    }
    (alone, left)
}
