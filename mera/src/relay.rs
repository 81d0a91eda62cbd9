//! `mera relay`.

use crate::outlet::Outlet;
use crate::until_stopped::asked_to_stop;
use anyhow::Result;
use mera_sync_server::{Limits, RelayConfig, start};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where the relay listens and where it keeps what it is given.
#[derive(clap::Args)]
pub struct Options {
    /// Where it keeps the logs; made if it is not there.
    #[arg(long)]
    folder: PathBuf,
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:7070")]
    listen: SocketAddr,
    /// How many devices may be connected at one time.
    #[arg(long, default_value_t = Limits::default().connections)]
    connections: usize,
}

/// Runs until it is asked to stop.
pub async fn run(options: Options, outlet: Outlet) -> Result<()> {
    // Whoever asks it to stop while it starts is heard as soon as it has started.
    let asked = asked_to_stop()?;
    let limits = Limits { connections: options.connections, ..Limits::default() };
    let relay = start(RelayConfig { address: options.listen, folder: options.folder, limits }).await?;
    let url = relay.url();
    outlet.say(
        &format!("The relay listens at {url}; Ctrl-C stops it."),
        &serde_json::json!({ "relay": { "url": url, "address": relay.address() } }),
    )?;
    asked.await;
    relay.stop().await?;
    outlet.say("The relay has stopped; everything it took is on disk.", &serde_json::json!({ "stopped": true }))?;
    Ok(())
}
