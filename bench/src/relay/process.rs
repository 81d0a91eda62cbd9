//! The relay as it is installed: `mera relay`, a process of its own.

use super::cores::Cores;
use crate::machine;
use crate::told::Told;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::sleep;

/// Limits as wide as they go: what the relay can do is measured, not what it allows.
const ALLOWED: [&str; 16] = [
    "--connections=100000",
    "--company-connections=100000",
    "--network-connections=100000",
    "--max-companies=100000",
    "--company-entries=1000000000",
    "--company-size=64GiB",
    "--device-frames=100000000",
    "--device-rate=64GiB",
    "--company-frames=100000000",
    "--company-rate=64GiB",
    "--listen",
    "127.0.0.1:0",
    "--admin-listen",
    "127.0.0.1:0",
    "--companies",
    "open",
];
/// A relay that used no processor for so long has nothing more to do.
const AT_REST: Duration = Duration::from_millis(200);

/// A running relay with an empty folder of its own. Dropped, it is ended and the folder goes.
pub struct RelayProcess {
    child: Child,
    pub address: SocketAddr,
    admin: SocketAddr,
    _folder: TempDir,
}

#[derive(Deserialize)]
struct Line {
    relay: Place,
}

#[derive(Deserialize)]
struct Place {
    address: SocketAddr,
    admin: SocketAddr,
}

/// What the relay says has passed since it was started.
#[derive(Debug, Clone, Copy, Default)]
pub struct Passed {
    pub sent: u64,
    pub sent_bytes: u64,
}

impl RelayProcess {
    /// Starts one and waits until it says where it answers.
    pub fn start(mera: &Path, cache: &Path, cores: &Cores) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("relay-").tempdir_in(cache)?;
        let mut command = Command::new(mera);
        command.args(["--json", "relay"]).args(ALLOWED).arg("--folder").arg(folder.path());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = cores.start(command)?;
        let mut said = String::new();
        BufReader::new(child.stdout.take().context("the relay says nothing")?).read_line(&mut said)?;
        let Line { relay } = serde_json::from_str(&said).with_context(|| format!("the relay said {said:?}"))?;
        Ok(Self { child, address: relay.address, admin: relay.admin, _folder: folder })
    }

    /// Resident memory, in bytes.
    pub fn memory(&self) -> Result<f64> {
        let (now, _) = machine::memory(&self.child.id().to_string()).context("the relay's memory cannot be read")?;
        Ok(now * 1_048_576.0)
    }

    /// How long it has had a processor.
    pub fn worked(&self) -> Result<Duration> {
        machine::processor_time(self.child.id()).context("the relay's time cannot be read")
    }

    /// Waits until it has nothing more to do.
    pub async fn until_at_rest(&self) -> Result<()> {
        loop {
            let before = self.worked()?;
            sleep(AT_REST).await;
            if self.worked()? == before {
                return Ok(());
            }
        }
    }

    /// What has passed.
    pub async fn passed(&self) -> Result<Passed> {
        let told = Told::by(self.admin).await?;
        Ok(Passed {
            sent: told.count("mera_relay_sent_frames_total")?,
            sent_bytes: told.count("mera_relay_sent_bytes_total")?,
        })
    }
}

impl Drop for RelayProcess {
    fn drop(&mut self) {
        // One that has ended by itself cannot be stopped, which is as well.
        self.child.kill().and_then(|()| self.child.wait()).ok();
    }
}
