//! Where logs begin: what was let go of at a checkpoint.

use super::{BASE, Batch, Store};
use mera_disk::DiskFault;
use mera_schema::DeviceId;
use mera_trust::Base;

impl Store {
    /// The last entry of a log that was let go of.
    pub fn base(&self, device: DeviceId) -> Result<Base, DiskFault> {
        Ok(self.seal.get(&self.db, &base_key(device))?.unwrap_or_default())
    }
}

impl Batch {
    /// A log begins behind this entry.
    pub fn base(&mut self, device: DeviceId, base: &Base) {
        self.put(base_key(device), base);
    }
}

fn base_key(device: DeviceId) -> Vec<u8> {
    [&[BASE], device.uuid().as_bytes().as_slice()].concat()
}
