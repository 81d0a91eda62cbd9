//! One person's copy of the whole company, offline.

pub mod backup;
pub mod engine;
mod fault;
mod founding;
mod handle;
mod home;
mod identity;
mod importing;
mod line;
pub mod loopback;
pub mod outbox;
mod store;
mod surroundings;
mod views;

pub use engine::{Engine, IMPORTED_AT_A_TIME, Imported};
pub use fault::DeviceFault;
pub use founding::{Founding, FoundingFault};
pub use handle::{Device, everything_changed};
pub use home::Home;
pub use identity::redirect;
pub use surroundings::{RealWorld, Surroundings};
