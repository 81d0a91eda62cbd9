//! Tests across rooms; each folder under `tests/` is one subject. What they share stands here.

#[allow(missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]
pub mod company;
#[allow(missing_docs)]
pub mod crash;
#[cfg(target_os = "linux")]
pub mod memory;
#[cfg(target_os = "linux")]
#[allow(missing_docs)]
pub mod partitions;
pub mod person;
#[allow(missing_docs)]
pub mod process;
#[allow(missing_docs)]
pub mod staff;
#[allow(missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]
pub mod tab;
#[cfg(target_os = "linux")]
pub mod wire;
