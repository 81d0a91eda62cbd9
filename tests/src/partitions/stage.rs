//! The machines, and who works on them.

use crate::wire::{Machine, Wire};
use anyhow::{Context, Result, bail};
use mera_device::{Arriving, Device, Engine, Founding, Place, RealWorld, join};
use mera_device_api::{Answer, Reply, Request, SyncStatus};
use mera_schema::{Desk, RecordKind};
use mera_sync_server::{Limits, RelayConfig, RelayHandle, start};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Where the relay listens, and where it tells its figures, on its own machine.
const PORT: u16 = 7070;
const FIGURES: &str = "127.0.0.1:7071";
/// How often the relay asks a silent guest for a sign of life: the usual half minute is the same, only longer.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// How long it waits for a guest that does not read, or does not say who it is.
const WAITS: Duration = Duration::from_secs(3);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// How long everything may take to come to rest: a device's TCP repeats what was lost at ever longer intervals.
const REST: Duration = Duration::from_secs(150);
/// Signs in a field that cannot be packed much, so that no change fits a narrow line.
const LONG: usize = 1_800;
/// Records that one question lists.
const PAGE: usize = 500;

/// A device and its machine.
pub struct Person {
    pub name: &'static str,
    pub machine: Machine,
    pub device: Device,
}

/// Three machines and the wire between them.
pub struct Stage {
    pub wire: Wire,
    pub relay: Machine,
    pub people: Vec<Person>,
    /// The names of the customers whose making was answered with `done`.
    acknowledged: BTreeSet<String>,
    _handle: RelayHandle,
    _folder: TempDir,
}

impl Stage {
    /// Within this time the relay says that it lets go of who gives no sign of life: before the second question, and what it
    /// may be sending meanwhile.
    pub const LETS_GO: Duration = SIGN_OF_LIFE.saturating_mul(2).saturating_add(WAITS);

