//! Why a device's secret could not be kept or had.

use std::io;
use std::path::{Path, PathBuf};

/// What a person is told. The secret itself is in no message.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // The sentences say what the fields are.
pub enum VaultFault {
    #[error("this computer has no keyring that answers; choose a passphrase that is asked for at each start")]
    NoKeyring,
    #[error(
        "a passphrase has at least {} characters; four words that nobody would put together are good",
        super::passphrase::SHORTEST
    )]
    PassphraseShort,
    #[error("the device is locked; give its passphrase")]
    Locked,
    #[error("this is not the device's passphrase; try again")]
    WrongPassphrase,
    #[error("a passphrase opens this device; say that one, too")]
    FormerUnsaid,
    #[error("the keyring that holds the device's key cannot be asked: {0}; log in or unlock it, then try again")]
    KeyringSilent(String),
    #[error(
        "the device's key is not in this computer's keyring; open the device where it was made, or make a new device: \
         the relay and the other devices have the records"
    )]
    NotInKeyring,
    #[error("the file {path} with the device's key cannot be used: {cause}")]
    File { path: PathBuf, cause: io::Error },
    #[error("others may read or change {0}, which holds the device's key; let only its owner: chmod 600")]
    FileOpenToOthers(PathBuf),
    #[error("{0} is there already; a key is never written over: name a file that is not there yet")]
    FileExists(PathBuf),
    #[error("{0} is inside the device's folder; whoever takes the folder would have the key, too: put it elsewhere")]
    FileInFolder(PathBuf),
    #[error("{0} does not hold a device's key any more; restore it from a backup")]
    Damaged(PathBuf),
    #[error("this key belongs to another device; give the one of this device")]
    OtherDevice,
}

impl VaultFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoKeyring => "founding.no_keyring",
            Self::PassphraseShort => "founding.passphrase_short",
            Self::Locked => "device.locked",
            Self::WrongPassphrase => "device.wrong_passphrase",
            Self::FormerUnsaid => "device.former_passphrase",
            Self::KeyringSilent(_) => "device.keyring_silent",
            Self::NotInKeyring => "device.key_not_in_keyring",
            Self::File { .. } => "device.key_file",
            Self::FileOpenToOthers(_) => "device.key_file_open",
            Self::FileExists(_) => "device.key_file_exists",
            Self::FileInFolder(_) => "device.key_file_in_folder",
            Self::Damaged(_) => "device.key_damaged",
            Self::OtherDevice => "device.key_of_another",
        }
    }

    /// The field it is about, when it is about one.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::NoKeyring | Self::PassphraseShort | Self::WrongPassphrase => Some("passphrase"),
            _ => None,
        }
    }

    /// The file it is about, when it is about one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } => Some(path),
            Self::FileOpenToOthers(path) | Self::FileExists(path) | Self::FileInFolder(path) | Self::Damaged(path) => {
                Some(path)
            }
            _ => None,
        }
    }
}
