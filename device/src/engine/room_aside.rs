//! How much is kept of what others bring and nobody can take in: work of a device that was taken out, and runs that are forged
//! or forked. Whoever has a relay, and the key of such a device, could bring it without end and fill the disk.

use super::Engine;
use crate::DeviceFault;
use crate::store::{Batch, SetAside};
use mera_device_api::Refused;
use mera_schema::DeviceId;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Changes of one device that are set aside: more than anybody would judge one by one.
const ASIDE_CHANGES: usize = 5_000;
/// Bytes of them: some years of a person's work without attachments.
const ASIDE_BYTES: usize = 16 << 20;

/// What is set aside, by whose it is; runs whose author nobody vouches for are one heap. It is counted when something comes
/// for the first time.
pub(super) struct RoomAside {
    heaps: Option<HashMap<Option<DeviceId>, Heap>>,
    /// The largest that one of them may become.
    pub most: Heap,
}

#[derive(Default, Clone, Copy)]
pub(super) struct Heap {
    pub changes: usize,
    pub bytes: usize,
}

impl Heap {
    fn takes(self, bytes: usize, most: Self) -> Option<Self> {
        let larger = Self { changes: self.changes + 1, bytes: self.bytes + bytes };
        (larger.changes <= most.changes && larger.bytes <= most.bytes).then_some(larger)
    }
}

impl Default for RoomAside {
    fn default() -> Self {
        Self { heaps: None, most: Heap { changes: ASIDE_CHANGES, bytes: ASIDE_BYTES } }
    }
}

impl RoomAside {
    /// Something went; it is counted anew when more comes.
    pub fn count_anew(&mut self) {
        self.heaps = None;
    }
}

impl Engine {
    /// Sets aside what came from others, if there is room for it. What there is no room for is told and not kept; a person who
    /// wants it taken over hands it in as a file, which is opened whatever is here already.
    pub(super) fn set_aside_in_room(
        &mut self,
        batch: &mut Batch,
        whose: Option<DeviceId>,
        aside: SetAside,
    ) -> Result<(), DeviceFault> {
        if self.store.holds_aside(&aside)? {
            return Ok(());
        }
        if self.room_aside.heaps.is_none() {
            self.room_aside.heaps = Some(self.count_aside()?);
        }
        let most = self.room_aside.most;
        let heap = self.room_aside.heaps.get_or_insert_default().entry(whose);
        let known = match &heap {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(_) => Heap::default(),
        };
        match known.takes(aside.bytes.len(), most) {
            Some(larger) => {
                heap.insert_entry(larger);
                self.tell_aside(batch, aside);
            }
            None => self.link.trouble = Some(self.no_room_aside(whose)),
        }
        Ok(())
    }

    fn count_aside(&self) -> Result<HashMap<Option<DeviceId>, Heap>, DeviceFault> {
        let mut heaps: HashMap<Option<DeviceId>, Heap> = HashMap::new();
        for aside in self.store.set_aside()? {
            let whose = aside.as_entry(self.identity.workspace).map(|(at, _)| at.device);
            let heap = heaps.entry(whose).or_default();
            *heap = Heap { changes: heap.changes + 1, bytes: heap.bytes + aside.bytes.len() };
        }
        Ok(heaps)
    }

    fn no_room_aside(&self, whose: Option<DeviceId>) -> Refused {
        let Heap { changes, bytes } = self.room_aside.most;
        let megabytes = bytes >> 20;
        let Some(device) = whose else {
            let says = format!(
                "more came that is forged or does not fit than is kept ({changes} pieces, {megabytes} MB); the rest was thrown \
                 away; ask whoever runs the relay"
            );
            return Refused::new("sync.forged_without_end", says);
        };
        let named = self.person(device).device;
        let says = format!(
            "more work of the device {named}, which was taken out, came than is set aside ({changes} changes, {megabytes} MB); the \
             rest was thrown away; who wants it taken over saves it on that device as a file and hands that in"
        );
        let mut told = Refused::new("judging.no_room", says);
        told.args.insert("device".into(), named);
        told
    }
}
