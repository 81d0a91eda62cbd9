//! `mera device init`.

use super::key::{NewKey, advised};
use crate::outlet::Outlet;
use anyhow::{Context, Result};
use mera_device::{Engine, Founding, RealWorld};
use mera_schema::Desk;
use std::path::PathBuf;
use std::sync::Arc;

/// Who the new device is.
#[derive(clap::Args)]
pub struct Options {
    /// Where it keeps its records; made if it is not there.
    #[arg(long)]
    folder: PathBuf,
    /// What people call the device.
    #[arg(long)]
    name: String,
    /// Who uses it.
    #[arg(long)]
    person: String,
    /// The desk it stands on: sales, office, warehouse, finance or administrator.
    #[arg(long, default_value = "sales")]
    desk: String,
    /// Letters and digits that start its numbers, such as K3; no two devices of a company may share them.
    #[arg(long)]
    series: String,
    /// The company, as the first device printed it; without it a new company is founded.
    #[arg(long)]
    company: Option<String>,
    /// The relay, such as `ws://192.168.1.10:7070/sync`.
    #[arg(long)]
    relay: Option<String>,
    #[command(flatten)]
    key: NewKey,
}

/// Makes the device.
pub fn run(options: Options, outlet: Outlet) -> Result<()> {
    let desk: Desk = options.desk.parse().ok().with_context(|| {
        let desks: Vec<&str> = Desk::ALL.iter().map(|desk| desk.as_str()).collect();
        format!("\"{}\" is no desk; take one of {}", options.desk, desks.join(", "))
    })?;
    let workspace = options.company.map(|company| company.parse()).transpose();
    let workspace = workspace.context("--company is what `mera device status` of the first device names")?;
    let Options { folder, name, person, series, relay, key, .. } = options;
    let (vault, kept) = key.place()?;
    let founding = Founding { workspace, name, person, desk, series, relay, vault };
    let engine = Engine::found(&folder, founding, Arc::new(RealWorld)).map_err(advised)?;
    let (company, device) = (engine.workspace(), engine.device());
    let sentence = format!("Made device {device} of company {company} in {}. {kept}", folder.display());
    outlet.say(&sentence, &serde_json::json!({ "device": device, "company": company, "key": engine.secret_kept() }))?;
    Ok(())
}
