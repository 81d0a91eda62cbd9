//! The relay's end.

use super::{BATCH_BYTES, WINDOW};
use crate::frame::proof;
use crate::{Cursor, Digest, Frame, PROTOCOL, PeerState, PublicKey, Run, Signature, SyncFault, Vector, Verified};
use mera_schema::{DeviceId, WorkspaceId};
use std::collections::VecDeque;

/// Runs in the order in which they arrived, from some place on.
pub struct Delivery {
    /// The runs.
    pub runs: Vec<Run>,
    /// The place after them.
    pub arrival: u64,
    /// Whether this is all there is.
    pub complete: bool,
}

/// What a relay session asks of the relay's disk. Everything is kept apart by company.
pub trait RelayStore {
    /// The life of the disk.
    fn epoch(&self) -> [u8; 16];
    /// How many runs have arrived.
    fn arrivals(&self, workspace: WorkspaceId) -> Result<u64, SyncFault>;
    /// How far every log is held.
    fn vector(&self, workspace: WorkspaceId) -> Result<Vector, SyncFault>;
    /// Takes in a run that continues its log, durably, and tells how far the log is held now.
    fn accept(&self, workspace: WorkspaceId, run: Verified) -> Result<u64, SyncFault>;
    /// What arrived after a place, without what `skip` covers; about `budget` bytes.
    fn after(&self, ws: WorkspaceId, arrival: u64, skip: &Vector, budget: usize) -> Result<Delivery, SyncFault>;
    /// Runs of one log after an entry; about `budget` bytes.
    fn runs_after(&self, ws: WorkspaceId, device: DeviceId, after: u64, budget: usize) -> Result<Vec<Run>, SyncFault>;
    /// Notes what a device holds, and gives a device that holds the same entries and yet other records.
    fn confirm(&self, ws: WorkspaceId, peer: PeerState, digest: Option<Digest>) -> Result<Option<DeviceId>, SyncFault>;
    /// What is known about every device.
    fn peers(&self, workspace: WorkspaceId) -> Result<Vec<PeerState>, SyncFault>;
}

/// What the shell round a session must do.
#[derive(Debug, PartialEq, Eq)]
pub enum RelayEffect {
    /// Send this frame.
    Send(Vec<u8>),
    /// Call [`RelaySession::arrived`] of every other session of this company.
    Announce(WorkspaceId),
    /// End the connection; the frame that says why has been sent.
    Close,
}

struct Guest {
    workspace: WorkspaceId,
    device: DeviceId,
    /// Deliveries begin only when it is known what the device holds.
    position: Option<u64>,
    /// What need not be delivered: what the device wrote or told that it holds.
    skip: Vector,
    /// Deliveries under way: the place after each, and what is held once it is taken.
    under_way: VecDeque<(u64, Vec<(DeviceId, u64)>)>,
    told_complete: bool,
    /// A log that the device asked for again, and after which entry it goes on.
    again: Option<(DeviceId, u64)>,
}

enum State {
    AwaitsHello { nonce: [u8; 32] },
    Open(Guest),
    Closed,
}

/// The relay's end of one connection.
pub struct RelaySession {
    state: State,
}

impl RelaySession {
    /// A session for a new connection and the frame that opens it. The nonce must be fresh randomness.
    pub fn open(nonce: [u8; 32], store: &dyn RelayStore) -> (Self, Vec<u8>) {
        let challenge = Frame::Challenge { protocol: PROTOCOL, epoch: store.epoch(), nonce };
        (Self { state: State::AwaitsHello { nonce } }, challenge.encode())
    }

    /// Who is at the other end, once that is proven.
    pub fn guest(&self) -> Option<(WorkspaceId, DeviceId)> {
        if let State::Open(guest) = &self.state { Some((guest.workspace, guest.device)) } else { None }
    }

    /// A frame came in, at `now` in milliseconds since 1970. A fault is told to the device and ends the session.
    pub fn frame(&mut self, bytes: &[u8], now: u64, store: &dyn RelayStore) -> Vec<RelayEffect> {
        let outcome = Frame::decode(bytes).and_then(|frame| self.take(frame, now, store));
        self.or_close(outcome)
    }

    /// Something arrived from another device.
    pub fn arrived(&mut self, store: &dyn RelayStore) -> Vec<RelayEffect> {
        let State::Open(guest) = &mut self.state else { return Vec::new() };
        let outcome = guest.deliver(store);
        self.or_close(outcome)
    }

    fn or_close(&mut self, outcome: Result<Vec<RelayEffect>, SyncFault>) -> Vec<RelayEffect> {
        outcome.unwrap_or_else(|fault| {
            self.state = State::Closed;
            let refused = Frame::Refused { code: fault.code().to_owned(), says: fault.to_string() };
            vec![RelayEffect::Send(refused.encode()), RelayEffect::Close]
        })
    }

    fn take(&mut self, frame: Frame, now: u64, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        match (&mut self.state, frame) {
            (State::AwaitsHello { nonce }, Frame::Hello { protocol, workspace, key, proof, cursor }) => {
                let mut guest = Guest::admit(protocol, workspace, key, &proof, nonce, store)?;
                let mut effects = guest.welcome(cursor, now, store)?;
                effects.extend(guest.deliver(store)?);
                self.state = State::Open(guest);
                Ok(effects)
            }
            (State::Open(guest), Frame::Have(vector)) => {
                guest.skip.join(&vector);
                guest.position = Some(0);
                guest.confirm(vector, now, None, store)?;
                guest.deliver(store)
            }
            (State::Open(guest), Frame::Push(runs)) => guest.push(runs, now, store),
            (State::Open(guest), Frame::Took { arrival, own, held, digest }) => {
                guest.took(arrival, (own, held), digest, now, store)
            }
            (State::Open(guest), Frame::AskPeers) => {
                let peers = store.peers(guest.workspace)?;
                Ok(vec![RelayEffect::Send(Frame::Peers(peers).encode())])
            }
            (State::Open(guest), Frame::Want { device, after }) => {
                guest.again = Some((device, after));
                guest.deliver(store)
            }
            _ => Err(SyncFault::OutOfTurn),
        }
    }
}

