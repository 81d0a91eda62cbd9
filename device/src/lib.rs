//! One person's copy of the whole company, offline.

pub mod engine;
mod fault;
mod handle;
mod identity;
mod line;
pub mod loopback;
pub mod outbox;
mod store;
mod surroundings;
mod views;

pub use engine::{Engine, Imported};
pub use fault::DeviceFault;
pub use handle::{Device, everything_changed};
pub use identity::{Founding, redirect};
pub use surroundings::{RealWorld, Surroundings};
