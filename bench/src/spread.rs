//! How a figure spreads over many samples.

use std::time::Duration;

/// Samples in ascending order.
pub struct Spread(Vec<f64>);

impl Spread {
    /// Samples in milliseconds.
    pub fn of_times(samples: &[Duration]) -> Self {
        Self::of(samples.iter().map(|sample| sample.as_secs_f64() * 1_000.0).collect())
    }

    /// Samples of any unit.
    pub fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        Self(samples)
    }

    /// The smallest sample that at least so many percent do not exceed (nearest rank).
    pub fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).or(self.0.last()).copied().unwrap_or(f64::NAN)
    }

    /// The least.
    pub fn least(&self) -> f64 {
        self.percentile(0)
    }

    /// The median.
    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// The most.
    pub fn most(&self) -> f64 {
        self.percentile(100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples_that_were_measured() {
        let spread = Spread::of((1..=200).rev().map(f64::from).collect());
        let found = [0, 50, 99, 100].map(|percent| spread.percentile(percent));
        assert_eq!(found, [1.0, 100.0, 198.0, 200.0]);
        assert_eq!(Spread::of(vec![7.0]).percentile(99), 7.0);
    }
}
