//! Chance that is the same at every run: figures of two days can be compared, since the records were the same.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use uuid::Uuid;

/// A seeded source of chance.
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The source that follows from a seed.
    pub fn of(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number below another; the small bias of a remainder is of no consequence here.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.0.next_u64() % limit.max(1) as u64).unwrap_or(0)
    }

    /// A number from one to another, both included.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    /// One of several.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Fills the bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    /// An identity made at a moment.
    pub fn identity(&mut self, millis: u64) -> Uuid {
        let mut bytes = [0; 10];
        self.fill(&mut bytes);
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }
}
