//! The Automerge mapping: how plain values stand in a document, and how edits are made in one.
//!
//! - the record's own fields stand at the root; collections are maps keyed by item id, never lists, so that
//!   concurrent insertions and removals cannot mix rows;
//! - single values are strings in their written form; merged texts are Automerge text (index unit: code points,
//!   the same on every target); sets are maps of word to `true`;
//! - an edit is made *at the heads the person saw*, so whatever arrived meanwhile is concurrent, not overwritten;
//! - every edit inside an item, or inside a record that can be closed, re-asserts that it is alive, so that a
//!   concurrent removal or closing meets the edit as a clash.

mod again;
mod authors;
mod chunk;
mod history;
mod read;
mod renaming;
mod source;
mod spliced;
mod uncontested;
mod waiting;
mod write;

pub use again::WrittenAgain;
pub use history::{Change, Difference, Told, history, told};
pub use read::{has, heads, read, read_at};
pub use renaming::Renaming;
pub use source::{apply_from, seen_by_source};
pub use uncontested::Uncontested;
pub use write::{Moment, WriteFault, apply};

use automerge::{AutoCommit, TextEncoding};

/// The key that holds the schema version.
const SCHEMA: &str = "schema";

/// A record's document.
pub struct Document(pub(crate) AutoCommit);

/// A document that could not be opened or merged.
#[derive(Debug, thiserror::Error)]
#[error("the document cannot be read: {0}")]
pub struct Unreadable(String);

impl From<automerge::AutomergeError> for Unreadable {
    fn from(cause: automerge::AutomergeError) -> Self {
        Self(cause.to_string())
    }
}

impl Document {
    /// A document nobody has written in.
    pub fn empty() -> Self {
        Self(AutoCommit::new_with_encoding(TextEncoding::UnicodeCodePoint))
    }

    /// Opens saved bytes: a snapshot followed by change chunks, or change chunks alone.
    pub fn open(bytes: &[u8]) -> Result<Self, Unreadable> {
        if !chunk::split(bytes)?.first().is_some_and(|first| chunk::is_whole(first)) {
            // Automerge lets a change wait for others behind a snapshot alone.
            let mut doc = Self::empty();
            doc.merge(bytes)?;
            return Ok(doc);
        }
        let options = automerge::LoadOptions::new().text_encoding(TextEncoding::UnicodeCodePoint);
        Ok(Self(AutoCommit::load_with_options(bytes, options)?))
    }

    /// Takes in change chunks from anywhere: all of them, or none if one cannot be read. Chunks that are already known
    /// change nothing.
    pub fn merge(&mut self, chunks: &[u8]) -> Result<(), Unreadable> {
        self.0.apply_changes(chunk::changes(chunks)?)?;
        Ok(())
    }

    /// The whole document, compressed.
    pub fn save(&mut self) -> Vec<u8> {
        self.0.save()
    }

    /// The changes since the given heads, as one chunk sequence.
    pub fn chunks_since(&mut self, heads: &crate::Heads) -> Vec<u8> {
        self.0.save_after(&read::hashes(heads))
    }
}

#[cfg(test)]
mod tests;
