//! One signed, hash-chained log per device, and the sessions in which replicas exchange them.
//!
//! This room does no IO, reads no clock and makes no randomness: bytes and moments go in, effects come out.
//! tokio and WebSockets are thin shells round [`ClientSession`] and [`RelaySession`]; a simulated network is another.

mod brought;
mod checkpoint;
mod content;
mod digest;
mod entry;
mod fault;
mod frame;
mod judge;
mod payload;
mod peers;
mod run;
mod session;
mod time;
mod vector;

pub use brought::{Brought, Mark, Onward};
pub use checkpoint::{Whole, holds_records};
pub use content::Content;
pub use digest::{Digest, Digests, Marks};
pub use entry::{ENTRY_LIMIT, Entry, EntryHash, EntryKind, Place, Subject};
pub use fault::{STANDS_ON_VOID, SyncFault};
pub use frame::{ChainPlace, Cursor, FRAME_LIMIT, Frame, MEETING_LIMIT, PROTOCOL, PeerState};
pub use judge::judge;
pub use mera_trust::{Collection, DeviceKey, PublicKey, Right, Signature};
pub use payload::{Part, Payload};
pub use peers::Peers;
pub use run::{Continued, HeldLog, RUN_BYTES, RUN_ENTRIES, Run, SignedEntry, Verified, signed_message};
pub use session::client::{ClientEffect, ClientSession, Replica};
pub use session::relay::{Delivery, News, Parted, RelayEffect, RelaySession, RelayStore};
pub use session::{BACK, Common, Standing};
pub use time::Hlc;
pub use vector::Vector;

#[cfg(test)]
mod tests;
