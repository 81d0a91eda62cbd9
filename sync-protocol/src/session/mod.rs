//! The two ends of a conversation, as state machines without IO.

mod back;
pub mod client;
pub mod relay;

pub use back::{Common, Standing};

/// What follows the question mark in the address of a relay when a device that comes back calls it: then the device speaks first.
pub const BACK: &str = "back";
/// Frames under way in one direction before the other side has confirmed one: enough to fill a slow line, little
/// enough to bound memory (8 × 256 KiB).
const WINDOW: usize = 8;
/// Bytes of entries gathered into one frame.
const BATCH_BYTES: usize = crate::RUN_BYTES;
/// Bytes of statements in one frame: a large company's new keys fit in a few.
const CHAIN_BYTES: usize = crate::RUN_BYTES;
/// Messages that a new device may send: a meeting takes two.
const MEETING_MESSAGES: u8 = 4;
