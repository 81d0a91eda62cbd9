//! `mera device join`.

use super::desk_named;
use super::new_device::NewDevice;
use crate::outlet::{NotDone, Outlet};
use anyhow::Result;
use mera_device::{Arriving, RealWorld, join};
use std::sync::Arc;

/// Which device comes, and with which invitation.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    new: NewDevice,
    /// The invitation, as an administrator's device shows it.
    #[arg(long)]
    invitation: String,
    /// The desk it stands on: sales, office, warehouse, finance or administrator.
    #[arg(long, default_value = "sales")]
    desk: String,
}

/// Joins the company.
pub async fn run(options: Options, outlet: Outlet) -> Result<()> {
    let desk = desk_named(&options.desk)?;
    let authorities = options.new.authorities()?;
    let Options { new, invitation, .. } = options;
    let NewDevice { folder, name, series, key, .. } = new;
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
