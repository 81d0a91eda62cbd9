//! A relay and two devices that hold the same records, with a counting wire between.

use super::wire::{Traffic, Wire};
use crate::filled;
use crate::told::Told;
use anyhow::{Context, Result, bail};
use futures_util::future::select_all;
use mera_device::{Device, Engine, RealWorld};
use mera_device_api::{Answer, Reply, Request, SyncStatus};
use mera_sync_server::{RelayConfig, RelayHandle, start};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::timeout;

/// What takes longer than this will not come; the first meeting carries every record.
const PATIENCE: Duration = Duration::from_secs(300);

/// All of them.
pub struct Company {
    pub devices: Vec<Device>,
    wire: Wire,
    relay: RelayHandle,
    folder: TempDir,
}

impl Company {
    /// Fills devices with these letters, connects them, and waits until relay and devices hold everything.
    pub async fn open(cache: &Path, records: usize, filled: &[&str]) -> Result<Self> {
        Self::open_after(cache, filled, |engine| filled::fill(engine, records)).await
    }

    /// The same, of a company whose history was let go of at a checkpoint.
    pub async fn from_checkpoint(cache: &Path, records: usize, filled: &[&str]) -> Result<Self> {
        Self::open_after(cache, filled, |engine| filled::fill_to_checkpoint(engine, records)).await
    }

    async fn open_after(cache: &Path, filled: &[&str], fill: impl Fn(&mut Engine) -> Result<()>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("company-").tempdir_in(cache)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let relay = RelayConfig { admin: Some(address), ..RelayConfig::new(address, folder.path().join("relay")) };
        let relay = start(relay).await?;
        let wire = Wire::to(relay.address()).await?;
        let device = |series: &&str| {
            let place = folder.path().join(series);
            // Without a relay a checkpoint stands at once; one would wait until every device has called, and the colleague never does.
            fill(&mut filled::found(&place, series, None)?)?;
            anyhow::Ok(Engine::open(&place, Arc::new(RealWorld))?)
        };
        let engines = tokio::task::block_in_place(|| filled.iter().map(device).collect::<Result<Vec<Engine>>>())?;
        let devices: Vec<Device> = engines.into_iter().map(Device::start).collect();
        for device in &devices {
            ask(device, Request::SetRelay { relay: Some(wire.url()) }).await?;
        }
        let company = Self { devices, wire, relay, folder };
        company.until_settled().await?;
        Ok(company)
    }

    /// One more device comes, with nothing, and calls the relay.
    pub fn join(&mut self, series: &str) -> Result<()> {
        let place = self.folder.path().join(series);
        drop(filled::found(&place, series, Some(self.wire.url()))?);
        self.devices.push(Device::start(Engine::open(&place, Arc::new(RealWorld))?));
        Ok(())
    }

    /// Pulls or plugs in both cables and waits until the lines are as asked.
    pub async fn plug(&self, online: bool) -> Result<()> {
        self.plug_at_once(online).await?;
        self.until(async |status: &[SyncStatus]| status.iter().all(|one| one.connected == online)).await
    }

    /// Pulls or plugs in both cables.
    pub async fn plug_at_once(&self, online: bool) -> Result<()> {
        for device in &self.devices {
            ask(device, Request::SetOnline { online }).await?;
        }
        Ok(())
    }

    /// Waits until both are connected, hold the same, and nothing waits.
    pub async fn until_settled(&self) -> Result<()> {
        self.until(async |status: &[SyncStatus]| {
            status.iter().all(|one| one.connected && one.waiting_changes == 0 && one.digest == status[0].digest)
        })
        .await
    }

    /// Looks again at each notice of any device.
    async fn until(&self, holds: impl AsyncFn(&[SyncStatus]) -> bool) -> Result<()> {
        let mut notices: Vec<_> = self.devices.iter().map(Device::notices).collect();
        let waiting = async {
            loop {
                let mut status = Vec::new();
                for device in &self.devices {
                    status.push(status_of(device).await?);
                }
                if holds(&status).await {
                    return anyhow::Ok(());
                }
                select_all(notices.iter_mut().map(|notices| Box::pin(notices.recv()))).await.0.ok();
            }
        };
        timeout(PATIENCE, waiting).await.context("the devices did not come to agree in time")?
    }

    /// What has passed on the wire so far; how many messages, the relay itself tells.
    pub async fn passed(&self) -> Result<Traffic> {
        let (up, down) = self.wire.bytes();
        let told = Told::by(self.relay.admin().context("the relay was started with it")?).await?;
        let messages = told.count("mera_relay_received_frames_total")? + told.count("mera_relay_sent_frames_total")?;
        Ok(Traffic { up, down, opening: self.wire.opening(), messages })
    }

    /// Everybody goes home.
    pub async fn leave(self) -> Result<()> {
        self.plug(false).await?;
        Ok(self.relay.stop().await?)
    }
}

/// Asks a device; what it refuses is a fault of this program.
pub async fn ask(device: &Device, request: Request) -> Result<Reply> {
    match device.request(request).await {
        Answer::Ok(reply) => Ok(reply),
        Answer::Refused(refused) => bail!("the device refused: {}", refused.says),
    }
}

async fn status_of(device: &Device) -> Result<SyncStatus> {
    match ask(device, Request::SyncStatus).await? {
        Reply::SyncStatus(status) => Ok(status),
        other => bail!("the device told something else: {other:?}"),
    }
}
