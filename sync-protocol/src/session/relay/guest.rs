//! A device that was let in.

use super::{Arrival, Delivery, News, RelayEffect, RelayStore, extended, refused, tell_chain};
use crate::session::{BATCH_BYTES, Common, WINDOW};
use crate::{Brought, Cursor, Frame, MEETING_LIMIT, Marks, PeerState, Peers, Run, SyncFault, Vector};
use mera_schema::{DeviceId, WorkspaceId};
use mera_trust::{SignedStatement, TrustFault};
use std::collections::VecDeque;

/// What the relay knows of a device while it is here.
pub(super) struct Guest {
    workspace: WorkspaceId,
    device: DeviceId,
    /// Deliveries begin only when it is known what the device holds.
    position: Option<u64>,
    /// What need not be delivered: what the device wrote or told that it holds.
    skip: Vector,
    /// Deliveries under way: the place after each, and what is held once it is taken.
    under_way: VecDeque<(u64, Vec<(DeviceId, u64)>)>,
    told_complete: bool,
    /// How many statements of the members' chain it has.
    told: u32,
    /// Logs that the device gets before everything else: its own, which it asked for again, and the one with the records of
    /// a checkpoint.
    again: VecDeque<Again>,
}

/// A log that goes on after an entry; done once another is reached.
struct Again {
    log: DeviceId,
    after: u64,
    until: u64,
}

impl Guest {
    /// Lets a device in. One that is not let in is told why, and what of the chain shows it.
    pub fn welcome(
        arrival: &Arrival,
        now: u64,
        store: &dyn RelayStore,
    ) -> Result<(Option<Self>, Vec<RelayEffect>), SyncFault> {
        let Arrival { workspace, key, cursor, chain, .. } = arrival;
        let (workspace, device) = (*workspace, key.device());
        let members = store.members(workspace)?.ok_or(TrustFault::Stranger)?;
        if members.admits(device) == Err(TrustFault::Stranger) {
            // Who never was a member learns nothing of who is.
            return Err(TrustFault::Stranger.into());
        }
        let mut guest = Self {
            workspace,
            device,
            position: None,
            skip: Vector::default(),
            under_way: VecDeque::new(),
            told_complete: false,
            told: chain.length,
            again: VecDeque::new(),
        };
        let (mut effects, admitted) = guest.tell_members(store)?;
        if !admitted {
            return Ok((None, effects));
        }
        let held = store.vector(workspace)?;
        let own = held.of(device);
        guest.skip.reach(device, own);
        // First of all: nothing that the device may lack is let go of while it is here.
        guest.confirm(Vector::from_iter([(device, own)]), now, None, store)?;
        let (floor, arrivals) = (store.floor(workspace)?, store.arrivals(workspace)?);
        let known =
            cursor.filter(|cursor| cursor.epoch == store.epoch() && (floor..=arrivals).contains(&cursor.arrival));
        guest.position = known.map(|cursor| cursor.arrival);
        let have = if known.is_some() { None } else { Some(held) };
        effects.push(RelayEffect::Send(Frame::Welcome { own, have }.encode()));
        effects.extend(guest.deliver(store)?);
        Ok((Some(guest), effects))
    }

    /// Lets a device in that holds what the relay knew it to hold.
    pub fn welcome_back(
        common: &Common,
        complete: bool,
        now: u64,
        store: &dyn RelayStore,
    ) -> Result<(Self, Vec<RelayEffect>), SyncFault> {
        let Common { workspace, device, chain, own: (own, _), arrival, .. } = *common;
        let mut guest = Self {
            workspace,
            device,
            position: Some(arrival),
            skip: Vector::from_iter([(device, own)]),
            under_way: VecDeque::new(),
            told_complete: complete,
            told: chain.length,
            again: VecDeque::new(),
        };
        store.is_here(workspace, device)?;
        // First of all: nothing that the device may lack is let go of while it is here.
        guest.confirm(guest.skip.clone(), now, None, store)?;
        let mut effects = vec![RelayEffect::Send(Frame::WelcomeBack { complete }.encode())];
        effects.extend(guest.deliver(store)?);
        Ok((guest, effects))
    }

    /// Which device of which company.
    pub fn who(&self) -> (WorkspaceId, DeviceId) {
        (self.workspace, self.device)
    }

    /// Whether all that it may be brought now is in memory.
    pub fn is_at_hand(&self, store: &dyn RelayStore) -> bool {
        // What cannot be told now is told where the fault is.
        let here = |position| store.at_hand(self.workspace, position).unwrap_or(false);
        self.again.is_empty() && self.position.is_some_and(here)
    }

