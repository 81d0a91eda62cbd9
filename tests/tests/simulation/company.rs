//! A company of whole devices: real engines on real folders, each with the misfortunes that can befall it.

use crate::network::{Network, expelled};
use crate::world::{Desk as Place, Time};
use mera_device::{Candidate, Engine, Founding};
use mera_device_api::{Answer, Reply, Request, SyncStatus};
use mera_disk::power;
use mera_schema::{Desk, PersonId, WorkspaceId};
use mera_sync_protocol::{Replica, Run, Vector};
use mera_trust::{Intent, Membership, Roles, TrustFault};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// What happened to a device's records while it was off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Nothing.
    Nothing,
    /// The folder of the store is gone; outbox and identity are left.
    Store,
    /// Store and outbox are gone; only who the device is is left. The relay knows its log.
    Everything,
    /// The store is as it was some time ago, as after a power cut or from a backup.
    Time,
}

/// One device.
pub struct Device {
    pub desk: Arc<Place>,
    pub plugged: bool,
    /// An administrator took it out, and it knows.
    pub out: bool,
    /// An administrator has asked to have it taken out.
    going: bool,
    /// Its store was lost, or set back.
    lost: bool,
    folder: PathBuf,
    engine: Option<Engine>,
}

impl Device {
    fn new(desk: Arc<Place>, folder: PathBuf, engine: Engine) -> Self {
        Self { desk, plugged: true, out: false, going: false, lost: false, folder, engine: Some(engine) }
    }

    pub fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().unwrap()
    }

    fn holds(&self) -> Vector {
        self.engine.as_ref().unwrap().vector().unwrap()
    }
}

const NAMES: [&str; 8] = ["Anna", "Bo", "Carla", "Dan", "Eva", "Finn", "Gry", "Hans"];

fn founding(who: usize) -> Founding {
    let name = NAMES[who];
    Founding {
        name: format!("{name}s pc"),
        person: name.into(),
        desk: Desk::Sales,
        series: format!("{}{who}", &name[..1]),
        relay: Some("ws://relay/sync".into()),
        vault: mera_device::Place::InFolder,
    }
}

/// A device of a new person with every role, which the founder's device admits.
fn admitted(founder: &mut Engine, folder: &Path, founding: Founding, desk: &Arc<Place>) -> Engine {
    let candidate = Candidate::new(desk.as_ref()).unwrap();
    let person = PersonId::new(Uuid::from_u128(u128::from(founder.chain().length) + 1));
    let admit = Intent::Admit { card: candidate.card(person), roles: Roles::all() };
    let statement = founder.draft(&admit).unwrap();
    founder.learn(&[statement]).unwrap();
    let chain = founder.statements(0, usize::MAX).unwrap();
    Engine::join(folder, founding, candidate.admitted(person, chain).unwrap(), desk.clone()).unwrap()
}

/// A device that an administrator's has asked to have admitted.
struct Newcomer {
    candidate: Candidate,
    person: PersonId,
    /// Whose device asked.
    by: usize,
    /// How often it is looked still whether the relay has let it stand.
    patience: u8,
}

/// All devices, and the network between them.
pub struct Company {
    root: PathBuf,
    chance: u64,
    coming: Option<Newcomer>,
    pub time: Time,
    pub devices: Vec<Device>,
    pub network: Network,
    workspace: WorkspaceId,
}

impl Company {
    pub fn new(root: &Path, people: usize, seed: u64) -> Self {
        let time = Time::new();
        let mut network = Network::new(&root.join("relay"), seed);
        let mut devices: Vec<Device> = Vec::new();
        for (person, name) in NAMES.into_iter().take(people).enumerate() {
            let desk = Place::new(time.clone(), seed ^ (person as u64 + 1));
            let founding = founding(person);
            let folder = root.join(name);
            let engine = match devices.first_mut() {
                None => Engine::found(&folder, founding, desk.clone()).unwrap(),
                Some(founder) => admitted(founder.engine(), &folder, founding, &desk),
            };
            devices.push(Device::new(desk, folder, engine));
            network.cables.push(None);
        }
        let workspace = devices[0].engine().workspace();
        let root = root.to_owned();
        Self { time, devices, network, workspace, root, chance: seed, coming: None }
    }

