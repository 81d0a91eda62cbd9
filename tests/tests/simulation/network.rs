//! The network between devices and relay. What TCP promises it keeps: within one connection frames arrive in order. What
//! TCP does not promise it does not keep: a connection may break at any moment, and of what was under way each side gets
//! a beginning or nothing. What the relay had received before it noticed may still be worked on much later.

use mera_device::{Agenda, DeviceFault, Engine};
use mera_device_api::{Answer, Request};
use mera_disk::power;
use mera_schema::WorkspaceId;
use mera_sync_protocol::{ClientEffect, ClientSession, Frame, RelayEffect, RelaySession};
use mera_sync_server::RelayDisk;
use mera_trust::SignedStatement;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// Records that a device takes in before it does something else: few, so that a power cut or a person comes in between.
const AT_A_TIME: usize = 2;

/// One connection: a session at each end, and the frames under way.
pub struct Cable {
    client: ClientSession,
    /// What the device has not done yet of what its session asked for.
    agenda: Agenda,
    relay: RelaySession,
    up: VecDeque<Vec<u8>>,
    down: VecDeque<Vec<u8>>,
    /// Something arrived from another device, and the relay's session has not been told yet.
    pub news: bool,
    /// The device wrote something, and its session has not been told yet.
    pub wrote: bool,
    /// The relay has said why it ends the connection.
    closing: bool,
}

impl Cable {
    /// The device does what its session asks. On a sound network it always can, while there is power.
    fn follow(&mut self, engine: &mut Engine, effects: Result<Vec<ClientEffect>, DeviceFault>) {
        // Whatever it writes meanwhile is pushed like anything else that it wrote.
        let before = engine.written();
        let followed =
            effects.and_then(|effects| engine.follow(&mut self.client, &mut self.agenda, effects, AT_A_TIME));
        self.wrote |= engine.written() != before;
        match followed {
            Ok(outcome) => self.up.extend(outcome.frames),
            Err(_) if power::has_failed() => {}
            // The relay lets it go because an administrator took it out.
            Err(_) if expelled(engine) => self.closing = true,
            Err(fault) => panic!("the session ends: {fault}"),
        }
    }
}

/// Whether an administrator took the device out, and it knows.
pub fn expelled(engine: &mut Engine) -> bool {
    matches!(engine.answer(Request::SyncStatus), Answer::Refused(told) if told.code == "membership.revoked")
}

/// What a relay received on a connection that is gone, and has not worked on yet.
struct Late {
    session: RelaySession,
    frames: VecDeque<Vec<u8>>,
}

/// The relay with its real disk, and every connection to it.
pub struct Network {
    folder: PathBuf,
    disk: Option<RelayDisk>,
    nonces: ChaCha8Rng,
    pub cables: Vec<Option<Cable>>,
    late: Vec<Late>,
}

impl Network {
    pub fn new(folder: &Path, seed: u64) -> Self {
        let disk = Some(RelayDisk::open(folder).unwrap());
        let nonces = ChaCha8Rng::seed_from_u64(seed);
        Self { folder: folder.to_owned(), disk, nonces, cables: Vec::new(), late: Vec::new() }
    }

    pub fn disk(&self) -> &RelayDisk {
        self.disk.as_ref().unwrap()
    }

    pub fn connect(&mut self, who: usize, engine: &Engine) {
        let mut nonce = [0; 32];
        self.nonces.fill_bytes(&mut nonce);
        // As often as not it says that it is back, where it has been before.
        let back = engine.session_back().unwrap().filter(|_| nonce[0] % 2 == 0);
        let (client, relay, up, down) = match back {
            Some((client, first)) => {
                (client, RelaySession::awaiting_back(nonce), VecDeque::from([first]), VecDeque::new())
            }
            None => {
                let (relay, challenge) = RelaySession::open(nonce, self.disk());
                (engine.session(), relay, VecDeque::new(), VecDeque::from([challenge]))
            }
        };
        self.cables[who] = Some(Cable {
            client,
            agenda: Agenda::default(),
            relay,
            up,
            down,
            news: false,
            wrote: false,
            closing: false,
        });
    }

    /// The relay works on the next frame of a device.
    pub fn up(&mut self, who: usize, now: u64) -> bool {
        let Some(cable) = &mut self.cables[who] else { return false };
        let Some(frame) = cable.up.pop_front() else { return false };
        let effects = cable.relay.frame(&frame, now, self.disk.as_ref().unwrap());
        self.follow(Some(who), effects);
        true
    }

    /// The relay is told that something arrived.
    pub fn news(&mut self, who: usize) -> bool {
        let Some(cable) = self.cables[who].as_mut().filter(|cable| cable.news && cable.relay.guest().is_some()) else {
            return false;
        };
        cable.news = false;
        let effects = cable.relay.arrived(self.disk.as_ref().unwrap());
        self.follow(Some(who), effects);
        true
    }

