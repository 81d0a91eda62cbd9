//! Why there is no backup, or nothing was restored from one.

use crate::DeviceFault;
use mera_device_api::Refused;
use std::io;
use std::path::{Path, PathBuf};

/// What a person is told. Nothing half made is left behind.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // The sentences say what the fields are.
pub enum BackupFault {
    #[error("the passphrase is shorter than {0} characters; whoever finds the file could guess it")]
    PassphraseShort(usize),
    #[error("{0} is there already; name a new file")]
    FileExists(PathBuf),
    #[error("{path} cannot be written: {cause}; choose another place, or free some space")]
    CannotWrite { path: PathBuf, cause: io::Error },
    #[error("the backup could not be sealed: {0}")]
    Sealing(String),
    #[error("stopped: nothing was left behind")]
    Stopped,
    #[error("the company's members changed while the backup was taken; take it once more")]
    MembersChanged,
    #[error("a record was erased while the backup was taken, which would have kept it; take it once more")]
    ErasedMeanwhile,
    #[error("the backup cannot be read: {0}; is the disk or stick still there?")]
    CannotRead(io::Error),
    #[error("this is no backup of MERA; choose a file that `mera device backup` has written")]
    NotABackup,
    #[error("this backup was written by a newer program; install that one, then restore")]
    Newer,
    #[error(
        "the passphrase is not the one that this backup was sealed with, or its first bytes are damaged; try again"
    )]
    WrongPassphrase,
    #[error("the backup is damaged or was cut short ({0}); nothing was restored: take another copy of it")]
    Damaged(String),
    #[error("there is something in {0} already; name a new folder")]
    FolderTaken(PathBuf),
    #[error("{path} cannot be made: {cause}")]
    Folder { path: PathBuf, cause: io::Error },
    #[error(transparent)]
    Device(#[from] DeviceFault),
}

impl BackupFault {
    /// A file that cannot be written.
    pub(super) fn writing(file: &Path, cause: io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::AlreadyExists => Self::FileExists(file.to_owned()),
            _ => Self::CannotWrite { path: file.to_owned(), cause },
        }
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::PassphraseShort(_) => "backup.passphrase_short",
            Self::FileExists(_) => "backup.file_exists",
            Self::CannotWrite { .. } => "backup.cannot_write",
            Self::Sealing(_) => "backup.sealing",
            Self::Stopped => "backup.stopped",
            Self::MembersChanged => "backup.members_changed",
            Self::ErasedMeanwhile => "backup.erased_meanwhile",
            Self::CannotRead(_) => "backup.cannot_read",
            Self::NotABackup => "backup.not_a_backup",
            Self::Newer => "backup.newer",
            Self::WrongPassphrase => "backup.wrong_passphrase",
            Self::Damaged(_) => "backup.damaged",
            Self::FolderTaken(_) => "backup.folder_taken",
            Self::Folder { .. } => "backup.folder",
            Self::Device(fault) => fault.code(),
        }
    }
}

impl From<BackupFault> for Refused {
    fn from(fault: BackupFault) -> Self {
        match fault {
            BackupFault::Device(fault) => fault.into(),
            other => Self::new(other.code(), other.to_string()),
        }
    }
}
