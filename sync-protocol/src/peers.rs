//! How far everybody is, as a relay tells it.

use crate::{PeerState, Vector};
use mera_schema::DeviceId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far each device of a company is. Most hold what the relay holds: what is told of each is only in what it differs, or what is
/// told of five hundred devices would grow with their square.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Peers {
    /// How far the relay holds every log.
    logs: Vector,
    each: Vec<Peer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Peer {
    device: DeviceId,
    /// When it last spoke, in milliseconds since 1970 by the relay's clock.
    spoke: u64,
    /// The logs of which it has told to hold less or more than the relay, and how far it holds them.
    but: BTreeMap<DeviceId, u64>,
}

impl Peers {
    /// What a relay tells that holds the logs as far as `logs`.
    pub fn told(logs: Vector, states: Vec<PeerState>) -> Self {
        let each = states.into_iter().map(|state| Peer::told(&logs, &state)).collect();
        Self { logs, each }
    }

    /// All but one: a device counts only the others.
    pub fn without(mut self, device: DeviceId) -> Self {
        self.each.retain(|peer| peer.device != device);
        self
    }

    /// Whether nothing is known of anybody.
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// How many devices hold a log up to an entry.
    pub fn holding(&self, log: DeviceId, seq: u64) -> usize {
        self.each.iter().filter(|peer| self.held(peer, log) >= seq).count()
    }

    /// Whether some device does not hold a log up to an entry.
    pub fn lack(&self, log: DeviceId, seq: u64) -> bool {
        self.holding(log, seq) < self.each.len()
    }

    /// Every device, and when it last spoke, in milliseconds since 1970 by the relay's clock.
    pub fn spoke(&self) -> impl Iterator<Item = (DeviceId, u64)> {
        self.each.iter().map(|peer| (peer.device, peer.spoke))
    }

    /// How far a device holds a log; 0 where nothing is known of it.
    pub fn of(&self, device: DeviceId, log: DeviceId) -> u64 {
        self.each.iter().find(|peer| peer.device == device).map_or(0, |peer| self.held(peer, log))
    }

    fn held(&self, peer: &Peer, log: DeviceId) -> u64 {
        peer.but.get(&log).copied().unwrap_or_else(|| self.logs.of(log))
    }
}

impl Peer {
    fn told(logs: &Vector, state: &PeerState) -> Self {
        let mut but = BTreeMap::new();
        // Those that are the same are told to be in one step.
        if state.vector != *logs {
            let all = logs.iter().chain(state.vector.iter()).map(|(log, _)| (log, state.vector.of(log)));
            but.extend(all.filter(|(log, seq)| logs.of(*log) != *seq));
        }
        Self { device: state.device, spoke: state.spoke, but }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::tests::{device, vectors};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_told_is_what_each_device_told(logs in vectors(), held in proptest::collection::vec(vectors(), 0..5)) {
            let states = held.iter().zip(10..).map(|(vector, n)| PeerState { device: device(n), vector: vector.clone(), spoke: 1 });
            let peers = Peers::told(logs, states.collect());
            for (log, seq) in (0..6).flat_map(|log| (0..5).map(move |seq| (device(log), seq))) {
                prop_assert_eq!(peers.holding(log, seq), held.iter().filter(|vector| vector.of(log) >= seq).count());
            }
        }
    }

    #[test]
    fn five_hundred_devices_that_hold_the_same_take_a_few_bytes_each() {
        let logs: Vector = (0..500).map(|n| (device(n), 1_000)).collect();
        let states = (0..500).map(|n| PeerState { device: device(n), vector: logs.clone(), spoke: 1 << 40 });
        let told = Peers::told(logs.clone(), states.collect());
        let bytes = postcard::to_allocvec(&told).map(|bytes| bytes.len());
        assert!(bytes.clone().is_ok_and(|bytes| bytes < 500 * 45), "{bytes:?}");
    }
}
