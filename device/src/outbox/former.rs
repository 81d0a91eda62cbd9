//! Outboxes of programs that did not seal entries yet are sealed, with all that they left beside them.

use super::{End, Found, Outbox, OutboxFault, record};
use mera_disk::Seal;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// For what place copies of damaged files are sealed.
const PLACE: &[u8] = b"outbox set aside";

impl Outbox {
    /// Seals the entries of a file, and a copy of the file if it is damaged. They are written anew beside it, so that
    /// nothing of them stays in plain.
    pub(super) fn seal_former(&mut self, bytes: &[u8]) -> Result<Found, OutboxFault> {
        let record::Read { entries, good, damaged, .. } = record::read_former(bytes);
        let end = match (damaged, good == bytes.len()) {
            (true, _) => {
                let place = self.free_place();
                write_aside(&place, &self.seal, bytes).map_err(|cause| self.cannot_write(cause))?;
                End::Damaged(place)
            }
            (false, true) => End::Whole,
            (false, false) => End::Cut,
        };
        self.replace(&entries).map_err(|cause| self.cannot_write(cause))?;
        Ok(Found { entries, end })
    }
}

/// Seals copies that were set aside in plain, and takes away a file that was not finished: what it would have held still
/// stands where it stood.
pub(super) fn clear(path: &Path, seal: &Seal) -> Result<(), OutboxFault> {
    let cannot_write = |cause| OutboxFault::CannotWrite { path: path.to_owned(), cause };
    match fs::remove_file(path.with_extension("new")) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cannot_write(cause)),
        _ => {}
    }
    for place in set_aside(path) {
        let bytes = fs::read(&place).map_err(cannot_write)?;
        if bytes.starts_with(record::FORMER) {
            write_aside(&place, seal, &bytes).map_err(cannot_write)?;
        }
    }
    Ok(())
}

/// Takes away the copies that stand beside a file.
pub(super) fn take_away(path: &Path) -> Result<(), OutboxFault> {
    let cannot_write = |cause| OutboxFault::CannotWrite { path: path.to_owned(), cause };
    set_aside(path).into_iter().try_for_each(|place| fs::remove_file(place).map_err(cannot_write))
}

/// The copies that stand beside a file; none where the folder cannot be read, which opening the file then tells.
fn set_aside(path: &Path) -> Vec<PathBuf> {
    let of_this = |place: &PathBuf| {
        place.file_stem() == path.file_name()
            && place.extension().is_some_and(|ending| ending.to_string_lossy().starts_with("damaged"))
    };
    let beside = path.parent().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten();
    beside.filter_map(|entry| Some(entry.ok()?.path())).filter(of_this).collect()
}

fn write_aside(place: &Path, seal: &Seal, bytes: &[u8]) -> io::Result<()> {
    let new = place.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(&[record::ASIDE, &seal.close(PLACE, bytes)].concat())?;
    file.sync_all()?;
    fs::rename(&new, place)
}

#[cfg(test)]
pub fn read_aside(place: &Path, seal: &Seal) -> Option<Vec<u8>> {
    let bytes = fs::read(place).ok()?;
    seal.open(PLACE, bytes.strip_prefix(record::ASIDE)?).map(|bytes| bytes.to_vec())
}
