//! Files and folders that are not there until they are whole: written under another name, which goes when nothing comes of
//! them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file on its way.
pub(crate) struct HalfFile {
    becomes: PathBuf,
    place: PathBuf,
    file: File,
}

impl HalfFile {
    /// Makes one that will stand there; only its owner may read it. Where there is a file already, that is said at once.
    pub fn begin(becomes: &Path) -> io::Result<Self> {
        if becomes.exists() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let place = unfinished(becomes);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&place)?;
        Ok(Self { becomes: becomes.to_owned(), place, file })
    }

    /// Waits until it is on disk, and gives it its name, unless another has got that meanwhile.
    pub fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        named(&self.place, &self.becomes)
    }
}

impl Write for HalfFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for HalfFile {
    fn drop(&mut self) {
        // What is whole is gone from there already.
        fs::remove_file(&self.place).ok();
    }
}

/// A folder on its way.
pub(crate) struct HalfFolder {
    becomes: PathBuf,
    place: PathBuf,
}

impl HalfFolder {
    /// Makes one that will stand there; what an earlier try left goes.
    pub fn make(folder: &Path) -> io::Result<Self> {
        let place = unfinished(folder);
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        fs::create_dir_all(&place)?;
        Ok(Self { becomes: folder.to_owned(), place })
    }

    /// Where it is filled.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Gives it its name, unless another has got that meanwhile.
    pub fn finish(self) -> io::Result<()> {
        named(&self.place, &self.becomes)
    }
}

impl Drop for HalfFolder {
    fn drop(&mut self) {
        // What is whole is gone from there already.
        fs::remove_dir_all(&self.place).ok();
    }
}

fn unfinished(whole: &Path) -> PathBuf {
    let mut place = whole.to_owned().into_os_string();
    place.push(".unfinished");
    place.into()
}

fn named(place: &Path, becomes: &Path) -> io::Result<()> {
    if becomes.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(place, becomes)
}
