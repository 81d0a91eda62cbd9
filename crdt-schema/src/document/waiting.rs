//! Changes that a document holds and does not show, because something that they were made on is not there: it has not come
//! yet, or it counts no more and never comes.
//!
//! Their numbers are given. A device whose own changes wait so goes on under another name of its own in that document, or
//! one number would be given twice and no document would take both.

use super::again::Superseded;
use super::{Document, authors, chunk};
use crate::DeviceId;
use automerge::{ActorId, Change, SaveOptions};

impl Document {
    /// The changes that wait for others.
    pub(super) fn waiting(&mut self) -> Vec<Change> {
        if !self.misses_something() {
            return Vec::new();
        }
        // Automerge tells of them only behind the document that it saves.
        let shown = self.0.save_with_options(SaveOptions { retain_orphans: false, ..SaveOptions::default() }).len();
        let all = self.0.save_with_options(SaveOptions::default());
        chunk::changes(&all[shown..]).unwrap_or_default()
    }

    /// Those of a device that wait and were not written again.
    pub(super) fn own_waiting(&mut self, device: DeviceId) -> Vec<Change> {
        let waiting = self.waiting();
        if waiting.is_empty() {
            return waiting;
        }
        let superseded = Superseded::of(self, &waiting);
        // What is alike on every device is nobody's, and waits for nothing but a record's first change.
        let left = |change: &Change| change.timestamp() != 0 && !superseded.has(&change.hash());
        waiting.into_iter().filter(|change| authors::device_of(change.actor_id()) == device && left(change)).collect()
    }

    /// Whether something is not here that changes which are here were made on.
    pub fn misses_something(&mut self) -> bool {
        !self.0.get_missing_deps(&[]).is_empty()
    }

    /// Whether changes of this device wait for others, and were not written again.
    pub fn has_waiting(&mut self, device: DeviceId) -> bool {
        !self.own_waiting(device).is_empty()
    }

    /// Whether some of the changes in a chunk are such changes of a device.
    pub fn has_waiting_of(&mut self, device: DeviceId, bytes: &[u8]) -> bool {
        let waiting = self.own_waiting(device);
        !waiting.is_empty()
            && chunk::changes(bytes)
                .is_ok_and(|changes| changes.iter().any(|one| waiting.iter().any(|own| own.hash() == one.hash())))
    }

    /// By which name a device writes on: its own, unless changes by that name wait.
    pub(super) fn goes_on_as(&mut self, device: DeviceId) -> ActorId {
        let id = device.uuid();
        let own = id.as_bytes().as_slice();
        let waiting = self.waiting();
        let mut hashes: Vec<_> = waiting.iter().map(Change::hash).collect();
        hashes.sort_unstable();
        // The other half of a hash is the name of what is written again.
        let names = hashes.iter().map(|hash| [&hash.0[16..], own].concat());
        let given = |name: &Vec<u8>| waiting.iter().any(|change| change.actor_id().to_bytes().ends_with(name));
        let free = std::iter::once(own.to_vec()).chain(names).find(|name| !given(name));
        ActorId::from(free.unwrap_or_else(|| own.to_vec()).as_slice())
    }
}
