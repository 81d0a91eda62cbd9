//! What an entry of changes says, sealed and opened.

use crate::{Entry, EntryKind, Payload, Place, Subject, SyncFault};
use mera_trust::{Group, GroupKeys, Sealed, TrustFault, open, seal};
use std::collections::BTreeMap;

/// The change chunks of an entry, as far as this replica may read them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content {
    /// One chunk for each subject that could be read.
    pub chunks: Vec<(Subject, Vec<u8>)>,
    /// The groups that this replica has no key for.
    pub locked: Vec<Group>,
}

impl Content {
    /// Seals chunks into an entry whose header is complete: it names their subjects, in this order, and the epoch.
    pub fn seal(entry: &mut Entry, at: &Place, chunks: Vec<Vec<u8>>, keys: &GroupKeys) -> Result<(), SyncFault> {
        let mut parts: BTreeMap<Group, Vec<Vec<u8>>> = BTreeMap::new();
        for (subject, chunk) in entry.subjects.iter().zip(chunks) {
            parts.entry(subject.collection.group()).or_default().push(chunk);
        }
        let header = entry.header(at);
        let sealed = parts.into_iter().map(|(group, chunks)| {
            let packed = postcard::to_allocvec(&chunks).expect("byte strings in memory always serialise");
            seal(keys, (group, entry.epoch), at.device, &header, &packed)
        });
        let sealed = Sealed(sealed.collect::<Result<_, TrustFault>>()?);
        let bytes = postcard::to_allocvec(&sealed).expect("sealed parts are plain data in memory and always serialise");
        entry.payload = Payload::Present(bytes);
        Ok(())
    }

    /// Opens an entry; nothing for other kinds and erased contents. What cannot be read for want of a key is named, what
    /// was tampered with is a fault.
    pub fn open(entry: &Entry, at: &Place, keys: &GroupKeys) -> Result<Self, SyncFault> {
        let mut content = Self::default();
        let Payload::Present(bytes) = &entry.payload else { return Ok(content) };
        if entry.kind != EntryKind::CHANGES {
            return Ok(content);
        }
        let sealed: Sealed = postcard::from_bytes(bytes).map_err(|_| SyncFault::FrameUnreadable)?;
        let header = entry.header(at);
        for part in &sealed.0 {
            let packed = match open(keys, entry.epoch, at.device, &header, part) {
                Err(TrustFault::NoKey) => {
                    content.locked.push(part.group);
                    continue;
                }
                opened => opened?,
            };
            let chunks: Vec<Vec<u8>> = postcard::from_bytes(&packed).map_err(|_| SyncFault::FrameUnreadable)?;
            let subjects: Vec<Subject> =
                entry.subjects.iter().copied().filter(|subject| subject.collection.group() == part.group).collect();
            if subjects.len() != chunks.len() {
                return Err(SyncFault::FrameUnreadable);
            }
            content.chunks.extend(subjects.into_iter().zip(chunks));
        }
        Ok(content)
    }
}