    /// Somebody new is to come, if there is room for one more and `by` speaks with the relay.
    pub fn invite(&mut self, by: usize) {
        if self.devices.len() >= NAMES.len() || self.coming.is_some() || !self.network.is_connected(by) {
            return;
        }
        let desk = self.desk_of(self.devices.len());
        let candidate = Candidate::new(desk.as_ref()).unwrap();
        let person = PersonId::new(Uuid::from_u128(1000 + self.devices.len() as u128));
        let intent = Intent::Admit { card: candidate.card(person), roles: Roles::all() };
        let engine = self.devices[by].engine();
        if let Ok(statement) = engine.draft(&intent) {
            self.network.extend(by, statement);
            self.coming = Some(Newcomer { candidate, person, by, patience: 20 });
        }
    }

    /// Whoever was invited comes in, once the members' chain says so. Says whether somebody did.
    pub fn welcome(&mut self) -> bool {
        let Some(Newcomer { candidate, person, by, patience }) = self.coming.take() else { return false };
        let chain = self.devices[by].engine().statements(0, usize::MAX).unwrap();
        let admitted = Membership::read(&chain).unwrap().admits(candidate.key().public().device()).is_ok();
        if !admitted {
            // Somebody else was quicker at the relay, it waits for others, or the line broke; whoever asked has to ask again.
            if self.network.is_connected(by) && !self.devices[by].out && patience > 0 {
                self.coming = Some(Newcomer { candidate, person, by, patience: patience - 1 });
            }
            return false;
        }
        let who = self.devices.len();
        let desk = self.desk_of(who);
        let folder = self.root.join(NAMES[who]);
        let joined = candidate.admitted(person, chain).unwrap();
        let engine = Engine::join(&folder, founding(who), joined, desk.clone()).unwrap();
        self.devices.push(Device::new(desk, folder, engine));
        self.network.cables.push(None);
        true
    }

    /// An administrator's device has another one taken out.
    pub fn revoke(&mut self, by: usize, whom: usize) {
        let device = self.devices[whom].engine().device();
        if by == whom || !self.network.is_connected(by) || self.staying() < 3 {
            return;
        }
        // Whoever lost their store after they had built on what only they and that device held cannot write it again
        // (decision 73, given up).
        let heard = self.devices[by].holds().of(device);
        if self.devices.iter().any(|one| one.lost) && heard < self.devices[whom].engine().written() {
            return;
        }
        self.devices[whom].going = true;
        let intent = Intent::Revoke { device };
        if let Ok(statement) = self.devices[by].engine().draft(&intent) {
            self.network.extend(by, statement);
        }
    }

    /// Somebody goes on without devices that have not called at a relay that lost time; rightly, for none of them knows more.
    pub fn go_on(&mut self, by: usize) {
        let told = mera_sync_protocol::RelayStore::members(self.network.disk(), self.workspace).unwrap();
        let length = told.map_or(0, |members| members.length());
        if self.devices.iter_mut().all(|device| device.engine().chain().length <= length) {
            self.network.go_on(by);
        }
    }

    /// How many are members, as the relay knows.
    fn staying(&self) -> usize {
        let members = mera_sync_protocol::RelayStore::members(self.network.disk(), self.workspace).unwrap();
        members.map_or(usize::MAX, |members| members.devices().filter(|(_, one)| one.revoked.is_none()).count())
    }

    fn desk_of(&self, who: usize) -> Arc<Place> {
        Place::new(self.time.clone(), self.chance ^ (who as u64 + 1))
    }

    /// Notes who has been told that it was taken out; it speaks no more.
    pub fn note_who_is_out(&mut self) -> usize {
        let mut noted = 0;
        for who in 0..self.devices.len() {
            if !self.devices[who].out && expelled(self.devices[who].engine()) {
                self.devices[who].out = true;
                self.network.break_line(who, 0);
                noted += 1;
            }
        }
        noted
    }

    /// The power of a device fails, and it is switched on again; that may fail too, a few times.
    pub fn crash(&mut self, who: usize, mut effects: impl FnMut() -> Option<u32>) {
        self.network.break_line(who, usize::MAX);
        let device = &mut self.devices[who];
        device.engine = None;
        loop {
            let set = effects();
            set.into_iter().for_each(power::fails_after);
            let opened = Engine::open(&device.folder, device.desk.clone());
            match (opened, power::returns()) {
                (Ok(engine), false) => {
                    device.engine = Some(engine);
                    return;
                }
                (Err(fault), false) => panic!("it does not open again: {fault}"),
                (opened, true) => drop(opened),
            }
        }
    }

