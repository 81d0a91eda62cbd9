//! What every frame of a company's guests asks for, in memory: how far each log is held, and what each device told. The disk has
//! all of it too. How far devices are is written there a little later: a relay that lost its memory begins a new life, and then
//! every device tells how far it is.

use super::peers::{PeerRow, place};
use super::recent::Recent;
use super::{AUTHOR, Author, RelayDisk, StoreFault, key};
use mera_disk as disk;
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{Marks, Run, Vector, Verified};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// How long what a device told may be only in memory, in milliseconds.
const BEHIND: u64 = 60_000;
/// Companies that are kept in memory; when there are more, those that nobody asks about make room.
const KEPT: usize = 4_096;
/// Devices whose marks others are compared with: two, so that each of them has another to be compared with.
const COMPARED: usize = 2;

/// The fronts of all companies.
#[derive(Default)]
pub(super) struct Fronts(Mutex<HashMap<WorkspaceId, Arc<Mutex<Front>>>>);

/// What is known of a company, in memory.
#[derive(Default)]
pub(super) struct Front {
    logs: Option<Vector>,
    recent: Recent,
    peers: Option<HashMap<DeviceId, Peer>>,
    /// Devices that have answered the roll, or that no roll waits for.
    pub(super) heard: HashSet<DeviceId>,
    /// Devices that held every log as far as it is held, and by what their records were known then.
    settled: Vec<Settled>,
}

struct Peer {
    row: PeerRow,
    /// When the device had last spoken according to the disk.
    written: u64,
    /// Whether the disk does not have the row as it is.
    waits: bool,
}

struct Settled {
    device: DeviceId,
    held: Vector,
    marks: Marks,
}

impl RelayDisk {
    /// Looks at a company, or notes something of it.
    pub(super) fn at_front<T>(
        &self,
        ws: WorkspaceId,
        look: impl FnOnce(&mut Front) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        let front = {
            let mut all = self.fronts.0.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= KEPT && !all.contains_key(&ws) {
                self.make_room(&mut all);
            }
            all.entry(ws).or_default().clone()
        };
        let mut front = front.lock().unwrap_or_else(PoisonError::into_inner);
        look(&mut front)
    }

    /// How far every log of a company is held.
    pub(super) fn logs(&self, ws: WorkspaceId) -> Result<Vector, StoreFault> {
        self.at_front(ws, |front| Ok(self.logs_at(ws, front)?.clone()))
    }

