//! Documents that are open, so that what a person works on is not read from the disk each time.

use super::Engine;
use crate::DeviceFault;
use crate::store::Stands;
use mera_schema::RecordRef;
use mera_schema::document::{self, Document};

/// An open document.
pub(super) struct Open {
    pub doc: Document,
    /// Where it stands on the disk; nothing until it is written for the first time.
    pub stands: Option<Stands>,
    /// The next commit writes it whole.
    pub fold: bool,
}

impl Open {
    /// The document of a record that is new.
    pub fn new(doc: Document) -> Self {
        Self { doc, stands: None, fold: false }
    }
}

/// Documents kept open between two pieces of work: what a person has on screen, and what they had a moment ago.
pub(super) const OPEN_DOCUMENTS: usize = 32;

impl Engine {
    /// Lets go of documents before new work. Never in the middle of it: a document that has taken in a change and is
    /// not yet committed holds the only copy of its merged state.
    pub(super) fn close_some(&mut self) {
        if self.open.len() > OPEN_DOCUMENTS {
            self.open.clear();
        }
    }

    /// The document of a record; an empty one if there is none.
    pub(super) fn document(&mut self, record: RecordRef) -> Result<&mut Open, DeviceFault> {
        if !self.open.contains_key(&record) {
            let open = match self.store.row(record)? {
                Some(row) => {
                    let damaged = || DeviceFault::RecordDamaged(record.to_string());
                    let bytes = self.store.document_of(record, &row, self.members.keys())?;
                    let mut doc = Document::open(&bytes).map_err(|_| damaged())?;
                    // An older state of the document is no worse than none: what is written on it would be written on that.
                    if row.heads != document::heads(&mut doc) {
                        return Err(damaged());
                    }
                    Open { doc, stands: Some(row.stands), fold: false }
                }
                None => Open::new(Document::empty()),
            };
            self.open.insert(record, open);
        }
        Ok(self.open.get_mut(&record).expect("it was just put in"))
    }

    /// A copy of a record's document as it is stored, to merge into what is never written; an empty one if there is none.
    pub(super) fn copy_of(&self, record: RecordRef) -> Result<Document, DeviceFault> {
        let Some(bytes) = self.store.document(record, self.members.keys())? else { return Ok(Document::empty()) };
        Document::open(&bytes).map_err(|_| DeviceFault::RecordDamaged(record.to_string()))
    }
}
