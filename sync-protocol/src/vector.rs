//! Version vectors (Parker et al., 1983): how far a replica has every device's log.

use mera_schema::DeviceId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The last entry held of each device's log; entries count from 1. Copies share their rows until one of them changes: of five
/// hundred devices that hold the same, a relay keeps one vector.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Vector(Arc<BTreeMap<DeviceId, u64>>);

impl Vector {
    /// The last entry held of a device's log; 0 for none.
    pub fn of(&self, device: DeviceId) -> u64 {
        self.0.get(&device).copied().unwrap_or(0)
    }

    /// Notes that the log is held up to `seq`. Never goes back.
    pub fn reach(&mut self, device: DeviceId, seq: u64) {
        if self.0.get(&device).is_none_or(|held| *held < seq) {
            Arc::make_mut(&mut self.0).insert(device, seq);
        }
    }

    /// Forgets what it holds of a device's log beyond `seq`.
    pub fn forget_beyond(&mut self, device: DeviceId, seq: u64) {
        if self.0.get(&device).is_some_and(|held| *held > seq) {
            Arc::make_mut(&mut self.0).insert(device, seq);
        }
    }

    /// How many entries it holds in all.
    pub fn entries(&self) -> u64 {
        self.0.values().fold(0, |sum, seq| sum.saturating_add(*seq))
    }

    /// Takes in everything another vector holds.
    pub fn join(&mut self, other: &Self) {
        if other.covers(self) {
            *self = other.clone();
        } else {
            other.iter().for_each(|(device, seq)| self.reach(device, seq));
        }
    }

    /// Whether it holds at least as much as the other.
    pub fn covers(&self, other: &Self) -> bool {
        if Arc::ptr_eq(&self.0, &other.0) {
            return true;
        }
        // Both are in the same order, so that one walk beside the other does without looking anything up.
        let mut mine = self.0.iter().peekable();
        other.iter().all(|(device, seq)| {
            while mine.next_if(|(before, _)| **before < device).is_some() {}
            seq == 0 || mine.peek().is_some_and(|(same, held)| **same == device && **held >= seq)
        })
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    pub(crate) fn device(number: u128) -> DeviceId {
        DeviceId::new(Uuid::from_u128(number))
    }

    /// Of up to six devices.
    pub(crate) fn vectors() -> impl Strategy<Value = Vector> {
        let row = (0..6_u128, 0..4_u64).prop_map(|(number, seq)| (device(number), seq));
        proptest::collection::vec(row, 0..8).prop_map(|rows| rows.into_iter().collect())
    }

    proptest! {
        #[test]
        fn it_covers_another_when_it_holds_as_much_of_each_log(one in vectors(), other in vectors()) {
            prop_assert_eq!(one.covers(&other), other.iter().all(|(device, seq)| one.of(device) >= seq));
        }

        #[test]
        fn what_is_joined_holds_the_most_of_each_log_and_the_copies_stay_as_they_were(one in vectors(), other in vectors()) {
            let (mut joined, kept) = (one.clone(), one.clone());
            joined.join(&other);
            for device in (0..6).map(device) {
                prop_assert_eq!(joined.of(device), one.of(device).max(other.of(device)));
            }
            prop_assert_eq!(one, kept);
        }
    }
}
