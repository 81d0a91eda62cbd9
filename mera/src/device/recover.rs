//! `mera workspace recover` and `mera workspace new-recovery-code`: the recovery code from the command line.

use super::new_device::NewDevice;
use super::{Folder, desk_named};
use crate::outlet::{NotDone, Outlet};
use anyhow::{Context, Result, bail};
use mera_device::{RealWorld, Returning, recover};
use mera_device_api::{RecoverySheet, Reply, Request};
use serde_json::json;
use std::io::{self, IsTerminal};
use std::sync::Arc;

/// Where the recovery code is looked for before it is asked for.
const CODE: &str = "MERA_RECOVERY_CODE";

/// Which device comes back. The code itself is never an argument: every program on the machine can read those.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    new: NewDevice,
    /// A relay that has the company's records, such as `wss://relay.example/sync`.
    #[arg(long)]
    relay: String,
    /// The company's id; a code that begins with MERA-RECOVERY2 says it itself.
    #[arg(long)]
    company: Option<String>,
    /// Who uses it and becomes administrator.
    #[arg(long)]
    person: String,
    /// The desk it stands on: sales, office or warehouse.
    #[arg(long, default_value = "office")]
    desk: String,
}

/// Brings the company back.
pub async fn run(options: Options, outlet: Outlet) -> Result<()> {
    let desk = desk_named(&options.desk)?;
    let authorities = options.new.authorities()?;
    let Options { new, relay, company, person, .. } = options;
    let NewDevice { folder, name, series, key, .. } = new;
    let (vault, kept) = key.place()?;
    let code = code()?;
    if let Some(authorities) = authorities {
        authorities.keep_in(&folder).map_err(NotDone)?;
    }
    let returning = Returning { code, company, relay, person, name, desk, series, vault };
    let engine = recover(&folder, returning, Arc::new(RealWorld)).await.map_err(NotDone)?;
    let (company, device) = (engine.workspace(), engine.device());
    let sentence = format!(
        "Company {company} is back: its administrator's device {device} is in {}. {kept}\n\nNow run it until it has \
         everything (`mera device serve`), take out the devices that were lost (`mera device revoke`), and make a new \
         recovery code if others may have seen this one (`mera workspace new-recovery-code`).",
        folder.display()
    );
    outlet.say(&sentence, &json!({ "device": device, "company": company, "key": engine.secret_kept() }))?;
    Ok(())
}

/// Makes a new recovery code and tells it, this once.
pub async fn new_code(folder: &Folder, outlet: Outlet) -> Result<()> {
    let device = super::members::connected(folder).await?;
    let Reply::RecoveryCode(sheet) = super::members::ask(&device, Request::NewRecoveryCode).await? else {
        bail!("the device answered something else; it is of another version");
    };
    let sentence = format!("The recovery code before this one opens nothing any more.\n\n{}", told(&sheet));
    outlet.say(&sentence, &json!({ "recovery_code": sheet.code, "company": sheet.company, "relay": sheet.relay }))?;
    Ok(())
}

/// What is written down of a recovery code.
pub fn told(sheet: &RecoverySheet) -> String {
    let relay = sheet.relay.as_deref().unwrap_or("none yet; write its address here once there is one");
    format!(
        "The recovery code, told only now:\n\n    {}\n\n    company  {}\n    relay    {relay}\n\nWrite all three down and keep them \
         where the company keeps its deeds: whoever has them can bring the company back when its last administrator is lost, \
         and read everything.",
        sheet.code, sheet.company
    )
}

/// The code, from where no list of processes shows it.
fn code() -> Result<String> {
    if let Ok(code) = std::env::var(CODE) {
        return Ok(code);
    }
    if io::stdin().is_terminal() {
        eprintln!("The recovery code:");
    }
    let mut code = String::new();
    io::stdin().read_line(&mut code).context("the recovery code is read from standard input or MERA_RECOVERY_CODE")?;
    Ok(code)
}
