//! A made-up company of any size, the same at every run: customers with address, products, quotes with
//! three to six lines, orders. It is written as a colleague's log, so that a device takes it in by the road on which
//! everything of colleagues comes.

mod chance;
mod record;
mod words;

pub use chance::Chance;

use anyhow::{Context, Result};
use mera_schema::document::{self, Document, Moment};
use mera_schema::{Edit, Heads, RecordDef, RecordId, RecordKind, RecordRef};
use mera_sync_protocol::{Content, DeviceKey, Entry, EntryKind, Hlc, Payload, Place, Run, SignedEntry, Subject};
use mera_trust::{GroupKeys, Membership, SealingKey, SignedStatement};

/// Raised with every change of what is made, so that a folder of another making is never taken for this one.
pub const GENERATOR: u32 = 2;

/// Entries written at a time: few enough that a run stays below its limit of bytes.
const RUN: usize = 200;
/// When the company's first record was written: 1 September 2025.
const BEGAN: u64 = 1_756_684_800_000;
/// Between two records.
const STEP: u64 = 300_000;
/// Every so many records, one is changed again by a later entry.
const CHANGED_AGAIN: usize = 4;

/// The colleague who wrote it all.
pub struct Colleague {
    key: DeviceKey,
    keys: GroupKeys,
    /// Where the next entry stands.
    at: Place,
    records: usize,
    written: usize,
    chance: Chance,
    known: record::Known,
    /// Records that get a second change in the next run.
    again: Vec<(RecordRef, Document)>,
}

impl Colleague {
    /// Their signing key.
    pub fn key() -> DeviceKey {
        DeviceKey::from_seed(&[7; 32])
    }

    /// The key that others seal to.
    pub fn sealing() -> SealingKey {
        SealingKey::from_seed(&[7; 32])
    }

    /// One who is about to write so many records, in the company of this chain.
    pub fn new(chain: &[SignedStatement], records: usize) -> Result<Self> {
        let key = Self::key();
        let (workspace, device) = (Membership::read(chain)?.workspace(), key.public().device());
        let mut keys = GroupKeys::default();
        chain.iter().try_for_each(|signed| keys.take(signed, 1, device, &Self::sealing()))?;
        let at = Place { workspace, device, seq: 1, previous: [0; 32] };
        let (chance, known) = (Chance::of(1), record::Known::default());
        Ok(Self { key, keys, at, records, written: 0, chance, known, again: Vec::new() })
    }

    /// How many records have been written.
    pub fn written(&self) -> usize {
        self.written
    }

    /// The next part of the log; nothing when all is written.
    pub fn next_run(&mut self) -> Result<Option<Run>> {
        let (first, previous) = (self.at.seq, self.at.previous);
        let mut entries = Vec::new();
        for (record, mut doc) in std::mem::take(&mut self.again) {
            let edit = record::amendment(record.kind, &mut self.chance);
            let chunk = self.edit(record.kind, &mut doc, &[edit])?;
            entries.push(self.write(record, chunk)?);
        }
        while entries.len() < RUN && self.written < self.records {
            let record = self.next_record();
            let mut doc = Document::found(RecordDef::of(record.kind));
            let edits = record::edits(record, self.written, self.millis(), &mut self.chance, &mut self.known);
            self.edit(record.kind, &mut doc, &edits)?;
            let chunk = doc.chunks_since(&Heads::new());
            entries.push(self.write(record, chunk)?);
            if self.written.is_multiple_of(CHANGED_AGAIN) {
                self.again.push((record, doc));
            }
            self.written += 1;
        }
        if entries.is_empty() {
            return Ok(None);
        }
        let run = Run::cut(self.key.public(), first, previous, &entries);
        let run = run.filter(|run| run.last() + 1 == self.at.seq);
        run.context("a run of the made-up company is too large; write fewer entries at a time").map(Some)
    }

    fn next_record(&mut self) -> RecordRef {
        let kind = record::kind(self.written);
        let id = self.chance.identity(self.millis());
        RecordRef::new(kind, RecordId::new(id))
    }

    fn millis(&self) -> u64 {
        BEGAN + self.written as u64 * STEP
    }

    fn edit(&self, kind: RecordKind, doc: &mut Document, edits: &[Edit]) -> Result<Vec<u8>> {
        let millis = i64::try_from(self.millis())?;
        let moment = Moment { device: self.key.public().device(), millis };
        let seen = document::heads(doc);
        Ok(document::apply(doc, RecordDef::of(kind), &seen, edits, moment)?)
    }

    fn write(&mut self, record: RecordRef, chunk: Vec<u8>) -> Result<SignedEntry> {
        let time = Hlc { millis: self.millis(), counter: 0 };
        let (subjects, payload) = (vec![Subject::from(record)], Payload::default());
        let mut entry = Entry { time, kind: EntryKind::CHANGES, epoch: 1, subjects, payload };
        Content::seal(&mut entry, &self.at, vec![chunk], &self.keys)?;
        let signed = SignedEntry::write(&self.key, &self.at, entry);
        self.at = self.at.next(signed.hash);
        Ok(signed)
    }
}

#[cfg(test)]
mod tests;
