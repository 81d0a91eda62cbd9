//! Tests across rooms; each folder under `tests/` is one subject. What they share stands here.

#[allow(missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]
pub mod company;
#[allow(missing_docs)]
pub mod crash;
#[cfg(target_os = "linux")]
pub mod memory;
/// A real nats-server; the rooms that share a log have the same in their own tests.
#[allow(clippy::unwrap_used, clippy::missing_panics_doc)]
#[path = "../../sync-server/src/log/tests/nats.rs"]
pub mod nats;
#[cfg(target_os = "linux")]
#[allow(missing_docs)]
pub mod partitions;
pub mod person;
#[allow(missing_docs)]
pub mod process;
pub mod spread;
#[allow(missing_docs)]
pub mod staff;
#[allow(missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]
pub mod tab;
#[cfg(target_os = "linux")]
pub mod wire;
