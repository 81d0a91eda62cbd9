//! The relay: stores and forwards the logs of devices. It decides nothing about their contents.
//!
//! [`start`] opens a folder and listens: devices speak the session protocol at `/sync` over WebSocket, operators look
//! at `/health`, `/ready` and `/metrics`.

mod config;
mod server;
mod store;

pub use config::{Limits, RelayConfig};
pub use server::{RelayFault, RelayHandle, start};
pub use store::{Companies, ListFault, RelayDisk, Rules, StoreFault, Usage};
