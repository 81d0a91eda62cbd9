//! Records in plain values, one after the other, for whoever carries them out of the house.

use super::Engine;
use crate::DeviceFault;
use crate::store::Store;
use mera_device_api::{HistoryRow, Refused};
use mera_schema::document::{self, Document};
use mera_schema::{RecordKind, RecordRef, RecordTree};
use mera_trust::GroupKeys;

/// What there is to carry out of the house.
pub(crate) struct Begun {
    /// In the order of their kinds and identities.
    pub records: Vec<RecordRef>,
    /// How many records were erased until then.
    pub erased: usize,
}

/// A record on its way out of the house.
pub(crate) struct Carried {
    /// As it stands, with every answer where people disagree.
    pub values: RecordTree,
    /// Every change, newest first.
    pub history: Vec<HistoryRow>,
}

impl Engine {
    /// Begins to carry every record out of the house. A device that was taken out of its company gives nothing.
    pub(crate) fn begin_carrying(&self) -> Result<Begun, Refused> {
        self.expelled().map_or(Ok(()), Err)?;
        let records = RecordKind::ALL.iter().flat_map(|kind| self.records(*kind)).collect();
        Ok(Begun { records, erased: self.erasures.count() })
    }

    /// One of them, as it stands now.
    pub(crate) fn carried(&mut self, record: RecordRef) -> Result<Carried, Refused> {
        self.close_some();
        self.expelled().map_or(Ok(()), Err)?;
        let history = self.history(record)?;
        Ok(Carried { values: self.values(record)?, history })
    }

    /// Every record of a kind that this device holds, in the order of their identities.
    pub fn records(&self, kind: RecordKind) -> Vec<RecordRef> {
        self.views.of_kind(kind)
    }

    /// A record in plain values, with every answer where people disagree. Its document is not kept open: whoever goes
    /// through all records comes by once.
    pub fn values(&self, record: RecordRef) -> Result<RecordTree, DeviceFault> {
        values(&self.store, record, self.members.keys())
    }
}

/// A record as its document on disk says.
pub(super) fn values(store: &Store, record: RecordRef, keys: &GroupKeys) -> Result<RecordTree, DeviceFault> {
    let damaged = || DeviceFault::RecordDamaged(record.to_string());
    let row = store.row(record)?.ok_or_else(damaged)?;
    let mut doc = Document::open(&store.document_of(record, &row, keys)?).map_err(|_| damaged())?;
    if row.heads != document::heads(&mut doc) {
        return Err(damaged());
    }
    Ok(document::read(&mut doc, record))
}
