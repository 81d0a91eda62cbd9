//! `mera device serve`.

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
    let home = Home::open(&options.folder, Arc::new(RealWorld)).await;
    let shut = home.shut().await;
    // Where there is no device yet, one is founded on the screen.
    if let Some(why) = shut.clone().filter(|why| why.code != "device.none") {
        return Err(NotDone(why).into());
    }
    let served = serve(home, Offer { port: options.port, ui: options.ui.clone(), token: None }).await?;
    let what = if shut.is_none() { "The device answers" } else { "There is no device here yet; one is made" };
    outlet.say(
        &format!("{what} at {} ; Ctrl-C stops it.", served.link()),
        &serde_json::json!({ "serving": {
            "address": served.address(), "token": served.token(), "link": served.link(), "founded": shut.is_none(),
        } }),
    )?;
    let _told = Serving::tell(&options.folder, served.address(), served.token());
    asked.await;
    served.stop().await;
    outlet.say("The device has stopped; everything saved is on disk.", &serde_json::json!({ "stopped": true }))?;
    Ok(())
}
