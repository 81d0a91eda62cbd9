//! A made-up company of any size, the same at every run: customers with address, products, quotes with
//! three to six lines, orders. It is written as a colleague's log, so that a device takes it in by the road on which
//! everything of colleagues comes.

mod amended;
mod chance;
mod record;
mod words;

pub use amended::amended;
pub use chance::Chance;

use anyhow::{Context, Result};
use mera_schema::document::{self, Document, Moment};
use mera_schema::{Edit, Heads, RecordDef, RecordId, RecordKind, RecordRef};
use mera_sync_protocol::{Content, DeviceKey, Entry, EntryKind, Hlc, Payload, Place, Run, SignedEntry, Subject};
use mera_trust::{GroupKeys, Membership, SealingKey, SignedStatement};
use std::collections::HashMap;

/// Raised with every change of what is made, so that a folder of another making is never taken for this one.
pub const GENERATOR: u32 = 3;

/// Entries written at a time: few enough that a run stays below its limit of bytes.
const RUN: usize = 200;
/// When the company's first record was written: 1 September 2025.
const BEGAN: u64 = 1_756_684_800_000;
/// Between two records.
const STEP: u64 = 300_000;
/// Every so many records, one is changed again by a later entry.
const CHANGED_AGAIN: usize = 4;

/// Everything that is written, in its order: which record, and what of it.
pub struct Plan {
    records: usize,
    written: usize,
    chance: Chance,
    known: record::Known,
    /// Records that are changed again in the next part.
    again: Vec<RecordRef>,
}

/// One record made or changed.
pub struct Step {
    /// Which.
    pub record: RecordRef,
    /// What is said of it.
    pub edits: Vec<Edit>,
    /// By which clock, in milliseconds since 1970.
    pub millis: u64,
    /// It is changed again later.
    again: bool,
}

impl Plan {
    /// What makes so many records.
    pub fn of(records: usize) -> Self {
        Self { records, written: 0, chance: Chance::of(1), known: record::Known::default(), again: Vec::new() }
    }

    /// The next part of it, for one run; empty when all is written.
    pub fn next_part(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        for record in std::mem::take(&mut self.again) {
            let edits = vec![record::amendment(record.kind, &mut self.chance)];
            steps.push(Step { record, edits, millis: self.millis(), again: false });
        }
        while steps.len() < RUN && self.written < self.records {
            let millis = self.millis();
            let record = RecordRef::new(record::kind(self.written), RecordId::new(self.chance.identity(millis)));
            let edits = record::edits(record, self.written, millis, &mut self.chance, &mut self.known);
            let again = self.written.is_multiple_of(CHANGED_AGAIN);
            if again {
                self.again.push(record);
            }
            steps.push(Step { record, edits, millis, again });
            self.written += 1;
        }
        steps
    }

    fn millis(&self) -> u64 {
        BEGAN + self.written as u64 * STEP
    }
}

/// The colleague who wrote it all.
pub struct Colleague {
    key: DeviceKey,
    keys: GroupKeys,
    /// Where the next entry stands.
    at: Place,
    plan: Plan,
    /// The records that get a second change in the next run.
    again: HashMap<RecordRef, Document>,
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
        Ok(Self { key, keys, at, plan: Plan::of(records), again: HashMap::new() })
    }

    /// How many records have been written.
    pub fn written(&self) -> usize {
        self.plan.written
    }

    /// The next part of the log; nothing when all is written.
    pub fn next_run(&mut self) -> Result<Option<Run>> {
        let (first, previous) = (self.at.seq, self.at.previous);
        let mut entries = Vec::new();
        for Step { record, edits, millis, again } in self.plan.next_part() {
            let known = self.again.remove(&record);
            let found = known.is_none();
            let mut doc = known.unwrap_or_else(|| Document::found(RecordDef::of(record.kind)));
            let change = self.edit(record.kind, &mut doc, &edits, millis)?;
            let chunk = if found { doc.chunks_since(&Heads::new()) } else { change };
            entries.push(self.write(record, chunk, millis)?);
            if again {
                self.again.insert(record, doc);
            }
        }
        if entries.is_empty() {
            return Ok(None);
        }
        let run = Run::cut(self.key.public(), first, previous, &entries);
        let run = run.filter(|run| run.last() + 1 == self.at.seq);
        run.context("a run of the made-up company is too large; write fewer entries at a time").map(Some)
    }

    fn edit(&self, kind: RecordKind, doc: &mut Document, edits: &[Edit], millis: u64) -> Result<Vec<u8>> {
        let millis = i64::try_from(millis)?;
        let moment = Moment { device: self.key.public().device(), millis };
        let seen = document::heads(doc);
        Ok(document::apply(doc, RecordDef::of(kind), &seen, edits, moment)?)
    }

    fn write(&mut self, record: RecordRef, chunk: Vec<u8>, millis: u64) -> Result<SignedEntry> {
        let time = Hlc { millis, counter: 0 };
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
