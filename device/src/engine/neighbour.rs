//! What the engine does with a colleague's device on the same network, without a relay between them: the one that was
//! called speaks in the relay's place for the logs that it holds, the one that calls fills it up and is filled up. What a
//! neighbour has is not at the relay: the outbox keeps it.

use super::Engine;
use super::receive::InLog;
use crate::DeviceFault;
use mera_device_api::{NearbyRow, Notice};
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::{
    ClientEffect, ClientSession, Delivery, EntryHash, Marks, PeerState, RelayStore, Replica, Run, SyncFault, Vector,
    Verified,
};
use mera_trust::{Membership, PublicKey, SignedStatement};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Colleagues' devices on this network, and when each was last in step with this one, in milliseconds since 1970.
#[derive(Default)]
pub(super) struct Neighbours {
    looks_around: bool,
    met: BTreeMap<DeviceId, u64>,
}

/// One conversation in which this device speaks in the relay's place: how far every log was held when it began, so that
/// what is delivered has an order.
#[derive(Debug, Clone)]
pub(crate) struct Hosting {
    /// No other conversation has this one's places.
    epoch: [u8; 16],
    began: Vector,
}

/// What came of a step of a conversation with a neighbour.
#[derive(Debug, Default)]
pub(crate) struct Met {
    /// The frames to send.
    pub frames: Vec<Vec<u8>>,
    /// Whether the other has given all that it has.
    pub caught_up: bool,
}

impl Engine {
    /// Whether this device speaks with neighbours now, and as whom.
    pub(crate) fn speaks_nearby(&self) -> bool {
        self.neighbours.looks_around && self.link.online && self.expelled().is_none() && !self.compares()
    }

    /// Neighbours are looked for, or no more.
    pub(crate) fn looks_around(&mut self, looks: bool) {
        self.neighbours.looks_around = looks;
        self.notices.push(Notice::Sync);
    }

    /// Refuses a neighbour that is no member of the company.
    pub(crate) fn admits_neighbour(&self, key: &PublicKey) -> Result<DeviceId, DeviceFault> {
        let device = key.device();
        self.members.now().admits(device)?;
        Ok(device)
    }

    /// This device and a neighbour have all that the other has.
    pub(crate) fn is_in_step_with(&mut self, device: DeviceId) {
        self.neighbours.met.insert(device, self.world.millis());
        self.notices.push(Notice::Sync);
    }

    /// The neighbours, as the page of synchronisation shows them; nothing where none are looked for.
    pub(super) fn nearby(&self) -> Option<Vec<NearbyRow>> {
        let row = |(device, met): (&DeviceId, &u64)| {
            let named = self.person(*device);
            let met = i64::try_from(*met).ok().and_then(chrono::DateTime::from_timestamp_millis);
            NearbyRow { device: *device, person: named.person, name: named.device, met: met.unwrap_or_default() }
        };
        self.neighbours.looks_around.then(|| self.neighbours.met.iter().map(row).collect())
    }

    /// A session for a call to a neighbour.
    pub(crate) fn calls(&self) -> ClientSession {
        ClientSession::new(self.key(), self.workspace(), None)
    }

    /// Does what the session of a call asks of the device.
    pub(crate) fn follow_neighbour(
        &mut self,
        session: &mut ClientSession,
        effects: Vec<ClientEffect>,
    ) -> Result<Met, DeviceFault> {
        let mut met = Met::default();
        for effect in effects {
            match effect {
                ClientEffect::Send(frame) => met.frames.push(frame),
                ClientEffect::Take { runs, cursor, .. } => {
                    // The place is one in the neighbour's order.
                    let receipt = self.take_nearby(runs)?;
                    if let ClientEffect::Send(frame) = session.took(cursor, &receipt.holds, receipt.digests) {
                        met.frames.push(frame);
                    }
                }
                ClientEffect::Learn(statements) => self.learn(&statements)?,
                ClientEffect::Welcomed { own } if own > self.written() => self.log_is_known_to_reach(own)?,
                ClientEffect::CaughtUp => met.caught_up = true,
                ClientEffect::Diverged(device) => self.differs_from(device)?,
                _ => {}
            }
        }
        Ok(met)
    }

    /// Where the two differ, compares some more records with the logs. Whether there are more.
    pub(crate) fn mends_on(&mut self) -> Result<bool, DeviceFault> {
        self.mend_some()?;
        Ok(self.is_mending())
    }

    /// Begins to speak in the relay's place.
    pub(crate) fn hosts(&self) -> Result<Hosting, DeviceFault> {
        Ok(Hosting { epoch: crate::beginning::random(self.world.as_ref())?, began: self.vector.clone() })
    }

