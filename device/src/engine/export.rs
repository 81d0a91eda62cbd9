//! Records in plain values, one after the other, for whoever carries them out of the house.

use super::Engine;
use crate::DeviceFault;
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
        let damaged = || DeviceFault::RecordDamaged(record.to_string());
        let (bytes, _) = self.store.document(record)?.ok_or_else(damaged)?;
        let mut doc = Document::open(&bytes).map_err(|_| damaged())?;
        Ok(document::read(&mut doc, record))
    }
}