    pub fn status(&mut self, who: usize) -> SyncStatus {
        let Answer::Ok(Reply::SyncStatus(status)) = self.devices[who].engine().answer(Request::SyncStatus) else {
            panic!("the state of synchronisation")
        };
        status
    }

    /// Calls the relay, unless the device is connected or cut off.
    pub fn connect(&mut self, who: usize) -> bool {
        if self.network.is_connected(who) || !self.devices[who].plugged || self.devices[who].out {
            return false;
        }
        self.network.connect(who, self.devices[who].engine.as_ref().unwrap());
        true
    }

    /// One thing that lies ready at one end of a connection is done.
    pub fn work(&mut self, who: usize, which: u32) -> bool {
        let now = self.time.now();
        let engine = self.devices[who].engine.as_mut().unwrap();
        match which % 4 {
            0 => self.network.up(who, now),
            1 => self.network.down(who, engine),
            2 => self.network.news(who),
            _ => self.network.push(who, engine),
        }
    }

    pub fn break_line(&mut self, who: usize, received: usize) {
        self.network.break_line(who, received);
        self.devices[who].engine().line_is_down(None);
    }

    /// Somebody plays a device runs of others in any order and more than once. What it cannot use it must refuse.
    pub fn overhear(&mut self, who: usize, runs: Vec<Run>) {
        for run in runs {
            if let Err(fault) = self.devices[who].engine().take_nearby(vec![run]) {
                let early = ["sync.gap", "membership.stranger", "membership.newer_keys"];
                assert!(early.contains(&fault.code()), "{fault}");
            }
        }
        self.network.look_soon(who);
    }

    /// Some runs that a device could give of a log.
    pub fn runs(&self, of: usize, log: usize, after: u64) -> Vec<Run> {
        let author = self.devices[log].engine.as_ref().unwrap().device();
        self.devices[of].engine.as_ref().unwrap().runs_after(author, after, 0).unwrap()
    }

    /// How far logs are held by devices that were taken out, and by those that were not.
    pub fn held_by_who_is_out_and_who_is_not(&self) -> (Vector, Vector) {
        let held = |out: bool| {
            let mut all = Vector::default();
            let some = self.devices.iter().filter(|device| device.out == out);
            some.filter_map(|device| device.engine.as_ref()).for_each(|engine| all.join(&engine.vector().unwrap()));
            all
        };
        (held(true), held(false))
    }

    /// A device is switched off and on again.
    pub fn restart(&mut self, who: usize, loss: Loss, tidied: bool) -> Loss {
        if self.devices[who].out || expelled(self.devices[who].engine()) {
            return Loss::Nothing;
        }
        self.break_line(who, usize::MAX);
        let status = self.status(who);
        let device = &mut self.devices[who];
        let (id, written, held) = (device.engine().device(), device.engine().written(), device.holds());
        device.engine = None;
        let folder = device.folder.clone();
        let (mut outbox, found) = Engine::outbox_of(&folder, device.desk.as_ref()).unwrap();
        let acked = written.saturating_sub(status.waiting_changes);
        if tidied {
            outbox.tidy(acked).unwrap();
        }
        let mut needed = held;
        if let Some(first) = found.entries.iter().map(|(seq, _)| *seq).find(|seq| !tidied || *seq >= acked) {
            needed.forget_beyond(id, first - 1);
        }
        let (store, backup) = (folder.join("store"), folder.join("backup"));
        let at_relay = status.waiting_changes == 0 && self.network.held(self.workspace).of(id) >= written;
        let possible = match loss {
            Loss::Nothing => true,
            Loss::Store => self.others_hold(who, &needed),
            Loss::Time => self.others_hold(who, &needed) && backup.exists(),
            Loss::Everything => self.others_hold(who, &needed) && at_relay,
        };
        // Who is about to be taken out may be the only one who holds what others built on.
        let going = self.devices.iter().any(|device| device.going && !device.out);
        let loss = if possible && !going { loss } else { Loss::Nothing };
        match loss {
            Loss::Nothing if !backup.exists() => copy(&store, &backup),
            Loss::Nothing => {}
            Loss::Store => fs::remove_dir_all(&store).unwrap(),
            Loss::Time => {
                fs::remove_dir_all(&store).unwrap();
                fs::rename(&backup, &store).unwrap();
            }
            Loss::Everything => {
                fs::remove_dir_all(&store).unwrap();
                fs::remove_file(folder.join("outbox")).unwrap();
                // The copy lay on the same disk.
                fs::remove_dir_all(&backup).ok();
            }
        }
        let device = &mut self.devices[who];
        device.lost |= loss != Loss::Nothing;
        device.engine = Some(Engine::open(&folder, device.desk.clone()).unwrap());
        loss
    }

