//! One entry of a device's log: one thing a person did.

use crate::{Hlc, SyncFault};
use mera_schema::{DeviceId, RecordId, RecordKind, RecordRef, WorkspaceId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Bytes in one entry's payload: a snapshot of the largest record stays far below; attachments travel apart.
pub const ENTRY_LIMIT: usize = 4 * 1024 * 1024;

/// The hash of an entry and, through it, of everything before it.
pub type EntryHash = [u8; 32];

/// A collection by number, so that programs carry along collections that they do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Collection(pub u8);

impl Collection {
    /// The collection of a kind of record. The numbers are part of the format.
    pub const fn of(kind: RecordKind) -> Self {
        Self(match kind {
            RecordKind::Customer => 1,
            RecordKind::Product => 2,
            RecordKind::Supplier => 3,
            RecordKind::Employee => 4,
            RecordKind::Quote => 5,
            RecordKind::Order => 6,
            RecordKind::Task => 7,
            RecordKind::Device => 8,
        })
    }

    /// The kind of record, if this program knows it.
    pub fn kind(self) -> Option<RecordKind> {
        RecordKind::ALL.iter().copied().find(|kind| Self::of(*kind) == self)
    }
}

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
    /// Automerge change chunks, one for each subject. See [`Changes`].
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
    fn hash_and_length(&self) -> ([u8; 32], u64) {
        match self {
            Self::Present(bytes) => (*blake3::hash(bytes).as_bytes(), bytes.len() as u64),
            Self::Erased { hash, length } => (*hash, *length),
        }
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
    /// The hash that covers the entry and its place: its log, its number and its predecessor.
    pub fn hash(&self, workspace: WorkspaceId, device: DeviceId, seq: u64, previous: &EntryHash) -> EntryHash {
        let mut hash = blake3::Hasher::new_derive_key("MERA log entry v1");
        hash.update(workspace.uuid().as_bytes()).update(device.uuid().as_bytes());
        hash.update(&seq.to_le_bytes()).update(previous);
        hash.update(&self.time.millis.to_le_bytes()).update(&self.time.counter.to_le_bytes());
        hash.update(&[self.kind.0]).update(&self.epoch.to_le_bytes());
        hash.update(&(self.subjects.len() as u64).to_le_bytes());
        for subject in &self.subjects {
            hash.update(&[subject.collection.0]).update(&subject.id);
        }
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

/// The content of an entry of changes: one chunk for each of its subjects, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes(Vec<Chunk>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Chunk(#[serde(with = "bytes")] Vec<u8>);

impl Changes {
    /// Packs chunks into a payload.
    pub fn pack(chunks: Vec<Vec<u8>>) -> Payload {
        let packed = postcard::to_allocvec(&Self(chunks.into_iter().map(Chunk).collect()));
        Payload::Present(packed.expect("byte strings in memory always serialise"))
    }

    /// The chunks of an entry with their subjects; nothing for other kinds, erased or sealed payloads.
    pub fn unpack(entry: &Entry) -> Result<Vec<(Subject, Vec<u8>)>, SyncFault> {
        let Payload::Present(bytes) = &entry.payload else { return Ok(Vec::new()) };
        if entry.kind != EntryKind::CHANGES || entry.epoch != 0 {
            return Ok(Vec::new());
        }
        let Self(chunks) = postcard::from_bytes(bytes).map_err(|_| SyncFault::FrameUnreadable)?;
        if chunks.len() != entry.subjects.len() {
            return Err(SyncFault::FrameUnreadable);
        }
        Ok(entry.subjects.iter().copied().zip(chunks.into_iter().map(|chunk| chunk.0)).collect())
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
