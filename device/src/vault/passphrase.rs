//! In the folder, sealed with a passphrase: a file in the format of `age`, whose passphrases are stretched with scrypt,
//! so that guessing costs time and memory for each guess.

use super::{Secret, VaultFault};
use crate::durable;
use age::secrecy::{ExposeSecret, SecretString};
use age::{DecryptError, scrypt};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Characters of a new passphrase at least.
pub const SHORTEST: usize = 8;
/// What one guess costs: 2^17 rounds of scrypt, 128 MiB of memory and about half a second on a desk's computer.
pub const PASSPHRASE_WORK: u8 = 17;
/// What a file may ask for at most: 1 GiB. Somebody may have changed the file.
const MOST_WORK: u8 = 20;

/// What a person remembers. It is wiped from memory when it is let go of, and nothing prints it.
#[derive(Clone)]
pub struct Passphrase(SecretString);

impl Passphrase {
    /// One that a person chose for a device; a short one is refused.
    pub fn chosen(text: &str) -> Result<Self, VaultFault> {
        if text.trim().chars().count() < SHORTEST {
            return Err(VaultFault::PassphraseShort);
        }
        Ok(Self::said(text))
    }

    /// One that a person says to open a device.
    pub fn said(text: &str) -> Self {
        Self(SecretString::from(text.to_owned()))
    }

    fn for_age(&self) -> SecretString {
        SecretString::from(self.0.expose_secret().to_owned())
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Passphrase")
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("device.key")
}

/// Seals the secret with `work` as the binary logarithm of what a guess costs.
pub fn keep(folder: &Path, secret: &Secret, passphrase: &Passphrase, work: u8) -> Result<(), VaultFault> {
    let path = path(folder);
    let fault = |cause| VaultFault::File { path: path.clone(), cause };
    let mut recipient = scrypt::Recipient::new(passphrase.for_age());
    recipient.set_work_factor(work.clamp(1, MOST_WORK));
    let sealed = age::encrypt(&recipient, secret.hex().as_bytes()).map_err(|cause| fault(io::Error::other(cause)))?;
    durable::replace(&path, &sealed).map_err(fault)
}

pub fn fetch(folder: &Path, passphrase: &Passphrase) -> Result<Secret, VaultFault> {
    let path = path(folder);
    let sealed = fs::read(&path).map_err(|cause| VaultFault::File { path: path.clone(), cause })?;
    let mut identity = scrypt::Identity::new(passphrase.for_age());
    identity.set_max_work_factor(MOST_WORK);
    let opened = match age::decrypt(&identity, &sealed) {
        Ok(opened) => Zeroizing::new(opened),
        Err(DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed) => {
            return Err(VaultFault::WrongPassphrase);
        }
        Err(_) => return Err(VaultFault::Damaged(path)),
    };
    let secret = std::str::from_utf8(&opened).ok().and_then(Secret::from_hex);
    secret.ok_or(VaultFault::Damaged(path))
}

pub fn forget(folder: &Path) -> Result<(), VaultFault> {
    let path = path(folder);
    match fs::remove_file(&path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(VaultFault::File { path, cause }),
        _ => Ok(()),
    }
}
