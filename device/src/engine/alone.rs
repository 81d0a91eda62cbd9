//! A record that is taken in without its document: where nobody wrote beside anybody, its changes say all that lists and digests
//! need (decision 98). Whoever takes in a company's records saves most of the work so, and a colleague's change opens nothing.

use super::Engine;
use crate::store::{At, Batch, FOLD_AFTER, RecordRow, Stands};
use mera_business::facts::{self, Fact};
use mera_schema::document::{self, Document, Uncontested};
use mera_schema::{Heads, RecordRef};
use mera_sync_protocol::{Digest, Place, Whole};

/// What a record is with a change that came.
pub(super) struct Alone {
    pub record: RecordRef,
    /// Its row until now.
    pub old: Option<RecordRow>,
    pub heads: Heads,
    pub facts: Vec<Fact>,
    keeps: Keeps,
}

/// How the change joins what stands on the disk of the record.
enum Keeps {
    /// All of the record is what the entry says, and stands there.
    InEntry(At),
    /// It is one more beside what stands there.
    Chunk(Stands, Vec<u8>),
}

impl Engine {
    /// Reads what a record is with what an entry says of it. Nothing is given where that takes a document, which also tells what is
    /// wrong, if anything is.
    pub(super) fn read_alone(&self, at: &Place, record: RecordRef, chunk: &[u8]) -> Option<Alone> {
        if self.open.contains_key(&record) {
            return None;
        }
        let old = self.store.row(record).ok()?;
        let mut changes = Uncontested::of(record);
        let keeps = match &old {
            None => Keeps::in_entry(at),
            Some(row) => {
                changes.follow(&self.store.document_of(record, row, self.members.keys()).ok()?)?;
                // An older state of the record is for the document to find.
                if row.stands.chunks >= FOLD_AFTER || changes.heads() != row.heads {
                    return None;
                }
                Keeps::Chunk(row.stands, chunk.to_vec())
            }
        };
        changes.follow(chunk)?;
        let facts = facts::facts(&changes.read());
        Some(Alone { record, old, heads: changes.heads(), facts, keeps })
    }

    /// Reads a record that is new here as an entry of a checkpoint has it. Nothing is given where something else is here of it, or
    /// where it says something else than it says to be.
    pub(super) fn read_whole(&self, at: &Place, record: RecordRef, whole: &Whole) -> Option<Alone> {
        if self.open.contains_key(&record) || self.store.row(record).ok()?.is_some() {
            return None;
        }
        let mut doc = Document::open(&whole.document).ok()?;
        let heads = document::heads(&mut doc);
        if doc.misses_something() || Digest::mark(record, &heads) != whole.mark {
            return None;
        }
        let facts = facts::facts(&document::read(&mut doc, record));
        Some(Alone { record, old: None, heads, facts, keeps: Keeps::in_entry(at) })
    }
}

impl Keeps {
    fn in_entry(at: &Place) -> Self {
        Self::InEntry(At { device: at.device, seq: at.seq, previous: at.previous })
    }
}

impl Alone {
    /// Writes the change with a commit. Where the record stands then.
    pub fn keep(&self, batch: &mut Batch) -> Stands {
        match &self.keeps {
            Keeps::InEntry(at) => Stands::at(*at),
            Keeps::Chunk(stands, chunk) => batch.chunk(self.record, chunk, *stands),
        }
    }
}
