//! `mera device serve`.

use crate::outlet::Outlet;
use crate::until_stopped::asked_to_stop;
use anyhow::Result;
use mera_device::loopback::{Offer, serve};
use mera_device::{Device, Engine, RealWorld};
use std::path::PathBuf;
use std::sync::Arc;

/// Where the device is offered.
#[derive(clap::Args)]
pub struct Options {
    /// The device's folder.
    #[arg(long)]
    folder: PathBuf,
    /// The port on this machine; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The folder with the screens, as `cargo xtask ui` builds it; without it only scripts are answered.
    #[arg(long)]
    ui: Option<PathBuf>,
}

/// Runs until it is asked to stop.
pub async fn run(options: Options, outlet: Outlet) -> Result<()> {
    let asked = asked_to_stop()?;
    let device = Device::start(Engine::open(&options.folder, Arc::new(RealWorld))?);
    let served = serve(device.clone(), Offer { port: options.port, ui: options.ui, token: None }).await?;
    outlet.say(
        &format!("The device answers at {} ; Ctrl-C stops it.", served.link()),
        &serde_json::json!({ "serving": { "address": served.address(), "token": served.token(), "link": served.link() } }),
    )?;
    asked.await;
    served.stop().await;
    outlet.say("The device has stopped; everything saved is on disk.", &serde_json::json!({ "stopped": true }))?;
    Ok(())
}
