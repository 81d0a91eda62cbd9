//! Small files that are there as a whole or not at all.

use mera_disk::power;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Puts a file in the place of the one that is there. It is written under another name first, so that a power cut leaves
/// no half file; only its owner may read it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    power::holds()?;
    let new = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let mut file = for_owner_only(&mut options).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    power::holds()?;
    fs::rename(&new, path)?;
    sync_folder(path)
}

/// Makes a file that is not there yet; only its owner may read it.
pub(crate) fn make(path: &Path, bytes: &[u8]) -> io::Result<()> {
    power::holds()?;
    let mut file = for_owner_only(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync_folder(path)
}

fn for_owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Waits until the name of a file is on disk.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    mera_disk::sync_folder(folder.unwrap_or(Path::new(".")))
}
