//! Making a checkpoint, in steps: people go on working in between, and what they write meanwhile is simply not covered.
//!
//! An attempt that ends half-way, with the program or with the right to it, leaves entries that say nothing new and go with the
//! next checkpoint.

use super::Engine;
use crate::DeviceFault;
use crate::engine::judging::SaidAgain;
use crate::store::SetAside;
use mera_schema::document;
use mera_schema::{DeviceId, RecordRef};
use mera_sync_protocol::{Content, Digest, ENTRY_LIMIT, Entry, EntryKind, Part, Payload, SignedEntry, Subject, Whole};
use mera_trust::{Base, Checkpoint, Intent, TrustFault};
use std::collections::VecDeque;

/// Bytes of documents in one entry: a few milliseconds of work, and no more waste for small records than one part in a
/// hundred.
const BYTES_AT_A_TIME: usize = 24 * 1024;
/// Records in it at most: who takes them takes an entry at once, and a person who works meanwhile waits for that.
const RECORDS_AT_A_TIME: usize = 32;
/// Erased records that are named in one entry.
const NAMES_AT_A_TIME: usize = 1_000;
/// Entries that are looked through in one step.
const LOOKED_AT: usize = 500;
/// Entries below which no checkpoint is worth its own size.
const WORTH_IT: u64 = 1_000;
/// How long an administrator's device that was seen is left to make the checkpoint, in milliseconds: a day.
const SEEN: u64 = 24 * 60 * 60 * 1000;

/// How far the making of a checkpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Making {
    /// So many records of so many are written.
    Goes {
        /// So many.
        done: u64,
        /// Of so many.
        of: u64,
    },
    /// All of it is written; the relay's word is waited for.
    Waits,
    /// It stands, or another one does.
    Stands,
}

/// A checkpoint that is being made.
pub(super) struct Work {
    /// How far each log is covered.
    base: Vec<(DeviceId, Base)>,
    /// Entries that have to be looked through: whose, after which, up to which.
    look: VecDeque<(DeviceId, u64, u64)>,
    /// Erased records that have to be named once more.
    gone: Vec<RecordRef>,
    /// Decisions about work that counts nowhere, which have to be said once more.
    decided: Vec<SaidAgain>,
    /// Records that have to be written.
    left: Vec<RecordRef>,
    written: u64,
    of: u64,
    /// What is to be said of it, once the last record is written.
    whole: Option<Checkpoint>,
    /// How many statements the chain had when it was begun.
    chain: u32,
}

impl Engine {
    /// Begins a checkpoint over everything that is here now, unless one is being made.
    pub fn begin_checkpoint(&mut self) -> Result<(), DeviceFault> {
        if self.checkpoints.work.is_some() {
            return Ok(());
        }
        self.may_make_checkpoint()?;
        let mut base = Vec::new();
        let mut look = VecDeque::new();
        for (device, seq) in self.vector.iter().filter(|(_, seq)| *seq > 0) {
            let missing = || mera_disk::DiskFault::Damaged(format!("the end of the log of {device}"));
            let hash = self.store.hash(device, seq)?.ok_or_else(missing)?;
            base.push((device, Base { seq, hash }));
            look.push_back((device, self.store.base(device)?.seq, seq));
        }
        let left: Vec<RecordRef> =
            self.store.rows().map(|row| row.map(|(record, _)| record)).collect::<Result<_, _>>()?;
        let (gone, of) = (self.erasures.records().collect(), left.len() as u64);
        let (decided, chain) = (self.decisions_to_say_again()?, self.members.now().length());
        self.checkpoints.work = Some(Work { base, look, gone, decided, left, written: 0, of, whole: None, chain });
        Ok(())
    }

    /// Does the next step of the checkpoint that is being made. A fault ends the attempt.
    pub fn make_some(&mut self) -> Result<Making, DeviceFault> {
        let Some(mut work) = self.checkpoints.work.take() else { return Ok(Making::Stands) };
        let making = self.go_on_with(&mut work);
        let making = self.noting_damage(making)?;
        if making != Making::Stands {
            self.checkpoints.work = Some(work);
        }
        Ok(making)
    }

    /// Whether this device should begin a checkpoint by itself: the history has outgrown the records, and no other
    /// administrator's device is more called upon.
    pub fn wants_checkpoint(&mut self) -> Result<bool, DeviceFault> {
        if self.checkpoints.work.is_some() || !self.link.connected || self.may_make_checkpoint().is_err() {
            return Ok(false);
        }
        let now = self.members.now();
        let (mut covered, mut records) = (0, 0);
        for (device, _) in self.vector.iter() {
            covered += self.store.base(device)?.seq;
        }
        if let Some(reached) = now.checkpoint() {
            records = reached.checkpoint.end.seq.saturating_sub(reached.base_of(reached.maker).seq);
        }
        let entries = self.vector.entries().saturating_sub(covered + records);
        if entries < WORTH_IT.max(self.checkpoints.weighed + self.checkpoints.weighed / 4) {
            return Ok(false);
        }
        let millis = self.world.millis();
        let mut seen = self.peers.spoke().filter(|(_, spoke)| spoke.saturating_add(SEEN) > millis);
        if seen.any(|(other, _)| now.administers(other) && other < self.device) {
            return Ok(false);
        }
        self.checkpoints.weighed = entries;
        let (logs, documents) = self.store.weight()?;
        Ok(logs > documents)
    }

