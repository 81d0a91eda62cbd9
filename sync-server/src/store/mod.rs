//! The relay's disk: one sled tree with prefixed keys, so that one batch is one atomic commit.

mod checkpoint;
mod entries;
mod erasure;
mod examine;
mod follow;
mod front;
mod ledger;
mod members;
mod peers;
mod recent;
mod roll;
mod serving;
mod whole;

use checkpoint::Called;
use examine::examine;
use follow::By;
use front::Fronts;
use ledger::Ledger;
use members::Said;
use mera_disk::{self as disk, DiskFault};
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{EntryHash, PublicKey, RUN_ENTRIES, Run, SignedEntry, SyncFault};
use mera_trust::Membership;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

pub use follow::{Command, Step};
pub use ledger::{Companies, ListFault, Rules, Usage};
pub use peers::PeerRow;
pub use whole::Row;

/// Why the relay's disk could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// The folder could not be used.
    #[error("the relay's folder cannot be opened; is another relay using it, or is the disk full? {0}")]
    Closed(sled::Error),
    /// There is no relay's disk in the folder.
    #[error("there is no relay's disk in {0}; name the folder that the backup was put back into")]
    Nothing(PathBuf),
    /// A stored value is damaged.
    #[error(
        "the relay's disk is damaged under {0}; restore a backup, or begin with an empty folder: devices fill it again"
    )]
    Damaged(String),
    /// Nothing more can be written.
    #[error("the relay's disk cannot be written: {0}; free some space, or mount it so that it can be written")]
    NotWritable(io::Error),
    /// The operating system gave no randomness for a new disk.
    #[error("the operating system gave no randomness: {0}")]
    NoRandomness(getrandom::Error),
    /// What the log says could not be written here.
    #[error("the relay's disk could not follow the log: {0}")]
    NotFollowed(String),
    /// The folder was not filled from this log.
    #[error(
        "the relay's folder holds what does not come from this log; give the relay an empty folder: it fills it from the log, and \
         devices bring what the log lacks"
    )]
    OtherLog,
    /// The company has used its share.
    #[error(
        "this company's share of the relay is used up ({0}); what you save waits on the device, so ask whoever runs \
         the relay for a larger share"
    )]
    CompanyFull(&'static str),
}

impl From<DiskFault> for StoreFault {
    fn from(fault: DiskFault) -> Self {
        match fault {
            DiskFault::Closed(cause) => Self::Closed(cause),
            DiskFault::ReadOnly(cause) => Self::NotWritable(cause),
            DiskFault::Damaged(key) => Self::Damaged(key),
        }
    }
}

impl From<StoreFault> for SyncFault {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::CompanyFull(_) => {
                Self::Refused { code: "relay.company_full".to_owned(), says: fault.to_string() }
            }
            other => Self::Store(other.to_string()),
        }
    }
}

/// Bytes of the disk that sled may keep in memory: 256 MiB, enough for the newest entries of many companies.
const CACHE: u64 = 256 << 20;

/// The file that is written to see whether the disk can be written.
const PROBE: &str = "writable";

const EPOCH: u8 = b'e';
const LOG: u8 = b'l';
const AUTHOR: u8 = b'k';
const ARRIVAL: u8 = b'a';
const STATEMENT: u8 = b's';
/// What was let go of a log at a checkpoint.
const BASE: u8 = b'b';

/// Whose log, and how far it is held.
#[derive(Serialize, Deserialize)]
struct Author {
    key: PublicKey,
    last: u64,
}

/// What arrived: entries of one log.
#[derive(Serialize, Deserialize)]
struct Arrival {
    device: DeviceId,
    first: u64,
    last: u64,
}

/// The relay's disk.
pub struct RelayDisk {
    tree: RwLock<disk::Tree>,
    epoch: [u8; 16],
    /// One writer at a time: an arrival's number and its log's end belong together.
    writing: Mutex<()>,
    /// What devices confirm is written beside the one writer, but not while the disk is written anew.
    confirming: RwLock<()>,
    /// Who has called since the disk was opened, and when the first did.
    called: Mutex<HashMap<WorkspaceId, Called>>,
    /// What every frame asks for.
    fronts: Fronts,
    /// What a device's clock showed when it last came back since the disk was opened.
    came_back: Mutex<HashMap<(WorkspaceId, DeviceId), u64>>,
    /// Whoever answers a roll, or ends it, does so alone.
    calling: Mutex<()>,
    /// Whether files hold bytes of what was erased.
    lingering: AtomicBool,
    /// The members of companies that have guests, as their chains tell; the disk holds the chains.
    members: Mutex<HashMap<WorkspaceId, Arc<Membership>>>,
    rules: RwLock<Rules>,
    ledger: Ledger,
    folder: PathBuf,
    flushes: Histogram,
    /// Whether a commit failed, so that what is read may be in memory alone.
    doubted: AtomicBool,
}

