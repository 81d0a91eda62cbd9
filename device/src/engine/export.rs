//! Records in plain values, one after the other, for whoever carries them out of the house.

use super::Engine;
use crate::DeviceFault;
use crate::store::Store;
use mera_schema::document::{self, Document};
use mera_schema::{RecordKind, RecordRef, RecordTree};

impl Engine {
    /// Every record of a kind that this device holds, in the order of their identities.
    pub fn records(&self, kind: RecordKind) -> Vec<RecordRef> {
        self.views.of_kind(kind)
    }

    /// A record in plain values, with every answer where people disagree. Its document is not kept open: whoever goes
    /// through all records comes by once.
    pub fn values(&self, record: RecordRef) -> Result<RecordTree, DeviceFault> {
        values(&self.store, record)
    }
}

/// A record as its document on disk says.
pub(super) fn values(store: &Store, record: RecordRef) -> Result<RecordTree, DeviceFault> {
    let damaged = || DeviceFault::RecordDamaged(record.to_string());
    let (bytes, _) = store.document(record)?.ok_or_else(damaged)?;
    let mut doc = Document::open(&bytes).map_err(|_| damaged())?;
    if store.row(record)?.is_none_or(|row| row.heads != document::heads(&mut doc)) {
        return Err(damaged());
    }
    Ok(document::read(&mut doc, record))
}
