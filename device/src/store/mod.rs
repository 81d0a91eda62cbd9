//! The device's records on disk: one sled tree with prefixed keys, so that one batch is one atomic commit of
//! documents, logs, facts and bookkeeping together. Every value is sealed for its key; keys hold kinds, identities and
//! numbers, and nothing that a person wrote.

mod ahead;
mod aside;
mod base;
mod batch;
mod erased;
mod in_log;
mod older;
mod sealing;
mod stands;

pub(crate) use aside::Left;
pub(crate) use batch::Batch;
pub use erased::{Anew, Former, Written};
pub(crate) use stands::{At, Stands};

use crate::DeviceFault;
use chrono::NaiveDate;
use mera_business::facts::Fact;
use mera_disk::{self as disk, DiskFault, Seal};
use mera_schema::{DeviceId, Heads, PersonId, RecordKind, RecordRef, WorkspaceId};
use mera_sync_protocol::{
    Collection, Cursor, Digests, EntryHash, PublicKey, RUN_BYTES, RUN_ENTRIES, Run, SignedEntry, Subject, Vector,
};
use mera_trust::{Card, Invitation, Roles};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

const META: u8 = b'm';
const AUTHOR: u8 = b'k';
const LOG: u8 = b'l';
const SNAPSHOT: u8 = b'd';
const CHUNK: u8 = b'c';
const ROW: u8 = b'r';
const ASIDE: u8 = b'q';
const BASE: u8 = b'b';
const ERASED: u8 = b'x';
const JUDGED: u8 = b'j';
const TAIL: u8 = b't';

/// Whose the store is. It stands in plain: identities, by which a folder of somebody else is told from a damaged one.
const OWNER: &str = "owner";
/// By what the key is known again that the values are sealed with. It stands in plain, too.
const MARK: &str = "seal";

/// Bytes of the records that sled may keep in memory: 48 MiB, so that a device with 100,000 records stays below 200.
const CACHE: u64 = 48 << 20;
/// Chunks of a document after which they are folded into its snapshot: opening stays quick, and a save small.
pub(crate) const FOLD_AFTER: u32 = 24;

/// Whose log, and how far it is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Author {
    pub key: PublicKey,
    pub last: u64,
}

/// What is kept of a record besides its document: enough for every list without opening one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordRow {
    /// Its newest changes.
    pub heads: Heads,
    /// The entry that changed it last: whose, and which.
    pub last: (DeviceId, u64),
    /// Where its document is.
    pub stands: Stands,
    /// What it contributes to the views.
    pub facts: Vec<Fact>,
}

/// Single values of bookkeeping.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bookkeeping {
    /// Where the device stopped in the relay's order of arrival.
    pub cursor: Option<Cursor>,
    /// The last entry of its own log that the relay has on disk.
    pub acked: u64,
    /// The digests over all records, by group.
    pub digests: Digests,
}

/// The digests and the vector of the entries they are over. Both change together; where they do not, a part of the store is
/// older than the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    pub digests: Digests,
    pub vector: Vector,
}

/// Something that could not be taken in, kept for a person to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SetAside {
    pub code: String,
    pub says: String,
    pub bytes: Vec<u8>,
}

/// An invitation that this device has given out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenInvitation {
    pub invitation: Invitation,
    /// Who comes.
    pub person: PersonId,
    /// What the person is called.
    pub name: String,
    pub roles: Roles,
    /// The device that came with it: an invitation brings in one.
    pub came: Option<Card>,
}

/// Where an entry stands, and the entry.
type LastRead = ((DeviceId, u64), Arc<SignedEntry>);

/// The open store.
pub(crate) struct Store {
    db: disk::Tree,
    seal: Seal,
    folder: PathBuf,
    workspace: WorkspaceId,
    /// The entry that a document was read from last: the next one often stands in it, too.
    last_read: Mutex<Option<LastRead>>,
    /// Bytes that had come when the folder was last begun to be written anew, if that did not come to an end.
    tried: u64,
}

impl Store {
    /// Opens the folder for its owner; a folder of somebody else is refused, and so is one that another key sealed. A
    /// store whose values are not sealed yet is sealed first.
    pub fn open(folder: &Path, workspace: WorkspaceId, device: DeviceId, seal: Seal) -> Result<Self, DeviceFault> {
        disk::contained(|| Self::opened(folder, workspace, device, seal))
    }

