//! A company of whole devices: real engines on real folders, each with the misfortunes that can befall it.

use crate::network::Network;
use crate::world::{Desk as Place, Time};
use mera_device::{Candidate, Engine, Founding};
use mera_device_api::{Answer, Reply, Request, SyncStatus};
use mera_schema::{Desk, PersonId, WorkspaceId};
use mera_sync_protocol::{Cursor, Replica, Run, Vector};
use mera_trust::{Intent, Roles};
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
    folder: PathBuf,
    engine: Option<Engine>,
}

impl Device {
    pub fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().unwrap()
    }

    fn holds(&self) -> Vector {
        self.engine.as_ref().unwrap().vector().unwrap()
    }
}

const NAMES: [&str; 8] = ["Anna", "Bo", "Carla", "Dan", "Eva", "Finn", "Gry", "Hans"];

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

/// All devices, and the network between them.
pub struct Company {
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
        for person in 0..people {
            let desk = Place::new(time.clone(), seed ^ (person as u64 + 1));
            let name = NAMES[person];
            let founding = Founding {
                name: format!("{name}s pc"),
                person: name.into(),
                desk: Desk::Sales,
                series: format!("{}{person}", &name[..1]),
                relay: Some("ws://relay/sync".into()),
                vault: mera_device::Place::InFolder,
            };
            let folder = root.join(name);
            let engine = match devices.first_mut() {
                None => Engine::found(&folder, founding, desk.clone()).unwrap(),
                Some(founder) => admitted(founder.engine(), &folder, founding, &desk),
            };
            devices.push(Device { desk, plugged: true, folder, engine: Some(engine) });
            network.cables.push(None);
        }
        let workspace = devices[0].engine().workspace();
        Self { time, devices, network, workspace }
    }

    pub fn status(&mut self, who: usize) -> SyncStatus {
        let Answer::Ok(Reply::SyncStatus(status)) = self.devices[who].engine().answer(Request::SyncStatus) else {
            panic!("the state of synchronisation")
        };
        status
    }

    /// Calls the relay, unless the device is connected or cut off.
    pub fn connect(&mut self, who: usize) -> bool {
        if self.network.is_connected(who) || !self.devices[who].plugged {
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
        let nowhere = Cursor { epoch: [0; 16], arrival: 0 };
        for run in runs {
            let engine = self.devices[who].engine();
            let cursor = engine.cursor().unwrap_or(nowhere);
            if let Err(fault) = engine.take(vec![run], cursor) {
                let early = ["sync.gap", "membership.stranger"];
                assert!(early.contains(&fault.code()), "{fault}");
            }
        }
    }

    /// Some runs that a device could give of a log.
    pub fn runs(&self, of: usize, log: usize, after: u64) -> Vec<Run> {
        let author = self.devices[log].engine.as_ref().unwrap().device();
        self.devices[of].engine.as_ref().unwrap().runs_after(author, after, 0).unwrap()
    }

    /// A device is switched off and on again.
    pub fn restart(&mut self, who: usize, loss: Loss, tidied: bool) -> Loss {
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
        let loss = if possible { loss } else { Loss::Nothing };
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
            }
        }
        let device = &mut self.devices[who];
        device.engine = Some(Engine::open(&folder, device.desk.clone()).unwrap());
        loss
    }

    /// The relay stops and starts again. Its disk is taken away only if the devices together hold what was on it.
    pub fn restart_relay(&mut self, without_disk: bool) -> bool {
        // A device that has lost everything has nobody else to ask where its log stands.
        let asked = self.devices.iter_mut().any(|device| device.engine().written() == 0);
        let lost = without_disk && !asked && self.devices_hold(&self.network.held(self.workspace));
        self.network.restart_relay(lost);
        self.devices.iter_mut().for_each(|device| device.engine().line_is_down(None));
        lost
    }

    fn devices_hold(&self, needed: &Vector) -> bool {
        needed.iter().all(|(log, seq)| self.devices.iter().any(|device| device.holds().of(log) >= seq))
    }

    fn others_hold(&self, who: usize, needed: &Vector) -> bool {
        let relay = self.network.held(self.workspace);
        let others = self.devices.iter().enumerate().filter(|(index, _)| *index != who);
        let others: Vec<Vector> = others.map(|(_, device)| device.holds()).chain([relay]).collect();
        needed.iter().all(|(log, seq)| others.iter().any(|other| other.of(log) >= seq))
    }

    /// Everybody is plugged in, and everybody speaks until there is nothing left to say.
    pub fn heal(&mut self) {
        for device in &mut self.devices {
            device.plugged = true;
        }
        for _ in 0..20_000 {
            let mut silent = !self.network.late(0, self.time.now());
            for who in 0..self.devices.len() {
                silent &= !self.connect(who);
                for which in 0..4 {
                    silent &= !self.work(who, which);
                }
            }
            if silent {
                return;
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
