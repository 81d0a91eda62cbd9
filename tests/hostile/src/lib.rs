//! What strangers may send or hand over: frames, entries, chains, checkpoints, documents, backups, sheets, invitations. Each [`Target`]
//! reads bytes as the programs read them, and panics when something comes of them that must never come of any bytes.
//! `fuzz/` lets libFuzzer look for such bytes; a test tries every seed in `fuzz/seeds` (`docs/fuzzing.md`).
#![allow(clippy::missing_panics_doc, reason = "that a target panics is how it says that something is wrong")]

#[cfg(feature = "device")]
mod backup;
mod chain;
mod checkpoint;
mod document;
mod entry;
mod frame;
mod invitation;
pub mod seeds;
mod sheet;
mod shelf;

/// Something that reads what strangers hand over.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name: of the fuzz target, and of the folder with its seeds.
    pub name: &'static str,
    /// Reads bytes; panics when something is wrong with the program, and never over what is wrong with the bytes.
    pub read: fn(&[u8]),
}

/// Every target there is.
pub const TARGETS: &[Target] = &[
    Target { name: "frame", read: frame::read },
    Target { name: "entry", read: entry::read },
    Target { name: "chain", read: chain::read },
    Target { name: "checkpoint", read: checkpoint::read },
    Target { name: "document", read: document::read },
    #[cfg(feature = "device")]
    Target { name: "backup", read: backup::read },
    Target { name: "sheet", read: sheet::read },
    Target { name: "invitation", read: invitation::read },
];

/// Reads bytes as one of them.
pub fn read(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a fuzz target is called as one of them").read)(bytes);
}

#[cfg(test)]
mod tests;
