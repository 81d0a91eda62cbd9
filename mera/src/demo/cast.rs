//! Who plays: the relay and the three devices, founded at the first start.

use super::company;
use crate::outlet::NotDone;
use anyhow::{Context, Result, bail};
use futures_util::future::select_all;
use mera_device::{Arriving, Device, DeviceFault, Engine, Founding, Place, RealWorld, join, redirect};
use mera_device_api::{Answer, Done, RecordPage, Reply, Request, SyncStatus};
use mera_schema::{Desk, RecordRef};
use mera_sync_server::{RelayConfig, RelayHandle, start};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// What takes longer than this will not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// One device and who uses it.
#[derive(Clone)]
pub struct Player {
    pub person: &'static str,
    pub desk: Desk,
    pub device: Device,
}

/// All of them.
pub struct Cast {
    pub relay: RelayHandle,
    pub players: Vec<Player>,
}

impl Cast {
    /// Starts relay and devices in a folder, and founds the company if it is not there yet.
    pub async fn gather(folder: &Path) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let relay = start(RelayConfig::new(address, folder.join("relay"))).await?;
        let mut cast = Self { relay, players: Vec::new() };
        for (person, desk, series, name) in company::PEOPLE {
            let place = folder.join(desk.as_str());
            let engine = match cast.open(&place)? {
                Some(engine) => engine,
                None => cast.make(&place, person, desk, series, name).await?,
            };
            cast.players.push(Player { person, desk, device: Device::start(engine) });
        }
        let office = &cast.players[1];
        // A company that was interrupted while it was founded gets the rest now.
        company::found(office).await.context("the company could not be founded; delete its folder and start again")?;
        Ok(cast)
    }

    /// The device of a folder, if there is one. The relay takes a free port at each start, so it is told anew where that is.
    fn open(&self, place: &Path) -> Result<Option<Engine>, DeviceFault> {
        match redirect(place, Some(self.relay.url())) {
            Ok(()) => Engine::open(place, Arc::new(RealWorld)).map(Some),
            Err(DeviceFault::NoDevice(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// The first person founds the company; the others come with an invitation of the first.
    async fn make(&self, place: &Path, person: &str, desk: Desk, series: &str, name: &str) -> Result<Engine> {
        let (name, series) = (name.to_owned(), series.to_owned());
        let Some(founder) = self.players.first() else {
            // A demonstration has nothing to hide, and asks nobody for a passphrase.
            let (person, relay) = (person.into(), Some(self.relay.url()));
            let founding = Founding { name, person, desk, series, relay, vault: Place::InFolder };
            return Ok(Engine::found(place, founding, Arc::new(RealWorld))?);
        };
        let roles = company::ROLES.into_iter().map(str::to_owned).collect();
        let invite = Request::Invite { person: None, name: person.into(), roles, hours: 1 };
        let Reply::Invitation(invitation) = founder.ask(invite).await? else {
            bail!("the founder's device did not invite");
        };
        let arriving = Arriving { invitation: invitation.code, name, desk, series, vault: Place::InFolder };
        join(place, arriving, Arc::new(RealWorld)).await.map_err(|refused| NotDone(refused).into())
    }

    /// Waits until all devices hold the same and nothing waits; looks again at each notice of any of them.
    pub async fn until_equal(&self) -> Result<()> {
        let mut notices: Vec<_> = self.players.iter().map(|player| player.device.notices()).collect();
        let waiting = async {
            while !self.equal().await? {
                select_all(notices.iter_mut().map(|notices| Box::pin(notices.recv()))).await.0.ok();
            }
            anyhow::Ok(())
        };
        timeout(PATIENCE, waiting).await.context("the devices did not meet within a minute")?
    }

    async fn equal(&self) -> Result<bool> {
        let (mut digests, mut waiting) = (Vec::new(), 0);
        for player in &self.players {
            let status = player.status().await?;
            digests.push(status.digest);
            waiting += status.waiting_changes;
        }
        Ok(waiting == 0 && digests.iter().all(|digest| *digest == digests[0]))
    }
}

impl Player {
    /// Asks through the contract.
    pub async fn ask(&self, request: Request) -> Result<Reply> {
        match self.device.request(request).await {
            Answer::Ok(reply) => Ok(reply),
            Answer::Refused(refused) => Err(NotDone(refused).into()),
        }
    }

    /// Writes through the contract.
    pub async fn write(&self, request: Request) -> Result<Done> {
        match self.ask(request).await? {
            Reply::Done(done) => Ok(done),
            other => bail!("the device did not do it but said {other:?}"),
        }
    }

    /// A record's page.
    pub async fn page(&self, record: RecordRef) -> Result<RecordPage> {
        match self.ask(Request::Open { record, at: None }).await? {
            Reply::Record(page) => Ok(*page),
            other => bail!("the device showed something else: {other:?}"),
        }
    }

    /// How its synchronisation stands.
    pub async fn status(&self) -> Result<SyncStatus> {
        match self.ask(Request::SyncStatus).await? {
            Reply::SyncStatus(status) => Ok(status),
            other => bail!("the device told something else: {other:?}"),
        }
    }

    /// Pulls or plugs in the cable, and waits until the line is as asked.
    pub async fn plug(&self, online: bool) -> Result<()> {
        let mut notices = self.device.notices();
        self.ask(Request::SetOnline { online }).await?;
        let waiting = async {
            while self.status().await?.connected != online {
                notices.recv().await.ok();
            }
            anyhow::Ok(())
        };
        timeout(PATIENCE, waiting).await.context("the line did not change within a minute")?
    }
}
