//! Logs that begin at a checkpoint. When the members' chain tells of one, and the records that it promises are here, the entries
//! before it go: not at once, so that a device that was away for a weekend goes on where it stopped instead of beginning anew.

use super::{
    ARRIVAL, AUTHOR, Arrival, Author, BASE, By, RelayDisk, StoreFault, device_of, erasure::LINGERS, key,
    ledger::company, log_key,
};
use mera_disk as disk;
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{EntryHash, HeldLog, PublicKey, SyncFault, Vector, holds_records};
use mera_trust::{Act, Base, Membership, Reached, SignedStatement, TrustFault};
use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

/// A company with a checkpoint of which entries before it are still here.
pub(super) const WAITS: u8 = b'c';
/// The newest arrival of a company of which something was let go of.
pub(super) const FLOOR: u8 = b'f';
/// Entries that are taken out at one go.
const BATCH: usize = 512;
/// How long a device that said nothing is waited for, in milliseconds: 30 days, a long holiday. After that it begins at the
/// checkpoint when it comes back, and brings what it has not sent.
const PATIENCE: u64 = 30 * 24 * 60 * 60 * 1000;

/// Who of a company has called since the disk was opened.
#[derive(Default)]
pub(super) struct Called {
    devices: HashSet<DeviceId>,
    /// When the first and the last did, in milliseconds since 1970.
    first: u64,
    last: u64,
}

impl RelayDisk {
    /// Notes that a device is here.
    pub(super) fn note_call(&self, ws: WorkspaceId, device: DeviceId, now: u64) {
        let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        let row = called.entry(ws).or_insert_with(|| Called { first: now, ..Called::default() });
        row.devices.insert(device);
        row.last = row.last.max(now);
    }

    /// Whether every member's device that works has called since the disk was opened. Until then the disk may be that of last
    /// week, or new, and somebody may know of statements that are not here: a checkpoint can wait, and a chain that was
    /// extended twice cannot be mended.
    fn all_have_called(&self, ws: WorkspaceId, members: &Membership) -> Result<bool, StoreFault> {
        let peers = self.all_peers(ws)?;
        let called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(called) = called.get(&ws) else { return Ok(false) };
        let last_heard = |device| {
            let peer = peers.iter().find(|peer| peer.state.device == device);
            peer.map_or(called.first, |peer| peer.state.spoke)
        };
        let mut working =
            members.devices().filter(|(_, standing)| standing.revoked.is_none()).map(|(device, _)| device);
        Ok(working.all(|device| {
            called.devices.contains(&device) || last_heard(device).saturating_add(PATIENCE) <= called.last
        }))
    }

    /// Lets go of what checkpoints cover, wherever all who work have it; `now` in milliseconds since 1970. Whether anything went.
    pub fn let_go(&self, now: u64) -> Result<bool, StoreFault> {
        let waiting: Vec<_> = self.tree().beginning([WAITS]).collect::<Result<_, _>>()?;
        let mut went = false;
        for (place, _) in waiting {
            let ws = company(&place)?;
            match self.begin_at_checkpoint(ws, now) {
                Ok(true) => {
                    self.take_out_covered(ws)?;
                    went = true;
                }
                Ok(false) => {}
                // The other companies do not wait for this one.
                Err(fault) => tracing::error!(code = fault.code(), "a checkpoint could not be followed"),
            }
        }
        Ok(went)
    }

    /// What was let go of a log.
    pub(super) fn base(&self, ws: WorkspaceId, device: DeviceId) -> Result<Base, StoreFault> {
        Ok(disk::get(&self.tree(), &key(BASE, ws, device.uuid().as_bytes()))?.unwrap_or_default())
    }

    /// What was let go of every log.
    pub(super) fn all_bases(&self, ws: WorkspaceId) -> Result<Vector, StoreFault> {
        let row = |row: Result<(Vec<u8>, Base), StoreFault>| {
            let (place, base) = row?;
            let device = device_of(&place).ok_or_else(|| StoreFault::Damaged("a log's base".into()))?;
            Ok((device, base.seq))
        };
        self.rows(key(BASE, ws, &[])).map(row).collect()
    }

    pub(super) fn arrivals_let_go(&self, ws: WorkspaceId) -> Result<u64, StoreFault> {
        Ok(disk::get(&self.tree(), &key(FLOOR, ws, &[]))?.unwrap_or_default())
    }

