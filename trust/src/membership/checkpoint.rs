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
    /// A checkpoint covers logs of members, as far as they count, and never less than the one before it.
    pub(super) fn reach_checkpoint(&mut self, checkpoint: &Checkpoint, said: &Statement) -> Result<(), TrustFault> {
        let maker = said.signer.device();
        let ordered = checkpoint.base.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let counts = checkpoint.base.iter().all(|(device, base)| {
            let standing = self.devices.get(device);
            (1..=LAST_ENTRY).contains(&base.seq)
                && standing.is_some_and(|one| one.revoked.as_ref().is_none_or(|end| base.seq <= end.last))
        });
        let goes_on = self.checkpoint.as_ref().is_none_or(|before| {
            let covered = before.checkpoint.base.iter().all(|(device, base)| {
                let now = checkpoint.base_of(*device);
                now.seq > base.seq || now == *base
            });
            // The records of the former checkpoint are entries like any others: they are let go of as a whole.
            covered && checkpoint.base_of(before.maker).seq >= before.checkpoint.end.seq
        });
        let behind = checkpoint.end.seq > checkpoint.base_of(maker).seq && checkpoint.end.seq <= LAST_ENTRY;
        if !(ordered && counts && goes_on && behind) {
            return Err(TrustFault::CheckpointUnfit);
        }
        let checkpoint = checkpoint.clone();
        self.checkpoint = Some(Reached { number: said.number, time: said.time, maker, checkpoint });
        Ok(())
    }

    /// What the newest checkpoint covers, and the entries that hold its records, cannot be called void any more: nobody can
    /// judge them anew.
    pub(super) fn leaves_covered(&self, device: DeviceId, last: u64) -> Result<(), TrustFault> {
        let Some(reached) = &self.checkpoint else { return Ok(()) };
        let records = if reached.maker == device { reached.checkpoint.end.seq } else { 0 };
        if last >= reached.base_of(device).seq.max(records) { Ok(()) } else { Err(TrustFault::BeforeCheckpoint) }
    }
}
