//! The processes of the story, and who falls next.

use super::client::Desk;
use crate::nats::Nats;
use crate::process::{Door, Program, Running};
use crate::spread::spread;
use crate::staff::{PEOPLE, found_company, status};
use anyhow::{Context, Result, bail};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Milliseconds of work at most between two kills.
const WORK: u64 = 250;
/// Milliseconds within which a program is killed that has just been started again, so that opening is cut short too.
const OPENING: u64 = 120;
/// How long everything may take to come to rest.
const REST: Duration = Duration::from_secs(180);
/// Between two looks whether everything has come to rest.
const LOOK: Duration = Duration::from_millis(200);

/// How often each was killed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kills {
    /// A device at work.
    pub device: u32,
    /// A relay at work.
    pub relay: u32,
    /// The log that relays share.
    pub log: u32,
    /// A device or a relay while it was opening its folder.
    pub opening: u32,
}

impl Kills {
    /// All of them.
    pub fn all(&self) -> u32 {
        self.device + self.relay + self.log + self.opening
    }
}

/// One that plays: a device with its clients, or the relay.
struct Actor {
    program: Program,
    running: Option<Running>,
    desk: Option<Arc<Desk>>,
}

impl Actor {
    fn fall(&mut self) -> Result<()> {
        if let Some(desk) = &self.desk {
            desk.hang(None);
        }
        self.running.take().map_or(Ok(()), Running::kill)
    }

    fn rise(&mut self) -> Result<Value> {
        let (running, told) = self.program.start()?;
        if let Some(desk) = &self.desk {
            desk.hang(Some(Door::of(&told)?));
        }
        self.running = Some(running);
        Ok(told)
    }
}

/// Relays where a log is shared.
const RELAYS: usize = 3;

/// Two devices, and their relay or relays.
pub struct Stage {
    devices: [Actor; 2],
    relays: Vec<Actor>,
    log: Option<Nats>,
}

impl Stage {
    /// Founds the company in an empty folder and starts everybody.
    pub fn set(mera: &Path, folder: &Path, shared: bool) -> Result<Self> {
        let place = |name: &str| folder.join(name).display().to_string();
        let actor = |name: &str, words: &[&str], desk| {
            let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            words.extend(["--folder".to_owned(), place(name)]);
            let program = Program::new(mera, words, folder.join(format!("{name}.log")));
            Actor { program, running: None, desk }
        };
        let log = if shared { Some(Nats::start().context("nats-server is not here")?) } else { None };
        let url = log.as_ref().map(Nats::url);
        let with_log: Vec<&str> = url.iter().flat_map(|url| ["--log", url.as_str()]).collect();
        let (mut relays, mut addresses) = (Vec::new(), Vec::new());
        for n in 0..if shared { RELAYS } else { 1 } {
            let name = if shared { format!("relay{n}") } else { "relay".to_owned() };
            let mut relay = actor(&name, &[&["relay", "--listen", "127.0.0.1:0"], &with_log[..]].concat(), None);
            let told = relay.rise()?;
            let address = told["relay"]["address"].as_str().context("no relay answers there")?;
            // From now on it answers where the devices call.
            relay.program = actor(&name, &[&["relay", "--listen", address], &with_log[..]].concat(), None).program;
            addresses.push(address.parse()?);
            relays.push(relay);
        }
        let address = if shared { spread(addresses)? } else { addresses[0] };
        found_company(mera, folder, &format!("ws://{address}/sync"))?;
        let mut devices = PEOPLE.map(|name| actor(name, &["device", "serve", "--alone"], Some(Arc::default())));
        devices.iter_mut().try_for_each(|device| device.rise().map(drop))?;
        Ok(Self { devices, relays, log })
    }

    /// Where the devices' clients find them.
    pub fn desks(&self) -> [Arc<Desk>; 2] {
        [0, 1].map(|device: usize| self.devices[device].desk.clone().unwrap_or_default())
    }

    /// Lets everybody work a moment, kills one, and starts it again; now and then it is killed once more as it opens.
    pub fn kill_somebody(&mut self, chance: &mut ChaCha8Rng, kills: &mut Kills) -> Result<()> {
        thread::sleep(Duration::from_millis(chance.random_range(0..WORK)));
        let relays = self.relays.len();
        let actor = match chance.random_range(0..2 + relays + usize::from(self.log.is_some())) {
            device @ 0..2 => {
                kills.device += 1;
                &mut self.devices[device]
            }
            relay if relay < 2 + relays => {
                kills.relay += 1;
                &mut self.relays[relay - 2]
            }
            _ => {
                kills.log += 1;
                if let Some(log) = &mut self.log {
                    log.kill();
                    log.run();
                }
                return Ok(());
            }
        };
        actor.fall()?;
        while chance.random_bool(0.2) {
            let running = actor.program.spawn()?;
            thread::sleep(Duration::from_millis(chance.random_range(0..OPENING)));
            running.kill()?;
            kills.opening += 1;
        }
        if chance.random_bool(0.3) {
            // The others work on without it.
            thread::sleep(Duration::from_millis(chance.random_range(0..WORK)));
        }
        actor.rise().map(drop)
    }

    /// Waits until nothing waits and both devices hold the same.
    pub fn settle(&self) -> Result<()> {
        let begun = Instant::now();
        loop {
            let states = self.desks().map(|desk| desk.door().and_then(|door| status(&door).ok()));
            if let [Some(one), Some(other)] = &states
                && one.waiting_changes + other.waiting_changes == 0
                && one.digest == other.digest
                && [one, other].iter().all(|status| status.connected && status.trouble.is_none())
            {
                return Ok(());
            }
            if begun.elapsed() > REST {
                bail!("the devices do not come to rest: {states:?}");
            }
            thread::sleep(LOOK);
        }
    }

    /// Asks everybody to end.
    pub fn end(self) -> Result<()> {
        let Self { devices, relays, log } = self;
        devices.into_iter().chain(relays).filter_map(|actor| actor.running).try_for_each(Running::stop)?;
        drop(log);
        Ok(())
    }
}