    /// The same of a front that is being looked at.
    pub(super) fn logs_at<'a>(&self, ws: WorkspaceId, front: &'a mut Front) -> Result<&'a Vector, StoreFault> {
        let logs = match front.logs.take() {
            Some(logs) => logs,
            None => {
                let row = |row: Result<(Vec<u8>, Author), StoreFault>| row.map(|(_, a)| (a.key.device(), a.last));
                self.rows(key(AUTHOR, ws, &[])).map(row).collect::<Result<_, _>>()?
            }
        };
        Ok(front.logs.insert(logs))
    }

    /// A run arrived, and is on the disk.
    pub(super) fn log_grew(&self, ws: WorkspaceId, arrival: u64, new: &Verified) -> Result<(), StoreFault> {
        let last = new.first + new.entries.len() as u64 - 1;
        let run = Run::cut(new.author, new.first, new.previous, &new.entries).filter(|run| run.last() == last);
        self.at_front(ws, |front| {
            if let Some(logs) = &mut front.logs {
                logs.reach(new.device, last);
            }
            front.recent.arrived(arrival, new.device, run);
            Ok(())
        })
    }

    /// Logs were cut or moved, or lost contents, on the disk already.
    pub(super) fn logs_changed(&self, ws: WorkspaceId) -> Result<(), StoreFault> {
        self.at_front(ws, |front| {
            front.forget_logs();
            Ok(())
        })
    }

    /// Nobody knows whether a commit reached the disk: what follows from the disk is read there anew.
    pub(super) fn doubt_memory(&self) {
        self.members.lock().unwrap_or_else(PoisonError::into_inner).clear();
        for front in self.fronts.0.lock().unwrap_or_else(PoisonError::into_inner).values() {
            front.lock().unwrap_or_else(PoisonError::into_inner).forget_disk();
        }
    }

    /// The newest arrivals.
    pub(super) fn recent<T>(&self, ws: WorkspaceId, look: impl FnOnce(&Recent) -> T) -> Result<T, StoreFault> {
        self.at_front(ws, |front| Ok(look(&front.recent)))
    }

    /// What is known of a device, at a front that is being looked at.
    pub(super) fn peers_at<'a>(&self, ws: WorkspaceId, front: &'a mut Front) -> Result<Peers<'a>, StoreFault> {
        if front.peers.is_none() {
            let rows: HashMap<_, _> = self
                .peer_rows(ws)
                .map(|row| row.map(|row| (row.state.device, Peer { written: row.state.spoke, row, waits: false })))
                .collect::<Result<_, _>>()?;
            let logs = self.logs_at(ws, front)?.clone();
            for Peer { row, .. } in rows.values() {
                if let Some(marks) = row.marks.clone().filter(|_| row.state.vector.covers(&logs)) {
                    let who = Settled { device: row.state.device, held: row.state.vector.clone(), marks };
                    settle(&mut front.settled, &logs, who);
                }
            }
            front.peers = Some(rows);
        }
        let Front { peers, settled, .. } = front;
        Ok(Peers { rows: peers.get_or_insert_default(), settled })
    }

    /// A device went: the disk has what it told from now on.
    pub(super) fn write_told(&self, ws: WorkspaceId, device: DeviceId) -> Result<(), StoreFault> {
        let _not_while_it_is_written_anew = self.confirming.read().unwrap_or_else(PoisonError::into_inner);
        self.at_front(ws, |front| self.write_rows(ws, front, Some(device)))
    }

    fn write_rows(&self, ws: WorkspaceId, front: &mut Front, only: Option<DeviceId>) -> Result<(), StoreFault> {
        let mut batch = disk::Batch::default();
        let rows = front.peers.iter_mut().flatten();
        let mut written = Vec::new();
        for (device, peer) in rows.filter(|(device, peer)| peer.waits && only.is_none_or(|only| only == **device)) {
            batch.insert(place(ws, *device), disk::wrap(&peer.row));
            written.push(peer);
        }
        self.tree().apply(batch)?;
        written.into_iter().for_each(Peer::is_written);
        Ok(())
    }

    /// Companies that nobody looks at at the moment leave, once the disk has what is known of them. Where it cannot be written they
    /// stay.
    fn make_room(&self, all: &mut HashMap<WorkspaceId, Arc<Mutex<Front>>>) {
        // Nobody waits for the disk while all companies wait for this.
        let Ok(_not_while_it_is_written_anew) = self.confirming.try_read() else { return };
        all.retain(|ws, front| {
            // The map has one of the two handles that whoever looks at a company needs.
            let Some(front) = Arc::get_mut(front) else { return true };
            let front = front.get_mut().unwrap_or_else(PoisonError::into_inner);
            self.write_rows(*ws, front, None).is_err()
        });
    }
}

impl Front {
    fn forget_logs(&mut self) {
        self.logs = None;
        self.recent.forget();
    }

    fn forget_disk(&mut self) {
        self.forget_logs();
        self.heard.clear();
    }
}

impl Peer {
    fn is_written(&mut self) {
        (self.written, self.waits) = (self.row.state.spoke, false);
    }
}

/// What devices of a company told.
pub(super) struct Peers<'a> {
    rows: &'a mut HashMap<DeviceId, Peer>,
    settled: &'a mut Vec<Settled>,
}

impl Peers<'_> {
    pub fn all(&self) -> Vec<PeerRow> {
        self.rows.values().map(|peer| peer.row.clone()).collect()
    }

    pub fn get(&self, device: DeviceId) -> Option<&PeerRow> {
        self.rows.get(&device).map(|peer| &peer.row)
    }

    /// Puts a row in place. It is written if it has waited long, and if it is a device's first: who is not on the disk is not waited
    /// for by a checkpoint. Where it cannot be written at the moment it is with the next one.
    pub fn put<F>(&mut self, row: PeerRow, write: impl FnOnce(&PeerRow) -> Result<bool, F>) -> Result<(), F> {
        let spoke = row.state.spoke;
        let peer = match self.rows.entry(row.state.device) {
            Entry::Occupied(taken) => {
                let peer = taken.into_mut();
                *peer = Peer { row, written: peer.written, waits: true };
                if spoke >= peer.written && spoke - peer.written < BEHIND {
                    return Ok(());
                }
                peer
            }
            Entry::Vacant(free) => free.insert(Peer { row, written: 0, waits: true }),
        };
        if write(&peer.row)? {
            peer.is_written();
        }
        Ok(())
    }

    /// Compares a device that holds everything, which is `logs`, with others that do, and gives one whose records are others.
    pub fn compare(&mut self, logs: &Vector, row: &PeerRow, marks: &Marks) -> Option<DeviceId> {
        let device = row.state.device;
        let who = Settled { device, held: row.state.vector.clone(), marks: marks.clone() };
        settle(self.settled, logs, who);
        let mut others = self.settled.iter().filter(|other| other.device != device && other.held == row.state.vector);
        others.find(|other| other.marks.disagree(marks)).map(|other| other.device)
    }
}

