//! What a device needs of the world: the time, randomness, and whoever keeps keys. Stories and simulations bring their own.

use crate::vault::{PASSPHRASE_WORK, of_this_system};
use chrono::NaiveDate;
use chrono_tz::Tz;
use keyring_core::CredentialStore;
use mera_business::calendar;
use std::path::PathBuf;
use std::sync::Arc;

/// The world round a device.
pub trait Surroundings: Send + Sync {
    /// Milliseconds since 1970 in UTC, by the device's clock.
    fn millis(&self) -> u64;
    /// Today where the person is.
    fn today(&self) -> NaiveDate;
    /// The time zone in which the person is.
    fn zone(&self) -> Tz {
        calendar::HOME
    }
    /// Fills the bytes with randomness fit for keys.
    fn random(&self, bytes: &mut [u8]) -> Result<(), String>;
    /// The keyring of whoever is logged in, if there is one that answers. May take as long as a person takes to unlock it.
    fn keyring(&self) -> Option<Arc<CredentialStore>> {
        None
    }
    /// The folder in which a person looks for files that a program has saved, if the system names one.
    fn saves_into(&self) -> Option<PathBuf> {
        None
    }
    /// What guessing a passphrase costs, as the binary logarithm of scrypt's rounds.
    fn passphrase_work(&self) -> u8 {
        PASSPHRASE_WORK
    }
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

    fn zone(&self) -> Tz {
        // A system that names no zone, or one of its own, is taken to stand where the company does.
        let named = iana_time_zone::get_timezone().ok();
        named.and_then(|name| name.parse().ok()).unwrap_or(calendar::HOME)
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), String> {
        getrandom::fill(bytes).map_err(|cause| cause.to_string())
    }

    fn keyring(&self) -> Option<Arc<CredentialStore>> {
        of_this_system()
    }

    fn saves_into(&self) -> Option<PathBuf> {
        // A system that has no folder for downloads has one for the person.
        dirs::download_dir().or_else(dirs::home_dir)
    }
}

/// A world for tests in which people have a keyring, and passphrases are guessed quickly.
#[cfg(test)]
pub(crate) mod trial {
    use super::*;
    use keyring_core::mock::Store;
    use std::sync::LazyLock;

    /// The keyring of everybody who is tested in this process; each device has an entry of its own.
    static RING: LazyLock<Arc<CredentialStore>> = LazyLock::new(|| Store::new().expect("it is made in memory"));

    /// With a keyring or without one.
    pub struct Trial {
        pub keyring: bool,
    }

    impl Surroundings for Trial {
        fn millis(&self) -> u64 {
            RealWorld.millis()
        }

        fn today(&self) -> NaiveDate {
            RealWorld.today()
        }

        fn random(&self, bytes: &mut [u8]) -> Result<(), String> {
            RealWorld.random(bytes)
        }

        fn keyring(&self) -> Option<Arc<CredentialStore>> {
            self.keyring.then(|| RING.clone())
        }

        fn passphrase_work(&self) -> u8 {
            2
        }
    }
}
