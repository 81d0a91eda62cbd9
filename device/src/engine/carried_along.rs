//! Kinds of record that an older program did not know stand in the logs, carried along as they came. The first program that
//! knows them makes their records from there when it opens the store.

use super::Engine;
use crate::DeviceFault;
use crate::store::Batch;
use mera_schema::{RecordKind, RecordRef};
use mera_sync_protocol::Collection;
use std::collections::BTreeSet;

impl Engine {
    /// Makes the records of kinds that are new to this store. The store itself says which kinds its last program knew, so that a
    /// program that was set back and updated again leaves nothing out either.
    pub(super) fn make_what_was_carried_along(&mut self) -> Result<(), DeviceFault> {
        let now: BTreeSet<u8> = RecordKind::ALL.iter().map(|kind| Collection::of(*kind).0).collect();
        let noted = self.store.kinds_known()?;
        if noted.as_ref() == Some(&now) {
            return Ok(());
        }
        let known = match noted {
            Some(known) => known,
            // Written by a program that did not note it: what it knew it made.
            None => self.store.kinds_with_records()?,
        };
        let mut batch = Batch::default();
        let mut again: BTreeSet<RecordRef> = self.store.to_rebuild()?.into_iter().collect();
        if now.iter().any(|kind| !known.contains(kind)) && self.vector.entries() > 0 {
            // Who may write them the older program could not know either.
            for (device, _) in self.vector.clone().iter() {
                let from = self.store.base(device)?.seq + 1;
                again.extend(self.judge_again(&mut batch, device, from)?);
            }
            again.extend(self.touched(|_, _, subject| !known.contains(&subject.collection.0))?);
        }
        batch.kinds_known(&now);
        let any = !again.is_empty();
        self.commit_and_rebuild(batch, again)?;
        if any {
            self.load_numbers();
        }
        Ok(())
    }
}
