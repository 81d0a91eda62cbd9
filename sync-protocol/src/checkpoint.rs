//! Records as they stood at a checkpoint, and when a replica may let go of the entries before it.

use crate::{EntryHash, SyncFault, Vector};
use mera_schema::DeviceId;
use mera_trust::Reached;
use serde::{Deserialize, Serialize};

/// What a part of a snapshot entry opens to: a whole record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whole {
    /// Tells its state from others without opening it: the first 8 bytes of the record's place in a digest. A replica whose
    /// record has the same need not read the document.
    pub mark: [u8; 8],
    /// The document, as Automerge saves it.
    #[serde(with = "mera_trust::bytes")]
    pub document: Vec<u8>,
}

impl Whole {
    /// The content of a part.
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("a record is plain data in memory and always serialises")
    }

    /// Reads a part's content.
    pub fn decode(bytes: &[u8]) -> Result<Self, SyncFault> {
        match postcard::take_from_bytes(bytes) {
            Ok((whole, [])) => Ok(whole),
            _ => Err(SyncFault::FrameUnreadable),
        }
    }
}

/// Whether a replica that holds the logs so far holds all records of a checkpoint: then what it lacks of the logs before is in
/// them, and it may let go of those entries. A maker's log that goes another way than the checkpoint says is a fork.
pub fn holds_records(
    reached: &Reached,
    held: &Vector,
    hash_at: impl Fn(DeviceId, u64) -> Result<Option<EntryHash>, SyncFault>,
) -> Result<bool, SyncFault> {
    let (maker, end) = (reached.maker, reached.checkpoint.end);
    if held.of(maker) < end.seq {
        return Ok(false);
    }
    match hash_at(maker, end.seq)? {
        Some(hash) if hash == end.hash => Ok(true),
        // A newer checkpoint than this one covers it.
        None => Ok(false),
        Some(_) => Err(SyncFault::Fork { device: maker, seq: end.seq }),
    }
}
