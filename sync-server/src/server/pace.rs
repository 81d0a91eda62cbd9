//! How fast somebody may send: a bucket of tokens, told the time and therefore the same at every run.

use super::refusal::Refusal;
use crate::{Rate, Tempo};
use std::time::Duration;

/// What a rested sender may send at once: this long at its rate.
const BURST: Duration = Duration::from_secs(4);

/// What was sent, as the moment at which all of it will have been due. Times count from the start of the relay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Bucket {
    due: Duration,
}

impl Bucket {
    /// The bucket after so much more, and how long it must wait first.
    fn with(self, now: Duration, amount: u64, rate: Rate) -> (Self, Duration) {
        let due = self.due.max(now).saturating_add(rate.time_for(amount));
        (Self { due }, due.saturating_sub(now + BURST))
    }
}

impl Rate {
    fn time_for(self, amount: u64) -> Duration {
        let nanoseconds = u128::from(amount) * 1_000_000_000 / u128::from(self.0.get());
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }
}

/// The pace of one sender: frames and bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    frames: Bucket,
    bytes: Bucket,
}

impl Pace {
    fn with(self, now: Duration, bytes: usize, tempo: Tempo) -> (Self, Duration) {
        let (frames, few) = self.frames.with(now, 1, tempo.frames);
        let (bytes, small) = self.bytes.with(now, bytes as u64, tempo.bytes);
        (Self { frames, bytes }, few.max(small))
    }

    /// Whether nothing is left of what was sent.
    pub fn rested(self, now: Duration) -> bool {
        self.frames.due.max(self.bytes.due) <= now
    }
}

/// A frame of a device of a company: how long it is held back. What would wait longer than `patience` is refused and
/// costs nothing.
pub fn hold_back(
    senders: [(&mut Pace, Tempo); 2],
    now: Duration,
    bytes: usize,
    patience: Duration,
) -> Result<Duration, Refusal> {
    let after = senders.map(|(pace, tempo)| (pace.with(now, bytes, tempo), pace));
    let wait = after.iter().map(|((_, wait), _)| *wait).max().unwrap_or_default();
    if wait > patience {
        return Err(Refusal::TooFast);
    }
    for ((after, _), pace) in after {
        *pace = after;
    }
    Ok(wait)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::num::NonZeroU64;

    const SECOND: Duration = Duration::from_secs(1);

    fn tempo(frames: u64, bytes: u64) -> Tempo {
        let rate = |n| Rate(NonZeroU64::new(n).unwrap());
        Tempo { frames: rate(frames), bytes: rate(bytes) }
    }

    #[test]
    fn a_burst_passes_then_the_rate_holds_and_rest_pays_for_it() {
        // Ten frames and a thousand bytes a second: forty frames or four thousand bytes at once.
        let (tempo, mut pace) = (tempo(10, 1_000), Pace::default());
        // At which second, how many frames of how many bytes, and how long the last of them waits, in milliseconds.
        let table = [
            (0, 40, 0, 0),
            (0, 1, 0, 100),
            (1, 9, 0, 0),
            (1, 2, 0, 200),
            (100, 1, 4_000, 0),
            (100, 1, 500, 500),
            (101, 1, 0, 0),
            (101, 1, 1_000, 500),
            (1_000, 1, 10_000, 6_000),
        ];
        for (second, frames, bytes, waits) in table {
            let mut last = Duration::ZERO;
            for _ in 0..frames {
                (pace, last) = pace.with(SECOND * second, bytes, tempo);
            }
            assert_eq!(last.as_millis(), waits, "at {second} s: {frames} frames of {bytes} bytes");
        }
        assert!(!pace.rested(SECOND * 1_009) && pace.rested(SECOND * 1_010));
    }

    #[test]
    fn whoever_waits_its_turn_is_never_faster_than_its_rate_beyond_one_burst() {
        let (tempo, mut pace, mut now, mut sent) = (tempo(1_000, 700), Pace::default(), Duration::ZERO, 0_u64);
        for round in 0..500_u64 {
            let bytes = 1 + round * 37 % 900;
            let (after, wait) = pace.with(now, usize::try_from(bytes).unwrap(), tempo);
            (pace, now, sent) = (after, now + wait, sent + bytes);
            // In thousandths of a byte, so that nothing is rounded.
            let most = 700 * (now + BURST).as_millis() + 1_000;
            assert!(u128::from(sent) * 1_000 <= most, "{sent} bytes after {now:?}");
        }
        let least = 700 * now.as_millis();
        assert!(
            now > SECOND * 60 && u128::from(sent) * 1_000 >= least,
            "and it is not held back more than that: {sent} after {now:?}"
        );
    }

    #[test]
    fn the_slower_of_device_and_company_counts_and_what_is_refused_costs_nothing() {
        let (device, company) = (tempo(10, 1_000_000), tempo(20, 1_000));
        let (mut one, mut all) = (Pace::default(), Pace::default());
        let mut send = |bytes| hold_back([(&mut one, device), (&mut all, company)], Duration::ZERO, bytes, SECOND);
        assert_eq!(send(4_000), Ok(Duration::ZERO));
        assert_eq!(send(1_001), Err(Refusal::TooFast), "a second and a thousandth is longer than the patience");
        assert_eq!(send(1_000), Ok(SECOND), "the refused frame was not counted");
        assert_eq!(send(1), Err(Refusal::TooFast));
    }
}
