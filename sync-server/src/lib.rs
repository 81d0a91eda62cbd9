//! The relay: stores and forwards the logs of devices. It decides nothing about their contents.
//!
//! [`start`] opens a folder and listens: devices speak the session protocol at `/sync` over WebSocket, with TLS where
//! it has a certificate. Operators look at `/health`, `/ready` and `/metrics` on an address of its own.

mod config;
mod kept;
mod log;
mod server;
mod store;

pub use config::{Limits, Rate, RelayConfig, Tempo, TlsFiles};
pub use log::{Copies, LogFault, LogName, NoCopies, NoLogName, SharedLog, SharedRelay};
pub use server::{RelayFault, RelayHandle, TlsFault, start};
pub use store::{Companies, ListFault, RelayDisk, Rules, StoreFault, Usage};