    fn take_in(&mut self, run: Verified) -> Result<u64, DeviceFault> {
        let device = run.device;
        self.will_bring(device, run.first + run.entries.len() as u64 - 1)?;
        match self.take_verified(run, InLog::NotYet) {
            Ok(()) => {}
            Err(fault) => {
                self.open.clear();
                return Err(fault);
            }
        }
        self.catch_up()?;
        self.store.flush()?;
        Ok(self.vector.of(device))
    }
}

/// The logs of a device, as a relay would speak for them.
pub(crate) struct InTheRelaysPlace<'a> {
    engine: RefCell<&'a mut Engine>,
    hosting: &'a Hosting,
}

impl<'a> InTheRelaysPlace<'a> {
    /// For one step of a conversation.
    pub fn of(engine: &'a mut Engine, hosting: &'a Hosting) -> Self {
        Self { engine: RefCell::new(engine), hosting }
    }
}

impl RelayStore for InTheRelaysPlace<'_> {
    fn epoch(&self) -> [u8; 16] {
        self.hosting.epoch
    }

    fn arrivals(&self, _: WorkspaceId) -> Result<u64, SyncFault> {
        Ok(self.hosting.began.entries())
    }

    fn vector(&self, _: WorkspaceId) -> Result<Vector, SyncFault> {
        Replica::vector(&**self.engine.borrow())
    }

    fn bases(&self, _: WorkspaceId) -> Result<Vector, SyncFault> {
        let engine = self.engine.borrow();
        engine.vector.iter().map(|(log, _)| Ok((log, engine.base(log)?))).collect()
    }

    fn hash_at(&self, _: WorkspaceId, device: DeviceId, seq: u64) -> Result<Option<EntryHash>, SyncFault> {
        Ok(self.engine.borrow().store.hash(device, seq).map_err(DeviceFault::from)?)
    }

    fn members(&self, workspace: WorkspaceId) -> Result<Option<Arc<Membership>>, SyncFault> {
        let engine = self.engine.borrow();
        Ok((workspace == engine.workspace()).then(|| engine.members.as_of_now()))
    }

    fn statements(&self, _: WorkspaceId, after: u32, budget: usize) -> Result<Vec<SignedStatement>, SyncFault> {
        Replica::statements(&**self.engine.borrow(), after, budget)
    }

    fn learn(&self, _: WorkspaceId, statements: Vec<SignedStatement>) -> Result<(), SyncFault> {
        Ok(self.engine.borrow_mut().learn(&statements)?)
    }

    /// What is to stand in the members' chain takes the relay's word.
    fn extend(&self, _: WorkspaceId, _: &SignedStatement) -> Result<(), SyncFault> {
        Err(SyncFault::OutOfTurn)
    }

    fn accept(&self, _: WorkspaceId, run: Verified) -> Result<u64, SyncFault> {
        Ok(self.engine.borrow_mut().take_in(run)?)
    }

    /// Places count the entries of one log after the other.
    fn after(&self, _: WorkspaceId, arrival: u64, skip: &Vector, budget: usize) -> Result<Delivery, SyncFault> {
        let engine = self.engine.borrow();
        let (mut runs, mut begins, mut place) = (Vec::new(), 0, arrival);
        for (log, last) in self.hosting.began.iter() {
            let ends = begins + last;
            if place < ends && runs.is_empty() {
                let after = (place - begins).max(skip.of(log)).max(engine.base(log)?);
                runs = if after < last { engine.runs_after(log, after, budget)? } else { Vec::new() };
                let reached = runs.last().map_or(last, Run::last).min(last);
                place = begins + reached;
            }
            begins = ends;
        }
        Ok(Delivery { runs, arrival: place, complete: place == begins })
    }

    fn runs_after(&self, _: WorkspaceId, device: DeviceId, after: u64, budget: usize) -> Result<Vec<Run>, SyncFault> {
        self.engine.borrow().runs_after(device, after, budget)
    }

    /// Where both hold the same entries their records must be the same.
    fn confirm(&self, _: WorkspaceId, peer: PeerState, marks: Option<Marks>) -> Result<Option<DeviceId>, SyncFault> {
        let mut engine = self.engine.borrow_mut();
        let Some(theirs) = marks else { return Ok(None) };
        if !engine.readable_digests().marks().disagree(&theirs) {
            engine.is_in_step_with(peer.device);
            return Ok(None);
        }
        engine.differs_from(peer.device)?;
        Ok(Some(engine.device()))
    }

    fn peers(&self, _: WorkspaceId) -> Result<Vec<PeerState>, SyncFault> {
        Ok(Vec::new())
    }
}
