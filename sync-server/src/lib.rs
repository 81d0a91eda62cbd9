//! The relay: stores and forwards the logs of devices. It decides nothing about their contents.

mod store;

pub use store::{RelayDisk, StoreFault};
