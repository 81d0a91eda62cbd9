//! What the relay knows of each device: how far it is, and how the two parted.

use super::{RelayDisk, StoreFault, key};
use mera_disk as disk;
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{Marks, Parted, PeerState};
use serde::{Deserialize, Serialize};
use std::collections::hash_map::Entry;
use std::sync::PoisonError;

const PEER: u8 = b'q';

#[derive(Serialize, Deserialize)]
pub(super) struct Peer {
    pub state: PeerState,
    /// What it told when it held what it was known to hold.
    marks: Option<Marks>,
}

impl RelayDisk {
    pub(super) fn all_peers(&self, ws: WorkspaceId) -> Result<Vec<Peer>, StoreFault> {
        self.rows(key(PEER, ws, &[])).map(|row| row.map(|(_, peer)| peer)).collect()
    }

    /// Notes what a device holds, and gives one that holds the same entries and yet other records.
    pub(super) fn note_peer(
        &self,
        ws: WorkspaceId,
        peer: &PeerState,
        marks: Option<Marks>,
    ) -> Result<Option<DeviceId>, StoreFault> {
        let _not_while_it_is_written_anew = self.confirming.read().unwrap_or_else(PoisonError::into_inner);
        self.note_call(ws, peer.device, peer.spoke);
        let known = self.peer(ws, peer.device)?;
        let mut row = known.unwrap_or(Peer { state: peer.clone(), marks: None });
        // Marks are of the entries that were held when they were told; more entries make them void.
        let told = row.marks.take().filter(|_| row.state.vector.covers(&peer.vector));
        row.state.vector.join(&peer.vector);
        row.state.spoke = peer.spoke;
        row.marks = marks.clone().or(told);
        self.tree().insert(place(ws, peer.device), disk::wrap(&row))?;
        let Some(marks) = marks else { return Ok(None) };
        let everything =
            mera_sync_protocol::RelayStore::vector(self, ws).map_err(|fault| StoreFault::Damaged(fault.to_string()))?;
        let other = self.all_peers(ws)?.into_iter().find(|other| {
            other.state.device != peer.device
                && row.state.vector.covers(&everything)
                && other.state.vector == row.state.vector
                && other.marks.as_ref().is_some_and(|theirs| theirs.disagree(&marks))
        });
        Ok(other.map(|other| other.state.device))
    }

    /// The end of a device's own log, and by what its records were known when it last held everything.
    pub(super) fn how_it_parted(&self, ws: WorkspaceId, device: DeviceId) -> Result<Option<Parted>, StoreFault> {
        let Some(author) = self.author(ws, device)? else { return Ok(None) };
        let Some(hash) = self.hash(ws, device, author.last)? else { return Ok(None) };
        let marks = self.peer(ws, device)?.and_then(|peer| peer.marks);
        Ok(Some(Parted { own: (author.last, hash), marks }))
    }

    /// Whether a device's clock shows more than when it last came back. What it said then is worth nothing a second time.
    pub(super) fn shows_later(&self, ws: WorkspaceId, device: DeviceId, time: u64) -> bool {
        let mut came_back = self.came_back.lock().unwrap_or_else(PoisonError::into_inner);
        match came_back.entry((ws, device)) {
            Entry::Occupied(before) if *before.get() >= time => false,
            Entry::Occupied(mut before) => {
                before.insert(time);
                true
            }
            Entry::Vacant(first) => {
                first.insert(time);
                true
            }
        }
    }

    fn peer(&self, ws: WorkspaceId, device: DeviceId) -> Result<Option<Peer>, StoreFault> {
        Ok(disk::get(&self.tree(), &place(ws, device))?)
    }
}

fn place(ws: WorkspaceId, device: DeviceId) -> Vec<u8> {
    key(PEER, ws, device.uuid().as_bytes())
}
