//! `mera workspace found`, and `mera device init` as it was called before.

use super::desk_named;
use super::key::advised;
use super::new_device::NewDevice;
use crate::outlet::{NotDone, Outlet};
use anyhow::Result;
use mera_device::{Engine, Founding, RealWorld};
use mera_device_api::{RecoverySheet, Reply, Request};
use std::sync::Arc;

/// Who the first device of a new company is.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    new: NewDevice,
    /// Who uses it: the company's first administrator.
    #[arg(long)]
    person: String,
    /// The desk it stands on: sales, office, warehouse, finance or administrator.
    #[arg(long, default_value = "sales")]
    desk: String,
    /// The relay, such as `ws://192.168.1.10:7070/sync`.
    #[arg(long)]
    relay: Option<String>,
}

/// Founds the company.
pub fn run(options: Options, outlet: Outlet) -> Result<()> {
    let desk = desk_named(&options.desk)?;
    let authorities = options.new.authorities()?;
    let Options { new, person, relay, .. } = options;
    let NewDevice { folder, name, series, key, .. } = new;
    let (vault, kept) = key.place()?;
    let founding = Founding { name, person, desk, series, relay, vault };
    let mut engine = Engine::found(&folder, founding, Arc::new(RealWorld)).map_err(advised)?;
    if let Some(authorities) = authorities {
        authorities.keep_in(&folder).map_err(NotDone)?;
    }
    let (company, device) = (engine.workspace(), engine.device());
    let Reply::About(about) = super::ask(&mut engine, Request::About)? else {
        anyhow::bail!("the device answered something else; it is of another version");
    };
    let code = about.recovery_code.unwrap_or_default();
    let sheet = RecoverySheet { code: code.clone(), company, relay: engine.relay().map(str::to_owned) };
    let sentence = format!(
        "Founded company {company}: its first device, {device}, is in {}. {kept}\n\n{}",
        folder.display(),
        super::recover::told(&sheet)
    );
    let json = serde_json::json!({
        "device": device, "company": company, "recovery_code": code, "key": engine.secret_kept(),
    });
    outlet.say(&sentence, &json)?;
    Ok(())
}
