//! The processes of the story, and who falls next.

use super::client::Desk;
use crate::process::{Door, Program, Running};
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
    /// The relay at work.
    pub relay: u32,
    /// Either of them while it was opening its folder.
    pub opening: u32,
}

impl Kills {
    /// All of them.
    pub fn all(&self) -> u32 {
        self.device + self.relay + self.opening
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

/// Two devices and their relay.
pub struct Stage {
    devices: [Actor; 2],
    relay: Actor,
}

impl Stage {
    /// Founds the company in an empty folder and starts everybody.
    pub fn set(mera: &Path, folder: &Path) -> Result<Self> {
        let place = |name: &str| folder.join(name).display().to_string();
        let actor = |name: &str, words: &[&str], desk| {
            let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            words.extend(["--folder".to_owned(), place(name)]);
            let program = Program::new(mera, words, folder.join(format!("{name}.log")));
            Actor { program, running: None, desk }
        };
        let mut relay = actor("relay", &["relay", "--listen", "127.0.0.1:0"], None);
        let told = relay.rise()?;
        let word = |name: &str| told["relay"][name].as_str().map(str::to_owned).context("no relay answers there");
        let (address, url) = (word("address")?, word("url")?);
        // From now on it answers where the devices call.
        let again = actor("relay", &["relay", "--listen", &address], None);
        relay.program = again.program;
        found_company(mera, folder, &url)?;
        let mut devices = PEOPLE.map(|name| actor(name, &["device", "serve", "--alone"], Some(Arc::default())));
        devices.iter_mut().try_for_each(|device| device.rise().map(drop))?;
        Ok(Self { devices, relay })
    }

    /// Where the devices' clients find them.
    pub fn desks(&self) -> [Arc<Desk>; 2] {
        [0, 1].map(|device: usize| self.devices[device].desk.clone().unwrap_or_default())
    }

    /// Lets everybody work a moment, kills one, and starts it again; now and then it is killed once more as it opens.
    pub fn kill_somebody(&mut self, chance: &mut ChaCha8Rng, kills: &mut Kills) -> Result<()> {
        thread::sleep(Duration::from_millis(chance.random_range(0..WORK)));
        let actor = match chance.random_range(0..3) {
            2 => {
                kills.relay += 1;
                &mut self.relay
            }
            device => {
                kills.device += 1;
                &mut self.devices[device]
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
        let Self { devices: [anna, bo], relay } = self;
        [anna, bo, relay].into_iter().filter_map(|actor| actor.running).try_for_each(Running::stop)
    }
}
