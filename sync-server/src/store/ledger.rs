//! Who may keep logs on the relay, and how much each company keeps.

use super::{AUTHOR, Author, LOG, StoreFault};
use mera_disk as disk;
use mera_schema::WorkspaceId;
use mera_sync_protocol::SyncFault;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const USAGE: u8 = b'u';

/// Entries, and bytes of the values they are stored in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Entries.
    pub entries: u64,
    /// Bytes; sled needs about a third more on the disk.
    pub bytes: u64,
}

impl Usage {
    /// One more stored value.
    pub(super) fn add(&mut self, bytes: usize) {
        self.entries += 1;
        self.bytes = self.bytes.saturating_add(bytes as u64);
    }

    /// Whether a company may keep so much when this is its share.
    pub(super) fn holds(self, wanted: Self) -> Result<(), StoreFault> {
        if wanted.entries > self.entries {
            return Err(StoreFault::CompanyFull("entries"));
        }
        if wanted.bytes > self.bytes { Err(StoreFault::CompanyFull("bytes")) } else { Ok(()) }
    }
}

/// Which companies a relay serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Companies {
    /// Any, as long as there is room for one more.
    Open,
    /// Those that keep something here already.
    Closed,
    /// These and no others.
    Listed(HashSet<WorkspaceId>),
}

/// Why a list of companies could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ListFault {
    /// The file.
    #[error("the list of companies {path} cannot be read: {cause}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// A line.
    #[error("line {line} of the list of companies {path} is no company's id; write one id a line, or # and a remark")]
    NoCompany {
        /// Which file.
        path: PathBuf,
        /// Counted from one.
        line: usize,
    },
}

impl Companies {
    /// Reads a list: one id a line; empty lines, and what follows a `#`, say nothing.
    pub fn listed_in(path: &Path) -> Result<Self, ListFault> {
        let text =
            std::fs::read_to_string(path).map_err(|cause| ListFault::Unreadable { path: path.to_owned(), cause })?;
        let words = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).enumerate();
        let ids = words.filter(|(_, word)| !word.is_empty()).map(|(index, word)| {
            word.parse().map_err(|_| ListFault::NoCompany { path: path.to_owned(), line: index + 1 })
        });
        Ok(Self::Listed(ids.collect::<Result<_, _>>()?))
    }
}

/// Whom a relay serves, and what each may keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Which companies.
    pub companies: Companies,
    /// How many companies at most.
    pub most: usize,
    /// What one company may keep.
    pub quota: Usage,
}

impl Default for Rules {
    /// Ten thousand companies are what one machine's disk carries when most of them are small. Ten million entries and
    /// 4 GiB are some decades of a trader with fifty desks.
    fn default() -> Self {
        let quota = Usage { entries: 10_000_000, bytes: 4 << 30 };
        Self { companies: Companies::Open, most: 10_000, quota }
    }
}

impl Rules {
    /// Whether a company is served that is known here or not yet, beside so many others.
    pub(super) fn admit(&self, company: WorkspaceId, known: bool, companies: usize) -> Result<(), SyncFault> {
        let welcome = match &self.companies {
            Companies::Open => true,
            Companies::Closed => known,
            Companies::Listed(ids) => ids.contains(&company),
        };
        if welcome && (known || companies < self.most) { Ok(()) } else { Err(SyncFault::NotAdmitted) }
    }
}

/// What each company keeps; the disk has the same in its own rows.
pub(super) struct Ledger(Mutex<HashMap<WorkspaceId, Usage>>);

impl Ledger {
    /// Every company that keeps something here.
    pub fn companies(&self) -> Vec<WorkspaceId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// Reads it from the disk. A disk from before there was a ledger is counted once.
    pub fn read(tree: &disk::Tree) -> Result<Self, StoreFault> {
        let mut usage = HashMap::new();
        for row in tree.beginning([USAGE]) {
            let (key, stored) = row?;
            usage.insert(company(&key)?, disk::unwrap(&key, &stored)?);
        }
        for row in tree.beginning([AUTHOR]) {
            let (key, stored) = row?;
            disk::unwrap::<Author>(&key, &stored)?;
            let company = company(&key)?;
            if let Entry::Vacant(row) = usage.entry(company) {
                let counted = *row.insert(count(tree, company)?);
                tree.insert(self::key(company), disk::wrap(&counted))?;
            }
        }
        Ok(Self(Mutex::new(usage)))
    }

    pub fn knows(&self, company: WorkspaceId) -> bool {
        self.rows().contains_key(&company)
    }

    /// The company whose identity begins so, if it is the only one.
    pub fn one_that_begins(&self, begins: [u8; 6]) -> Option<WorkspaceId> {
        let rows = self.rows();
        let mut found = rows.keys().filter(|company| company.uuid().as_bytes().starts_with(&begins));
        found.next().filter(|_| found.next().is_none()).copied()
    }

    pub fn of(&self, company: WorkspaceId) -> Usage {
        self.rows().get(&company).copied().unwrap_or_default()
    }

    pub fn note(&self, company: WorkspaceId, usage: Usage) {
        self.rows().insert(company, usage);
    }

    /// Counts a company anew, after something of it went.
    pub fn count(&self, tree: &disk::Tree, company: WorkspaceId) -> Result<(), StoreFault> {
        let usage = count(tree, company)?;
        tree.insert(key(company), disk::wrap(&usage))?;
        self.note(company, usage);
        Ok(())
    }

    pub fn total(&self) -> (usize, Usage) {
        let rows = self.rows();
        let sum = |sum: Usage, one: &Usage| Usage {
            entries: sum.entries + one.entries,
            bytes: sum.bytes.saturating_add(one.bytes),
        };
        (rows.len(), rows.values().fold(Usage::default(), sum))
    }

    fn rows(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, Usage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a company's row stands.
pub(super) fn key(company: WorkspaceId) -> Vec<u8> {
    super::key(USAGE, company, &[])
}

pub(super) fn company(key: &[u8]) -> Result<WorkspaceId, StoreFault> {
    let bytes = key.get(1..17).and_then(|bytes| bytes.try_into().ok());
    let uuid = bytes.map(uuid::Uuid::from_bytes);
    uuid.map(WorkspaceId::new).ok_or_else(|| StoreFault::Damaged("a company's row".into()))
}

fn count(tree: &disk::Tree, company: WorkspaceId) -> Result<Usage, StoreFault> {
    let mut usage = Usage::default();
    for row in tree.beginning(super::key(LOG, company, &[])) {
        usage.add(row?.1.len());
    }
    Ok(usage)
}

#[cfg(test)]
mod tests;
