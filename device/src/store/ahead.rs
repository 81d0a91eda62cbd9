//! What is here of a log beyond its end: the rest of a run of which a part was taken in.

use super::in_log::place_of;
use super::{Batch, Store, log_key};
use mera_disk::{self as disk, DiskFault};
use mera_schema::DeviceId;
use mera_sync_protocol::Run;

impl Store {
    /// The rest of a run that was begun, up to where its author signed it.
    pub fn ahead(&self, device: DeviceId) -> Result<Option<Run>, DiskFault> {
        let Some(author) = self.author(device)? else { return Ok(None) };
        let Some(previous) = self.hash(device, author.last)? else { return Ok(None) };
        let (entries, _) = self.entries_after(device, author.last);
        Ok(Run::cut(author.key, author.last + 1, previous, &entries))
    }

    /// Whether anything is here of a log that ends with `last` beyond it.
    pub fn has_ahead(&self, device: DeviceId, last: u64) -> Result<bool, DiskFault> {
        Ok(self.beyond(device, last).next().transpose()?.is_some())
    }

    /// Takes it out.
    pub fn forget_ahead(&self, device: DeviceId, last: u64, batch: &mut Batch) -> Result<(), DiskFault> {
        for row in self.beyond(device, last) {
            batch.forget_entry(device, place_of(&row?.0)?.1);
        }
        Ok(())
    }

    fn beyond(&self, device: DeviceId, last: u64) -> disk::Rows {
        self.db.between(log_key(device, last + 1)..=log_key(device, u64::MAX))
    }
}
