//! What a device needs of the world: the time and randomness. Stories and simulations bring their own.

use chrono::NaiveDate;

/// The world round a device.
pub trait Surroundings: Send + Sync {
    /// Milliseconds since 1970 in UTC, by the device's clock.
    fn millis(&self) -> u64;
    /// Today where the person is.
    fn today(&self) -> NaiveDate;
    /// Fills the bytes with randomness fit for keys.
    fn random(&self, bytes: &mut [u8]) -> Result<(), String>;
}

/// The real one.
pub struct RealWorld;

impl Surroundings for RealWorld {
    #[expect(clippy::disallowed_methods, reason = "this is the shell that owns the device's clock")]
    fn millis(&self) -> u64 {
        u64::try_from(chrono::Utc::now().timestamp_millis()).unwrap_or(0)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the shell that owns the device's clock")]
    fn today(&self) -> NaiveDate {
        chrono::Local::now().date_naive()
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), String> {
        getrandom::fill(bytes).map_err(|cause| cause.to_string())
    }
}