    fn opened(folder: &Path, workspace: WorkspaceId, device: DeviceId, seal: Seal) -> Result<Self, DeviceFault> {
        sealing::finish(folder)?;
        let mut db = disk::open(folder, CACHE)?;
        let owner = (*workspace.uuid().as_bytes(), *device.uuid().as_bytes());
        let found: Option<([u8; 16], [u8; 16])> = disk::get(&db, &meta_key(OWNER))?;
        match found {
            Some(found) if found == owner => {}
            Some(_) => return Err(DeviceFault::OtherOwner(folder.to_owned())),
            // A folder with records and no owner is one that has lost him.
            None if db.beginning([]).next().is_some() => {
                return Err(DiskFault::Damaged(OWNER.into()).into());
            }
            None => {}
        }
        match sealing::is_of(&db, &seal)? {
            Some(true) => {}
            Some(false) => return Err(DeviceFault::OtherKey(folder.to_owned())),
            None if db.is_empty()? => {
                let mut batch = disk::Batch::default();
                batch.insert(meta_key(OWNER), disk::wrap(&owner));
                batch.insert(meta_key(MARK), disk::wrap(&seal.mark()));
                db.apply(batch)?;
                db.flush()?;
            }
            None if sealing::has_sealed(&db, &seal) => return Err(DiskFault::Damaged(MARK.into()).into()),
            None => db = sealing::seal_all(db, folder, &seal)?,
        }
        sealing::clear(folder)?;
        let store = Self { db, seal, folder: folder.to_owned(), workspace, last_read: Mutex::default(), tried: 0 };
        store.bring_rows_up_to_date()?;
        Ok(store)
    }

    /// Opens a folder that is known to be damaged, to read what can be read.
    pub fn open_damaged(folder: &Path, workspace: WorkspaceId, seal: Seal) -> Result<Self, DiskFault> {
        let (db, folder) = (disk::open(folder, CACHE)?, folder.to_owned());
        Ok(Self { db, seal, folder, workspace, last_read: Mutex::default(), tried: 0 })
    }

    fn meta<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, DiskFault> {
        self.seal.get(&self.db, &meta_key(name))
    }

    /// The bookkeeping as it was last committed.
    pub fn bookkeeping(&self) -> Result<Bookkeeping, DiskFault> {
        Ok(self.meta("books")?.unwrap_or_default())
    }

    /// How far the device's own log is known to reach, if it was ever told that it reaches further than it is held.
    pub fn own_log(&self) -> Result<Option<u64>, DiskFault> {
        self.meta("own log")
    }

    /// The logs that came from neighbours and that the relay may not have, and how far it is known to have each.
    pub fn brings(&self) -> Result<Vector, DiskFault> {
        Ok(self.meta("brings")?.unwrap_or_default())
    }

    /// Whether the device was made from a backup and has not asked its relay yet.
    pub fn restored(&self) -> Result<bool, DiskFault> {
        Ok(self.meta("restored")?.unwrap_or(false))
    }

    /// The day on which the device was backed up last.
    pub fn backed_up(&self) -> Result<Option<NaiveDate>, DiskFault> {
        self.meta("backed up")
    }

    /// Records that must be made anew from the logs, when the device was switched off before it had done so.
    pub fn to_rebuild(&self) -> Result<Vec<RecordRef>, DiskFault> {
        Ok(self.meta("rebuild")?.unwrap_or_default())
    }

    /// Records in which this device may have written on changes that count no more, and what it wrote is to be written again.
    pub fn to_write_again(&self) -> Result<BTreeSet<RecordRef>, DiskFault> {
        Ok(self.meta("write again")?.unwrap_or_default())
    }

    /// How many statements of the members' chain the logs and records here have followed.
    pub fn followed(&self) -> Result<u32, DiskFault> {
        Ok(self.meta("followed")?.unwrap_or_default())
    }

    /// Invitations that hold still.
    pub fn invitations(&self) -> Result<Vec<OpenInvitation>, DiskFault> {
        Ok(self.meta("invitations")?.unwrap_or_default())
    }

    /// Which version of the facts is stored; nothing in a store that is new or older than such versions.
    pub fn facts_version(&self) -> Result<Option<u32>, DiskFault> {
        self.meta("facts")
    }

    /// Which kinds of record the program knew that opened the store last, by collection.
    pub fn kinds_known(&self) -> Result<Option<BTreeSet<u8>>, DiskFault> {
        self.meta("kinds")
    }

