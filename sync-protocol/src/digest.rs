//! A cheap digest over everything a replica holds.

use mera_schema::{Heads, RecordRef};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The sum (bitwise, so that order does not matter) of one hash for each record and its heads. Two replicas with the
/// same version vector must have the same digest; if not, one of them has gone wrong. It guards against faults, not
/// against forgery: that is what signatures are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Puts a record at its heads in, or takes it out again.
    pub fn toggle(&mut self, record: RecordRef, heads: &Heads) {
        let mut hash = blake3::Hasher::new_derive_key("MERA replica digest v1");
        hash.update(record.kind.as_str().as_bytes());
        hash.update(record.id.uuid().as_bytes());
        for head in heads {
            hash.update(head.as_bytes());
        }
        for (sum, byte) in self.0.iter_mut().zip(hash.finalize().as_bytes()) {
            *sum ^= byte;
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
