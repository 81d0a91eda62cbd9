//! What an entry of changes or of whole records says, sealed and opened.

mod spared;

use crate::{Entry, EntryKind, Part, Payload, Place, Subject, SyncFault};
use mera_trust::{Group, GroupKeys, TrustFault, open, seal};
use spared::Written;
use std::collections::BTreeSet;

/// The change chunks of an entry, as far as this replica may read them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content {
    /// One chunk for each subject that could be read.
    pub chunks: Vec<(Subject, Vec<u8>)>,
    /// The groups that this replica has no key for.
    pub locked: BTreeSet<Group>,
}

impl Content {
    /// Seals chunks into an entry whose header is complete: it names their subjects, in this order, and the epoch.
    pub fn seal(entry: &mut Entry, at: &Place, chunks: Vec<Vec<u8>>, keys: &GroupKeys) -> Result<(), SyncFault> {
        let (header, spares) = (entry.header(at), entry.kind == EntryKind::CHANGES);
        let written = Written { by: at.device, at: entry.time.millis };
        let parts = entry.subjects.iter().zip(chunks).enumerate().map(|(index, (subject, chunk))| {
            let place = part_place(&header, index);
            let content = if spares { spared::spare(chunk, written) } else { chunk };
            let part = seal(keys, (subject.collection.group(), entry.epoch), at.device, &place, &content)?;
            Ok(Part::Present(part))
        });
        entry.payload = Payload(parts.collect::<Result<_, TrustFault>>()?);
        Ok(())
    }

    /// Opens an entry; nothing for other kinds and for what was erased. What cannot be read for want of a key is named,
    /// what was tampered with is a fault.
    pub fn open(entry: &Entry, at: &Place, keys: &GroupKeys) -> Result<Self, SyncFault> {
        Self::open_of(entry, at, keys, |_| true)
    }

    /// The same for the subjects that are asked for.
    pub fn open_of(
        entry: &Entry,
        at: &Place,
        keys: &GroupKeys,
        asked: impl Fn(&Subject) -> bool,
    ) -> Result<Self, SyncFault> {
        let mut content = Self::default();
        if !entry.kind.is_content() {
            return Ok(content);
        }
        if entry.subjects.len() != entry.payload.0.len() {
            return Err(SyncFault::FrameUnreadable);
        }
        let (header, spares) = (entry.header(at), entry.kind == EntryKind::CHANGES);
        let written = Written { by: at.device, at: entry.time.millis };
        for (index, (subject, part)) in entry.subjects.iter().zip(&entry.payload.0).enumerate() {
            let Part::Present(part) = part else { continue };
            if !asked(subject) {
                continue;
            }
            match open(keys, entry.epoch, at.device, &part_place(&header, index), part) {
                Ok(opened) => {
                    let chunk = if spares { spared::restore(opened, written) } else { opened };
                    content.chunks.push((*subject, chunk));
                }
                Err(TrustFault::NoKey) => {
                    content.locked.insert(part.group);
                }
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok(content)
    }
}

/// What a part is sealed for: the entry's header, and its number in it.
fn part_place(header: &[u8; 32], index: usize) -> [u8; 32] {
    let mut hash = blake3::Hasher::new_derive_key("MERA part of an entry v1");
    hash.update(header).update(&(index as u64).to_le_bytes());
    *hash.finalize().as_bytes()
}
