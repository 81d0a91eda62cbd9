//! Changes of a device that was in two places at once, made those of its second identity. Both places gave the same
//! numbers to different changes, which no document takes; under another name the later ones say what they said, build on
//! what they were built on, and are concurrent with what the first identity wrote meanwhile.

use super::again::PURPOSE;
use super::{Unreadable, authors, chunk};
use crate::DeviceId;
use automerge::legacy::{ElementId, Key, ObjectId, OpId};
use automerge::{ActorId, Change, ChangeHash, ExpandedChange};
use std::collections::HashMap;

/// One document's changes under another name. They are given to it in the order in which they were made.
pub struct Renaming {
    from: DeviceId,
    to: DeviceId,
    /// What became of changes that were renamed, or that build on such.
    hashes: HashMap<ChangeHash, ChangeHash>,
    /// From which operation on what an actor did is renamed; before that it stands as it is.
    since: HashMap<ActorId, u64>,
    /// How many changes each new actor has.
    made: HashMap<ActorId, u64>,
}

impl Renaming {
    /// Changes of one device become another's.
    pub fn new(from: DeviceId, to: DeviceId) -> Self {
        Self { from, to, hashes: HashMap::new(), since: HashMap::new(), made: HashMap::new() }
    }

    /// The same chunk under the other name. Changes that no device made, such as the first one of a record, stay as they
    /// are, byte by byte.
    pub fn chunk(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let mut renamed = Vec::new();
        for change in chunk::changes(bytes)? {
            renamed.extend_from_slice(&self.change(change).bytes());
        }
        Ok(renamed)
    }

    fn change(&mut self, change: Change) -> Change {
        let own = authors::device_of(change.actor_id()) == self.from;
        if !own && !change.deps().iter().any(|dep| self.hashes.contains_key(dep)) {
            return change;
        }
        let (hash, mut said) = (change.hash(), change.decode());
        if own {
            self.since.entry(said.actor_id.clone()).or_insert(said.start_op.get());
        }
        self.rename_operations(&mut said);
        for dep in &mut said.deps {
            *dep = self.hashes.get(dep).copied().unwrap_or(*dep);
        }
        said.deps.sort_unstable();
        if own {
            said.actor_id = self.renamed(&said.actor_id);
            let made = self.made.entry(said.actor_id.clone()).or_default();
            *made += 1;
            said.seq = *made;
        }
        // What was written again says of which change.
        let first = said.message.as_ref().and_then(|message| message.strip_prefix(PURPOSE)?.parse().ok());
        if let Some(renamed) = first.and_then(|first: ChangeHash| self.hashes.get(&first)) {
            said.message = Some(format!("{PURPOSE}{renamed}"));
        }
        said.hash = None;
        let renamed = Change::from(said);
        self.hashes.insert(hash, renamed.hash());
        renamed
    }

    fn rename_operations(&self, said: &mut ExpandedChange) {
        for operation in &mut said.operations {
            if let ObjectId::Id(id) = &mut operation.obj {
                self.rename(id);
            }
            if let Key::Seq(ElementId::Id(id)) = &mut operation.key {
                self.rename(id);
            }
            // Their order is that of the names, so it is made anew.
            operation.pred = operation
                .pred
                .iter()
                .cloned()
                .map(|mut id| {
                    self.rename(&mut id);
                    id
                })
                .collect();
        }
    }

    fn rename(&self, id: &mut OpId) {
        if self.since.get(&id.1).is_some_and(|since| id.0 >= *since) {
            id.1 = self.renamed(&id.1);
        }
    }

    /// What stands before a device in an actor stays.
    fn renamed(&self, actor: &ActorId) -> ActorId {
        let bytes = actor.to_bytes();
        let before = &bytes[..bytes.len().saturating_sub(self.from.uuid().as_bytes().len())];
        ActorId::from([before, self.to.uuid().as_bytes()].concat())
    }
}
