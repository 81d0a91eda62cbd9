//! Devices and a relay in memory.

use crate::*;
use mera_schema::{DeviceId, RecordId, RecordKind, RecordRef, WorkspaceId};
use mera_trust::fixture::Fixture;
use mera_trust::{Membership, SignedStatement, TrustFault};
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

/// Logs in memory, with the order in which runs arrived.
#[derive(Default)]
pub struct Logs {
    pub logs: RefCell<BTreeMap<DeviceId, Log>>,
    pub arrivals: RefCell<Vec<(DeviceId, u64, u64)>>,
    pub peers: RefCell<BTreeMap<DeviceId, (Vector, Option<Digests>)>>,
    pub chain: RefCell<Vec<SignedStatement>>,
    pub life: Cell<u8>,
}

impl Logs {
    fn hash(&self, device: DeviceId, seq: u64) -> Option<EntryHash> {
        Some(self.logs.borrow().get(&device)?.1.get(usize::try_from(seq.checked_sub(1)?).ok()?)?.hash)
    }

    pub fn take(&self, run: Verified) -> Result<u64, SyncFault> {
        let device = run.device;
        let have = Replica::vector(self)?.of(device);
        let new = run.beyond(have, |seq| Ok(self.hash(device, seq)))?;
        let mut logs = self.logs.borrow_mut();
        let log = logs.entry(device).or_default();
        log.0 = Some(new.author);
        if !new.entries.is_empty() {
            let last = new.first + new.entries.len() as u64 - 1;
            self.arrivals.borrow_mut().push((device, new.first, last));
        }
        log.1.extend(new.entries);
        Ok(log.1.len() as u64)
    }

    pub fn cut(&self, device: DeviceId, after: u64) -> Option<Run> {
        let logs = self.logs.borrow();
        let (author, entries) = logs.get(&device)?;
        let after = usize::try_from(after).unwrap();
        let previous = after.checked_sub(1).map_or([0; 32], |i| entries[i].hash);
        Run::cut((*author)?, after as u64 + 1, previous, entries.get(after..)?)
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
        Ok(self.logs.borrow().iter().map(|(device, (_, log))| (*device, log.len() as u64)).collect())
    }
    fn runs_after(&self, device: DeviceId, after: u64, _: usize) -> Result<Vec<Run>, SyncFault> {
        Ok(self.cut(device, after).into_iter().collect())
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
    fn confirm(&self, ws: WorkspaceId, peer: PeerState, d: Option<Digests>) -> Result<Option<DeviceId>, SyncFault> {
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
    pub peers: Vec<PeerState>,
    pub diverged: Option<DeviceId>,
    pub digests: Digests,
    /// What did not come to stand in the chain, and why.
    pub not_extended: Option<String>,
}

impl Device {
    /// Device `n` of the company, which knows its members.
    pub fn new(n: u8) -> Self {
        let key = Arc::new(DeviceKey::from_seed(&[n; 32]));
        let logs = Logs { chain: RefCell::new(company().chain.clone()), ..Logs::default() };
        let (acked, digests) = (Vector::default(), Digests::default());
        Self { key, logs, cursor: None, acked, peers: Vec::new(), diverged: None, digests, not_extended: None }
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
        let (id, mut logs) = (self.id(), self.logs.logs.borrow_mut());
        let log = logs.entry(id).or_default();
        log.0 = Some(self.key.public());
        let previous = log.1.last().map_or([0; 32], |last| last.hash);
        let at = Place { workspace: company_id(), device: id, seq: log.1.len() as u64 + 1, previous };
        log.1.push(SignedEntry::write(&self.key, &at, entry(&at, said)));
    }

    pub fn session(&self) -> ClientSession {
        ClientSession::new(self.key.clone(), company_id(), self.cursor)
    }

    pub fn run(&self) -> Run {
        self.logs.cut(self.id(), 0).unwrap()
    }
}

fn entry(at: &Place, said: &[(RecordRef, &str)]) -> Entry {
    let subjects = said.iter().map(|(record, _)| (*record).into()).collect();
    let (time, payload) = (Hlc::default(), Payload::default());
    let mut entry = Entry { time, kind: EntryKind::CHANGES, epoch: 1, subjects, payload };
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
    let (mut server, first) = RelaySession::open([7; 32], relay);
    let mut down = VecDeque::from([first]);
    let mut up: VecDeque<Vec<u8>> = VecDeque::new();
    let mut carried = 0;
    while carried < frames && !(down.is_empty() && up.is_empty()) {
        carried += 1;
        if let Some(bytes) = up.pop_front() {
            for effect in server.frame(&bytes, 1, relay) {
                if let RelayEffect::Send(bytes) = effect {
                    down.push_back(bytes);
                }
            }
            continue;
        }
        let mut todo: VecDeque<_> = client.frame(&down.pop_front().unwrap(), &device.logs)?.into();
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
                ClientEffect::Learn(statements) => device.logs.chain.borrow_mut().extend(statements),
                ClientEffect::NotExtended { code, .. } => device.not_extended = Some(code),
                ClientEffect::Welcomed { .. } | ClientEffect::Met { .. } => {}
                ClientEffect::CaughtUp => todo.extend(client.ask_peers()),
            }
        }
    }
    Ok(carried)
}
