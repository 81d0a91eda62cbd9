//! Hybrid logical time (Kulkarni et al., "Logical Physical Clocks", 2014): close to the wall clock, never going back.

use serde::{Deserialize, Serialize};

/// A moment that orders entries also where clocks disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Hlc {
    /// Milliseconds since 1970 by the clock that was furthest ahead.
    pub millis: u64,
    /// Distinguishes moments within one millisecond.
    pub counter: u32,
}

/// How far ahead another clock may be before it is no longer followed, in milliseconds: one day. A device whose clock
/// stands in 2099 would otherwise pull the whole company there.
const LARGEST_LEAP: u64 = 24 * 60 * 60 * 1000;

impl Hlc {
    /// The next moment at this device, whose clock shows `now`.
    pub fn tick(self, now: u64) -> Self {
        if now > self.millis {
            return Self { millis: now, counter: 0 };
        }
        match self.counter.checked_add(1) {
            Some(counter) => Self { counter, ..self },
            None => Self { millis: self.millis.saturating_add(1), counter: 0 },
        }
    }

    /// The later of this moment and one seen elsewhere, unless that clock is absurdly far ahead of `now`.
    pub fn observe(self, seen: Self, now: u64) -> Self {
        if seen.millis > now.saturating_add(LARGEST_LEAP) { self } else { self.max(seen) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_goes_back_and_absurd_clocks_are_not_followed() {
        let start = Hlc { millis: 1_000, counter: 0 };
        assert!(start.tick(900) > start, "a clock that was set back");
        assert_eq!(start.tick(2_000), Hlc { millis: 2_000, counter: 0 });
        let full = Hlc { millis: 1_000, counter: u32::MAX };
        assert!(full.tick(900) > full, "a colleague's counter that cannot go on");
        let ahead = Hlc { millis: 5_000, counter: 3 };
        assert_eq!(start.observe(ahead, 2_000), ahead);
        assert_eq!(start.observe(Hlc { millis: LARGEST_LEAP * 9, counter: 0 }, 2_000), start);
    }
}
