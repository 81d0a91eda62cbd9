//! The outbox: a plain file that holds this device's own entries until the relay has them on its disk.
//!
//! It carries the promise "saved", and it knows where this device's log stands: the last entry stays in it, so that a
//! device whose store was lost goes on with its log instead of beginning a second one beside it.
//! Whatever happens to the store's folder, an entry that was appended here is read
//! back from here. The file is a heading and then, for each entry, its length, a checksum of that and itself, sealed.

mod former;
mod record;

use crate::durable;
use mera_disk::{Seal, is_read_only, power};
use mera_sync_protocol::{SignedEntry, Subject};
use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Why the outbox could not be used. Nothing was lost: what it held it still holds.
#[derive(Debug, thiserror::Error)]
pub enum OutboxFault {
    /// The file could not be opened or read.
    #[error("the outbox {path} cannot be read: {cause}")]
    CannotRead {
        /// Which file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// The file could not be written.
    #[error("the outbox {path} cannot be written: {cause}; free some space, then save again")]
    CannotWrite {
        /// Which file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// The disk can only be read.
    #[error(
        "nothing was saved, for the disk with the outbox {path} can only be read ({cause}); make the disk writable, then \
         save again"
    )]
    ReadOnly {
        /// Which file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// The file is something else, or of a newer program.
    #[error("{path} is not an outbox of this version; was the folder used by a newer program?")]
    NotAnOutbox {
        /// Which file.
        path: PathBuf,
    },
    /// The entries were sealed with another key.
    #[error("{path} belongs to another device's key; put the file back that belongs here, or move this one away")]
    OtherKey {
        /// Which file.
        path: PathBuf,
    },
}

impl OutboxFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CannotRead { .. } => "outbox.cannot_read",
            Self::CannotWrite { .. } => "outbox.cannot_write",
            Self::ReadOnly { .. } => "outbox.read_only",
            Self::NotAnOutbox { .. } => "outbox.not_an_outbox",
            Self::OtherKey { .. } => "outbox.other_key",
        }
    }
}

/// What was found when an outbox was opened.
#[derive(Debug)]
pub struct Found {
    /// The entries with their numbers in this device's log, oldest first.
    pub entries: Vec<(u64, SignedEntry)>,
    /// What the file ended with.
    pub end: End,
}

/// How the file ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// With a whole entry.
    Whole,
    /// With an entry that was cut short, as by a power cut: it was never called saved, and has been taken off.
    Cut,
    /// With bytes that are not what was written. The whole file was copied to this place for a person to look at.
    Damaged(PathBuf),
}

/// Bytes above which entries that the relay has are taken out, where no more than half of that is left. One MiB is read in a few
/// milliseconds when the device opens, and a receipt that takes nothing out costs no write.
const TIDY_ABOVE: u64 = 1024 * 1024;

/// An open outbox.
#[derive(Debug)]
pub struct Outbox {
    path: PathBuf,
    seal: Seal,
    file: File,
    length: u64,
    /// The entries in it, oldest first.
    holds: VecDeque<Held>,
}

/// An entry that stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    /// Its number in the log.
    seq: u64,
    /// The byte at which it begins.
    at: u64,
}