/// Who held less than is held now is compared with nobody any more.
fn settle(settled: &mut Vec<Settled>, logs: &Vector, who: Settled) {
    settled.retain(|one| one.device != who.device && one.held.covers(logs));
    if settled.len() < COMPARED {
        settled.push(who);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::tests::{company, log, opened, run};
    use mera_sync_protocol::{PeerState, RelayStore};

    /// How far the disk itself says that a device has its log.
    fn on_disk(disk: &RelayDisk, device: DeviceId) -> Option<u64> {
        let rows: Vec<PeerRow> = disk.peer_rows(company()).collect::<Result<_, _>>().unwrap();
        rows.iter().find(|row| row.state.device == device).map(|row| row.state.vector.of(device))
    }

    #[test]
    fn what_a_device_tells_is_known_at_once_and_written_a_minute_later_or_when_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let disk = opened(&folder);
        let (key, log) = log(1, 4, 10);
        let anna = key.public().device();
        let tells = |last, spoke| {
            let vector = Vector::from_iter([(anna, last)]);
            disk.confirm(company(), PeerState { device: anna, vector, spoke }, None).unwrap();
            assert_eq!(disk.tells(company(), anna).unwrap().unwrap().state.vector.of(anna), last);
        };
        disk.accept(company(), run(&key, &log, 0)).unwrap();
        tells(1, 1_000);
        assert_eq!(on_disk(&disk, anna), Some(1), "who is new is waited for by checkpoints, also after a power cut");
        tells(2, 1_000 + BEHIND - 1);
        assert_eq!(on_disk(&disk, anna), Some(1));
        tells(3, 1_000 + BEHIND);
        assert_eq!(on_disk(&disk, anna), Some(3));
        tells(4, 1_000 + BEHIND);
        disk.left(company(), anna).unwrap();
        assert_eq!(on_disk(&disk, anna), Some(4));
        drop(disk);
        let disk = RelayDisk::open(folder.path()).unwrap();
        assert_eq!(disk.tells(company(), anna).unwrap().unwrap().state.vector.of(anna), 4);
    }

    #[test]
    fn companies_that_nobody_looks_at_make_room_and_nothing_they_told_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let disk = opened(&folder);
        let anna = log(1, 1, 10).0.public().device();
        for last in [1, 2] {
            let state = PeerState { device: anna, vector: Vector::from_iter([(anna, last)]), spoke: 5 };
            disk.confirm(company(), state, None).unwrap();
        }
        for other in 0..KEPT {
            let other = WorkspaceId::new(uuid::Uuid::from_u128(other as u128));
            assert_eq!(disk.vector(other).unwrap(), Vector::default());
        }
        assert!(disk.fronts.0.lock().unwrap().len() <= KEPT);
        assert_eq!(disk.tells(company(), anna).unwrap().unwrap().state.vector.of(anna), 2);
    }

    #[test]
    fn what_reached_the_disk_although_it_was_said_to_fail_is_known_when_the_disk_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let disk = opened(&folder);
        let (key, log) = log(1, 2, 10);
        disk.accept(company(), run(&key, &log[..1], 0)).unwrap();
        assert_eq!(disk.vector(company()).unwrap().entries(), 1);
        // The batch is written; that it is safe cannot be said.
        disk::power::fails_after(1);
        assert!(disk.accept(company(), run(&key, &log, 1)).is_err());
        assert!(disk::power::returns());
        assert_eq!(disk.accept(company(), run(&key, &log, 1)).unwrap(), 2);
        let delivered = disk.after(company(), 1, &Vector::default(), usize::MAX).unwrap();
        assert_eq!((disk.vector(company()).unwrap().entries(), delivered.runs.len()), (2, 1));
    }
}
