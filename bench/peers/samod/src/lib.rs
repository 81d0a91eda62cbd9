//! What server and client do alike.

use anyhow::Result;
use serde_json::Value;
use std::io::{Write, stdout};

/// One line on the program's output.
pub fn say(what: &Value) -> Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{what}")?;
    Ok(out.flush()?)
}
