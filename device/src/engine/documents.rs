//! Documents that are open, so that what a person works on is not read from the disk each time.

use super::Engine;
use crate::DeviceFault;
use mera_schema::RecordRef;
use mera_schema::document::{self, Document};

/// An open document and how many chunks of it stand on disk beside its snapshot.
pub(super) struct Open {
    pub doc: Document,
    pub chunks: u32,
    pub stored: bool,
    /// The next commit writes it whole.
    pub fold: bool,
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
            let open = match self.store.document(record, self.members.keys())? {
                Some((bytes, chunks)) => {
                    let damaged = || DeviceFault::RecordDamaged(record.to_string());
                    let mut doc = Document::open(&bytes).map_err(|_| damaged())?;
                    // An older state of the document is no worse than none: what is written on it would be written on that.
                    if self.store.row(record)?.is_none_or(|row| row.heads != document::heads(&mut doc)) {
                        return Err(damaged());
                    }
                    Open { doc, chunks, stored: true, fold: false }
                }
                None if self.store.row(record)?.is_some() => {
                    return Err(DeviceFault::RecordDamaged(record.to_string()));
                }
                None => Open { doc: Document::empty(), chunks: 0, stored: false, fold: false },
            };
            self.open.insert(record, open);
        }
        Ok(self.open.get_mut(&record).expect("it was just put in"))
    }

    /// A copy of a record's document as it is stored, to merge into what is never written; an empty one if there is none.
    pub(super) fn copy_of(&self, record: RecordRef) -> Result<Document, DeviceFault> {
        let Some((bytes, _)) = self.store.document(record, self.members.keys())? else { return Ok(Document::empty()) };
        Document::open(&bytes).map_err(|_| DeviceFault::RecordDamaged(record.to_string()))
    }
}
