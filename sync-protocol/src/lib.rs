//! One signed, hash-chained log per device, and the sessions in which replicas exchange them.
//!
//! This room does no IO, reads no clock and makes no randomness: bytes and moments go in, effects come out.
//! tokio and WebSockets are thin shells round [`ClientSession`] and [`RelaySession`]; a simulated network is another.

mod digest;
mod entry;
mod fault;
mod frame;
mod key;
mod run;
mod session;
mod time;
mod vector;

pub use digest::Digest;
pub use entry::{Changes, Collection, ENTRY_LIMIT, Entry, EntryHash, EntryKind, Payload, Subject};
pub use fault::SyncFault;
pub use frame::{Cursor, FRAME_LIMIT, Frame, PROTOCOL, PeerState};
pub use key::{DeviceKey, PublicKey, Signature};
pub use run::{RUN_BYTES, RUN_ENTRIES, Run, SignedEntry, Verified};
pub use session::client::{ClientEffect, ClientSession, Replica};
pub use session::relay::{Delivery, RelayEffect, RelaySession, RelayStore};
pub use time::Hlc;
pub use vector::Vector;

#[cfg(test)]
mod tests;