    fn may_make_checkpoint(&self) -> Result<(), DeviceFault> {
        self.may_commit()?;
        self.members.now().admits(self.device)?;
        if !self.members.now().administers(self.device) {
            return Err(TrustFault::NotAdministrator.into());
        }
        if self.loads().is_some() {
            return Err(DeviceFault::Recovering);
        }
        let unreadable = |aside: &SetAside| aside.code == "sync.change_unreadable";
        if self.store.set_aside()?.iter().any(unreadable) { Err(DeviceFault::CheckpointNewer) } else { Ok(()) }
    }

    fn go_on_with(&mut self, work: &mut Work) -> Result<Making, DeviceFault> {
        let newest = self.members.now().checkpoint();
        if newest.is_some_and(|reached| reached.number > work.chain) {
            return Ok(Making::Stands);
        }
        // What was written before somebody was taken out may hold what counts no more.
        if self.members.now().voided() > work.chain {
            return Err(TrustFault::CheckpointOvertaken.into());
        }
        self.may_make_checkpoint()?;
        let goes = |work: &Work| Making::Goes { done: work.written, of: work.of };
        if let Some((device, after, last)) = work.look.pop_front() {
            let next = self.must_be_known(device, after, last)?;
            if next < last {
                work.look.push_front((device, next, last));
            }
        } else if !work.gone.is_empty() {
            let names = work.gone.split_off(work.gone.len().saturating_sub(NAMES_AT_A_TIME));
            self.write_erasure(names)?;
        } else if let Some(said) = work.decided.pop() {
            self.say_again(said)?;
        } else if !work.left.is_empty() {
            work.written += self.write_records(&mut work.left)?;
        } else {
            return self.say_checkpoint(work);
        }
        Ok(goes(work))
    }

    /// Everything that a checkpoint covers must be known to this program and open to this device, or it would be lost. Gives up
    /// to where it has looked.
    fn must_be_known(&self, device: DeviceId, after: u64, last: u64) -> Result<u64, DeviceFault> {
        let mut looked = after;
        let count = usize::try_from(last - after).unwrap_or(LOOKED_AT).min(LOOKED_AT);
        for row in self.store.log(device, after).take(count) {
            let entry = row?.entry;
            let known_kind = entry.kind.is_content() || entry.kind == EntryKind::ERASURE;
            let parts = entry.subjects.iter().zip(&entry.payload.0);
            let known = |(subject, part): (&Subject, &Part)| match part {
                Part::Present(part) => subject.record().is_some() && self.members.keys().has(part.group, entry.epoch),
                Part::Erased { .. } => true,
            };
            if !known_kind || !parts.into_iter().all(known) {
                return Err(DeviceFault::CheckpointNewer);
            }
            looked += 1;
        }
        Ok(if looked == after { last } else { looked })
    }

    /// Writes records whole into the next entry, and gives how many.
    fn write_records(&mut self, left: &mut Vec<RecordRef>) -> Result<u64, DeviceFault> {
        let (mut subjects, mut contents, mut bytes) = (Vec::new(), Vec::new(), 0);
        while bytes < BYTES_AT_A_TIME && subjects.len() < RECORDS_AT_A_TIME {
            let Some(record) = left.pop() else { break };
            if self.store.row(record)?.is_none() {
                // Erased meanwhile.
                continue;
            }
            let doc = &mut self.document(record)?.doc;
            let (mark, document) = (Digest::mark(record, &document::heads(doc)), doc.save());
            bytes += document.len();
            subjects.push(Subject::from(record));
            contents.push(Whole { mark, document }.encode());
        }
        self.close_some();
        if subjects.is_empty() {
            return Ok(0);
        }
        let (at, count) = (self.own_place(self.written() + 1), subjects.len() as u64);
        let (time, epoch) = (self.time.tick(self.world.millis()), self.members.now().epoch());
        let mut entry = Entry { time, kind: EntryKind::SNAPSHOT, epoch, subjects, payload: Payload::default() };
        Content::seal(&mut entry, &at, contents, self.members.keys())?;
        let bytes = entry.payload.length();
        if bytes > ENTRY_LIMIT {
            return Err(DeviceFault::TooLarge { bytes });
        }
        self.save(at.seq, &SignedEntry::write(&self.key, &at, entry), Vec::new())?;
        Ok(count)
    }

    /// Asks that it stand, once the relay holds all of it.
    fn say_checkpoint(&mut self, work: &mut Work) -> Result<Making, DeviceFault> {
        let whole = match &work.whole {
            Some(whole) => whole.clone(),
            None => work.whole.insert(self.whole(work)).clone(),
        };
        if self.relay().is_some() && (self.books.acked < whole.end.seq || !self.link.connected || self.wishes.wants()) {
            return Ok(Making::Waits);
        }
        self.wish(Intent::Checkpoint(whole))?;
        Ok(if self.relay().is_some() { Making::Waits } else { Making::Stands })
    }

    /// What is to be said now that the last record is written. People went on working meanwhile: what came of other logs behind
    /// what is covered may be in the records.
    fn whole(&self, work: &Work) -> Checkpoint {
        let covered = |device| work.base.iter().find(|(one, _)| *one == device).map_or(0, |(_, base)| base.seq);
        let others = self.vector.iter().filter(|(device, _)| *device != self.device);
        Checkpoint {
            base: work.base.clone(),
            seen: others.filter(|(device, seq)| *seq > covered(*device)).collect(),
            begun: work.chain,
            end: Base { seq: self.written(), hash: self.head },
            records: work.written,
        }
    }
}
