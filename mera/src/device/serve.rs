//! `mera device serve`.

use super::Folder;
use super::serving::Serving;
use crate::outlet::{NotDone, Outlet};
use crate::until_stopped::asked_to_stop;
use anyhow::Result;
use mera_device::loopback::{Offer, serve};
use mera_device::{Home, RealWorld};
use std::path::PathBuf;
use std::sync::Arc;

/// Where the device is offered.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    folder: Folder,
    /// The port on this machine; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The folder with the screens, as `cargo xtask ui` builds it; without it only scripts are answered.
    #[arg(long)]
    ui: Option<PathBuf>,
    /// Does not look for colleagues' devices on the same network.
    #[arg(long)]
    alone: bool,
}

/// Runs until it is asked to stop.
pub async fn run(options: Options, outlet: Outlet) -> Result<()> {
    let asked = asked_to_stop()?;
    let Folder { folder, key } = options.folder;
    let home = Home::open_with(&folder, Arc::new(RealWorld), key.brought()?).await;
    if !options.alone {
        home.look_around().await;
    }
    let shut = home.shut().await;
    // Where there is no device yet, one is founded on the screen; a locked one is opened there.
    let what = match shut.as_ref().map(|why| why.code.as_str()) {
        None => "The device answers",
        Some("device.none") => "There is no device here yet; one is made",
        Some("device.locked") => "The device is locked; its passphrase is asked for",
        Some(_) => return Err(NotDone(shut.expect("it was just looked at")).into()),
    };
    let served = serve(home, Offer { port: options.port, ui: options.ui, token: None }).await?;
    outlet.say(
        &format!("{what} at {} ; Ctrl-C stops it.", served.link()),
        &serde_json::json!({ "serving": {
            "address": served.address(), "token": served.token(), "link": served.link(),
            "founded": shut.as_ref().is_none_or(|why| why.code != "device.none"), "open": shut.is_none(),
        } }),
    )?;
    let _told = Serving::tell(&folder, served.address(), served.token());
    asked.await;
    served.stop().await;
    outlet.say("The device has stopped; everything saved is on disk.", &serde_json::json!({ "stopped": true }))?;
    Ok(())
}
