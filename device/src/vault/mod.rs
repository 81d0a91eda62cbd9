//! What only this device may know, and where it is kept.

mod secret;

pub(crate) use secret::Secret;
