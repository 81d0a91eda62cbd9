//! What sessions ask of the relay's disk.

use super::recent::Recent;
use super::{ARRIVAL, Arrival, By, RelayDisk, Said, StoreFault, arrival_number, key};
use mera_disk as disk;
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{Delivery, EntryHash, Marks, Parted, PeerState, RelayStore, Run, SyncFault, Vector, Verified};
use mera_trust::{Membership, SignedStatement};
use std::sync::{Arc, PoisonError};

impl RelayStore for RelayDisk {
    fn epoch(&self) -> [u8; 16] {
        self.epoch
    }

    fn admits(&self, ws: WorkspaceId) -> Result<(), SyncFault> {
        let (known, companies) = (self.ledger.knows(ws), self.ledger.total().0);
        self.rules.read().unwrap_or_else(PoisonError::into_inner).admit(ws, known, companies)
    }

    fn arrivals(&self, ws: WorkspaceId) -> Result<u64, SyncFault> {
        match self.recent(ws, Recent::last)? {
            Some(last) => Ok(last),
            None => Ok(self.last_arrival(ws)?),
        }
    }

    fn vector(&self, ws: WorkspaceId) -> Result<Vector, SyncFault> {
        Ok(self.logs(ws)?)
    }

    fn bases(&self, ws: WorkspaceId) -> Result<Vector, SyncFault> {
        Ok(self.all_bases(ws)?)
    }

    fn floor(&self, ws: WorkspaceId) -> Result<u64, SyncFault> {
        Ok(self.arrivals_let_go(ws)?)
    }

    fn members(&self, ws: WorkspaceId) -> Result<Option<Arc<Membership>>, SyncFault> {
        self.members_of(ws)
    }

    fn statements(&self, ws: WorkspaceId, after: u32, budget: usize) -> Result<Vec<SignedStatement>, SyncFault> {
        Ok(self.statements_after(ws, after, budget)?)
    }

    fn learn(&self, ws: WorkspaceId, statements: Vec<SignedStatement>) -> Result<(), SyncFault> {
        self.take_learned(&self.one_at_a_time()?, (ws, By::Guest), &statements)
    }

    fn extend(&self, ws: WorkspaceId, statement: &SignedStatement) -> Result<(), SyncFault> {
        let _one_at_a_time = self.one_at_a_time()?;
        self.may_stand(ws, statement)?;
        self.take_statements((ws, By::Guest), std::slice::from_ref(statement), Said::Here)
    }

    fn is_here(&self, ws: WorkspaceId, device: DeviceId) -> Result<(), SyncFault> {
        Ok(self.answers_roll(ws, device)?)
    }

    fn go_on(&self, ws: WorkspaceId) -> Result<(), SyncFault> {
        let _one_at_a_time = self.one_at_a_time()?;
        Ok(self.end_roll(ws)?)
    }

    fn accept(&self, ws: WorkspaceId, run: Verified) -> Result<u64, SyncFault> {
        self.take_in(&self.one_at_a_time()?, (ws, By::Guest), run)
    }

    fn hash_at(&self, ws: WorkspaceId, device: DeviceId, seq: u64) -> Result<Option<EntryHash>, SyncFault> {
        Ok(self.hash(ws, device, seq)?)
    }

    fn after(&self, ws: WorkspaceId, arrival: u64, skip: &Vector, budget: usize) -> Result<Delivery, SyncFault> {
        if let Some(delivery) = self.recent(ws, |recent| recent.after(arrival, skip, budget))? {
            return Ok(delivery);
        }
        let mut delivery = Delivery { runs: Vec::new(), arrival, complete: true };
        let mut bytes = 0;
        let from = key(ARRIVAL, ws, &(arrival + 1).to_be_bytes());
        for row in self.tree().between(from..=key(ARRIVAL, ws, &u64::MAX.to_be_bytes())) {
            if bytes >= budget {
                delivery.complete = false;
                break;
            }
            let (key, value) = row.map_err(StoreFault::from)?;
            let one: Arrival = disk::unwrap(&key, &value).map_err(StoreFault::from)?;
            // Entries may be let go of while they are read here.
            let base = self.base(ws, one.device)?.seq;
            let mut held = (one.first - 1).max(skip.of(one.device).max(base).min(one.last));
            while held < one.last {
                // An arrival whose entries are gone must not be passed over: a device would wait for them for ever.
                let missing = || StoreFault::Damaged(format!("entry {} of the log of {}", held + 1, one.device));
                let run = self.cut(ws, one.device, held, one.last)?.ok_or_else(missing)?;
                held = run.last();
                bytes += run.weight();
                delivery.runs.push(run);
            }
            delivery.arrival = arrival_number(&key)?;
        }
        Ok(delivery)
    }

    fn runs_after(&self, ws: WorkspaceId, device: DeviceId, after: u64, _: usize) -> Result<Vec<Run>, SyncFault> {
        Ok(self.cut(ws, device, after, u64::MAX / 2)?.into_iter().collect())
    }

    fn at_hand(&self, ws: WorkspaceId, arrival: u64) -> Result<bool, SyncFault> {
        Ok(self.recent(ws, |recent| recent.has(arrival))?)
    }

    fn confirm(&self, ws: WorkspaceId, peer: PeerState, marks: Option<Marks>) -> Result<Option<DeviceId>, SyncFault> {
        Ok(self.note_peer(ws, &peer, marks)?)
    }

    fn left(&self, ws: WorkspaceId, device: DeviceId) -> Result<(), SyncFault> {
        Ok(self.write_told(ws, device)?)
    }

    fn company(&self, begins: [u8; 6]) -> Option<WorkspaceId> {
        self.ledger.one_that_begins(begins)
    }

    fn parted(&self, ws: WorkspaceId, device: DeviceId) -> Result<Option<Parted>, SyncFault> {
        Ok(self.how_it_parted(ws, device)?)
    }

    fn is_later(&self, ws: WorkspaceId, device: DeviceId, time: u64) -> bool {
        self.shows_later(ws, device, time)
    }

    fn peers(&self, ws: WorkspaceId) -> Result<Vec<PeerState>, SyncFault> {
        Ok(self.all_peers(ws)?.into_iter().map(|peer| peer.state).collect())
    }
}