impl RelayDisk {
    /// Opens the folder, or makes it, under the usual rules. Each time the disk is opened it begins a new life: after a
    /// power cut, a wrong bit or a restored backup it may hold less than devices remember, and then their places in its
    /// order of arrival mean something else. They tell their vectors once instead.
    pub fn open(folder: &Path) -> Result<Self, StoreFault> {
        Self::open_under(Rules::default(), folder)
    }

    /// The same under rules of one's own.
    pub fn open_under(rules: Rules, folder: &Path) -> Result<Self, StoreFault> {
        let mut epoch = [0; 16];
        getrandom::fill(&mut epoch).map_err(StoreFault::NoRandomness)?;
        let tree = disk::open(folder, CACHE)?;
        examine(&tree)?;
        let begins = follow::leave_log(&tree)?;
        Self::begin(rules, folder, tree, (epoch, begins))
    }

    /// Opens a folder as the copy of a log that several relays share, whose life is told: an arrival has the same number in
    /// every copy, and so the copies have one life.
    pub fn open_following(rules: Rules, folder: &Path, life: [u8; 16]) -> Result<Self, StoreFault> {
        let tree = disk::open(folder, CACHE)?;
        whole::drop_half_installed(&tree)?;
        examine(&tree)?;
        let begins = follow::join_log(&tree, life)?;
        let disk = Self::begin(rules, folder, tree, (life, begins))?;
        disk.finish_steps()?;
        Ok(disk)
    }

    fn begin(
        rules: Rules,
        folder: &Path,
        tree: disk::Tree,
        (epoch, mut life): ([u8; 16], disk::Batch),
    ) -> Result<Self, StoreFault> {
        life.insert(&[EPOCH], disk::wrap(&epoch));
        tree.apply(life)?;
        tree.flush()?;
        let ledger = Ledger::read(&tree)?;
        let (writing, members, rules) = (Mutex::new(()), Mutex::default(), RwLock::new(rules));
        let (tree, confirming, lingering) = (RwLock::new(tree), RwLock::new(()), AtomicBool::new(false));
        let calling = Mutex::new(());
        // From a tenth of a millisecond on a fast disk to three seconds on one that is failing.
        let flushes = Histogram::new(exponential_buckets(0.0001, 2.0, 16));
        let folder = folder.to_owned();
        let (called, came_back) = (Mutex::default(), Mutex::default());
        let disk = Self {
            tree,
            epoch,
            writing,
            confirming,
            calling,
            called,
            fronts: Fronts::default(),
            came_back,
            lingering,
            members,
            rules,
            ledger,
            folder,
            flushes,
            doubted: AtomicBool::new(false),
        };
        disk.finish_erasing()?;
        Ok(disk)
    }

    /// Other rules from now on; who is connected stays so.
    pub fn rule(&self, rules: Rules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
    }

    /// How many companies keep something here, and how much in all.
    pub fn usage(&self) -> (usize, Usage) {
        self.ledger.total()
    }

    /// How long commits took, in seconds, the wait for the disk included.
    pub fn flushes(&self) -> Histogram {
        self.flushes.clone()
    }

    /// Bytes of the files on the disk.
    pub fn size(&self) -> Result<u64, StoreFault> {
        Ok(self.tree().size_on_disk()?)
    }

    /// Whether the disk still answers, and with what was written on it, and whether more can be written.
    pub fn check(&self) -> Result<(), StoreFault> {
        self.probe().map_err(StoreFault::NotWritable)?;
        match disk::get::<[u8; 16]>(&self.tree(), &[EPOCH])? {
            Some(epoch) if epoch == self.epoch => Ok(()),
            _ => Err(StoreFault::Damaged("the life of the disk".into())),
        }
    }

    /// The tree as it is now. Whoever keeps it reads what it was when the disk is written anew.
    fn tree(&self) -> disk::Tree {
        self.tree.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn one_at_a_time(&self) -> Result<MutexGuard<'_, ()>, SyncFault> {
        self.writing.lock().map_err(|_| SyncFault::Store("a writer failed; start again".into()))
    }

