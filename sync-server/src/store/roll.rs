//! The roll that is called after a relay lost time. A relay that is new, was restored from a backup or has just been taught
//! something does not know what else was said of the members while it was away. Somebody who has the older list would go on
//! from there, and the company would have two lists that nobody can join again. So nothing new stands in the list until every
//! member's device has called, and with it whatever it knows; or until an administrator goes on without those who are missing.

use super::{RelayDisk, StoreFault, device_of, key};
use mera_disk as disk;
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::SyncFault;
use mera_trust::{Act, Membership, SignedStatement, TrustFault};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{MutexGuard, PoisonError};

/// A roll was begun, of a company whose list of members may be known further elsewhere. Older relays also wrote here who had
/// answered.
pub(super) const ROLL: u8 = b'r';
/// A device has answered: a row of its own, so that of five hundred who call at once each writes one row and not five hundred.
pub(super) const ANSWER: u8 = b'h';

impl RelayDisk {
    /// Calls the roll of every company whose relay was restored from a backup, and says of how many. The relay does not run
    /// meanwhile. It is said once for a restored folder, and so by itself: a word that stays among those that a relay is started
    /// with would call it anew at each start.
    pub fn restored(folder: &Path) -> Result<usize, StoreFault> {
        // A folder that is not there is opened as a new one.
        if std::fs::read_dir(folder).map_or(true, |mut files| files.next().is_none()) {
            return Err(StoreFault::Nothing(folder.to_owned()));
        }
        Self::open(folder)?.call_every_roll()
    }

    fn call_every_roll(&self) -> Result<usize, StoreFault> {
        let mut batch = disk::Batch::default();
        let companies = self.ledger.companies();
        companies.iter().try_for_each(|ws| self.call(*ws, &mut batch))?;
        self.tree().apply(batch)?;
        self.tree().flush()?;
        Ok(companies.len())
    }

    /// One of its devices taught the relay statements that stand already: others may know more.
    pub(super) fn call_roll(
        &self,
        ws: WorkspaceId,
        taught: &[SignedStatement],
        batch: &mut disk::Batch,
    ) -> Result<(), StoreFault> {
        // Of a company that is being founded there is nothing more to know. Who answered told all they knew.
        if taught.iter().any(|signed| signed.statement.number > 1) && self.roll(ws)?.is_none() {
            self.call(ws, batch)?;
        }
        Ok(())
    }

    /// Everybody is waited for, whoever has answered before.
    pub(super) fn call(&self, ws: WorkspaceId, batch: &mut disk::Batch) -> Result<(), StoreFault> {
        self.end(ws, batch)?;
        batch.insert(place(ws), disk::wrap(&BTreeSet::<DeviceId>::new()));
        Ok(())
    }

    /// Nobody is waited for.
    pub(super) fn end(&self, ws: WorkspaceId, batch: &mut disk::Batch) -> Result<(), StoreFault> {
        batch.remove(place(ws));
        for answer in self.tree().beginning(key(ANSWER, ws, &[])) {
            batch.remove(answer?.0);
        }
        Ok(())
    }

    /// A device calls, and has told what it knows of the members.
    pub(super) fn answers_roll(&self, ws: WorkspaceId, device: DeviceId) -> Result<(), StoreFault> {
        // Asked at every delivery, and of a company whose roll was called there may be hundreds who have answered.
        if self.at_front(ws, |front| Ok(front.heard.contains(&device)))? {
            return Ok(());
        }
        let _alone = self.nobody_calls();
        if self.waits_for(ws, device)? {
            // A call that a power cut forgets is made again.
            self.tree().insert(answer(ws, device), disk::wrap(&()))?;
        }
        self.at_front(ws, |front| {
            front.heard.insert(device);
            Ok(())
        })
    }

    /// The roll was called or ended, on the disk already; nobody answers meanwhile.
    pub(super) fn roll_changed(&self, _nobody_calls: &MutexGuard<'_, ()>, ws: WorkspaceId) -> Result<(), StoreFault> {
        self.at_front(ws, |front| {
            front.heard.clear();
            Ok(())
        })
    }

    /// Whether the list of members may go on here.
    pub(super) fn is_all_there(
        &self,
        ws: WorkspaceId,
        members: &Membership,
        next: &SignedStatement,
    ) -> Result<(), SyncFault> {
        // Whoever needs the recovery code has nobody left to wait for.
        if matches!(next.statement.act, Act::Recover { .. }) {
            return Ok(());
        }
        let Some(heard) = self.roll(ws)? else { return Ok(()) };
        let there = members.devices().filter(|(_, standing)| standing.revoked.is_none());
        match there.filter(|(device, _)| !heard.contains(device)).count() {
            0 => Ok(()),
            missing => Err(TrustFault::RollNotAnswered { missing }.into()),
        }
    }

    /// Nobody is waited for any more.
    pub(super) fn end_roll(&self, ws: WorkspaceId) -> Result<(), StoreFault> {
        let (alone, mut batch) = (self.nobody_calls(), disk::Batch::default());
        self.end(ws, &mut batch)?;
        self.tree().apply(batch)?;
        self.roll_changed(&alone, ws)?;
        Ok(self.tree().flush()?)
    }

    /// Nobody answers a roll, or ends it, while this is held.
    pub(super) fn nobody_calls(&self) -> MutexGuard<'_, ()> {
        self.calling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A statement stands that waited for everybody; a recovery waits for nobody, and ends nothing.
    pub(super) fn close_roll(
        &self,
        ws: WorkspaceId,
        said: &[SignedStatement],
        batch: &mut disk::Batch,
    ) -> Result<(), StoreFault> {
        if said.iter().any(|signed| matches!(signed.statement.act, Act::Recover { .. })) {
            return Ok(());
        }
        self.end(ws, batch)
    }

    /// Who has answered the roll of a company, where one was called.
    pub(super) fn roll(&self, ws: WorkspaceId) -> Result<Option<BTreeSet<DeviceId>>, StoreFault> {
        let Some(mut heard) = disk::get::<BTreeSet<DeviceId>>(&self.tree(), &place(ws))? else { return Ok(None) };
        for row in self.tree().beginning(key(ANSWER, ws, &[])) {
            heard.insert(device_of(&row?.0).ok_or_else(|| StoreFault::Damaged("an answer to a roll".into()))?);
        }
        Ok(Some(heard))
    }

    /// Whether a roll was called that a device has not answered.
    pub(super) fn waits_for(&self, ws: WorkspaceId, device: DeviceId) -> Result<bool, StoreFault> {
        let tree = self.tree();
        let Some(heard) = disk::get::<BTreeSet<DeviceId>>(&tree, &place(ws))? else { return Ok(false) };
        Ok(!heard.contains(&device) && disk::get::<()>(&tree, &answer(ws, device))?.is_none())
    }
}

fn place(ws: WorkspaceId) -> Vec<u8> {
    key(ROLL, ws, &[])
}

pub(super) fn answer(ws: WorkspaceId, device: DeviceId) -> Vec<u8> {
    key(ANSWER, ws, device.uuid().as_bytes())
}

#[cfg(test)]
mod tests;
