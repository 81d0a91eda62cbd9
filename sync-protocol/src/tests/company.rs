//! Devices and a relay in memory.

use crate::*;
use mera_schema::{DeviceId, RecordId, RecordKind, RecordRef, WorkspaceId};
use mera_trust::fixture::Fixture;
use mera_trust::{Act, Base, Membership, SignedStatement, TrustFault};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// A company of three devices; everything in these tests belongs to it.
pub fn company() -> &'static Fixture {
    static COMPANY: OnceLock<Fixture> = OnceLock::new();
    COMPANY.get_or_init(|| Fixture::of(3))
}

pub fn company_id() -> WorkspaceId {
    company().workspace()
}

/// One device's log: its author's key and its entries.
type Log = (Option<PublicKey>, Vec<SignedEntry>);

/// The relay's clock.
pub const NOW: u64 = 1;

/// Logs in memory, with the order in which runs arrived.
#[derive(Default)]
pub struct Logs {
    pub logs: RefCell<BTreeMap<DeviceId, Log>>,
    pub arrivals: RefCell<Vec<(DeviceId, u64, u64)>>,
    pub peers: RefCell<BTreeMap<DeviceId, (Vector, Option<Marks>)>>,
    pub chain: RefCell<Vec<SignedStatement>>,
    pub life: Cell<u8>,
    /// What was let go of at a checkpoint.
    pub bases: RefCell<BTreeMap<DeviceId, Base>>,
    /// Arrivals of which something was let go of.
    pub floor: Cell<u64>,
    /// What a neighbour told.
    pub brings: RefCell<Vector>,
    /// Bytes of all frames that this relay has sent and received.
    pub said: Cell<usize>,
    /// How the device whose logs these are stands with its relay.
    pub stands: RefCell<Option<Standing>>,
    /// What each device's clock showed when it came back.
    pub came_back: RefCell<BTreeMap<DeviceId, u64>>,
}

impl Logs {
    pub fn hash(&self, device: DeviceId, seq: u64) -> Option<EntryHash> {
        let base = self.base_of(device);
        if seq == base.seq {
            return Some(base.hash);
        }
        let index = usize::try_from(seq.checked_sub(base.seq + 1)?).ok()?;
        Some(self.logs.borrow().get(&device)?.1.get(index)?.hash)
    }

    pub fn base_of(&self, device: DeviceId) -> Base {
        self.bases.borrow().get(&device).copied().unwrap_or_default()
    }

    fn held(&self, device: DeviceId) -> HeldLog {
        let last = Replica::vector(self).unwrap().of(device);
        let members = (!self.chain.borrow().is_empty()).then(|| self.members());
        let reached = members.as_ref().and_then(Membership::checkpoint).filter(|reached| reached.maker == device);
        HeldLog { base: self.base_of(device), last, checkpoint: reached.map(|reached| reached.base_of(device)) }
    }

    pub fn take(&self, run: Verified) -> Result<u64, SyncFault> {
        let device = run.device;
        let Continued { run: new, from } = run.beyond(&self.held(device), |seq| Ok(self.hash(device, seq)))?;
        if let Some(base) = from {
            self.move_to(device, base);
        }
        let mut logs = self.logs.borrow_mut();
        let log = logs.entry(device).or_default();
        log.0 = Some(new.author);
        if !new.entries.is_empty() {
            let last = new.first + new.entries.len() as u64 - 1;
            self.arrivals.borrow_mut().push((device, new.first, last));
        }
        log.1.extend(new.entries);
        drop(logs);
        self.follow_checkpoint(false);
        Ok(Replica::vector(self)?.of(device))
    }

    /// Lets go of what stands up to a base.
    fn move_to(&self, device: DeviceId, base: Base) {
        let before = self.base_of(device).seq;
        let mut logs = self.logs.borrow_mut();
        let log = logs.entry(device).or_default();
        let gone = usize::try_from(base.seq - before).unwrap().min(log.1.len());
        log.1.drain(..gone);
        log.0 = log.0.or_else(|| self.members().device(device).map(|standing| standing.card.device));
        self.bases.borrow_mut().insert(device, base);
        for (number, (whose, first, last)) in (1..).zip(self.arrivals.borrow_mut().iter_mut()) {
            if *whose == device && *first <= base.seq {
                (*first, *last) = (base.seq + 1, (*last).max(base.seq));
                self.floor.set(self.floor.get().max(number));
            }
        }
    }

    /// Goes on from the newest checkpoint where this replica holds its records: with all logs, or with those it lacks.
    pub fn follow_checkpoint(&self, all: bool) {
        let members = self.members();
        let Some(reached) = members.checkpoint() else { return };
        let held = Replica::vector(self).unwrap();
        if holds_records(reached, &held, |device, seq| Ok(self.hash(device, seq))).unwrap() {
            for (device, base) in &reached.checkpoint.base {
                if (all && self.base_of(*device).seq < base.seq) || held.of(*device) < base.seq {
                    self.move_to(*device, *base);
                }
            }
        }
    }