impl Outbox {
    /// Opens the file, or makes it, and reads what it holds. One whose entries are not sealed yet is sealed first.
    pub fn open(path: &Path, seal: Seal) -> Result<(Self, Found), OutboxFault> {
        former::clear(path, &seal)?;
        let cannot_read = |cause| OutboxFault::CannotRead { path: path.to_owned(), cause };
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(path).map_err(cannot_read)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(cannot_read)?;
        let heading = record::heading(&seal);
        let mut outbox = Self { path: path.to_owned(), seal, file, length: 0, holds: VecDeque::new() };
        // A power cut while the file was made leaves a part of the heading and nothing else.
        let begun = bytes.len() < heading.len() && heading.starts_with(&bytes);
        if begun || (bytes.len() < record::FORMER.len() && record::FORMER.starts_with(&bytes)) {
            outbox.begin().and_then(|()| durable::sync_folder(path)).map_err(|cause| outbox.cannot_write(cause))?;
            return Ok((outbox, Found { entries: Vec::new(), end: End::Whole }));
        }
        if bytes.starts_with(record::FORMER) {
            let found = outbox.seal_former(&bytes)?;
            return Ok((outbox, found));
        }
        let headed = bytes.starts_with(&heading);
        let record::Read { entries, places, good, damaged } = record::read(&outbox.seal, &bytes);
        // Entries that this key opens behind a heading that is not its own: a wrong byte, unless a newer program wrote it.
        if !headed && (entries.is_empty() || record::is_of_another_version(&bytes)) {
            let path = path.to_owned();
            let other = record::is_outbox(&bytes);
            return Err(if other { OutboxFault::OtherKey { path } } else { OutboxFault::NotAnOutbox { path } });
        }
        outbox.length = good as u64;
        outbox.holds = held(&entries, places);
        let end = match (damaged || !headed, good == bytes.len()) {
            (true, _) => End::Damaged(outbox.set_aside()?),
            (false, true) => End::Whole,
            (false, false) => End::Cut,
        };
        if !headed {
            outbox.rewrite_heading().map_err(|cause| outbox.cannot_write(cause))?;
        } else if end != End::Whole {
            outbox.cut().map_err(|cause| outbox.cannot_write(cause))?;
        }
        Ok((outbox, Found { entries, end }))
    }

    /// Appends an entry of this device's log. When it returns, the entry survives a power cut.
    pub fn append(&mut self, seq: u64, entry: &SignedEntry) -> Result<(), OutboxFault> {
        let bytes = record::written(&self.seal, seq, entry);
        let put = power::holds().and_then(|()| {
            self.file.seek(SeekFrom::Start(self.length))?;
            self.file.write_all(&bytes)
        });
        if let Err(cause) = put.and_then(|()| power::holds()).and_then(|()| self.file.sync_data()) {
            // Half an entry must not stand before the next one. If this fails too, opening takes it off.
            self.cut().ok();
            return Err(self.cannot_write(cause));
        }
        self.holds.push_back(Held { seq, at: self.length });
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// The relay has the entries up to `seq` on its disk. They are let go of when they take much space, and little is left: who
    /// brings what took weeks would otherwise write all of it anew with each receipt, and wait for that.
    pub fn release(&mut self, seq: u64) -> Result<(), OutboxFault> {
        let left = self.length - self.kept_after(seq).map_or(self.length, |kept| kept.at);
        if self.length > TIDY_ABOVE && left <= TIDY_ABOVE / 2 { self.tidy(seq) } else { Ok(()) }
    }

    /// Lets go of the entries up to `seq`, but for the last of them.
    pub fn tidy(&mut self, seq: u64) -> Result<(), OutboxFault> {
        match (self.holds.front(), self.kept_after(seq)) {
            (Some(first), Some(kept)) if first.seq < kept.seq => {
                self.keep_from(kept.at).map_err(|cause| self.cannot_write(cause))
            }
            _ => Ok(()),
        }
    }

    /// The first entry that stays when those up to `seq` are let go of: the last one does in any case.
    fn kept_after(&self, seq: u64) -> Option<Held> {
        let place = self.holds.partition_point(|held| held.seq < seq);
        self.holds.get(place).or(self.holds.back()).copied()
    }

    /// Takes out of its entries what they say of the records that `gone` picks, and takes away copies of damaged files
    /// that stand beside it: nobody can tell what those say. Whatever could be read of them was taken in when they were made.
    pub fn erase(&mut self, gone: impl Fn(&Subject) -> bool) -> Result<(), OutboxFault> {
        former::take_away(&self.path)?;
        let bytes = fs::read(&self.path);
        let bytes = bytes.map_err(|cause| OutboxFault::CannotRead { path: self.path.clone(), cause })?;
        let mut entries = record::read(&self.seal, &bytes).entries;
        let went = entries.iter_mut().fold(false, |went, (_, signed)| signed.entry.erase(&gone) | went);
        if went { self.replace(&entries).map_err(|cause| self.cannot_write(cause)) } else { Ok(()) }
    }

    /// Lets go of everything: the log goes on under another identity, and the store has what was in here.
    pub fn clear(&mut self) -> Result<(), OutboxFault> {
        self.replace(&[]).map_err(|cause| self.cannot_write(cause))
    }

    /// The number of the last entry in it.
    pub fn last(&self) -> Option<u64> {
        self.holds.back().map(|held| held.seq)
    }

    /// How many bytes it takes on disk.
    pub fn length(&self) -> u64 {
        self.length
    }

    fn begin(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        let heading = record::heading(&self.seal);
        self.file.write_all(&heading)?;
        self.length = heading.len() as u64;
        self.cut()
    }

    fn rewrite_heading(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&record::heading(&self.seal))?;
        self.cut()
    }

