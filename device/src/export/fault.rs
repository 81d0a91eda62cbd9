//! Why nothing was exported.

use mera_device_api::Refused;
use std::io;
use std::path::{Path, PathBuf};

/// What a person is told. Nothing half made is left behind.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // The sentences say what the fields are.
pub enum ExportFault {
    #[error("{} is there already; name a new one", .0.display())]
    Exists(PathBuf),
    #[error("{} cannot be written: {cause}; choose another place, or free some space", path.display())]
    CannotWrite { path: PathBuf, cause: io::Error },
    #[error("a sheet cannot be written: {0}; free some space, then try again")]
    Sheet(#[from] csv::Error),
    #[error("a file cannot be written: {0}; free some space, then try again")]
    File(#[from] io::Error),
    #[error("stopped: nothing was exported")]
    Stopped,
    #[error("a record was erased while it was exported; export once more")]
    ErasedMeanwhile,
    #[error("{}", .0.says)]
    Refused(Refused),
}

impl ExportFault {
    /// What cannot be written there.
    pub(crate) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists(path),
            _ => Self::CannotWrite { path, cause },
        }
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Exists(_) => "export.exists",
            Self::CannotWrite { .. } | Self::Sheet(_) | Self::File(_) => "export.cannot_write",
            Self::Stopped => "export.stopped",
            Self::ErasedMeanwhile => "export.erased_meanwhile",
            Self::Refused(refused) => &refused.code,
        }
    }
}

impl From<Refused> for ExportFault {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<ExportFault> for Refused {
    fn from(fault: ExportFault) -> Self {
        match fault {
            ExportFault::Refused(refused) => refused,
            other => Self::new(other.code(), other.to_string()),
        }
    }
}