    /// How a log is held. Only the log with a checkpoint's records may begin there before these are here.
    pub(super) fn held(&self, ws: WorkspaceId, device: DeviceId, members: &Membership) -> Result<HeldLog, StoreFault> {
        let last = self.author(ws, device)?.map_or(0, |author| author.last);
        let reached = members.checkpoint().filter(|reached| reached.maker == device);
        let checkpoint = reached.map(|reached| reached.base_of(device));
        Ok(HeldLog { base: self.base(ws, device)?, last, checkpoint })
    }

    /// A checkpoint may stand once everything that it covers, its records, and what may be in them, are here.
    pub(super) fn holds_checkpoint(&self, ws: WorkspaceId, signed: &SignedStatement) -> Result<(), SyncFault> {
        let Act::Checkpoint(checkpoint) = &signed.statement.act else { return Ok(()) };
        let members = self.members_of(ws)?.ok_or(TrustFault::Stranger)?;
        if !self.all_have_called(ws, &members)? {
            return Err(TrustFault::CheckpointEarly.into());
        }
        let end = (signed.statement.signer.device(), checkpoint.end);
        for (device, base) in checkpoint.base.iter().chain([&end]) {
            match self.hash(ws, *device, base.seq)? {
                Some(hash) if hash == base.hash => {}
                Some(_) => return Err(SyncFault::Fork { device: *device, seq: base.seq }),
                None => return Err(TrustFault::CheckpointEarly.into()),
            }
        }
        // What may be in the records must be here: whoever is taken out later is so from what is here on.
        for (device, seq) in &checkpoint.seen {
            if self.author(ws, *device)?.is_none_or(|author| author.last < *seq) {
                return Err(TrustFault::CheckpointEarly.into());
            }
        }
        Ok(())
    }

    /// Notes in a batch that statements tell of a checkpoint.
    pub(super) fn note_checkpoint(ws: WorkspaceId, statements: &[SignedStatement], batch: &mut disk::Batch) {
        if statements.iter().any(|signed| matches!(signed.statement.act, Act::Checkpoint(_))) {
            batch.insert(key(WAITS, ws, &[]), disk::wrap(&()));
        }
    }

    /// Once the records of the newest checkpoint are here, logs of which less is here go on from it.
    pub(super) fn follow_checkpoint(
        &self,
        _alone: &MutexGuard<'_, ()>,
        ws: WorkspaceId,
        members: &Membership,
    ) -> Result<(), SyncFault> {
        let Some(reached) = members.checkpoint() else { return Ok(()) };
        let held = mera_sync_protocol::RelayStore::vector(self, ws)?;
        if reached.is_covered(|device| held.of(device)) || !self.holds_records(ws, reached, &held)? {
            return Ok(());
        }
        let mut batch = disk::Batch::default();
        for (device, base) in reached.checkpoint.base.iter().filter(|(device, base)| held.of(*device) < base.seq) {
            let card = members.device(*device).ok_or(TrustFault::CheckpointUnfit)?.card;
            self.move_log(ws, (*device, card.device), *base, &mut batch)?;
        }
        self.tree().apply(batch).map_err(StoreFault::from)?;
        self.logs_changed(ws)?;
        self.tree().flush().map_err(StoreFault::from)?;
        Ok(self.ledger.count(&self.tree(), ws)?)
    }

    /// A log goes on from a base that lies behind all that is here of it.
    pub(super) fn move_log(
        &self,
        ws: WorkspaceId,
        (device, author): (DeviceId, PublicKey),
        base: Base,
        batch: &mut disk::Batch,
    ) -> Result<(), StoreFault> {
        for row in self.tree().between(log_key(ws, device, 1)..=log_key(ws, device, base.seq)) {
            batch.remove(row?.0);
        }
        let uuid = device.uuid();
        let place = uuid.as_bytes();
        batch.insert(key(AUTHOR, ws, place), disk::wrap(&Author { key: author, last: base.seq }));
        batch.insert(key(BASE, ws, place), disk::wrap(&base));
        self.drop_covered_arrivals(ws, &Vector::from_iter([(device, base.seq)]), batch)
    }

    fn holds_records(&self, ws: WorkspaceId, reached: &Reached, held: &Vector) -> Result<bool, SyncFault> {
        let hash_at = |device, seq| -> Result<Option<EntryHash>, SyncFault> { Ok(self.hash(ws, device, seq)?) };
        holds_records(reached, held, hash_at)
    }

    /// Lets every log of a company begin at its newest checkpoint, if all who work have what it covers.
    fn begin_at_checkpoint(&self, ws: WorkspaceId, now: u64) -> Result<bool, SyncFault> {
        let _one_at_a_time = self.one_at_a_time()?;
        Ok(self.may_begin(ws, now)? && self.begin_logs(ws, By::Guest)?)
    }

