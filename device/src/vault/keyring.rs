//! In the operating system's keyring: the Secret Service of a Linux desktop, the keychain of a Mac, the credential
//! manager of Windows. A phone keeps keys in another way and has none here yet.

use super::{Secret, VaultFault};
use keyring_core::{CredentialStore, Entry, Error};
use mera_schema::DeviceId;
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// What the keyring calls the program.
const SERVICE: &str = "MERA";
/// How long a keyring may take. It may ask its person for a password first.
const ANSWERS_WITHIN: Duration = Duration::from_secs(120);

/// The keyring of whoever is logged in, if one answers.
pub fn of_this_system() -> Option<Arc<CredentialStore>> {
    asked(|| {
        #[cfg(target_os = "linux")]
        let found = zbus_secret_service_keyring_store::Store::new().map(|store| store as Arc<CredentialStore>);
        #[cfg(target_os = "macos")]
        let found = apple_native_keyring_store::keychain::Store::new().map(|store| store as Arc<CredentialStore>);
        #[cfg(target_os = "windows")]
        let found = windows_native_keyring_store::Store::new().map(|store| store as Arc<CredentialStore>);
        #[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
        let found = Err::<Arc<CredentialStore>, _>(Error::NoDefaultStore);
        found
    })
    .inspect_err(|cause| tracing::debug!(%cause, "no keyring answers"))
    .ok()
}

pub fn keep(ring: Arc<CredentialStore>, secret: &Secret) -> Result<(), VaultFault> {
    let (device, digits) = (secret.signing().public().device(), secret.hex());
    let read_again = asked(move || {
        let entry = entry(&ring, device)?;
        entry.set_secret(digits.as_bytes())?;
        // Some keyrings take everything and keep nothing.
        Ok(entry.get_secret()? == digits.as_bytes())
    });
    match read_again {
        Ok(true) => Ok(()),
        Ok(false) => Err(VaultFault::KeyringSilent("it gives back something else than was put in".into())),
        Err(cause) => Err(VaultFault::KeyringSilent(cause)),
    }
}

pub fn fetch(ring: Arc<CredentialStore>, device: DeviceId) -> Result<Secret, VaultFault> {
    let found = asked(move || match entry(&ring, device)?.get_secret() {
        Err(Error::NoEntry) => Ok(None),
        found => found.map(Some),
    });
    let found = found.map_err(VaultFault::KeyringSilent)?.ok_or(VaultFault::NotInKeyring)?;
    let secret = std::str::from_utf8(&found).ok().and_then(Secret::from_hex);
    secret.ok_or_else(|| VaultFault::KeyringSilent("what it holds is no device's key".into()))
}

pub fn forget(ring: Arc<CredentialStore>, device: DeviceId) -> Result<(), VaultFault> {
    let forgotten = asked(move || match entry(&ring, device)?.delete_credential() {
        Err(Error::NoEntry) => Ok(()),
        done => done,
    });
    forgotten.map_err(VaultFault::KeyringSilent)
}

fn entry(ring: &Arc<CredentialStore>, device: DeviceId) -> Result<Entry, Error> {
    ring.build(SERVICE, &device.to_string(), None)
}

/// Asks a keyring on a thread of its own: some wait for their answer in a way that no runtime of ours may be caught in,
/// and some never answer. The error is a sentence that holds no secret.
fn asked<T: Send + 'static>(ask: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, String> {
    let (tell, told) = mpsc::sync_channel(1);
    let thread = std::thread::Builder::new().name("keyring".into());
    thread.spawn(move || tell.send(ask()).ok()).map_err(|cause| cause.to_string())?;
    match told.recv_timeout(ANSWERS_WITHIN) {
        Ok(answer) => answer.map_err(|cause| cause.to_string()),
        Err(_) => Err("it did not answer in time".into()),
    }
}