    /// A frame came in. Who was revoked meanwhile is heard no more.
    pub fn frame(&mut self, frame: Frame, now: u64, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        let (mut effects, admitted) = self.tell_members(store)?;
        if admitted {
            // What was told of the members goes out first, also where the rest is refused: it is not told twice.
            effects.extend(self.take(frame, now, store).unwrap_or_else(|fault| refused(&fault)));
        }
        Ok(effects)
    }

    fn take(&mut self, frame: Frame, now: u64, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        match frame {
            Frame::Have(vector) => {
                self.begin_at_checkpoint(&vector, store)?;
                self.skip.join(&vector);
                self.position = Some(0);
                self.confirm(vector, now, None, store)?;
                self.deliver(store)
            }
            Frame::Push(runs) => self.push(runs, now, store),
            Frame::Took { arrival, own, held, marks } => self.took(arrival, (own, held), marks, now, store),
            Frame::AskPeers => {
                let peers = Peers::told(store.vector(self.workspace)?, store.peers(self.workspace)?);
                Ok(vec![RelayEffect::Send(Frame::Peers(peers).encode())])
            }
            Frame::Want { device, after } => {
                self.again.push_back(Again { log: device, after, until: u64::MAX });
                self.deliver(store)
            }
            Frame::Chain(statements) => self.hear(statements, store),
            Frame::Extend(statement) => self.extend(&statement, store),
            Frame::GoOn => self.go_on(store),
            Frame::Await { place, until } => Ok(vec![RelayEffect::Await { workspace: self.workspace, place, until }]),
            Frame::Meet { workspace, place, message } if workspace == self.workspace => {
                if message.len() > MEETING_LIMIT {
                    return Err(SyncFault::TooMuch { what: "a message of more than 4 KiB at a meeting" });
                }
                let frame = Frame::Meet { workspace, place, message }.encode();
                Ok(vec![RelayEffect::Meet { workspace, place, frame }])
            }
            _ => Err(SyncFault::OutOfTurn),
        }
    }

    /// A device that lacks entries of which only the checkpoint's records tell here gets those first, and the logs then.
    fn begin_at_checkpoint(&mut self, held: &Vector, store: &dyn RelayStore) -> Result<(), SyncFault> {
        let bases = store.bases(self.workspace)?;
        let members = store.members(self.workspace)?.ok_or(TrustFault::Stranger)?;
        if let Some(reached) = members.checkpoint().filter(|_| !held.covers(&bases)) {
            let after = held.of(reached.maker).max(bases.of(reached.maker));
            self.again.push_front(Again { log: reached.maker, after, until: reached.checkpoint.end.seq });
        }
        Ok(())
    }

    /// Tells what is new in the members' chain, and whether the guest is a member still.
    fn tell_members(&mut self, store: &dyn RelayStore) -> Result<(Vec<RelayEffect>, bool), SyncFault> {
        let members = store.members(self.workspace)?.ok_or(TrustFault::Stranger)?;
        let mut effects = tell_chain((self.workspace, &members), &mut self.told, store)?;
        match members.admits(self.device) {
            Ok(()) => {
                store.is_here(self.workspace, self.device)?;
                Ok((effects, true))
            }
            Err(fault) => {
                effects.extend(refused(&fault.into()));
                Ok((effects, false))
            }
        }
    }

    fn extend(&mut self, statement: &SignedStatement, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        let stands = store.extend(self.workspace, statement);
        let (told, _) = self.tell_members(store)?;
        extended(self.workspace, stands, told)
    }

    /// The device has heard of statements elsewhere that stand already.
    fn hear(
        &mut self,
        statements: Vec<SignedStatement>,
        store: &dyn RelayStore,
    ) -> Result<Vec<RelayEffect>, SyncFault> {
        let last = statements.last().ok_or(SyncFault::OutOfTurn)?.statement.number;
        let length = || store.members(self.workspace).map(|members| members.map_or(0, |members| members.length()));
        let before = length()?;
        store.learn(self.workspace, statements)?;
        let news = length()? > before;
        self.told = self.told.max(last);
        let (told, _) = self.tell_members(store)?;
        let announced = news.then_some(RelayEffect::Announce(self.workspace, News::Members));
        Ok(announced.into_iter().chain(told).collect())
    }

