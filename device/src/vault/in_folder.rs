//! In plain beside the records.

use super::{Secret, VaultFault};
use crate::durable;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn path(folder: &Path) -> PathBuf {
    folder.join("device.key-in-plain")
}

pub fn keep(folder: &Path, secret: &Secret) -> Result<(), VaultFault> {
    let path = path(folder);
    durable::replace(&path, secret.hex().as_bytes()).map_err(|cause| VaultFault::File { path, cause })
}

pub fn fetch(folder: &Path) -> Result<Secret, VaultFault> {
    let path = path(folder);
    match fs::read_to_string(&path) {
        Ok(text) => Secret::from_hex(&text).ok_or(VaultFault::Damaged(path)),
        Err(cause) => Err(VaultFault::File { path, cause }),
    }
}

pub fn forget(folder: &Path) -> Result<(), VaultFault> {
    let path = path(folder);
    match fs::remove_file(&path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(VaultFault::File { path, cause }),
        _ => Ok(()),
    }
}
