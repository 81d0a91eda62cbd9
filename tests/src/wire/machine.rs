//! A machine with a network of its own.

use anyhow::{Context, Result, bail};
use nix::sched::{CloneFlags, setns, unshare};
use std::fs::File;
use std::future::Future;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use tokio::runtime::{Builder, Runtime};
use tun_rs::{DeviceBuilder, SyncDevice};

/// The name of a machine's only network device.
const PLUG: &str = "wire";
/// Threads of a machine's runtime.
const THREADS: usize = 2;

/// A machine: a network namespace, and a runtime all of whose threads live in it.
pub struct Machine {
    number: u8,
    plug: Arc<SyncDevice>,
    /// Away only once the machine is let go of.
    runtime: Option<Runtime>,
}

impl Machine {
    /// Number so much; 1 to 254. Fails where this program may not make networks.
    pub fn new(number: u8) -> Result<Self> {
        // A thread that has a network of its own; it ends, and the network lives on with who refers to it.
        let made = thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET).context("only an administrator makes networks")?;
            let network = File::open("/proc/thread-self/ns/net")?;
            let plug = DeviceBuilder::new().name(PLUG).build_sync().context("there are no tunnel devices here")?;
            let address = format!("{}/24", Self::address_of(number));
            ip(&["link", "set", "lo", "up"])?;
            ip(&["address", "add", &address, "dev", PLUG])?;
            ip(&["link", "set", PLUG, "mtu", "1500", "up"])?;
            Ok::<_, anyhow::Error>((network, plug))
        });
        let (network, plug) = made.join().ok().context("a network could not be made")??;
        let enter = move || {
            // Without it the machine would speak on the network of the one that plays it.
            setns(&network, CloneFlags::CLONE_NEWNET).expect("the namespace is held open by this file");
        };
        let runtime =
            Builder::new_multi_thread().worker_threads(THREADS).enable_all().on_thread_start(enter).build()?;
        Ok(Self { number, plug: Arc::new(plug), runtime: Some(runtime) })
    }

    /// Its number.
    pub fn number(&self) -> u8 {
        self.number
    }

    /// Its address.
    pub fn address(&self) -> String {
        Self::address_of(self.number)
    }

    fn address_of(number: u8) -> String {
        format!("10.77.0.{number}")
    }

    /// Where the wire is plugged in.
    pub(super) fn plug(&self) -> Arc<SyncDevice> {
        self.plug.clone()
    }

    /// Does something on this machine.
    pub async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        let runtime = self.runtime.as_ref().expect("it is there until the machine goes");
        match runtime.spawn(work).await {
            Ok(done) => done,
            Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // It may be let go of inside another runtime, where nobody may wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn ip(words: &[&str]) -> Result<()> {
    let said = Command::new("ip").args(words).output().context("`ip` is in Debian's package iproute2")?;
    if !said.status.success() {
        bail!("ip {}: {}", words.join(" "), String::from_utf8_lossy(&said.stderr).trim());
    }
    Ok(())
}
