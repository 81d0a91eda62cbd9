//! What one relay carries: durable entries, one change to many devices, idle connections, a storm of reconnects. The relay is `mera relay`, a
//! process of its own on a processor of its own; its guests are sessions without records, all in this program.

mod catch_up;
mod cores;
mod crew;
mod crowd;
mod entries;
mod fan_out;
mod idle;
mod light;
mod process;
mod storm;

use crate::figure::Report;
use crate::spread::Spread;
use anyhow::{Context, Result};
use cores::Cores;
use std::path::Path;

/// Where everything is.
struct Place<'a> {
    mera: &'a Path,
    cache: &'a Path,
    cores: &'a Cores,
}

/// How much of each.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Entries pushed.
    pub entries: usize,
    /// Devices that one change comes to, and that reconnect at once.
    pub devices: usize,
    /// Idle connections.
    pub connections: usize,
}

/// What a number of devices costs a relay.
pub struct Grown {
    /// Milliseconds until one change is on all of them.
    pub fan_out: Spread,
    /// Seconds until all of them have what was written while they were away.
    pub catch_up: f64,
}

/// Measures that for so many devices, which missed so many entries.
pub fn growth(mera: &Path, cache: &Path, devices: usize, missed: usize) -> Result<Grown> {
    const CHANGES: usize = 20;
    let cores = Cores::shared_out();
    let place = Place { mera, cache, cores: &cores };
    cores::open_files();
    cores.among_clients(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let fan_out = fan_out::fan_out(&place, devices, CHANGES).await.context("one change to many")?.last;
            let catch_up = catch_up::catch_up(&place, devices, missed).await.context("catching up")?;
            anyhow::Ok(Grown { fan_out, catch_up })
        })
    })?
}

/// Measures all four.
pub fn measure(report: &mut Report, mera: &Path, cache: &Path, load: Load) -> Result<()> {
    let cores = Cores::shared_out();
    let place = Place { mera, cache, cores: &cores };
    cores::open_files();
    cores.among_clients(|| {
        // One thread, as there is often but one processor beside the relay's.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            entries::measure(report, &place, load.entries).await.context("durable entries")?;
            fan_out::measure(report, &place, load.devices).await.context("one change to many")?;
            storm::measure(report, &place, load.devices).await.context("a storm of reconnects")?;
            idle::measure(report, &place, load.connections).await.context("idle connections")
        })
    })?
}
