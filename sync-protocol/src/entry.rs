//! One entry of a device's log: one thing a person did.

use crate::{Collection, Hlc, Payload};
use mera_schema::{DeviceId, RecordId, RecordRef, WorkspaceId};
use mera_trust::Right;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Bytes in the parts of one entry: a snapshot of the largest record stays far below; attachments travel apart.
pub const ENTRY_LIMIT: usize = 4 * 1024 * 1024;

/// The hash of an entry and, through it, of everything before it.
pub type EntryHash = [u8; 32];

/// The record an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// Its collection.
    pub collection: Collection,
    /// Its identity.
    pub id: [u8; 16],
}

impl From<RecordRef> for Subject {
    fn from(record: RecordRef) -> Self {
        Self { collection: Collection::of(record.kind), id: *record.id.uuid().as_bytes() }
    }
}

impl Subject {
    /// The record, if this program knows its kind.
    pub fn record(&self) -> Option<RecordRef> {
        Some(RecordRef::new(self.collection.kind()?, RecordId::new(Uuid::from_bytes(self.id))))
    }
}

/// What an entry carries. Kinds that a program does not know are carried along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryKind(pub u8);

impl EntryKind {
    /// Automerge change chunks, one for each subject. See [`crate::Content`].
    pub const CHANGES: Self = Self(0);
    /// Whole records as they stood at a checkpoint, one for each subject. See [`crate::Content`].
    pub const SNAPSHOT: Self = Self(1);
    /// Its subjects are erased: no replica keeps anything that any entry says of them, now or later. It has no content.
    pub const ERASURE: Self = Self(4);
    /// What was decided about work that was set aside: one part for each record that it is about.
    pub const JUDGEMENT: Self = Self(5);
    // 2 attachment: reserved.

    /// Whether its parts are sealed contents that this program can open.
    pub fn is_content(self) -> bool {
        matches!(self, Self::CHANGES | Self::SNAPSHOT | Self::JUDGEMENT)
    }

    /// What an author must have the right to do with the subjects.
    pub fn right(self) -> Right {
        match self {
            Self::ERASURE => Right::Erase,
            Self::SNAPSHOT => Right::Snapshot,
            Self::JUDGEMENT => Right::Judge,
            _ => Right::Write,
        }
    }
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The company.
    pub workspace: WorkspaceId,
    /// Whose log.
    pub device: DeviceId,
    /// Which entry of it; counts from 1.
    pub seq: u64,
    /// The hash of the entry before; zeroes before the first.
    pub previous: EntryHash,
}

impl Place {
    /// The place after this one, whose entry has this hash.
    pub fn next(&self, hash: EntryHash) -> Self {
        Self { seq: self.seq + 1, previous: hash, ..*self }
    }
}

/// One entry as it stands in a log. Its workspace, device, number and predecessor follow from where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub time: Hlc,
    /// What it carries.
    pub kind: EntryKind,
    /// The key epoch its parts are sealed under; 0 is "not sealed".
    pub epoch: u32,
    /// Which records.
    pub subjects: Vec<Subject>,
    /// What it says of each of them, in their order.
    pub payload: Payload,
}

impl Entry {
    /// The hash over its place and everything in it but its content: what a seal is bound to.
    pub fn header(&self, at: &Place) -> [u8; 32] {
        let mut hash = blake3::Hasher::new_derive_key("MERA log header v1");
        hash.update(at.workspace.uuid().as_bytes()).update(at.device.uuid().as_bytes());
        hash.update(&at.seq.to_le_bytes()).update(&at.previous);
        hash.update(&self.time.millis.to_le_bytes()).update(&self.time.counter.to_le_bytes());
        hash.update(&[self.kind.0]).update(&self.epoch.to_le_bytes());
        hash.update(&(self.subjects.len() as u64).to_le_bytes());
        for subject in &self.subjects {
            hash.update(&[subject.collection.0]).update(&subject.id);
        }
        *hash.finalize().as_bytes()
    }

    /// The hash that covers the entry and its place: its log, its number and its predecessor.
    pub fn hash(&self, at: &Place) -> EntryHash {
        let mut hash = blake3::Hasher::new_derive_key("MERA log entry v3");
        hash.update(&self.header(at));
        self.payload.digest(&mut hash);
        *hash.finalize().as_bytes()
    }

    /// Roughly how many bytes it takes on the wire.
    pub fn weight(&self) -> usize {
        self.payload.weight() + self.subjects.len() * 17 + 16
    }

    /// The entry as it is kept when nothing may be kept that it says of the records that `gone` picks. Whether anything went.
    pub fn erase(&mut self, gone: impl Fn(&Subject) -> bool) -> bool {
        let mut went = false;
        for (subject, part) in self.subjects.iter().zip(&mut self.payload.0) {
            if gone(subject) && part.is_present() {
                *part = part.erased();
                went = true;
            }
        }
        went
    }

    /// Whether it says anything that its author must have the right to say.
    pub fn speaks(&self) -> bool {
        match self.kind {
            EntryKind::ERASURE => true,
            EntryKind::CHANGES | EntryKind::SNAPSHOT | EntryKind::JUDGEMENT => self.payload.is_present(),
            _ => false,
        }
    }
}
