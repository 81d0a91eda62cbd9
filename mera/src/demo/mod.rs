//! `mera demo`: one company on one machine, with a relay and three devices, each with a store of its own.

mod cast;
mod check;
mod company;
mod page;

use crate::outlet::Outlet;
use crate::until_stopped::asked_to_stop;
use anyhow::{Context, Result};
use cast::Cast;
use mera_device::loopback::{Offer, serve};
use serde_json::json;
use std::path::PathBuf;

/// How the demo is shown.
#[derive(clap::Args)]
pub struct Options {
    /// The folder with the screens, as `cargo xtask ui` builds it.
    #[arg(long)]
    ui: PathBuf,
    /// Where relay and devices keep their records; the demo goes on with what it finds there.
    #[arg(long)]
    folder: PathBuf,
    /// The port of the page that lists the devices; a free one when it is not given.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Plays the scenario by itself and ends with one line of JSON.
    #[arg(long)]
    check: bool,
    /// Does not open a browser.
    #[arg(long)]
    quiet: bool,
}

/// Shows the company until the person stops it, or plays the scenario once.
pub async fn run(options: Options, outlet: Outlet) -> Result<()> {
    if options.check {
        return check::run(&options.folder.join("check")).await;
    }
    let asked = asked_to_stop()?;
    tokio::pin!(asked);
    let cast = tokio::select! {
        cast = Cast::gather(&options.folder) => cast?,
        () = &mut asked => return Ok(()),
    };
    let mut served = Vec::new();
    for player in &cast.players {
        let offer = Offer { port: 0, ui: Some(options.ui.clone()), token: None };
        served.push(serve(player.device.clone(), offer).await?);
    }
    let links = served.iter().map(mera_device::loopback::Served::link).collect();
    let page = page::serve(cast.players.clone(), links, options.port).await.context("the demo's page")?;
    outlet.say(
        &format!("{} is open at {} ; Ctrl-C stops it.", company::NAME, page.link()),
        &json!({ "demo": { "page": page.link(), "relay": cast.relay.url() } }),
    )?;
    if !options.quiet {
        open_browser(page.link());
    }
    asked.await;
    page.stop();
    for served in served {
        served.stop().await;
    }
    cast.relay.stop().await?;
    outlet.say("The demo has stopped; the next one goes on from here.", &json!({ "stopped": true }))?;
    Ok(())
}

/// Opens the page where there is a screen; the link stands in the terminal either way.
fn open_browser(link: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    if cfg!(windows) {
        std::process::Command::new("cmd").args(["/C", "start", "", link]).spawn().ok();
    } else {
        let quiet = std::process::Stdio::null;
        std::process::Command::new(opener).arg(link).stdout(quiet()).stderr(quiet()).spawn().ok();
    }
}
