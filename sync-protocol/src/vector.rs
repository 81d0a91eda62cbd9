//! Version vectors (Parker et al., 1983): how far a replica has every device's log.

use mera_schema::DeviceId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The last entry held of each device's log; entries count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Vector(BTreeMap<DeviceId, u64>);

impl Vector {
    /// The last entry held of a device's log; 0 for none.
    pub fn of(&self, device: DeviceId) -> u64 {
        self.0.get(&device).copied().unwrap_or(0)
    }

    /// Notes that the log is held up to `seq`. Never goes back.
    pub fn reach(&mut self, device: DeviceId, seq: u64) {
        let held = self.0.entry(device).or_default();
        *held = (*held).max(seq);
    }

    /// Forgets what it holds of a device's log beyond `seq`.
    pub fn forget_beyond(&mut self, device: DeviceId, seq: u64) {
        if let Some(held) = self.0.get_mut(&device) {
            *held = seq.min(*held);
        }
    }

    /// How many entries it holds in all.
    pub fn entries(&self) -> u64 {
        self.0.values().fold(0, |sum, seq| sum.saturating_add(*seq))
    }

    /// Takes in everything another vector holds.
    pub fn join(&mut self, other: &Self) {
        other.iter().for_each(|(device, seq)| self.reach(device, seq));
    }

    /// Whether it holds at least as much as the other.
    pub fn covers(&self, other: &Self) -> bool {
        other.iter().all(|(device, seq)| self.of(device) >= seq)
    }

    /// Every log and how far it is held.
    pub fn iter(&self) -> impl Iterator<Item = (DeviceId, u64)> {
        self.0.iter().map(|(device, seq)| (*device, *seq))
    }
}

impl FromIterator<(DeviceId, u64)> for Vector {
    fn from_iter<I: IntoIterator<Item = (DeviceId, u64)>>(rows: I) -> Self {
        let mut vector = Self::default();
        rows.into_iter().for_each(|(device, seq)| vector.reach(device, seq));
        vector
    }
}
