//! Who wrote an operation: found from the change that holds it.

use crate::{Authorship, DeviceId};
use automerge::{ActorId, AutoCommit, ObjId};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use uuid::Uuid;

/// The changes of a document by actor, ready to be asked who wrote what.
pub(super) struct Authors(HashMap<ActorId, Vec<(u64, Authorship)>>);

impl Authors {
    pub(super) fn of(doc: &mut AutoCommit) -> Self {
        let mut by_actor: HashMap<ActorId, Vec<(u64, Authorship)>> = HashMap::new();
        for change in doc.get_changes_meta(&[]) {
            let by = Authorship { device: device_of(&change.actor), at: moment(change.timestamp) };
            by_actor.entry(change.actor.into_owned()).or_default().push((change.max_op, by));
        }
        by_actor.values_mut().for_each(|changes| changes.sort_by_key(|(max_op, _)| *max_op));
        Self(by_actor)
    }

    /// The author of the operation behind a value.
    pub(super) fn wrote(&self, value: &ObjId) -> Authorship {
        let nobody = Authorship { device: DeviceId::new(Uuid::nil()), at: DateTime::UNIX_EPOCH };
        let ObjId::Id(counter, actor, _) = value else { return nobody };
        let Some(changes) = self.0.get(actor) else { return nobody };
        let position = changes.partition_point(|(max_op, _)| max_op < counter);
        changes.get(position).map_or(nobody, |(_, by)| *by)
    }
}

/// The device behind an actor. Automerge puts bytes before an actor's own when it edits at older heads, so the device
/// is what an actor ends with.
pub(super) fn device_of(actor: &ActorId) -> DeviceId {
    DeviceId::new(actor.to_bytes().last_chunk().copied().map_or(Uuid::nil(), Uuid::from_bytes))
}

/// A change's moment: milliseconds since 1970, as [`super::Moment`] writes them.
pub(super) fn moment(timestamp: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(timestamp).unwrap_or(DateTime::UNIX_EPOCH)
}
