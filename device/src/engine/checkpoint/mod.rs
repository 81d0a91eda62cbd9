//! Checkpoints on this device (decision 60): taking the records of one instead of a long history, letting go of the entries
//! that it covers, and making one.

mod let_go;
mod make;

pub use make::Making;

use super::{Engine, Unsent};
use crate::DeviceFault;
use crate::store::{Author, Batch, Standing};
use make::Work;
use mera_device_api::{CheckpointRow, Loading, Notice};
use mera_schema::document::{self, Document};
use mera_schema::{DeviceId, RecordRef};
use mera_sync_protocol::{Digest, EntryHash, EntryKind, Subject, SyncFault, Verified, Whole, holds_records};
use mera_trust::{Base, Reached};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// What a device does about checkpoints.
#[derive(Default)]
pub(super) struct Checkpoints {
    /// The one that is being made here.
    work: Option<Work>,
    /// What is looked through still since a checkpoint was followed.
    unfolded: Unfolded,
    /// How many records of the newest one have come, while not all of them have.
    came: Option<u64>,
    /// The entries that were held when the history was last weighed.
    pub weighed: u64,
}

/// The entries with a checkpoint's records that may stand here in pieces, or twice.
#[derive(Default)]
struct Unfolded(Option<(DeviceId, RangeInclusive<u64>)>);

impl Unfolded {
    fn of(reached: &Reached) -> Self {
        Self(Some((reached.maker, reached.base_of(reached.maker).seq + 1..=reached.checkpoint.end.seq)))
    }

    fn next(&mut self) -> Option<(DeviceId, u64)> {
        let (maker, left) = self.0.as_mut()?;
        let seq = left.next();
        seq.map(|seq| (*maker, seq))
    }

    fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|(_, left)| left.is_empty())
    }
}

impl Engine {
    /// Goes on from the newest checkpoint where all of its records are here and less of the logs before it than it covers.
    pub(super) fn follow_checkpoint(&mut self) -> Result<(), DeviceFault> {
        let covered = |reached: &&Reached| reached.is_covered(|device| self.vector.of(device));
        let Some(reached) = self.members.now().checkpoint().filter(|reached| !covered(reached)).cloned() else {
            self.checkpoints.came = None;
            return Ok(());
        };
        if !self.holds_records(&reached)? {
            return Ok(());
        }
        let own = reached.base_of(self.device);
        let leaves_own = self.written() < own.seq;
        if leaves_own {
            self.may_leave_own_log(own)?;
        }
        let (mut batch, mut vector) = (Batch::default(), self.vector.clone());
        for (device, base) in &reached.checkpoint.base {
            if self.vector.of(*device) < base.seq {
                let standing = self.members.now().device(*device).ok_or(mera_trust::TrustFault::CheckpointUnfit)?;
                batch.author(&Author { key: standing.card.device, last: base.seq });
                batch.base(*device, base);
                vector.reach(*device, base.seq);
            }
        }
        let mut books = self.books.clone();
        if leaves_own {
            books.acked = books.acked.max(own.seq);
        }
        batch.bookkeeping(&books);
        batch.standing(&Standing { digests: books.digests.clone(), vector: vector.clone() });
        self.store.commit(batch)?;
        self.store.flush()?;
        (self.books, self.vector, self.checkpoints.came) = (books, vector, None);
        self.checkpoints.unfolded = Unfolded::of(&reached);
        if leaves_own {
            self.head = own.hash;
            self.unsent = self.unsent.split_off(&(own.seq + 1));
        }
        self.notices.push(Notice::Sync);
        Ok(())
    }

    /// Records whose entries came before the checkpoint that they belong to was said, and which said nothing then. Only a device
    /// that lacks what it covers has to look at them again.
    pub(super) fn records_came_before(&self, from: u32) -> Result<BTreeSet<RecordRef>, DeviceFault> {
        let mut records = BTreeSet::new();
        let Some(reached) = self.members.now().checkpoint().filter(|reached| reached.number > from) else {
            return Ok(records);
        };
        if reached.is_covered(|device| self.vector.of(device)) {
            return Ok(records);
        }
        let held = self.vector.of(reached.maker).min(reached.checkpoint.end.seq);
        for seq in reached.base_of(reached.maker).seq + 1..=held {
            let signed = self.store.entry(reached.maker, seq)?.filter(|one| one.entry.kind == EntryKind::SNAPSHOT);
            records.extend(signed.iter().flat_map(|one| &one.entry.subjects).filter_map(Subject::record));
        }
        Ok(records)
    }