    /// The kinds of which there are records here.
    pub fn kinds_with_records(&self) -> Result<BTreeSet<u8>, DiskFault> {
        self.rows().map(|row| row.map(|(record, _)| Collection::of(record.kind).0)).collect()
    }

    /// How far a log is held, and its author's key.
    pub fn author(&self, device: DeviceId) -> Result<Option<Author>, DiskFault> {
        self.seal.get(&self.db, &author_key(device))
    }

    /// Whose logs are held, and how far.
    pub fn authors(&self) -> impl Iterator<Item = Result<Author, DiskFault>> {
        let open = |(key, bytes): disk::Row| self.seal.unwrap(&key, &bytes);
        self.db.beginning([AUTHOR]).map(move |row| row.and_then(open))
    }

    /// How far every log is held.
    pub fn vector(&self) -> Result<Vector, DiskFault> {
        self.authors().map(|author| author.map(|author| (author.key.device(), author.last))).collect()
    }

    /// What digests and vector were when they were last written together; nothing in a store of an older program.
    pub fn standing(&self) -> Result<Option<Standing>, DiskFault> {
        self.meta("standing")
    }

    /// The hash of an entry; zeroes before the first.
    pub fn hash(&self, device: DeviceId, seq: u64) -> Result<Option<EntryHash>, DiskFault> {
        let base = self.base(device)?;
        Ok(if seq == base.seq { Some(base.hash) } else { self.entry(device, seq)?.map(|stored| stored.hash) })
    }

    /// One entry of a log.
    pub fn entry(&self, device: DeviceId, seq: u64) -> Result<Option<SignedEntry>, DiskFault> {
        self.seal.get(&self.db, &log_key(device, seq))
    }

    /// Every entry of a log after one; also what is there of a run that was begun.
    pub fn log(&self, device: DeviceId, after: u64) -> impl Iterator<Item = Result<SignedEntry, DiskFault>> {
        self.db.between(log_key(device, after + 1)..=log_key(device, u64::MAX)).map(|row| {
            let (key, bytes) = row?;
            self.seal.unwrap(&key, &bytes)
        })
    }

    /// The entries of a log after one of them, a run's worth and no more, and what is wrong with the next one, if anything is.
    fn entries_after(&self, device: DeviceId, after: u64) -> (Vec<SignedEntry>, Option<DiskFault>) {
        let (mut entries, mut bytes, mut signed): (Vec<SignedEntry>, usize, bool) = (Vec::new(), 0, false);
        let rows = self.db.between(log_key(device, after + 1)..=log_key(device, u64::MAX));
        for (seq, row) in (after + 1..).zip(rows.take(RUN_ENTRIES)) {
            let missing = || DiskFault::Damaged(format!("entry {seq} of the log of {device}"));
            let entry = row.and_then(|(key, bytes)| {
                if *key == *log_key(device, seq) {
                    self.seal.unwrap::<SignedEntry>(&key, &bytes)
                } else {
                    Err(missing())
                }
            });
            match entry {
                Ok(entry) => {
                    bytes += entry.entry.weight();
                    signed |= entry.signature.is_some();
                    entries.push(entry);
                }
                Err(fault) => return (entries, Some(fault)),
            }
            if bytes > RUN_BYTES && signed {
                break;
            }
        }
        (entries, None)
    }

    /// The longest run of a log after an entry.
    pub fn run_after(&self, device: DeviceId, after: u64) -> Result<Option<Run>, DiskFault> {
        self.run_between(device, after, u64::MAX)
    }

    /// The longest run of a log after an entry and up to another whose signature is known; from where the log is kept, if it
    /// is not kept so far back.
    pub fn run_between(&self, device: DeviceId, after: u64, last: u64) -> Result<Option<Run>, DiskFault> {
        let after = after.max(self.base(device)?.seq);
        let (Some(author), Some(previous)) = (self.author(device)?, self.hash(device, after)?) else {
            return Ok(None);
        };
        let (mut entries, wrong) = self.entries_after(device, after);
        let last = last.min(author.last);
        entries.truncate(usize::try_from(last.saturating_sub(after)).unwrap_or(usize::MAX));
        match wrong.filter(|_| entries.is_empty()) {
            Some(wrong) => Err(wrong),
            None => Ok(Run::cut(author.key, after + 1, previous, &entries)),
        }
    }