    /// The relay works on the next frame that it had received on a connection that is gone.
    pub fn late(&mut self, which: usize, now: u64) -> bool {
        if self.late.is_empty() {
            return false;
        }
        let which = which % self.late.len();
        let Late { session, frames } = &mut self.late[which];
        let Some(frame) = frames.pop_front() else {
            self.late.remove(which);
            return true;
        };
        let effects = session.frame(&frame, now, self.disk.as_ref().unwrap());
        self.follow(None, effects);
        true
    }

    fn follow(&mut self, who: Option<usize>, effects: Vec<RelayEffect>) {
        for effect in effects {
            match (effect, who) {
                (RelayEffect::Send(frame), Some(who)) => self.cables[who].as_mut().unwrap().down.push_back(frame),
                (RelayEffect::Announce(..), _) => self.cables.iter_mut().flatten().for_each(|cable| cable.news = true),
                (RelayEffect::Close, Some(who)) => self.cables[who].as_mut().unwrap().closing = true,
                // Nobody is invited in a simulation; whoever is there was admitted before.
                (RelayEffect::Await { .. } | RelayEffect::Meet { .. }, _) => {}
                (RelayEffect::Send(_) | RelayEffect::Close, None) => {}
            }
        }
    }

    /// The device works on the next frame of the relay. On a sound network no session ever ends with a fault, and no
    /// relay ever finds that two devices differ.
    pub fn down(&mut self, who: usize, engine: &mut Engine) -> bool {
        let Some(cable) = &mut self.cables[who] else { return false };
        if !cable.agenda.is_done() {
            cable.follow(engine, Ok(Vec::new()));
            return true;
        }
        let Some(frame) = cable.down.pop_front() else {
            assert!(!cable.closing || expelled(engine), "the relay hung up without a reason");
            return false;
        };
        if let Ok(Frame::Diverged(other)) = Frame::decode(&frame) {
            panic!("device {who} is told that it differs from {other}");
        }
        let effects = cable.client.frame(&frame, engine);
        cable.follow(engine, effects.map_err(DeviceFault::from));
        true
    }

    /// The device's session is told that there is something to push.
    pub fn push(&mut self, who: usize, engine: &mut Engine) -> bool {
        let Some(cable) = self.cables[who].as_mut().filter(|cable| cable.wrote) else { return false };
        cable.wrote = false;
        let effects = cable.client.committed(engine);
        cable.follow(engine, effects.map_err(DeviceFault::from));
        true
    }

    /// The device looks whether it has to bring what a neighbour told.
    pub fn look_soon(&mut self, who: usize) {
        self.cables[who].iter_mut().for_each(|cable| cable.wrote = true);
    }

    /// The device asks how far the others are.
    pub fn ask(&mut self, who: usize, engine: &mut Engine) {
        let Some(cable) = &mut self.cables[who] else { return };
        let effects = cable.client.ask_peers().into_iter().collect();
        cable.follow(engine, Ok(effects));
    }

    /// A connection breaks. Of what was under way to the relay it has received `received` frames and works on them some
    /// time; what was under way to the device is gone.
    pub fn break_line(&mut self, who: usize, received: usize) {
        let Some(cable) = self.cables[who].take() else { return };
        let frames: VecDeque<_> = cable.up.into_iter().take(received).collect();
        if !frames.is_empty() {
            self.late.push(Late { session: cable.relay, frames });
        }
    }

    /// The relay stops and starts again; perhaps somebody has taken its disk away meanwhile.
    pub fn restart_relay(&mut self, without_disk: bool) {
        self.cables.iter_mut().for_each(|cable| *cable = None);
        self.late.clear();
        self.disk = None;
        if without_disk {
            std::fs::remove_dir_all(&self.folder).unwrap();
        }
        self.disk = Some(RelayDisk::open(&self.folder).unwrap());
    }

    /// How far the relay holds every log.
    pub fn held(&self, company: WorkspaceId) -> mera_sync_protocol::Vector {
        mera_sync_protocol::RelayStore::vector(self.disk(), company).unwrap()
    }

    pub fn is_connected(&self, who: usize) -> bool {
        self.cables[who].is_some()
    }

    /// Asks for a statement in the members' chain, for a device that is connected.
    pub fn extend(&mut self, who: usize, statement: SignedStatement) {
        self.ask_for(who, |client| client.extend(statement));
    }

    /// The relay is to wait for no device that has not called.
    pub fn go_on(&mut self, who: usize) {
        self.ask_for(who, ClientSession::go_on);
    }

    fn ask_for(&mut self, who: usize, what: impl FnOnce(&ClientSession) -> Option<ClientEffect>) {
        if let Some(cable) = &mut self.cables[who] {
            let asked = what(&cable.client);
            cable.up.extend(asked.into_iter().filter_map(|effect| match effect {
                ClientEffect::Send(frame) => Some(frame),
                _ => None,
            }));
        }
    }

    /// Frames under way to the relay.
    pub fn under_way(&self, who: usize) -> usize {
        self.cables[who].as_ref().map_or(0, |cable| cable.up.len())
    }
}
