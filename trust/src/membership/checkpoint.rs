//! Checkpoints: from where on a company's logs are kept.

use super::Membership;
use super::extend::LAST_ENTRY;
use crate::{Statement, TrustFault};
use mera_schema::DeviceId;
use serde::{Deserialize, Serialize};

/// The last entry of a log that a checkpoint covers: its number, and its hash, from which the log goes on. A log of which
/// nothing is covered begins with number 0 and a hash of zeroes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Base {
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub hash: [u8; 32],
}

/// What an administrator's device says of the company's records: all that the logs say up to `base` stands once more, whole,
/// in the entries of its own log that follow on its own base, up to `end`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// How far each log is covered, in the order of the devices; a log that is not named is not covered.
    pub base: Vec<(DeviceId, Base)>,
    /// The last entry that may be in the records, of each log of which that is not what is covered, in the order of the devices:
    /// the maker goes on taking in what comes while it writes them.
    pub seen: Vec<(DeviceId, u64)>,
    /// How many statements the chain had when the first record was written: whose entries count was decided by then.
    pub begun: u32,
    /// The last of the entries that hold the records.
    pub end: Base,
    /// How many records they hold.
    pub records: u64,
}

impl Checkpoint {
    /// How far a log is covered.
    pub fn base_of(&self, device: DeviceId) -> Base {
        let found = self.base.binary_search_by_key(&device, |(device, _)| *device).ok();
        found.map(|index| self.base[index].1).unwrap_or_default()
    }

    /// Up to which entry of a log something may be in the records.
    pub fn seen_of(&self, device: DeviceId) -> u64 {
        let found = self.seen.binary_search_by_key(&device, |(device, _)| *device).ok();
        let seen = found.map(|index| self.seen[index].1).unwrap_or_default();
        seen.max(self.base_of(device).seq)
    }
}

/// The entries with a checkpoint's records: whose log, after which entry, up to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Records {
    maker: DeviceId,
    after: u64,
    end: u64,
}

/// A checkpoint that stands in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The number of its statement.
    pub number: u32,
    /// When it was said, in milliseconds since 1970 by the clock of its maker.
    pub time: u64,
    /// Whose log holds the records.
    pub maker: DeviceId,
    /// What it says.
    pub checkpoint: Checkpoint,
}

impl Reached {
    /// How far a log is covered.
    pub fn base_of(&self, device: DeviceId) -> Base {
        self.checkpoint.base_of(device)
    }

    /// Whether a replica that holds the logs so far holds everything that is covered.
    pub fn is_covered(&self, held: impl Fn(DeviceId) -> u64) -> bool {
        self.checkpoint.base.iter().all(|(device, base)| held(*device) >= base.seq)
    }
}

impl Membership {
    /// Whether an entry is one of those with the records of a checkpoint that stands. What others say of whole records, as an
    /// attempt at a checkpoint that came to nothing, may hold what counts no more since, and says nothing.
    pub fn has_records_in(&self, device: DeviceId, seq: u64) -> bool {
        self.records.iter().any(|one| one.maker == device && (one.after + 1..=one.end).contains(&seq))
    }

    /// The number of the last statement that called entries void; 0 where none did.
    pub fn voided(&self) -> u32 {
        self.voided
    }

    /// A checkpoint covers logs of members, as far as they count, and never less than the one before it.
    pub(super) fn reach_checkpoint(&mut self, checkpoint: &Checkpoint, said: &Statement) -> Result<(), TrustFault> {
        let maker = said.signer.device();
        if checkpoint.begun < self.voided {
            return Err(TrustFault::CheckpointOvertaken);
        }
        let ordered = checkpoint.base.windows(2).all(|pair| pair[0].0 < pair[1].0)
            && checkpoint.seen.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let covered = checkpoint.base.iter().map(|(device, base)| (*device, base.seq));
        let counts = covered.chain(checkpoint.seen.iter().copied()).all(|(device, seq)| {
            let standing = self.devices.get(&device);
            (1..=LAST_ENTRY).contains(&seq)
                && standing.is_some_and(|one| one.revoked.as_ref().is_none_or(|end| seq <= end.last))
        });
        let goes_on = self.checkpoint.as_ref().is_none_or(|before| {
            let covered = before.checkpoint.base.iter().all(|(device, base)| {
                let now = checkpoint.base_of(*device);
                now.seq > base.seq || now == *base
            });
            // The records of the former checkpoint are entries like any others: they are let go of as a whole.
            covered && checkpoint.base_of(before.maker).seq >= before.checkpoint.end.seq
        });
        let begun = checkpoint.begun < said.number;
        let behind = checkpoint.end.seq > checkpoint.base_of(maker).seq && checkpoint.end.seq <= LAST_ENTRY;
        if !(begun && ordered && counts && goes_on && behind) {
            return Err(TrustFault::CheckpointUnfit);
        }
        let checkpoint = checkpoint.clone();
        self.records.push(Records { maker, after: checkpoint.base_of(maker).seq, end: checkpoint.end.seq });
        self.checkpoint = Some(Reached { number: said.number, time: said.time, maker, checkpoint });
        Ok(())
    }

    /// What the newest checkpoint covers, what may be in its records, and the entries that hold them, cannot be called void any
    /// more: nobody can judge them anew.
    pub(super) fn leaves_covered(&self, device: DeviceId, last: u64) -> Result<(), TrustFault> {
        let Some(reached) = &self.checkpoint else { return Ok(()) };
        let records = if reached.maker == device { reached.checkpoint.end.seq } else { 0 };
        if last >= reached.checkpoint.seen_of(device).max(records) { Ok(()) } else { Err(TrustFault::BeforeCheckpoint) }
    }
}