    /// Whether a log is held from where it is kept to its end.
    pub fn is_whole(&self, author: &Author) -> Result<bool, DiskFault> {
        let mut seq = self.base(author.key.device())?.seq;
        while seq < author.last {
            let (entries, wrong) = self.entries_after(author.key.device(), seq);
            seq += entries.len() as u64;
            if wrong.is_some() || entries.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What is kept of a record besides its document.
    pub fn row(&self, record: RecordRef) -> Result<Option<RecordRow>, DiskFault> {
        self.seal.get(&self.db, &record_key(ROW, record))
    }

    /// What is kept of every record this program knows.
    pub fn rows(&self) -> impl Iterator<Item = Result<(RecordRef, RecordRow), DiskFault>> {
        self.rows_beginning([ROW])
    }

    /// The rows of one kind of records.
    pub fn rows_of(&self, kind: RecordKind) -> impl Iterator<Item = Result<(RecordRef, RecordRow), DiskFault>> {
        self.rows_beginning([ROW, Collection::of(kind).0])
    }

    fn rows_beginning<const N: usize>(
        &self,
        prefix: [u8; N],
    ) -> impl Iterator<Item = Result<(RecordRef, RecordRow), DiskFault>> {
        self.db.beginning(prefix).filter_map(|row| match row {
            Ok((key, bytes)) => {
                let record = record_of(&key)?;
                Some(self.seal.unwrap(&key, &bytes).map(|row| (record, row)))
            }
            Err(fault) => Some(Err(fault)),
        })
    }

    /// Entries that this device wrote under its former identity after another had begun to write under it, oldest first.
    pub fn tail(&self) -> Result<Vec<(DeviceId, u64, SignedEntry)>, DiskFault> {
        let rows = self.db.beginning([TAIL]);
        rows.map(|row| row.and_then(|(key, bytes)| self.seal.unwrap(&key, &bytes))).collect()
    }

    /// What was set aside.
    pub fn set_aside(&self) -> Result<Vec<SetAside>, DiskFault> {
        let open = |(key, bytes): disk::Row| self.seal.unwrap(&key, &bytes);
        self.db.beginning([ASIDE]).map(|row| row.and_then(open)).collect()
    }

    /// Whether something was set aside already.
    pub fn holds_aside(&self, aside: &SetAside) -> Result<bool, DiskFault> {
        Ok(self.db.get(batch::aside_key(aside))?.is_some())
    }

    /// Where decisions about what was set aside stand: in whose log, and which entry of it.
    pub fn judgements(&self) -> Result<Vec<(DeviceId, u64)>, DiskFault> {
        let open = |(key, bytes): disk::Row| self.seal.unwrap(&key, &bytes);
        self.db.beginning([JUDGED]).map(|row| row.and_then(open)).collect()
    }

    /// Seals a batch and commits it atomically. It survives a power cut once [`Store::flush`] has returned.
    pub fn commit(&self, batch: Batch) -> Result<(), DiskFault> {
        *self.last_read.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.db.apply(batch.sealed(&self.seal))
    }

    /// Waits until everything committed is on disk.
    pub fn flush(&self) -> Result<(), DiskFault> {
        self.db.flush()
    }
}

fn meta_key(name: &str) -> Vec<u8> {
    [&[META], name.as_bytes()].concat()
}

fn author_key(device: DeviceId) -> Vec<u8> {
    [&[AUTHOR], device.uuid().as_bytes().as_slice()].concat()
}

fn judged_key(device: DeviceId, seq: u64) -> Vec<u8> {
    [&[JUDGED], device.uuid().as_bytes().as_slice(), &seq.to_be_bytes()].concat()
}

fn log_key(device: DeviceId, seq: u64) -> Vec<u8> {
    [&[LOG], device.uuid().as_bytes().as_slice(), &seq.to_be_bytes()].concat()
}

fn tail_key(seq: u64) -> Vec<u8> {
    [&[TAIL], seq.to_be_bytes().as_slice()].concat()
}

fn record_key(prefix: u8, record: RecordRef) -> Vec<u8> {
    [&[prefix, Collection::of(record.kind).0], record.id.uuid().as_bytes().as_slice()].concat()
}

fn record_of(key: &[u8]) -> Option<RecordRef> {
    subject_of(key)?.record()
}

fn subject_of(key: &[u8]) -> Option<Subject> {
    Some(Subject { collection: Collection(*key.get(1)?), id: key.get(2..18)?.try_into().ok()? })
}

#[cfg(test)]
mod tests;