impl Guest {
    fn admit(
        protocol: u16,
        workspace: WorkspaceId,
        key: PublicKey,
        signature: &Signature,
        nonce: &[u8; 32],
        store: &dyn RelayStore,
    ) -> Result<Self, SyncFault> {
        if protocol != PROTOCOL {
            return Err(SyncFault::OtherVersion { ours: PROTOCOL, theirs: protocol });
        }
        key.verify(&proof(&store.epoch(), nonce, workspace), signature)?;
        let (position, skip, under_way) = (None, Vector::default(), VecDeque::new());
        Ok(Self { workspace, device: key.device(), position, skip, under_way, told_complete: false, again: None })
    }

    fn welcome(
        &mut self,
        cursor: Option<Cursor>,
        now: u64,
        store: &dyn RelayStore,
    ) -> Result<Vec<RelayEffect>, SyncFault> {
        let held = store.vector(self.workspace)?;
        let arrivals = store.arrivals(self.workspace)?;
        let known = cursor.filter(|cursor| cursor.epoch == store.epoch() && cursor.arrival <= arrivals);
        self.position = known.map(|cursor| cursor.arrival);
        let own = held.of(self.device);
        self.skip.reach(self.device, own);
        self.confirm(Vector::from_iter([(self.device, own)]), now, None, store)?;
        let have = if known.is_some() { None } else { Some(held) };
        Ok(vec![RelayEffect::Send(Frame::Welcome { own, have }.encode())])
    }

    fn push(&mut self, runs: Vec<Run>, now: u64, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        let mut reached = Vector::default();
        for run in runs {
            let verified = run.verify(self.workspace)?;
            let device = verified.device;
            // What a device brings need not be delivered to it.
            self.skip.reach(device, verified.first + verified.entries.len() as u64 - 1);
            reached.reach(device, store.accept(self.workspace, verified)?);
        }
        self.confirm(reached.clone(), now, None, store)?;
        let acks = reached.iter().map(|(device, seq)| RelayEffect::Send(Frame::Ack { device, seq }.encode()));
        // First the announcement: the others must hear of it also when this device is gone before its receipt is sent.
        Ok([RelayEffect::Announce(self.workspace)].into_iter().chain(acks).collect())
    }

    fn took(
        &mut self,
        arrival: u64,
        (own, entries): (u64, u64),
        digest: Digest,
        now: u64,
        store: &dyn RelayStore,
    ) -> Result<Vec<RelayEffect>, SyncFault> {
        let mut held = Vector::default();
        while let Some((place, rows)) = self.under_way.front() {
            if *place > arrival {
                break;
            }
            rows.iter().for_each(|(device, seq)| held.reach(*device, *seq));
            self.under_way.pop_front();
        }
        // The digest says something only when the device holds exactly what the relay holds.
        let all = store.vector(self.workspace)?;
        let settled = self.under_way.is_empty() && own == all.of(self.device) && entries == all.entries();
        let diverged = self.confirm(held, now, settled.then_some(digest), store)?;
        let mut effects: Vec<_> =
            diverged.map(|peer| RelayEffect::Send(Frame::Diverged(peer).encode())).into_iter().collect();
        effects.extend(self.deliver(store)?);
        Ok(effects)
    }

    fn confirm(
        &self,
        vector: Vector,
        now: u64,
        digest: Option<Digest>,
        store: &dyn RelayStore,
    ) -> Result<Option<DeviceId>, SyncFault> {
        store.confirm(self.workspace, PeerState { device: self.device, vector, spoke: now }, digest)
    }

    /// Sends what the device lacks, as far as the window allows.
    fn deliver(&mut self, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        let mut effects = self.deliver_again(store)?;
        while self.under_way.len() < WINDOW {
            let Some(position) = self.position else { break };
            let Delivery { runs, arrival, complete } =
                store.after(self.workspace, position, &self.skip, BATCH_BYTES)?;
            if runs.is_empty() && complete && self.told_complete {
                self.position = Some(arrival);
                break;
            }
            let rows = runs.iter().map(|run| (run.author.device(), run.last())).collect();
            self.under_way.push_back((arrival, rows));
            self.position = Some(arrival);
            self.told_complete = complete;
            let cursor = Cursor { epoch: store.epoch(), arrival };
            effects.push(RelayEffect::Send(Frame::Deliver { runs, cursor, more: !complete }.encode()));
            if complete {
                break;
            }
        }
        Ok(effects)
    }

    /// Entries a restored device has lost, without moving its place.
    fn deliver_again(&mut self, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        let mut effects = Vec::new();
        while let Some((device, after)) = self.again.filter(|_| self.under_way.len() < WINDOW) {
            let runs = store.runs_after(self.workspace, device, after, BATCH_BYTES)?;
            self.again = runs.last().map(|run| (device, run.last()));
            if let Some((_, last)) = self.again {
                let cursor = Cursor { epoch: store.epoch(), arrival: self.position.unwrap_or(0) };
                self.under_way.push_back((cursor.arrival, vec![(device, last)]));
                effects.push(RelayEffect::Send(Frame::Deliver { runs, cursor, more: true }.encode()));
            }
        }
        Ok(effects)
    }
}