    /// What an administrator may say next need not wait for devices that have not called.
    fn go_on(&self, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        let members = store.members(self.workspace)?.ok_or(TrustFault::Stranger)?;
        if !members.administers(self.device) {
            return Err(TrustFault::NotAdministrator.into());
        }
        store.go_on(self.workspace)?;
        Ok(Vec::new())
    }

    fn push(&mut self, runs: Vec<Brought>, now: u64, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        let mut reached = Vector::default();
        for run in runs {
            let verified = self.restored(run, store)?.verify(self.workspace)?;
            let (device, last) = (verified.device, verified.first + verified.entries.len() as u64 - 1);
            let held = match store.accept(self.workspace, verified) {
                Ok(held) => {
                    // What a device brings need not be delivered to it.
                    self.skip.reach(device, last);
                    held
                }
                // Who brings another's log is not to blame for it. Of a device that was taken out meanwhile it has been told
                // just now where the log ends, and brings what counts of it next; of one that stands in two places the
                // relay has the other version.
                Err(SyncFault::Trust(TrustFault::Revoked) | SyncFault::Fork { .. }) if device != self.device => {
                    store.vector(self.workspace)?.of(device)
                }
                Err(fault) => return Err(fault),
            };
            reached.reach(device, held);
        }
        self.confirm(reached.clone(), now, None, store)?;
        let acks = reached.iter().map(|(device, seq)| RelayEffect::Send(Frame::Ack { device, seq }.encode()));
        // First the announcement: the others must hear of it also when this device is gone before its receipt is sent.
        Ok([RelayEffect::Announce(self.workspace, News::Entries)].into_iter().chain(acks).collect())
    }

    /// A run with what the guest left out of it.
    fn restored(&self, run: Brought, store: &dyn RelayStore) -> Result<Run, SyncFault> {
        let members = store.members(self.workspace)?.ok_or(TrustFault::Stranger)?;
        let key = members.device(self.device).ok_or(TrustFault::Stranger)?.card.device;
        let held = store.vector(self.workspace)?.of(self.device);
        run.restored((key, held), |seq| store.hash_at(self.workspace, self.device, seq))
    }

    fn took(
        &mut self,
        arrival: u64,
        (own, entries): (u64, u64),
        marks: Marks,
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
        // The marks say something only when the device holds exactly what the relay holds.
        let all = store.vector(self.workspace)?;
        let settled = self.under_way.is_empty() && own == all.of(self.device) && entries == all.entries();
        if settled {
            // Also what it holds by a checkpoint, without a delivery.
            held.join(&all);
        }
        let diverged = self.confirm(held, now, settled.then_some(marks), store)?;
        let mut effects: Vec<_> =
            diverged.map(|peer| RelayEffect::Send(Frame::Diverged(peer).encode())).into_iter().collect();
        effects.extend(self.deliver(store)?);
        Ok(effects)
    }

    fn confirm(
        &self,
        vector: Vector,
        now: u64,
        marks: Option<Marks>,
        store: &dyn RelayStore,
    ) -> Result<Option<DeviceId>, SyncFault> {
        store.confirm(self.workspace, PeerState { device: self.device, vector, spoke: now }, marks)
    }

    /// Sends what the device lacks, as far as the window allows. The members are read after the entries and told before
    /// them, so that every author is known.
    pub fn deliver(&mut self, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        let deliveries = self.deliveries(store)?;
        let (mut effects, admitted) = self.tell_members(store)?;
        if admitted {
            effects.extend(deliveries);
        }
        Ok(effects)
    }

    fn deliveries(&mut self, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
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

    /// Logs that come before everything else, without moving the device's place.
    fn deliver_again(&mut self, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        let mut effects = Vec::new();
        while self.under_way.len() < WINDOW {
            let Some(again) = self.again.front_mut() else { break };
            let runs = store.runs_after(self.workspace, again.log, again.after, BATCH_BYTES)?;
            let (log, last) = (again.log, runs.last().map(Run::last));
            again.after = last.unwrap_or(again.until);
            if again.after >= again.until {
                self.again.pop_front();
            }
            let Some(last) = last else { continue };
            self.skip.reach(log, last);
            let cursor = Cursor { epoch: store.epoch(), arrival: self.position.unwrap_or(0) };
            self.under_way.push_back((cursor.arrival, vec![(log, last)]));
            effects.push(RelayEffect::Send(Frame::Deliver { runs, cursor, more: true }.encode()));
        }
        Ok(effects)
    }
}
