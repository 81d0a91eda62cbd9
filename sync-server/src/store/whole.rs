//! A company as a whole: everything that a log said of it up to some message, as rows. Whoever has them needs nothing of what the
//! log said before, and so it need not stand there any more.

use super::checkpoint::FLOOR;
use super::erasure::{ERASED, LINGERS};
use super::follow::By;
use super::roll::{ANSWER, ROLL};
use super::{ARRIVAL, AUTHOR, BASE, LOG, RelayDisk, STATEMENT, StoreFault, checkpoint::WAITS, key, ledger};
use mera_disk as disk;
use mera_schema::WorkspaceId;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// A company that is being put in place; what is there of it is no whole.
const INSTALLING: u8 = b'i';
/// Rows that are written at one go.
const BATCH: usize = 256;
/// All that follows from the log, and nothing else: what devices confirm is told otherwise.
const KINDS: [u8; 10] = [STATEMENT, BASE, AUTHOR, ARRIVAL, LOG, ERASED, WAITS, FLOOR, ROLL, ANSWER];

/// A row of a company: the kind, the rest of the key behind the company, and the stored value.
pub type Row = (u8, Vec<u8>, Vec<u8>);

/// Takes away companies that were being put in place when the power went.
pub(super) fn drop_half_installed(tree: &disk::Tree) -> Result<(), StoreFault> {
    let half: Vec<_> = tree.beginning([INSTALLING]).collect::<Result<_, _>>()?;
    for (place, _) in half {
        let ws = ledger::company(&place)?;
        clear(tree, ws)?;
        tree.remove(By::place(ws))?;
    }
    Ok(())
}

/// Nothing of a company is left but the note that it is being put in place.
fn clear(tree: &disk::Tree, ws: WorkspaceId) -> Result<(), StoreFault> {
    let mut batch = disk::Batch::default();
    for kind in KINDS {
        for row in tree.beginning(key(kind, ws, &[])) {
            batch.remove(row?.0);
        }
        tree.apply(std::mem::take(&mut batch))?;
    }
    Ok(())
}

impl RelayDisk {
    /// Gives every row of a company, in order, and the newest message that is in them. The company does not change meanwhile.
    /// Nothing where the company is not known.
    pub fn whole<F: From<StoreFault>>(
        &self,
        ws: WorkspaceId,
        mut take: impl FnMut(Row) -> Result<(), F>,
    ) -> Result<u64, F> {
        let _nobody_writes = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let tree = self.tree();
        for kind in KINDS {
            for row in tree.beginning(key(kind, ws, &[])) {
                let (place, stored) = row.map_err(StoreFault::from)?;
                take((kind, place[17..].to_vec(), stored.to_vec()))?;
            }
        }
        Ok(self.followed_of(ws)?)
    }

    /// Puts a company in place as it was told as a whole, in the place of what is here of it; `number` is the newest message that is
    /// in the rows. A power cut in between leaves nothing of it.
    pub fn install<F: From<StoreFault>>(
        &self,
        (ws, number): (WorkspaceId, u64),
        rows: impl Iterator<Item = Result<Row, F>>,
    ) -> Result<(), F> {
        let _nobody_writes = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let tree = self.tree();
        let note = || -> Result<(), StoreFault> {
            tree.insert(key(INSTALLING, ws, &[]), disk::wrap(&()))?;
            tree.flush()?;
            clear(&tree, ws)
        };
        note()?;
        let (mut batch, mut waiting) = (disk::Batch::default(), 0);
        for row in rows {
            let (kind, rest, stored) = row?;
            if !KINDS.contains(&kind) {
                return Err(StoreFault::Damaged(format!("a row of the unknown kind {kind}")).into());
            }
            batch.insert(key(kind, ws, &rest), stored);
            waiting += 1;
            if waiting == BATCH {
                tree.apply(std::mem::take(&mut batch)).map_err(StoreFault::from)?;
                waiting = 0;
            }
        }
        let settle = |mut batch: disk::Batch| -> Result<(), StoreFault> {
            batch.remove(key(INSTALLING, ws, &[]));
            batch.insert(By::place(ws), disk::wrap(&number));
            // What was erased meanwhile stood here until now.
            batch.insert(key(LINGERS, ws, &[]), disk::wrap(&()));
            tree.apply(batch)?;
            self.logs_changed(ws)?;
            self.roll_changed(&self.nobody_calls(), ws)?;
            tree.flush()?;
            self.lingering.store(true, Ordering::Release);
            self.forget_members(ws);
            self.ledger.count(&tree, ws)
        };
        Ok(settle(batch)?)
    }
}