    /// The relay stops and starts again. Its disk is taken away only if the devices together hold what was on it.
    pub fn restart_relay(&mut self, without_disk: bool) -> bool {
        // A device that has lost everything has nobody else to ask where its log stands.
        let asked = self.devices.iter_mut().any(|device| device.engine().written() == 0);
        // Somebody for whom any relay waits must know all that was said of the members: what nobody knows is lost.
        let told = mera_sync_protocol::RelayStore::members(self.network.disk(), self.workspace).unwrap();
        let length = told.map_or(0, |members| members.length());
        let here = self.devices.iter_mut().filter(|device| !device.out).map(Device::engine);
        let chains: Vec<_> = here.map(|engine| (engine.device(), engine.statements(0, usize::MAX).unwrap())).collect();
        let shortest = chains.iter().map(|(_, chain)| chain).min_by_key(|chain| chain.len()).unwrap();
        let waited_for = Membership::read(shortest).unwrap();
        let heard = chains.iter().any(|(device, chain)| {
            chain.len() >= usize::try_from(length).unwrap() && waited_for.admits(*device).is_ok()
        });
        let lost = without_disk && !asked && heard && self.devices_hold(&self.network.held(self.workspace));
        self.network.restart_relay(lost);
        self.devices.iter_mut().for_each(|device| device.engine().line_is_down(None));
        lost
    }

    fn devices_hold(&self, needed: &Vector) -> bool {
        let all = self.members_hold(None);
        needed.iter().all(|(log, seq)| all.iter().any(|held| held.of(log) >= seq))
    }

    fn others_hold(&self, who: usize, needed: &Vector) -> bool {
        let relay = self.network.held(self.workspace);
        let others: Vec<Vector> = self.members_hold(Some(who)).into_iter().chain([relay]).collect();
        needed.iter().all(|(log, seq)| others.iter().any(|other| other.of(log) >= seq))
    }

    /// What everybody but one holds. Whoever is taken out, as anybody knows, can give nothing any more.
    fn members_hold(&self, but: Option<usize>) -> Vec<Vector> {
        let engines = || self.devices.iter().filter_map(|device| device.engine.as_ref());
        let chains = engines().map(|engine| Membership::read(&engine.statements(0, usize::MAX).unwrap()).unwrap());
        let told = mera_sync_protocol::RelayStore::members(self.network.disk(), self.workspace).unwrap();
        let known: Vec<Membership> = chains.chain(told.map(|members| (*members).clone())).collect();
        let out = |device| known.iter().any(|members| members.admits(device) == Err(TrustFault::Revoked));
        let others = self.devices.iter().enumerate().filter(|(index, _)| Some(*index) != but);
        let others = others.filter(|(_, device)| device.engine.as_ref().is_none_or(|engine| !out(engine.device())));
        others.map(|(_, device)| device.holds()).collect()
    }

    /// Everybody is plugged in, and everybody speaks until there is nothing left to say. Gives how many were found to be out.
    pub fn heal(&mut self) -> usize {
        let mut went = 0;
        for device in &mut self.devices {
            device.plugged = true;
        }
        for _ in 0..20_000 {
            let mut silent = !self.network.late(0, self.time.now());
            went += self.note_who_is_out();
            for who in 0..self.devices.len() {
                silent &= !self.connect(who);
                for which in 0..4 {
                    silent &= !self.work(who, which);
                }
            }
            if silent {
                return went;
            }
        }
        panic!("the company does not come to rest");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}