    /// Whether all who work have what the newest checkpoint covers; `now` in milliseconds since 1970.
    pub(super) fn may_begin(&self, ws: WorkspaceId, now: u64) -> Result<bool, SyncFault> {
        let Some(members) = self.members_of(ws)? else { return Ok(false) };
        let Some(reached) = members.checkpoint() else { return Ok(false) };
        for peer in self.all_peers(ws)? {
            let works = members.admits(peer.state.device).is_ok() && peer.state.spoke.saturating_add(PATIENCE) > now;
            if works && !reached.is_covered(|device| peer.state.vector.of(device)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether every log of a company begins at its newest checkpoint, or behind it.
    pub(super) fn has_begun(&self, ws: WorkspaceId) -> Result<bool, SyncFault> {
        let Some(members) = self.members_of(ws)? else { return Ok(false) };
        let Some(reached) = members.checkpoint() else { return Ok(false) };
        let bases = self.all_bases(ws)?;
        Ok(reached.checkpoint.base.iter().all(|(device, base)| bases.of(*device) >= base.seq))
    }

    /// Lets every log of a company begin at its newest checkpoint, if what it covers and its records are here. Whether they do.
    pub(super) fn begin_logs(&self, ws: WorkspaceId, by: By) -> Result<bool, SyncFault> {
        let Some(members) = self.members_of(ws)? else { return Ok(false) };
        let Some(reached) = members.checkpoint() else { return Ok(false) };
        let held = mera_sync_protocol::RelayStore::vector(self, ws)?;
        if !reached.is_covered(|device| held.of(device)) || !self.holds_records(ws, reached, &held)? {
            return Ok(false);
        }
        let (mut batch, mut covered) = (by.batch(ws), Vector::default());
        for (device, base) in &reached.checkpoint.base {
            if self.base(ws, *device)?.seq >= base.seq {
                continue;
            }
            if self.hash(ws, *device, base.seq)? != Some(base.hash) {
                return Err(SyncFault::Fork { device: *device, seq: base.seq });
            }
            covered.reach(*device, base.seq);
            batch.insert(key(BASE, ws, device.uuid().as_bytes()), disk::wrap(base));
        }
        self.drop_covered_arrivals(ws, &covered, &mut batch)?;
        batch.insert(key(LINGERS, ws, &[]), disk::wrap(&()));
        self.commit(by, batch)?;
        self.logs_changed(ws)?;
        Ok(true)
    }

    /// Takes out the entries before the base of each log. Nobody asks for them any more, so others may write in between; what a
    /// power cut leaves is taken out the next time.
    pub(super) fn take_out_covered(&self, ws: WorkspaceId) -> Result<(), StoreFault> {
        for (device, last) in self.all_bases(ws)?.iter() {
            let mut rows = self.tree().between(log_key(ws, device, 1)..=log_key(ws, device, last)).peekable();
            while rows.peek().is_some() {
                let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
                let mut batch = disk::Batch::default();
                for row in rows.by_ref().take(BATCH) {
                    batch.remove(row?.0);
                }
                self.tree().apply(batch)?;
            }
        }
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut done = disk::Batch::default();
        done.remove(key(WAITS, ws, &[]));
        self.tree().apply(done)?;
        self.tree().flush()?;
        self.ledger.count(&self.tree(), ws)?;
        // The files still hold them until they are written anew.
        self.lingering.store(true, Ordering::Release);
        Ok(())
    }

    /// Arrivals begin behind what is covered. The last one stays, whatever is left of it: its number is not given again.
    fn drop_covered_arrivals(
        &self,
        ws: WorkspaceId,
        covered: &Vector,
        batch: &mut disk::Batch,
    ) -> Result<(), StoreFault> {
        let newest = self.last_arrival(ws)?;
        let mut floor = self.arrivals_let_go(ws)?;
        for row in self.rows::<Arrival>(key(ARRIVAL, ws, &[])) {
            let (place, one) = row?;
            let base = covered.of(one.device);
            if one.first > base {
                continue;
            }
            let number = super::arrival_number(&place)?;
            floor = floor.max(number);
            if one.last <= base && number != newest {
                batch.remove(place);
            } else {
                let left = Arrival { first: base + 1, last: one.last.max(base), ..one };
                batch.insert(place, disk::wrap(&left));
            }
        }
        batch.insert(key(FLOOR, ws, &[]), disk::wrap(&floor));
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests;
