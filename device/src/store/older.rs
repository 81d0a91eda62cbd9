//! Stores of programs that kept apart where a record's document stands: rows said nothing of it, an entry that it stood in had a value
//! of its own, and how many changes stood beside was counted.

use super::{At, Batch, CHUNK, RecordRow, Stands, Store, record_key, record_of};
use mera_business::facts::Fact;
use mera_disk::DiskFault;
use mera_schema::{DeviceId, Heads, RecordRef};
use serde::Deserialize;

/// What such a program kept of a record besides its document.
pub(super) const ROW: u8 = b'f';
/// Which entry the document stood in.
pub(super) const STANDS: u8 = b'h';
/// Rows that are brought up to date at one go: what is interrupted goes on with the next start.
const AT_A_TIME: usize = 500;

#[derive(Deserialize)]
struct Row {
    heads: Heads,
    last: (DeviceId, u64),
    facts: Vec<Fact>,
}

impl Store {
    /// Has every row say where its record's document stands. A store of this program has none that do not.
    pub(super) fn bring_rows_up_to_date(&self) -> Result<(), DiskFault> {
        loop {
            let mut batch = Batch::default();
            for row in self.db.beginning([ROW]).take(AT_A_TIME) {
                let (key, sealed) = row?;
                // A kind that this program does not know has no rows: an older one knew fewer.
                let record = record_of(&key).ok_or_else(|| DiskFault::Damaged("the row of a record".into()))?;
                let Row { heads, last, facts } = self.seal.unwrap(&key, &sealed)?;
                let stands = self.stood(record)?;
                batch.take_out(key.to_vec());
                batch.take_out(record_key(STANDS, record));
                batch.row(record, &RecordRow { heads, last, stands, facts });
            }
            if batch.len() == 0 {
                return Ok(());
            }
            self.commit(batch)?;
        }
    }

    fn stood(&self, record: RecordRef) -> Result<Stands, DiskFault> {
        let entry: Option<At> = self.seal.get(&self.db, &record_key(STANDS, record))?;
        let chunks = self.db.beginning(record_key(CHUNK, record)).try_fold(0, |sum, row| row.map(|_| sum + 1))?;
        Ok(Stands { entry, chunks })
    }
}
