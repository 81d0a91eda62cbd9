//! One person's copy of the whole company, offline.

pub mod engine;
mod fault;
mod identity;
pub mod outbox;
mod store;
mod surroundings;
mod views;

pub use engine::Engine;
pub use fault::DeviceFault;
pub use identity::Founding;
pub use surroundings::{RealWorld, Surroundings};
