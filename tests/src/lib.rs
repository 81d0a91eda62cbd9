//! Tests across rooms; each folder under `tests/` is one subject. What they share stands here.

#[allow(missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]
pub mod company;
#[allow(missing_docs)]
pub mod crash;
#[allow(missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]
pub mod tab;
