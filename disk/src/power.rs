//! Power that fails between two effects on a disk. Every room that writes asks here before each effect; in a program the
//! answer is always that it holds. A simulated story lets it fail after so many effects of its own thread: from then on
//! nothing reaches the disk any more, until it is told that the power is back.

use std::cell::Cell;
use std::io;

thread_local! {
    /// How many effects of this thread there is power for; any number where nobody has set one.
    static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
}

/// The power fails after so many effects more.
pub fn fails_after(effects: u32) {
    LEFT.set(Some(effects));
}

/// Whether there is none any more.
pub fn has_failed() -> bool {
    LEFT.get() == Some(0)
}

/// The power is back, or was never away. Says whether it had failed.
pub fn returns() -> bool {
    let failed = has_failed();
    LEFT.set(None);
    failed
}

/// One effect is about to reach the disk.
pub fn holds() -> io::Result<()> {
    match LEFT.get() {
        None => Ok(()),
        Some(0) => Err(io::Error::other("the power has failed")),
        Some(left) => {
            LEFT.set(Some(left - 1));
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_until_somebody_lets_it_fail_and_stays_away_until_it_returns() {
        assert!(holds().is_ok() && !returns());
        fails_after(1);
        assert!(holds().is_ok() && holds().is_err() && holds().is_err() && has_failed());
        assert!(returns() && holds().is_ok());
        fails_after(5);
        assert!(!returns());
    }
}
