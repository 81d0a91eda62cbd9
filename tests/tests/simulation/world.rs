//! The time and chance of a simulated world. Nothing here looks at the machine's clock or asks it for randomness, so
//! that a seed tells the whole story.

use chrono::{DateTime, NaiveDate};
use mera_device::Surroundings;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

/// The true time, which no device sees, in milliseconds since 1970.
#[derive(Clone)]
pub struct Time(Arc<AtomicU64>);

impl Time {
    pub fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1_790_000_000_000)))
    }

    pub fn now(&self) -> u64 {
        self.0.load(Relaxed)
    }

    pub fn pass(&self, millis: u64) {
        self.0.fetch_add(millis, Relaxed);
    }
}

/// What one device sees of the world: a clock that may be wrong, and chance of its own.
pub struct Desk {
    time: Time,
    skew: AtomicI64,
    chance: Mutex<ChaCha8Rng>,
}

impl Desk {
    pub fn new(time: Time, seed: u64) -> Arc<Self> {
        let chance = Mutex::new(ChaCha8Rng::seed_from_u64(seed));
        Arc::new(Self { time, skew: AtomicI64::new(0), chance })
    }

    /// Sets the clock wrong by so many milliseconds.
    pub fn set_wrong_by(&self, millis: i64) {
        self.skew.store(millis, Relaxed);
    }
}

impl Surroundings for Desk {
    fn millis(&self) -> u64 {
        self.time.now().saturating_add_signed(self.skew.load(Relaxed))
    }

    fn today(&self) -> NaiveDate {
        let millis = i64::try_from(self.millis()).unwrap();
        DateTime::from_timestamp_millis(millis).unwrap().date_naive()
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), String> {
        self.chance.lock().unwrap().fill_bytes(bytes);
        Ok(())
    }
}
