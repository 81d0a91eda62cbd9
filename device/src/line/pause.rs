//! How long to wait before calling again: twice as long after each failure, and jittered, so that a hundred devices do
//! not call in one instant when a relay comes back ("full jitter").

use std::time::Duration;

/// The longest wait before the first new call.
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait of all.
const LONGEST: Duration = Duration::from_secs(60);

/// Counts failures in a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pause {
    failures: u32,
}

impl Pause {
    /// The wait after one more failure.
    pub fn after_failure(&mut self, chance: u16) -> Duration {
        let ceiling = FIRST.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        ceiling / 2 + ceiling / 2 * u32::from(chance) / u32::from(u16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_minute_and_differ_by_chance() {
        let mut pause = Pause::default();
        let waits: Vec<u128> = (0..9).map(|_| pause.after_failure(0).as_millis()).collect();
        assert_eq!(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!(pause.after_failure(u16::MAX), LONGEST);
        assert_eq!(Pause::default().after_failure(u16::MAX), FIRST);
        let mut tired = Pause { failures: u32::MAX };
        assert_eq!(tired.after_failure(u16::MAX), LONGEST);
    }
}
