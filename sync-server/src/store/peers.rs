//! What the relay knows of each device: how far it is, and how the two parted; told here, or at another relay that shares the log.

use super::{RelayDisk, StoreFault, key};
use mera_disk as disk;
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{Marks, Parted, PeerState};
use serde::{Deserialize, Serialize};
use std::sync::PoisonError;

/// What relays of earlier protocols noted stands under another letter, and is told anew.
const PEER: u8 = b'g';

/// How far a device is, and by what its records are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerRow {
    pub(super) state: PeerState,
    /// What it told when it held what it was known to hold.
    pub(super) marks: Option<Marks>,
}

impl RelayDisk {
    /// What stands on the disk of a company's devices.
    pub(super) fn peer_rows(&self, ws: WorkspaceId) -> impl Iterator<Item = Result<PeerRow, StoreFault>> {
        self.rows(key(PEER, ws, &[])).map(|row| row.map(|(_, peer)| peer))
    }

    pub(super) fn all_peers(&self, ws: WorkspaceId) -> Result<Vec<PeerRow>, StoreFault> {
        self.at_front(ws, |front| Ok(self.peers_at(ws, front)?.all()))
    }

    /// What a device told here.
    pub fn tells(&self, ws: WorkspaceId, device: DeviceId) -> Result<Option<PeerRow>, StoreFault> {
        self.at_front(ws, |front| Ok(self.peers_at(ws, front)?.get(device).cloned()))
    }

    /// Takes in what a device told elsewhere; who spoke `since` has called. Marks are of what was held then.
    pub fn hears(&self, ws: WorkspaceId, told: PeerRow, since: u64) -> Result<(), StoreFault> {
        let device = told.state.device;
        if told.state.spoke >= since {
            self.note_call(ws, device, told.state.spoke);
        }
        self.at_front(ws, |front| {
            let mut peers = self.peers_at(ws, front)?;
            let row = match peers.get(device).cloned() {
                None => told,
                Some(mut row) => {
                    if told.state.vector.covers(&row.state.vector) {
                        row.marks = told.marks;
                    }
                    row.state.vector.join(&told.state.vector);
                    row.state.spoke = row.state.spoke.max(told.state.spoke);
                    row
                }
            };
            peers.put(row, |row| self.write_peer(ws, row))
        })
    }

    /// Notes what a device holds, and gives one that holds the same entries and yet other records.
    pub(super) fn note_peer(
        &self,
        ws: WorkspaceId,
        peer: &PeerState,
        marks: Option<Marks>,
    ) -> Result<Option<DeviceId>, StoreFault> {
        self.note_call(ws, peer.device, peer.spoke);
        self.at_front(ws, |front| {
            let everything = self.logs_at(ws, front)?.clone();
            let mut peers = self.peers_at(ws, front)?;
            let mut row = peers.get(peer.device).cloned().unwrap_or(PeerRow { state: peer.clone(), marks: None });
            // Marks are of the entries that were held when they were told; more entries make them void.
            let told = row.marks.take().filter(|_| row.state.vector.covers(&peer.vector));
            row.state.vector.join(&peer.vector);
            row.state.spoke = peer.spoke;
            row.marks = marks.clone().or(told);
            let compared = marks.filter(|_| row.state.vector.covers(&everything));
            let other = compared.and_then(|marks| peers.compare(&everything, &row, &marks));
            peers.put(row, |row| self.write_peer(ws, row))?;
            Ok(other)
        })
    }

    /// Writes a row, unless the disk is being written anew: nobody waits for that. Whether it did.
    fn write_peer(&self, ws: WorkspaceId, row: &PeerRow) -> Result<bool, StoreFault> {
        let Ok(_not_while_it_is_written_anew) = self.confirming.try_read() else { return Ok(false) };
        self.tree().insert(place(ws, row.state.device), disk::wrap(row))?;
        Ok(true)
    }

    /// The end of a device's own log, and by what its records were known when it last held everything.
    pub(super) fn how_it_parted(&self, ws: WorkspaceId, device: DeviceId) -> Result<Option<Parted>, StoreFault> {
        let Some(author) = self.author(ws, device)? else { return Ok(None) };
        let Some(hash) = self.hash(ws, device, author.last)? else { return Ok(None) };
        let marks = self.tells(ws, device)?.and_then(|peer| peer.marks);
        Ok(Some(Parted { own: (author.last, hash), marks }))
    }

    /// Whether a device's clock shows more than when it last came back. What it said then is worth nothing a second time.
    pub(super) fn shows_later(&self, ws: WorkspaceId, device: DeviceId, time: u64) -> bool {
        let mut came_back = self.came_back.lock().unwrap_or_else(PoisonError::into_inner);
        let before = came_back.entry((ws, device)).or_default();
        let later = time > *before;
        *before = time.max(*before);
        later
    }
}

pub(super) fn place(ws: WorkspaceId, device: DeviceId) -> Vec<u8> {
    key(PEER, ws, device.uuid().as_bytes())
}
