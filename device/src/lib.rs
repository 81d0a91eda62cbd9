//! One person's copy of the whole company, offline. Of this room the outbox stands; the store and the engine that use
//! it follow.

pub mod outbox;
