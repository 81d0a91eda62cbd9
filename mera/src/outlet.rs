//! How the program answers: sentences for people, JSON for scripts.

use mera_device::DeviceFault;
use mera_device::backup::BackupFault;
use mera_device::loopback::LoopbackFault;
use mera_device_api::Refused;
use mera_sync_server::{ListFault, RelayFault};
use std::io::{self, Write};
use std::process::ExitCode;

/// Where answers go.
#[derive(Clone, Copy)]
pub struct Outlet {
    /// One JSON object a line instead of sentences.
    pub json: bool,
}

impl Outlet {
    /// Says one thing.
    pub fn say(self, sentence: &str, json: &serde_json::Value) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{json}")?
        } else {
            writeln!(out, "{sentence}")?
        }
        out.flush()
    }

    /// Says why nothing came of it.
    pub fn refused(self, error: &anyhow::Error) -> ExitCode {
        let code = code_of(error);
        if self.json {
            let refused = serde_json::json!({ "refused": { "code": code, "says": format!("{error:#}") } });
            writeln!(io::stdout(), "{refused}").ok();
        } else {
            eprintln!("mera: {error:#}");
        }
        ExitCode::FAILURE
    }
}

/// A refusal of the contract on its way out of the program.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.says)]
pub struct NotDone(pub Refused);

fn code_of(error: &anyhow::Error) -> &str {
    if let Some(fault) = error.downcast_ref::<RelayFault>() {
        return fault.code();
    }
    if error.is::<ListFault>() {
        return "relay.companies";
    }
    if let Some(fault) = error.downcast_ref::<DeviceFault>() {
        return fault.code();
    }
    if let Some(fault) = error.downcast_ref::<BackupFault>() {
        return fault.code();
    }
    if let Some(fault) = error.downcast_ref::<LoopbackFault>() {
        return fault.code();
    }
    error.downcast_ref::<NotDone>().map_or("program.failed", |refused| &refused.0.code)
}