    pub fn cut(&self, device: DeviceId, after: u64) -> Option<Run> {
        let (logs, base) = (self.logs.borrow(), self.base_of(device));
        let (author, entries) = logs.get(&device)?;
        let after = after.max(base.seq);
        Run::cut(
            (*author)?,
            after + 1,
            self.hash(device, after)?,
            entries.get(usize::try_from(after - base.seq).ok()?..)?,
        )
    }
}

impl Logs {
    pub fn members(&self) -> Membership {
        Membership::read(&*self.chain.borrow()).unwrap()
    }
}

impl Replica for Logs {
    fn chain(&self) -> ChainPlace {
        ChainPlace::from(&self.members())
    }
    fn statements(&self, after: u32, _: usize) -> Result<Vec<SignedStatement>, SyncFault> {
        // One at a time, so that every test also goes through asking again.
        Ok(self.chain.borrow().iter().skip(after as usize).take(1).cloned().collect())
    }
    fn vector(&self) -> Result<Vector, SyncFault> {
        let logs = self.logs.borrow();
        Ok(logs.iter().map(|(device, (_, log))| (*device, self.base_of(*device).seq + log.len() as u64)).collect())
    }
    fn base(&self, device: DeviceId) -> Result<u64, SyncFault> {
        Ok(self.base_of(device).seq)
    }
    fn brings(&self) -> Vector {
        self.brings.borrow().clone()
    }
    fn comes_first(&self) -> Option<DeviceId> {
        self.members().checkpoint().map(|reached| reached.maker)
    }
    fn runs_after(&self, device: DeviceId, after: u64, _: usize) -> Result<Vec<Run>, SyncFault> {
        Ok(self.cut(device, after).into_iter().collect())
    }
    fn standing(&self) -> Result<Option<Standing>, SyncFault> {
        Ok(self.stands.borrow().clone())
    }
}

impl RelayStore for Logs {
    fn epoch(&self) -> [u8; 16] {
        [self.life.get(); 16]
    }
    fn arrivals(&self, _: WorkspaceId) -> Result<u64, SyncFault> {
        Ok(self.arrivals.borrow().len() as u64)
    }
    fn vector(&self, _: WorkspaceId) -> Result<Vector, SyncFault> {
        Replica::vector(self)
    }
    fn bases(&self, _: WorkspaceId) -> Result<Vector, SyncFault> {
        Ok(self.bases.borrow().iter().map(|(device, base)| (*device, base.seq)).collect())
    }
    fn hash_at(&self, _: WorkspaceId, device: DeviceId, seq: u64) -> Result<Option<EntryHash>, SyncFault> {
        Ok(self.hash(device, seq))
    }
    fn floor(&self, _: WorkspaceId) -> Result<u64, SyncFault> {
        Ok(self.floor.get())
    }
    fn members(&self, _: WorkspaceId) -> Result<Option<Arc<Membership>>, SyncFault> {
        Ok((!self.chain.borrow().is_empty()).then(|| Arc::new(self.members())))
    }
    fn statements(&self, _: WorkspaceId, after: u32, budget: usize) -> Result<Vec<SignedStatement>, SyncFault> {
        Replica::statements(self, after, budget)
    }
    fn learn(&self, _: WorkspaceId, statements: Vec<SignedStatement>) -> Result<(), SyncFault> {
        let chain = [self.chain.borrow().clone(), statements].concat();
        Membership::read(&chain)?;
        *self.chain.borrow_mut() = chain;
        Ok(())
    }
    fn extend(&self, ws: WorkspaceId, statement: &SignedStatement) -> Result<(), SyncFault> {
        if statement.statement.number as usize <= self.chain.borrow().len() {
            return Err(TrustFault::Behind.into());
        }
        if let Act::Checkpoint(checkpoint) = &statement.statement.act {
            let maker = statement.statement.signer.device();
            let end = (maker, checkpoint.end);
            let mut all = checkpoint.base.iter().chain([&end]);
            if all.any(|(device, base)| self.hash(*device, base.seq) != Some(base.hash)) {
                return Err(TrustFault::CheckpointEarly.into());
            }
        }
        self.learn(ws, vec![statement.clone()])
    }
    fn accept(&self, _: WorkspaceId, run: Verified) -> Result<u64, SyncFault> {
        judge(&self.members(), &run)?;
        self.take(run)
    }
    fn after(&self, _: WorkspaceId, arrival: u64, skip: &Vector, _: usize) -> Result<Delivery, SyncFault> {
        let arrivals = self.arrivals.borrow();
        let mut at = usize::try_from(arrival).unwrap();
        let mut runs = Vec::new();
        while let (Some((device, first, last)), true) = (arrivals.get(at), runs.len() < 2) {
            // One whose entries were all let go of holds none.
            at += 1;
            let mut from = first - 1;
            while *last > skip.of(*device) && from < *last {
                let run = self.cut(*device, from).unwrap();
                from = run.last();
                runs.push(run);
            }
        }
        Ok(Delivery { runs, arrival: at as u64, complete: at == arrivals.len() })
    }
    fn runs_after(&self, _: WorkspaceId, device: DeviceId, after: u64, b: usize) -> Result<Vec<Run>, SyncFault> {
        Replica::runs_after(self, device, after, b)
    }
    fn company(&self, begins: [u8; 6]) -> Option<WorkspaceId> {
        Some(company_id()).filter(|id| id.uuid().as_bytes().starts_with(&begins))
    }
    fn parted(&self, _: WorkspaceId, device: DeviceId) -> Result<Option<Parted>, SyncFault> {
        let last = Replica::vector(self)?.of(device);
        let marks = self.peers.borrow().get(&device).and_then(|(_, marks)| marks.clone());
        Ok(self.hash(device, last).map(|hash| Parted { own: (last, hash), marks }))
    }
    fn is_later(&self, _: WorkspaceId, device: DeviceId, time: u64) -> bool {
        self.came_back.borrow_mut().insert(device, time).is_none_or(|before| before < time)
    }
    fn confirm(&self, ws: WorkspaceId, peer: PeerState, d: Option<Marks>) -> Result<Option<DeviceId>, SyncFault> {
        let mut peers = self.peers.borrow_mut();
        let row = peers.entry(peer.device).or_default();
        row.0.join(&peer.vector);
        row.1 = d.clone().or(row.1.take());
        let (mine, all) = (row.clone(), RelayStore::vector(self, ws)?);
        let settled = |v: &Vector| v.covers(&all);
        let other = peers.iter().find(|(id, (v, o))| {
            **id != peer.device && d.is_some() && settled(&mine.0) && settled(v) && o.is_some() && *o != d
        });
        Ok(other.map(|(id, _)| *id))
    }
    fn peers(&self, _: WorkspaceId) -> Result<Vec<PeerState>, SyncFault> {
        let peers = self.peers.borrow();
        Ok(peers.iter().map(|(d, (v, _))| PeerState { device: *d, vector: v.clone(), spoke: 0 }).collect())
    }
}

