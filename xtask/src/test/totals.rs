//! Counts what the test runners report.

use std::fmt;

/// Tests that passed and tests that did not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Totals {
    passed: u32,
    failed: u32,
}

impl Totals {
    /// Adds the summaries found in a runner's output: nextest's `Summary [...] 3 tests run: 2 passed, 1 failed`, or
    /// `cargo test`'s `test result: ok. 2 passed; 1 failed`. Gives how many tests were added.
    pub fn add(&mut self, output: &str) -> u32 {
        let before = self.passed + self.failed;
        for line in output.lines() {
            let counts = match line.split_once("test result:") {
                Some((_, counts)) => counts,
                None if line.trim_start().starts_with("Summary [") => {
                    line.split_once("run:").map_or("", |split| split.1)
                }
                None => continue,
            };
            counts.split([',', ';', '.']).for_each(|count| self.count(count));
        }
        self.passed + self.failed - before
    }

    fn count(&mut self, count: &str) {
        let mut words = count.split_whitespace();
        let Some(Ok(number)) = words.next().map(str::parse::<u32>) else { return };
        match (words.next(), words.next()) {
            (Some("passed"), _) => self.passed += number,
            (Some("failed"), _) | (Some("timed"), Some("out")) | (Some("exec"), Some("failed")) => {
                self.failed += number
            }
            _ => {}
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(output: &str) -> (u32, u32) {
        let mut totals = Totals::default();
        totals.add(output);
        (totals.passed, totals.failed)
    }

    #[test]
    fn nextest_is_understood() {
        assert_eq!(counted("     Summary [   0.003s] 3 tests run: 3 passed, 0 skipped"), (3, 0));
        let bad = "Summary [  9.1s] 12/14 tests run: 8 passed (2 slow, 1 flaky), 3 failed, 1 timed out, 2 skipped";
        assert_eq!(counted(bad), (8, 4));
        assert_eq!(counted("Summary [   0.1s] 1 test run: 0 passed, 1 exec failed, 0 skipped"), (0, 1));
    }

    #[test]
    fn cargo_test_is_understood_and_summed() {
        let two = "test result: ok. 2 passed; 0 failed; 1 ignored\ntest result: FAILED. 1 passed; 4 failed; 0 ignored";
        assert_eq!(counted(two), (3, 4));
    }

    #[test]
    fn other_lines_do_not_count() {
        assert_eq!(counted("7 passed, 1 failed\n  Compiling 3 passed v1"), (0, 0));
    }
}
