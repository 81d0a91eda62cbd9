//! `mera device join`.

use super::desk_named;
use super::key::NewKey;
use crate::outlet::{NotDone, Outlet};
use anyhow::Result;
use mera_device::{Arriving, Authorities, RealWorld, join};
use std::path::PathBuf;
use std::sync::Arc;

/// Which device comes, and with which invitation.
#[derive(clap::Args)]
pub struct Options {
    /// Where it keeps its records; made if it is not there.
    #[arg(long)]
    folder: PathBuf,
    /// The invitation, as an administrator's device shows it.
    #[arg(long)]
    invitation: String,
    /// What people call the device.
    #[arg(long)]
    name: String,
    /// The desk it stands on: sales, office, warehouse, finance or administrator.
    #[arg(long, default_value = "sales")]
    desk: String,
    /// Letters and digits that start its numbers, such as K3; no two devices of a company may share them.
    #[arg(long)]
    series: String,
    #[command(flatten)]
    key: NewKey,
    /// Certificates in PEM form of who vouches for the relay, for `wss://`, when it is nobody whom the system trusts.
    #[arg(long)]
    relay_ca: Option<PathBuf>,
}

/// Joins the company.
pub async fn run(options: Options, outlet: Outlet) -> Result<()> {
    let desk = desk_named(&options.desk)?;
    let authorities = options.relay_ca.as_deref().map(Authorities::read).transpose().map_err(NotDone)?;
    let Options { folder, invitation, name, series, key, .. } = options;
    let (vault, kept) = key.place()?;
    if let Some(authorities) = authorities {
        authorities.keep_in(&folder).map_err(NotDone)?;
    }
    let joined = join(&folder, Arriving { invitation, name, desk, series, vault }, Arc::new(RealWorld)).await;
    let engine = joined.map_err(NotDone)?;
    let (company, device) = (engine.workspace(), engine.device());
    let sentence = format!("Joined company {company}: device {device} is in {}. {kept}", folder.display());
    outlet.say(&sentence, &serde_json::json!({ "device": device, "company": company }))?;
    Ok(())
}
