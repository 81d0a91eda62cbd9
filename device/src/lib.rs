//! One person's copy of the whole company, offline.

mod auditing;
pub mod backup;
mod beginning;
mod durable;
pub mod engine;
mod fault;
mod founding;
mod handle;
mod home;
mod identity;
mod importing;
mod joining;
mod line;
pub mod loopback;
mod members;
mod nearby;
pub mod outbox;
mod recovering;
mod store;
mod surroundings;
mod under_way;
mod vault;
mod views;

pub use beginning::{Candidate, Joined};
pub use engine::{AuditCheck, Engine, IMPORTED_AT_A_TIME, Imported, Making};
pub use fault::DeviceFault;
pub use founding::{Founding, FoundingFault};
pub use handle::{Device, everything_changed};
pub use home::Home;
pub use identity::redirect;
pub use joining::{Arriving, join};
pub use line::Authorities;
pub use recovering::{Returning, recover};
pub use surroundings::{RealWorld, Surroundings};
pub use vault::{Brought, PASSPHRASE_WORK, Passphrase, Place, VaultFault};
