//! A run on its way to a relay. Whose log it is and what its first entry follows the relay mostly knows as well as the device
//! that brings it; then neither travels.

use crate::{Entry, EntryHash, PublicKey, Run, Signature, SyncFault};
use serde::{Deserialize, Serialize};

/// The beginning of an entry's hash: enough to find that two logs went apart, not to vouch for one. The signature does that.
pub type Mark = [u8; 4];

/// A run that a device brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Brought {
    /// Of any log, and complete in itself.
    Whole(Run),
    /// Of the bringer's own log, where the relay has said that it holds it up to here.
    Onward(Onward),
}

/// A run without what the relay puts in again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onward {
    /// The number of the first entry.
    pub first: u64,
    /// The beginning of the hash of the entry before.
    pub follows: Mark,
    /// The entries.
    pub entries: Vec<Entry>,
    /// The author's signature of the log that ends with the last entry.
    pub signature: Signature,
}

impl From<Run> for Onward {
    fn from(Run { first, previous, entries, signature, .. }: Run) -> Self {
        Self { first, follows: mark(&previous), entries, signature }
    }
}

impl Brought {
    /// The number of the first entry.
    pub fn first(&self) -> u64 {
        match self {
            Self::Whole(run) => run.first,
            Self::Onward(onward) => onward.first,
        }
    }

    /// The number of the last entry.
    pub fn last(&self) -> u64 {
        let entries = match self {
            Self::Whole(run) => &run.entries,
            Self::Onward(onward) => &onward.entries,
        };
        self.first().saturating_add(entries.len() as u64).saturating_sub(1)
    }

    /// The run as its author signed it. `bringer` brings it, whose log is held here up to `held`, and `hash_at` tells the hash of
    /// an entry of that log. Where the one that is followed is not here, not yet or no more, the two must tell each other anew
    /// what they hold; where it is another one, the log has gone apart.
    pub fn restored(
        self,
        (bringer, held): (PublicKey, u64),
        hash_at: impl Fn(u64) -> Result<Option<EntryHash>, SyncFault>,
    ) -> Result<Run, SyncFault> {
        let Onward { first, follows, entries, signature } = match self {
            Self::Whole(run) => return Ok(run),
            Self::Onward(onward) => onward,
        };
        let before = first.checked_sub(1).ok_or(SyncFault::FrameUnreadable)?;
        let device = bringer.device();
        let previous = hash_at(before)?.ok_or(SyncFault::Gap { device, have: held, got: first })?;
        if mark(&previous) != follows {
            return Err(SyncFault::Fork { device, seq: before });
        }
        Ok(Run { author: bringer, first, previous, entries, signature })
    }
}

fn mark(hash: &EntryHash) -> Mark {
    let [a, b, c, d, ..] = *hash;
    [a, b, c, d]
}

#[cfg(test)]
mod tests;
