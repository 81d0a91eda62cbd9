//! How the program answers: sentences for people, JSON for scripts.

use mera_sync_server::RelayFault;
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
        let code = error.downcast_ref::<RelayFault>().map_or("program.failed", RelayFault::code);
        if self.json {
            let refused = serde_json::json!({ "refused": { "code": code, "says": format!("{error:#}") } });
            writeln!(io::stdout(), "{refused}").ok();
        } else {
            eprintln!("mera: {error:#}");
        }
        ExitCode::FAILURE
    }
}
