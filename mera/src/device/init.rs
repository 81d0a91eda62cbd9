//! `mera workspace found`, and `mera device init` as it was called before.

use super::desk_named;
use super::key::{NewKey, advised};
use crate::outlet::{NotDone, Outlet};
use anyhow::Result;
use mera_device::{Authorities, Engine, Founding, RealWorld};
use mera_device_api::{RecoverySheet, Reply, Request};
use std::path::PathBuf;
use std::sync::Arc;

/// Who the first device of a new company is.
#[derive(clap::Args)]
pub struct Options {
    /// Where it keeps its records; made if it is not there.
    #[arg(long)]
    folder: PathBuf,
    /// What people call the device.
    #[arg(long)]
    name: String,
    /// Who uses it: the company's first administrator.
    #[arg(long)]
    person: String,
    /// The desk it stands on: sales, office, warehouse, finance or administrator.
    #[arg(long, default_value = "sales")]
    desk: String,
    /// Letters and digits that start its numbers, such as K3; no two devices of a company may share them.
    #[arg(long)]
    series: String,
    /// The relay, such as `ws://192.168.1.10:7070/sync`.
    #[arg(long)]
    relay: Option<String>,
    #[command(flatten)]
    key: NewKey,
    /// Certificates in PEM form of who vouches for the relay, for `wss://`, when it is nobody whom the system trusts.
    #[arg(long)]
    relay_ca: Option<PathBuf>,
}

/// Founds the company.
pub fn run(options: Options, outlet: Outlet) -> Result<()> {
    let desk = desk_named(&options.desk)?;
    let authorities = options.relay_ca.as_deref().map(Authorities::read).transpose().map_err(NotDone)?;
    let Options { folder, name, person, series, relay, key, .. } = options;
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
