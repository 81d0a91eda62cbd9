//! A program that tells other facts of the same records than the one before it tells them anew when it opens the store:
//! lists that an older program wrote would otherwise stand beside sums that this one computes.

use super::export;
use crate::DeviceFault;
use crate::store::{Batch, RecordRow, Store};
use mera_business::facts;
use mera_schema::RecordRef;
use mera_trust::GroupKeys;
use std::collections::BTreeSet;

/// Brings the stored facts up to this program's. A record that cannot be read keeps what it had; the doctor names it.
pub(super) fn retell(store: &Store, keys: &GroupKeys) -> Result<(), DeviceFault> {
    if store.facts_version()? == Some(facts::VERSION) {
        return Ok(());
    }
    let mut batch = Batch::default();
    // They are made anew, with new facts, as soon as the store is open; what they stood in may be gone.
    let waits: BTreeSet<RecordRef> = store.to_rebuild()?.into_iter().collect();
    for row in store.rows() {
        let (record, row) = row?;
        if waits.contains(&record) {
            continue;
        }
        let tree = match export::values(store, record, keys) {
            Ok(tree) => tree,
            Err(DeviceFault::RecordDamaged(_)) => continue,
            // A change of roles was interrupted; the record is made anew as soon as the store is open.
            Err(DeviceFault::KeyMissing(_)) => continue,
            // A disk that fails says nothing of the record: the next start tries again.
            Err(other) => return Err(other),
        };
        let facts = facts::facts(&tree);
        if facts != row.facts {
            batch.row(record, &RecordRow { facts, ..row });
        }
    }
    batch.facts_version(facts::VERSION);
    Ok(store.commit(batch)?)
}
