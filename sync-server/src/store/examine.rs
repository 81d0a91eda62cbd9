//! Whether what stands on a relay's disk belongs together. sled may open a damaged folder without a part of it, and a part
//! that is older than the rest would be served as if it were all.

use super::{ARRIVAL, AUTHOR, Arrival, Author, BASE, StoreFault, device_of};
use mera_disk as disk;
use mera_schema::DeviceId;
use mera_trust::Base;
use std::collections::BTreeMap;

/// A company and a device.
type Place = (Vec<u8>, DeviceId);

/// Every log must end where the arrivals say; the arrivals of a log follow each other without a gap, from its base on.
pub(super) fn examine(tree: &disk::Tree) -> Result<(), StoreFault> {
    let (mut arrived, mut held) = (BTreeMap::<Place, u64>::new(), BTreeMap::<Place, u64>::new());
    for row in tree.beginning([BASE]) {
        let (key, bytes) = row?;
        let base: Base = disk::unwrap(&key, &bytes)?;
        let device = device_of(&key).ok_or_else(|| StoreFault::Damaged("a log's base".into()))?;
        arrived.insert((company(&key), device), base.seq);
    }
    for row in tree.beginning([ARRIVAL]) {
        let (key, bytes) = row?;
        let one: Arrival = disk::unwrap(&key, &bytes)?;
        let last = arrived.entry((company(&key), one.device)).or_default();
        if one.first != *last + 1 {
            return Err(StoreFault::Damaged(format!("an arrival of {}", one.device)));
        }
        *last = one.last;
    }
    for row in tree.beginning([AUTHOR]) {
        let (key, bytes) = row?;
        let author: Author = disk::unwrap(&key, &bytes)?;
        held.insert((company(&key), author.key.device()), author.last);
    }
    if arrived == held {
        Ok(())
    } else {
        Err(StoreFault::Damaged("logs and arrivals that do not belong together".into()))
    }
}

fn company(key: &[u8]) -> Vec<u8> {
    key.get(1..17).unwrap_or_default().to_vec()
}
