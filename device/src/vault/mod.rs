//! What only this device may know, and the places where that can be kept. Whoever takes the folder alone must not get it:
//! it stands in the keyring of whoever is logged in, or in the folder but sealed with a passphrase, or in a file elsewhere.

mod fault;
mod in_folder;
mod key_file;
mod keyring;
mod passphrase;
mod secret;

pub use fault::VaultFault;
pub use keyring::of_this_system;
pub use passphrase::{PASSPHRASE_WORK, Passphrase};
pub(crate) use secret::Secret;

use crate::Surroundings;
use mera_sync_protocol::PublicKey;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where a device's secret is to be kept.
#[derive(Debug, Clone)]
pub enum Place {
    /// In the operating system's keyring, which is open while its person is logged in.
    Keyring,
    /// In the device's folder, sealed with a passphrase that is asked for at each start.
    Passphrase(Passphrase),
    /// In a file outside the folder that only its owner can read: for machines without people. The file is made.
    KeyFile(PathBuf),
    /// In plain beside the records. Whoever has the folder has everything: for trying out only.
    InFolder,
}

/// Where a device's secret is kept, as its folder tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kept {
    Keyring,
    Passphrase,
    KeyFile(PathBuf),
    InFolder,
}

impl Kept {
    /// The word for it in the contract.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Passphrase => "passphrase",
            Self::KeyFile(_) => "key_file",
            Self::InFolder => "in_folder",
        }
    }
}

/// What somebody brings to open a device.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// The passphrase, where one is asked for.
    pub passphrase: Option<Passphrase>,
    /// Where the key file is now, if it is not where it was made.
    pub key_file: Option<PathBuf>,
}

/// A device's folder and the world round it, in which a secret is kept.
pub(crate) struct Vault<'a> {
    pub folder: &'a Path,
    pub world: &'a dyn Surroundings,
}

impl Vault<'_> {
    /// Keeps a secret. When it returns, the secret is there after a power cut.
    pub fn keep(&self, secret: &Secret, place: &Place) -> Result<Kept, VaultFault> {
        Ok(match place {
            Place::Keyring => {
                let ring = self.world.keyring().ok_or(VaultFault::NoKeyring)?;
                keyring::keep(ring, secret)?;
                Kept::Keyring
            }
            Place::Passphrase(passphrase) => {
                passphrase::keep(self.folder, secret, passphrase, self.world.passphrase_work())?;
                Kept::Passphrase
            }
            Place::KeyFile(path) => Kept::KeyFile(key_file::keep(self.folder, path, secret)?),
            Place::InFolder => {
                in_folder::keep(self.folder, secret)?;
                Kept::InFolder
            }
        })
    }

    /// The secret of the device with this key.
    pub fn fetch(&self, kept: &Kept, brought: &Brought, key: PublicKey) -> Result<Secret, VaultFault> {
        let secret = match kept {
            Kept::Keyring => {
                let ring =
                    self.world.keyring().ok_or_else(|| VaultFault::KeyringSilent("it does not answer".into()))?;
                keyring::fetch(ring, key.device())?
            }
            Kept::Passphrase => {
                let passphrase = brought.passphrase.as_ref().ok_or(VaultFault::Locked)?;
                passphrase::fetch(self.folder, passphrase)?
            }
            Kept::KeyFile(path) => key_file::fetch(brought.key_file.as_ref().unwrap_or(path))?,
            Kept::InFolder => in_folder::fetch(self.folder)?,
        };
        if secret.signing().public() == key { Ok(secret) } else { Err(VaultFault::OtherDevice) }
    }

    /// Takes a secret away from a place where it is not kept any more. What cannot be taken away is told.
    pub fn forget(&self, kept: &Kept, key: PublicKey) -> Result<(), VaultFault> {
        match (kept, self.world.keyring()) {
            (Kept::Keyring, Some(ring)) => keyring::forget(ring, key.device()),
            (Kept::Keyring, None) => Ok(()),
            (Kept::Passphrase, _) => passphrase::forget(self.folder),
            // It is its owner's, who may have copies of it elsewhere.
            (Kept::KeyFile(_), _) => Ok(()),
            (Kept::InFolder, _) => in_folder::forget(self.folder),
        }
    }
}

#[cfg(test)]
mod tests;
