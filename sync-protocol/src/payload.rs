//! What an entry says, in parts: one for each of its records, so that one can be erased and the others stay.

use mera_trust::SealedPart;
use serde::{Deserialize, Serialize};

/// The parts of an entry, one for each subject, in their order. The log covers only their hashes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Payload(pub Vec<Part>);

/// What an entry says of one record, or what is left of it after it was erased by law, or because it does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// What it says.
    Present(SealedPart),
    /// Nothing any more.
    Erased {
        /// The hash of what it was.
        hash: [u8; 32],
        /// How long it was, in bytes.
        length: u64,
    },
}

impl Payload {
    /// What is left when everything goes: the log still verifies.
    pub fn erased(&self) -> Self {
        Self(self.0.iter().map(Part::erased).collect())
    }

    /// Whether anything of it is there.
    pub fn is_present(&self) -> bool {
        self.0.iter().any(Part::is_present)
    }

    /// Bytes of the parts that are there.
    pub fn length(&self) -> usize {
        self.0.iter().map(|part| if let Part::Present(part) = part { part.bytes.len() } else { 0 }).sum()
    }

    /// Roughly how many bytes it takes on the wire.
    pub(crate) fn weight(&self) -> usize {
        self.0.iter().map(|part| if let Part::Present(part) = part { part.bytes.len() + 4 } else { 40 }).sum()
    }

    pub(crate) fn digest(&self, hash: &mut blake3::Hasher) {
        hash.update(&(self.0.len() as u64).to_le_bytes());
        for part in &self.0 {
            let (part, length) = part.hash_and_length();
            hash.update(&part).update(&length.to_le_bytes());
        }
    }
}

impl Part {
    /// What is left when it goes.
    pub fn erased(&self) -> Self {
        let (hash, length) = self.hash_and_length();
        Self::Erased { hash, length }
    }

    /// Whether it is there.
    pub fn is_present(&self) -> bool {
        matches!(self, Self::Present(_))
    }

    /// The hash and the length in bytes of what it says, or of what it said.
    pub fn hash_and_length(&self) -> ([u8; 32], u64) {
        match self {
            Self::Present(part) => {
                let mut hash = blake3::Hasher::new();
                hash.update(&[part.group.0]).update(&part.bytes);
                (*hash.finalize().as_bytes(), part.bytes.len() as u64)
            }
            Self::Erased { hash, length } => (*hash, *length),
        }
    }
}
