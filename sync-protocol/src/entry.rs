//! One entry of a device's log: one thing a person did.

use crate::{Collection, Hlc};
use mera_schema::{DeviceId, RecordId, RecordRef, WorkspaceId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Bytes in one entry's payload: a snapshot of the largest record stays far below; attachments travel apart.
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
    // 1 snapshot, 2 attachment, 3 membership, 4 erasure: reserved.
}

/// The content of an entry, or what is left of it after it was erased by law: the chain covers only its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payload {
    /// The content; sealed when the entry's epoch is not 0.
    Present(#[serde(with = "bytes")] Vec<u8>),
    /// Erased.
    Erased {
        /// The hash of what it was.
        hash: [u8; 32],
        /// How long it was, in bytes.
        length: u64,
    },
}

impl Payload {
    /// What is left when the content goes: the log still verifies.
    pub fn erased(&self) -> Self {
        let (hash, length) = self.hash_and_length();
        Self::Erased { hash, length }
    }

    fn hash_and_length(&self) -> ([u8; 32], u64) {
        match self {
            Self::Present(bytes) => (*blake3::hash(bytes).as_bytes(), bytes.len() as u64),
            Self::Erased { hash, length } => (*hash, *length),
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
    /// The key epoch its payload is sealed under; 0 is "not sealed".
    pub epoch: u32,
    /// Which records.
    pub subjects: Vec<Subject>,
    /// The content.
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
        let mut hash = blake3::Hasher::new_derive_key("MERA log entry v2");
        hash.update(&self.header(at));
        let (payload, length) = self.payload.hash_and_length();
        hash.update(&payload).update(&length.to_le_bytes());
        *hash.finalize().as_bytes()
    }

    /// Roughly how many bytes it takes on the wire.
    pub fn weight(&self) -> usize {
        let payload = if let Payload::Present(bytes) = &self.payload { bytes.len() } else { 40 };
        payload + self.subjects.len() * 17 + 16
    }
}

/// Byte strings are written as such, not as lists of numbers.
mod bytes {
    use serde::{Deserializer, Serializer, de::Visitor};

    pub fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
                Ok(bytes)
            }
        }
        d.deserialize_byte_buf(Bytes)
    }
}
