//! Who plays: the relay and the three devices, founded at the first start.

use super::company;
use crate::outlet::NotDone;
use anyhow::{Context, Result, bail};
use futures_util::future::select_all;
use mera_device::{Device, DeviceFault, Engine, Founding, Place, RealWorld, redirect};
use mera_device_api::{Answer, Done, RecordPage, Reply, Request, SyncStatus};
use mera_schema::{Desk, RecordRef, WorkspaceId};
use mera_sync_server::{Limits, RelayConfig, RelayHandle, start};
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
        let relay = RelayConfig { address, folder: folder.join("relay"), limits: Limits::default() };
        let relay = start(relay).await?;
        let mut cast = Self { relay, players: Vec::new() };
        let mut workspace = None;
        for (person, desk, series, name) in company::PEOPLE {
            let place = folder.join(desk.as_str());
            let engine = cast.open(&place, workspace, |workspace, relay| {
                let (name, person, series) = (name.into(), person.into(), series.into());
                // A demonstration has nothing to hide, and asks nobody for a passphrase.
                Founding { workspace, name, person, desk, series, relay, vault: Place::InFolder }
            })?;
            workspace = Some(engine.workspace());
            cast.players.push(Player { person, desk, device: Device::start(engine) });
        }
        let office = &cast.players[1];
        // A company that was interrupted while it was founded gets the rest now.
        company::found(office).await.context("the company could not be founded; delete its folder and start again")?;
        Ok(cast)
    }

    fn open(
        &self,
        place: &Path,
        workspace: Option<WorkspaceId>,
        who: impl FnOnce(Option<WorkspaceId>, Option<String>) -> Founding,
    ) -> Result<Engine, DeviceFault> {
        // The relay takes a free port at each start, so that a device is told anew where it is.
        let relay = Some(self.relay.url());
        match redirect(place, relay.clone()) {
            Ok(()) => Engine::open(place, Arc::new(RealWorld)),
            Err(DeviceFault::NoDevice(_)) => Engine::found(place, who(workspace, relay), Arc::new(RealWorld)),
            Err(other) => Err(other),
        }
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