    fn cut(&mut self) -> io::Result<()> {
        power::holds()?;
        self.file.set_len(self.length)?;
        self.file.sync_all()
    }

    /// Keeps what stands in the file from a byte on, as it stands there.
    fn keep_from(&mut self, at: u64) -> io::Result<()> {
        let mut bytes = record::heading(&self.seal);
        let heading = bytes.len() as u64;
        let holds = self.holds.iter().filter(|held| held.at >= at);
        let holds = holds.map(|held| Held { seq: held.seq, at: held.at - at + heading }).collect();
        self.file.seek(SeekFrom::Start(at))?;
        let left = self.length - at;
        if (&self.file).take(left).read_to_end(&mut bytes)? as u64 != left {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.replace_by(&bytes, holds)
    }

    /// Writes entries into a new file and puts that in the place of the old one.
    fn replace(&mut self, entries: &[(u64, SignedEntry)]) -> io::Result<()> {
        let (mut bytes, mut holds) = (record::heading(&self.seal), VecDeque::new());
        for (seq, entry) in entries {
            holds.push_back(Held { seq: *seq, at: bytes.len() as u64 });
            bytes.extend(record::written(&self.seal, *seq, entry));
        }
        self.replace_by(&bytes, holds)
    }

    fn replace_by(&mut self, bytes: &[u8], holds: VecDeque<Held>) -> io::Result<()> {
        let new = self.path.with_extension("new");
        power::holds()?;
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        power::holds()?;
        fs::rename(&new, &self.path)?;
        // From here on the old file has no name: whatever fails below, nothing may be appended to it.
        (self.file, self.length) = (file, bytes.len() as u64);
        self.holds = holds;
        durable::sync_folder(&self.path)
    }

    fn set_aside(&self) -> Result<PathBuf, OutboxFault> {
        let place = self.free_place();
        fs::copy(&self.path, &place).map_err(|cause| self.cannot_write(cause))?;
        Ok(place)
    }

    /// A name for a copy that is not taken.
    fn free_place(&self) -> PathBuf {
        let mut names = (1..=u32::MAX).map(|n| self.path.with_extension(format!("damaged-{n}")));
        names.find(|name| !name.exists()).unwrap_or_else(|| self.path.with_extension("damaged"))
    }

    fn cannot_write(&self, cause: io::Error) -> OutboxFault {
        let path = self.path.clone();
        if is_read_only(&cause) {
            OutboxFault::ReadOnly { path, cause }
        } else {
            OutboxFault::CannotWrite { path, cause }
        }
    }
}

fn held(entries: &[(u64, SignedEntry)], places: Vec<usize>) -> VecDeque<Held> {
    entries.iter().zip(places).map(|((seq, _), at)| Held { seq: *seq, at: at as u64 }).collect()
}

#[cfg(all(test, target_os = "linux"))]
impl Outbox {
    /// Linux' device that is always full stands in for the disk.
    pub fn fill_disk(&mut self) {
        self.file = OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    }

    /// There is space again.
    pub fn free_disk(&mut self) {
        self.file = OpenOptions::new().read(true).write(true).open(&self.path).expect("it is still there");
    }
}

#[cfg(test)]
mod tests;
