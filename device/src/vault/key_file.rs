//! In a file outside the device's folder, for machines that start without a person. A service manager may hand the file
//! over at another place at each start, as systemd's credentials are.

use super::{Secret, VaultFault};
use crate::durable;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Makes the file; gives its full path.
pub fn keep(folder: &Path, path: &Path, secret: &Secret) -> Result<PathBuf, VaultFault> {
    let fault = |cause| VaultFault::File { path: path.to_owned(), cause };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (parent, folder) = (parent.canonicalize().map_err(fault)?, folder.canonicalize().map_err(fault)?);
    if parent.starts_with(folder) {
        return Err(VaultFault::FileInFolder(path.to_owned()));
    }
    let name = path.file_name().ok_or_else(|| fault(io::ErrorKind::InvalidInput.into()))?;
    let full = parent.join(name);
    match durable::make(&full, secret.hex().as_bytes()) {
        Ok(()) => Ok(full),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Err(VaultFault::FileExists(full)),
        Err(cause) => Err(fault(cause)),
    }
}

pub fn fetch(path: &Path) -> Result<Secret, VaultFault> {
    let fault = |cause| VaultFault::File { path: path.to_owned(), cause };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path).map_err(fault)?.permissions().mode();
        // A service manager may let the service's group read it; nobody else may, and nobody but its owner may write.
        if mode & 0o027 != 0 {
            return Err(VaultFault::FileOpenToOthers(path.to_owned()));
        }
    }
    let text = fs::read_to_string(path).map_err(fault)?;
    Secret::from_hex(&text).ok_or_else(|| VaultFault::Damaged(path.to_owned()))
}