    /// A device whose own log is shorter than what a checkpoint covers of it was restored, or its store was lost or set back; then
    /// it has written nothing since, and knows that its log goes on. One that has is a copy, and its entries stand at numbers that
    /// others hold differently.
    pub(super) fn may_leave_own_log(&self, base: Base) -> Result<(), DeviceFault> {
        let (device, written) = (self.device, self.written());
        let waits = self.unsent.range(..=written).any(|(_, unsent): (_, &Unsent)| !unsent.records.is_empty());
        if written < base.seq && waits && self.is_whole() && !self.store.restored()? {
            return Err(SyncFault::Fork { device, seq: self.books.acked + 1 }.into());
        }
        Ok(())
    }

    fn holds_records(&self, reached: &Reached) -> Result<bool, DeviceFault> {
        let hash_at = |device: DeviceId, seq: u64| -> Result<Option<EntryHash>, SyncFault> {
            self.store.hash(device, seq).map_err(|fault| SyncFault::Store(fault.to_string()))
        };
        Ok(holds_records(reached, &self.vector, hash_at)?)
    }

    /// Whether a whole record says anything that is not here.
    pub(super) fn is_news(&mut self, record: RecordRef, whole: &Whole) -> Result<bool, DeviceFault> {
        if self.store.row(record)?.is_some_and(|row| Digest::mark(record, &row.heads) == whole.mark) {
            return Ok(false);
        }
        let open = self.document(record)?;
        let before = document::heads(&mut open.doc);
        if open.doc.merge(&whole.document).is_err() {
            // Told by whoever merges it again.
            return Ok(true);
        }
        let news = document::heads(&mut open.doc) != before;
        open.fold |= news;
        Ok(news)
    }

    /// Counts the records of a checkpoint that came with a run.
    pub(super) fn count_records(&mut self, new: &Verified) {
        let Some(reached) = self.loads() else { return };
        if new.device == reached.maker {
            let last = new.first + new.entries.len() as u64;
            let came = records(reached, (new.first..last).zip(new.entries.iter().map(|signed| &signed.entry)));
            self.checkpoints.came = Some(self.checkpoints.came.unwrap_or(0) + came);
            self.notices.push(Notice::Sync);
        }
    }

    /// Counts them anew, when the device opens.
    pub(super) fn count_all_records(&mut self) -> Result<(), DeviceFault> {
        let Some(reached) = self.loads().cloned() else { return Ok(()) };
        let mut came = 0;
        for (seq, row) in (reached.base_of(reached.maker).seq + 1..)
            .zip(self.store.log(reached.maker, reached.base_of(reached.maker).seq))
        {
            came += records(&reached, std::iter::once((seq, &row?.entry)));
        }
        self.checkpoints.came = Some(came);
        Ok(())
    }

    /// The checkpoint whose records are on their way to this device.
    fn loads(&self) -> Option<&Reached> {
        let reached = self.members.now().checkpoint()?;
        let begun = self.store.base(reached.maker).ok()?.seq >= reached.base_of(reached.maker).seq;
        let empty = self.vector.of(reached.maker) == 0;
        let lacks = !reached.is_covered(|device| self.vector.of(device));
        (lacks && (begun || empty)).then_some(reached)
    }

    /// How far it has come.
    pub(super) fn loading(&self) -> Option<Loading> {
        let of = self.loads()?.checkpoint.records;
        Some(Loading { records: self.checkpoints.came.unwrap_or(0).min(of), of })
    }

    /// Bytes of all records, each saved alone: what stores are measured against.
    pub fn saved_bytes(&self) -> Result<u64, DeviceFault> {
        let mut bytes = 0;
        for row in self.store.rows() {
            let damaged = || DeviceFault::RecordDamaged("a record that is measured".into());
            let stored = self.store.document(row?.0, self.members.keys())?.ok_or_else(damaged)?;
            bytes += Document::open(&stored).map_err(|_| damaged())?.save().len() as u64;
        }
        Ok(bytes)
    }

    /// The newest checkpoint, for whoever looks.
    pub(super) fn checkpoint_row(&self) -> Option<CheckpointRow> {
        let reached = self.members.now().checkpoint()?;
        let when = i64::try_from(reached.time).ok().and_then(chrono::DateTime::from_timestamp_millis);
        let covers = reached.checkpoint.base.iter().map(|(_, base)| base.seq).sum();
        Some(CheckpointRow {
            when: when.unwrap_or_default(),
            by: self.person(reached.maker),
            records: reached.checkpoint.records,
            covers,
        })
    }
}

/// How many records of a checkpoint these entries of its maker's log hold.
fn records<'a>(reached: &Reached, entries: impl Iterator<Item = (u64, &'a mera_sync_protocol::Entry)>) -> u64 {
    let (after, end) = (reached.base_of(reached.maker).seq, reached.checkpoint.end.seq);
    let snapshots = entries.filter(|(seq, entry)| entry.kind == EntryKind::SNAPSHOT && (after + 1..=end).contains(seq));
    snapshots.map(|(_, entry)| entry.subjects.len() as u64).sum()
}