/// A device in memory: a key, logs, and a cursor.
pub struct Device {
    pub key: Arc<DeviceKey>,
    pub logs: Logs,
    pub cursor: Option<Cursor>,
    pub acked: Vector,
    pub peers: Peers,
    pub diverged: Option<DeviceId>,
    pub digests: Digests,
    /// What did not come to stand in the chain, and why.
    pub not_extended: Option<String>,
    /// Its own log as the relay has it.
    pub compared: Vec<Run>,
}

impl Device {
    /// Device `n` of the company, which knows its members.
    pub fn new(n: u8) -> Self {
        let key = Arc::new(DeviceKey::from_seed(&[n; 32]));
        let logs = Logs { chain: RefCell::new(company().chain.clone()), ..Logs::default() };
        let (acked, digests) = (Vector::default(), Digests::default());
        let (peers, compared) = (Peers::default(), Vec::new());
        Self { key, logs, cursor: None, acked, peers, diverged: None, digests, not_extended: None, compared }
    }

    pub fn id(&self) -> DeviceId {
        self.key.public().device()
    }

    pub fn write(&self, words: &str) {
        self.write_in(RecordKind::Quote, words);
    }

    pub fn write_in(&self, kind: RecordKind, words: &str) {
        self.write_of(&[(RecordRef::new(kind, RecordId::new(Uuid::from_u128(9))), words)]);
    }

    pub fn write_of(&self, said: &[(RecordRef, &str)]) {
        self.write_kind(EntryKind::CHANGES, said);
    }

    pub fn write_kind(&self, kind: EntryKind, said: &[(RecordRef, &str)]) {
        let id = self.id();
        let held = Replica::vector(&self.logs).unwrap().of(id);
        let previous = self.logs.hash(id, held).unwrap();
        let at = Place { workspace: company_id(), device: id, seq: held + 1, previous };
        let mut logs = self.logs.logs.borrow_mut();
        let log = logs.entry(id).or_default();
        log.0 = Some(self.key.public());
        log.1.push(SignedEntry::write(&self.key, &at, entry(&at, kind, said)));
    }

    pub fn session(&self) -> ClientSession {
        ClientSession::new(self.key.clone(), company_id(), self.cursor)
    }

