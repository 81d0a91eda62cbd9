//! The real world round a device, but for the folder in which its person looks for saved files: tests leave nothing there.

use chrono::NaiveDate;
use mera_device::{RealWorld, Surroundings};
use std::path::PathBuf;

/// A person who downloads into a folder of their own, and has no keyring.
pub struct Person {
    /// Where files go that the device saves.
    pub saves_into: PathBuf,
}

impl Surroundings for Person {
    fn millis(&self) -> u64 {
        RealWorld.millis()
    }

    fn today(&self) -> NaiveDate {
        RealWorld.today()
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), String> {
        RealWorld.random(bytes)
    }

    fn saves_into(&self) -> Option<PathBuf> {
        Some(self.saves_into.clone())
    }
}