    pub async fn set(seed: u64) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (relay, anna, bo) = (Machine::new(1)?, Machine::new(2)?, Machine::new(3)?);
        let wire = Wire::between(&[&relay, &anna, &bo], seed)?;
        let limits =
            Limits { opening: WAITS, greeting: WAITS, send: WAITS, sign_of_life: SIGN_OF_LIFE, ..Limits::default() };
        let address = SocketAddr::new(relay.address().parse()?, PORT);
        let config = RelayConfig::new(address, folder.path().join("relay"));
        let config = RelayConfig { limits, admin: Some(FIGURES.parse()?), ..config };
        let handle = relay.run(start(config)).await?;
        let founder = founded(folder.path().join("Anna"), &anna, handle.url()).await?;
        let people = vec![Person { name: "Anna", machine: anna, device: founder }];
        let mut stage = Self { wire, relay, people, acknowledged: BTreeSet::new(), _handle: handle, _folder: folder };
        stage.until_guests(1).await?;
        let second = stage.joined("Bo", &bo).await?;
        stage.people.push(Person { name: "Bo", machine: bo, device: second });
        stage.settle().await?;
        Ok(stage)
    }

    async fn joined(&self, name: &str, machine: &Machine) -> Result<Device> {
        let roles = ["sales", "office", "administrator"].map(str::to_owned).to_vec();
        let invite = Request::Invite { person: None, name: name.into(), roles, hours: 1 };
        let Reply::Invitation(row) = asked(&self.people[0].device, invite).await? else { bail!("nobody is invited") };
        let (invitation, place, name) = (row.code, self._folder.path().join(name), name.to_owned());
        let arriving = Arriving { invitation, name, desk: Desk::Sales, series: "B".into(), vault: Place::InFolder };
        let joined = machine.run(async move {
            join(&place, arriving, Arc::new(RealWorld)).await.map(Device::start).map_err(|why| why.says)
        });
        joined.await.map_err(anyhow::Error::msg)
    }

    /// A device makes so many customers.
    pub async fn write(&mut self, who: usize, count: u32) -> Result<()> {
        for _ in 0..count {
            let person = &self.people[who];
            let name = format!("{} {:04}", person.name, self.acknowledged.len());
            let long = long(&name);
            let values = vec![("name".to_owned(), name.clone()), ("phone".to_owned(), long)];
            let made = asked(&person.device, Request::Create { kind: RecordKind::Customer, values }).await?;
            if !matches!(made, Reply::Done(_)) {
                bail!("{name} was not made: {made:?}");
            }
            self.acknowledged.insert(name);
        }
        Ok(())
    }

    /// Works for a while on a line that is bad.
    pub async fn work_for(&mut self, time: Duration, who: usize) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < time {
            self.write(who, 1).await?;
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// How many changes of a device wait.
    pub async fn waiting(&self, who: usize) -> Result<u64> {
        Ok(self.status(who, Request::SyncStatus).await?.waiting_changes)
    }

    /// Waits until the relay has so many guests.
    pub async fn until_guests(&self, count: usize) -> Result<()> {
        let begun = Instant::now();
        while self.guests().await? != count {
            if begun.elapsed() > REST {
                bail!("the relay has {} guests, not {count}", self.guests().await?);
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    async fn guests(&self) -> Result<usize> {
        let told = self.relay.run(async {
            let mut stream = TcpStream::connect(FIGURES).await?;
            stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n").await?;
            let mut told = String::new();
            stream.read_to_string(&mut told).await?;
            Ok::<_, std::io::Error>(told)
        });
        let told = told.await?;
        let line = told.lines().find_map(|line| line.strip_prefix("mera_relay_connections "));
        line.context("the relay tells how many guests it has")?.trim().parse().context("a number")
    }

    /// Waits until a device says that its relay has gone; gives how long that took.
    pub async fn until_gone(&self, who: usize, at_most: Duration) -> Result<Duration> {
        let begun = Instant::now();
        while self.status(who, Request::SyncStatus).await?.connected {
            if begun.elapsed() > at_most {
                bail!("a device takes a relay for present that has said nothing for {at_most:?}");
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(begun.elapsed())
    }

    /// Waits until nothing waits and all hold the same.
    pub async fn settle(&self) -> Result<()> {
        let begun = Instant::now();
        loop {
            let mut states = Vec::new();
            for who in 0..self.people.len() {
                // Each is asked to call at once, as a person would who sees that the line is back.
                states.push(self.status(who, Request::SyncNow).await?);
            }
            let equal = states.iter().all(|state| state.digest == states[0].digest && state.waiting_changes == 0);
            if equal && states.iter().all(|state| state.connected && state.trouble.is_none()) {
                return Ok(());
            }
            if begun.elapsed() > REST {
                bail!("the devices do not come to rest: {states:?}");
            }
            let mut notices = self.people[0].device.notices();
            timeout(LOOK, notices.recv()).await.ok();
        }
    }

    /// Everything that was acknowledged is there once on each device, and the lists are those of a rebuild. Gives how many.
    pub async fn check(&self) -> Result<usize> {
        for person in &self.people {
            let mut names = Vec::new();
            loop {
                let (kind, offset) = (RecordKind::Customer, names.len());
                let list = Request::List { kind, query: String::new(), offset, limit: PAGE };
                let Reply::Page(page) = asked(&person.device, list).await? else { bail!("no list") };
                names.extend(page.rows.into_iter().map(|row| row.title));
                if names.len() >= page.total || names.len() == offset {
                    break;
                }
            }
            names.sort();
            if !names.iter().eq(&self.acknowledged) {
                let there: BTreeSet<String> = names.iter().cloned().collect();
                let lost: Vec<_> = self.acknowledged.difference(&there).collect();
                bail!("{} holds {} customers of {}; lost: {lost:?}", person.name, names.len(), self.acknowledged.len());
            }
            let Reply::Doctor { views_equal: true, complaints, .. } = asked(&person.device, Request::Doctor).await?
            else {
                bail!("the lists of {} are not those of a rebuild", person.name)
            };
            if !complaints.is_empty() {
                bail!("{}: {complaints:?}", person.name);
            }
        }
        Ok(self.acknowledged.len())
    }

    async fn status(&self, who: usize, request: Request) -> Result<SyncStatus> {
        match asked(&self.people[who].device, request).await? {
            Reply::SyncStatus(status) => Ok(status),
            other => bail!("a device answered {other:?}"),
        }
    }
}

async fn founded(place: std::path::PathBuf, machine: &Machine, relay: String) -> Result<Device> {
    let founding = Founding {
        name: "Annas pc".into(),
        person: "Anna".into(),
        desk: Desk::Sales,
        series: "A".into(),
        relay: Some(relay),
        vault: Place::InFolder,
    };
    let made = machine.run(async move {
        let mut engine = Engine::found(&place, founding, Arc::new(RealWorld))?;
        // The recovery code is told to whoever asks first; a screen would stop to show it.
        engine.answer(Request::About);
        Ok::<_, mera_device::DeviceFault>(Device::start(engine))
    });
    Ok(made.await?)
}

async fn asked(device: &Device, request: Request) -> Result<Reply> {
    match device.request(request).await {
        Answer::Ok(reply) => Ok(reply),
        Answer::Refused(why) => bail!("{}: {}", why.code, why.says),
    }
}

/// A long field, another for each name.
fn long(name: &str) -> String {
    let mut bytes = [0; LONG / 2];
    blake3::Hasher::new().update(name.as_bytes()).finalize_xof().fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