    /// It knows how it stood with a relay when they parted.
    pub fn stand_as_known_to(&self, relay: &Logs) {
        let own = Replica::vector(relay).unwrap().of(self.id()).min(Replica::vector(&self.logs).unwrap().of(self.id()));
        let members = self.logs.members();
        let member = members.devices().position(|(device, _)| device == self.id()).unwrap();
        let own = (own, self.logs.hash(self.id(), own).unwrap());
        let standing = Standing { member: u32::try_from(member).unwrap(), own, marks: self.digests.marks() };
        *self.logs.stands.borrow_mut() = Some(standing);
    }

    pub fn run(&self) -> Run {
        self.logs.cut(self.id(), 0).unwrap()
    }
}

/// Words of about so many bytes that cannot be packed much.
pub fn noise(bytes: usize) -> String {
    mera_trust::fixture::noise(1, bytes).iter().map(|byte| char::from(b'!' + byte % 90)).collect()
}

fn entry(at: &Place, kind: EntryKind, said: &[(RecordRef, &str)]) -> Entry {
    let subjects = said.iter().map(|(record, _)| (*record).into()).collect();
    let (time, payload) = (Hlc::default(), Payload::default());
    let mut entry = Entry { time, kind, epoch: 1, subjects, payload };
    let chunks = said.iter().map(|(_, words)| words.as_bytes().to_vec()).collect();
    Content::seal(&mut entry, at, chunks, &company().keys).unwrap();
    entry
}

/// Talks until both are silent, or until `frames` have been carried: then the line breaks.
pub fn talk(device: &mut Device, relay: &Logs, frames: usize) -> Result<usize, SyncFault> {
    let mut client = device.session();
    talk_in(device, &mut client, relay, frames)
}

/// The same in a session that exists.
pub fn talk_in(
    device: &mut Device,
    client: &mut ClientSession,
    relay: &Logs,
    frames: usize,
) -> Result<usize, SyncFault> {
    let (server, first) = RelaySession::open([7; 32], relay);
    converse(device, client, (server, relay), (VecDeque::new(), VecDeque::from([first])), frames)
}

/// The device says that it is back, at `now`; gives the frames that were carried and their bytes.
pub fn come_back(device: &mut Device, relay: &Logs, now: u64) -> Result<(usize, usize), SyncFault> {
    device.stand_as_known_to(relay);
    let back = ClientSession::back(device.key.clone(), company_id(), device.cursor, &device.logs, now)?;
    let (mut client, first) = back.expect("it has spoken with this relay");
    let bytes = relay.said.get();
    let server = RelaySession::awaiting_back([7; 32]);
    let frames = converse(device, &mut client, (server, relay), (VecDeque::from([first]), VecDeque::new()), 1000)?;
    Ok((frames, relay.said.get() - bytes))
}

fn converse(
    device: &mut Device,
    client: &mut ClientSession,
    (mut server, relay): (RelaySession, &Logs),
    (mut up, mut down): (VecDeque<Vec<u8>>, VecDeque<Vec<u8>>),
    frames: usize,
) -> Result<usize, SyncFault> {
    let mut carried = 0;
    while carried < frames && !(down.is_empty() && up.is_empty()) {
        carried += 1;
        if let Some(bytes) = up.pop_front() {
            relay.said.set(relay.said.get() + bytes.len());
            for effect in server.frame(&bytes, NOW, relay) {
                if let RelayEffect::Send(bytes) = effect {
                    down.push_back(bytes);
                }
            }
            continue;
        }
        let bytes = down.pop_front().unwrap();
        relay.said.set(relay.said.get() + bytes.len());
        let mut todo: VecDeque<_> = client.frame(&bytes, &device.logs)?.into();
        while let Some(effect) = todo.pop_front() {
            match effect {
                ClientEffect::Send(bytes) => up.push_back(bytes),
                ClientEffect::Take { runs, cursor, keep } => {
                    for run in runs {
                        device.logs.take(run.verify(company_id())?)?;
                    }
                    device.cursor = keep.then_some(cursor);
                    todo.push_back(client.took(cursor, &Replica::vector(&device.logs)?, device.digests.clone()));
                }
                ClientEffect::Acked { device: log, seq } => device.acked.reach(log, seq),
                ClientEffect::Peers(peers) => device.peers = peers,
                ClientEffect::Diverged(other) => device.diverged = Some(other),
                ClientEffect::Keep(cursor) => device.cursor = Some(cursor),
                ClientEffect::Learn(statements) => {
                    device.logs.chain.borrow_mut().extend(statements);
                    device.logs.follow_checkpoint(false);
                }
                ClientEffect::NotExtended { code, .. } => device.not_extended = Some(code),
                ClientEffect::Compare(runs) => device.compared.extend(runs),
                ClientEffect::Welcomed { .. } | ClientEffect::LetInToCompare { .. } | ClientEffect::Met { .. } => {}
                ClientEffect::CaughtUp => todo.extend(client.ask_peers()),
            }
        }
    }
    Ok(carried)
}