    /// sled keeps its files open and writes them in its own time; a file of its own asks the disk now.
    fn probe(&self) -> io::Result<()> {
        let mut file = File::create(self.folder.join(PROBE))?;
        file.write_all(&self.epoch)?;
        file.sync_all()
    }

    /// A commit that failed is read back all the same, from memory: whoever was told by it that an entry is on the disk would
    /// throw away the only copy. So nothing is told of logs until the disk has taken everything, or the relay is started anew.
    fn must_be_on_disk(&self) -> Result<(), StoreFault> {
        if self.doubted.load(Ordering::Acquire) {
            self.tree().flush()?;
            self.doubted.store(false, Ordering::Release);
        }
        Ok(())
    }

    fn author(&self, ws: WorkspaceId, device: DeviceId) -> Result<Option<Author>, StoreFault> {
        self.must_be_on_disk()?;
        Ok(disk::get(&self.tree(), &key(AUTHOR, ws, device.uuid().as_bytes()))?)
    }

    fn entry(&self, ws: WorkspaceId, device: DeviceId, seq: u64) -> Result<Option<SignedEntry>, StoreFault> {
        Ok(disk::get(&self.tree(), &log_key(ws, device, seq))?)
    }

    fn hash(&self, ws: WorkspaceId, device: DeviceId, seq: u64) -> Result<Option<EntryHash>, StoreFault> {
        let base = self.base(ws, device)?;
        Ok(if seq == base.seq { Some(base.hash) } else { self.entry(ws, device, seq)?.map(|stored| stored.hash) })
    }

    /// The longest run after an entry and up to another; after what was let go of where that is later.
    fn cut(&self, ws: WorkspaceId, device: DeviceId, after: u64, last: u64) -> Result<Option<Run>, StoreFault> {
        let after = after.max(self.base(ws, device)?.seq);
        let (Some(author), Some(previous)) = (self.author(ws, device)?, self.hash(ws, device, after)?) else {
            return Ok(None);
        };
        let end = last.min(after + RUN_ENTRIES as u64);
        let rows = self.tree().between(log_key(ws, device, after + 1)..=log_key(ws, device, end));
        let mut stored: Vec<SignedEntry> = Vec::new();
        for (seq, row) in (after + 1..).zip(rows) {
            let (key, bytes) = row?;
            if *key != *log_key(ws, device, seq) {
                if self.base(ws, device)?.seq > after {
                    // It was let go of just now.
                    return self.cut(ws, device, after, last);
                }
                return Err(StoreFault::Damaged(format!("entry {seq} of the log of {device}")));
            }
            stored.push(disk::unwrap(&key, &bytes)?);
        }
        Ok(Run::cut(author.key, after + 1, previous, &stored))
    }

    fn last_arrival(&self, ws: WorkspaceId) -> Result<u64, StoreFault> {
        let Some(row) = self.tree().beginning(key(ARRIVAL, ws, &[])).next_back() else { return Ok(0) };
        arrival_number(&row?.0)
    }

    fn rows<T: serde::de::DeserializeOwned>(
        &self,
        prefix: Vec<u8>,
    ) -> impl Iterator<Item = Result<(Vec<u8>, T), StoreFault>> {
        self.tree().beginning(prefix).map(|row| {
            let (key, bytes) = row?;
            Ok((key.to_vec(), disk::unwrap(&key, &bytes)?))
        })
    }
}

fn key(prefix: u8, ws: WorkspaceId, rest: &[u8]) -> Vec<u8> {
    [&[prefix], ws.uuid().as_bytes().as_slice(), rest].concat()
}

/// The device that a row of a company is about.
fn device_of(place: &[u8]) -> Option<DeviceId> {
    place.get(17..33)?.try_into().ok().map(|bytes| DeviceId::new(uuid::Uuid::from_bytes(bytes)))
}

fn arrival_number(place: &[u8]) -> Result<u64, StoreFault> {
    let number = place.get(17..25).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
    number.ok_or_else(|| StoreFault::Damaged("an arrival".into()))
}

fn log_key(ws: WorkspaceId, device: DeviceId, seq: u64) -> Vec<u8> {
    key(LOG, ws, &[device.uuid().as_bytes().as_slice(), &seq.to_be_bytes()].concat())
}

#[cfg(test)]
pub(crate) use {checkpoint::tests as checkpointing, erasure::tests as erasing};

#[cfg(test)]
pub(crate) mod tests;
