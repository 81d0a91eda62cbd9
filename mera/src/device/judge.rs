//! `mera device judge` and `mera device hand-in`: work that was set aside, and what is decided about it.

use super::Folder;
use super::asked::{Asked, OTHER};
use crate::outlet::Outlet;
use anyhow::{Context, Result, bail};
use mera_device_api::{AuditAct, HandedIn, JudgingPage, JudgingRow, Reply, Request};
use mera_schema::DeviceId;
use serde_json::json;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

/// What is judged.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    folder: Folder,
    /// Opens a file that a device handed in, before anything else.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Takes an entry over, as `device/number`, as the list names it.
    #[arg(long, value_name = "DEVICE/NUMBER")]
    take_over: Option<String>,
    /// Leaves an entry out; --note says why.
    #[arg(long, value_name = "DEVICE/NUMBER", conflicts_with = "take_over", requires = "note")]
    leave_out: Option<String>,
    /// Why an entry is left out.
    #[arg(long)]
    note: Option<String>,
}

/// What is handed in, and where to.
#[derive(clap::Args)]
pub struct HandIn {
    #[command(flatten)]
    folder: Folder,
    /// A new file, which only the company's administrators can open.
    #[arg(long)]
    out: PathBuf,
}

/// Opens, decides and lists.
pub async fn run(options: Options, outlet: Outlet) -> Result<()> {
    let mut device = Asked::of(&options.folder)?;
    if let Some(path) = &options.file {
        let file = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let Reply::HandedInOpened { changes } = device.ask(Request::OpenHandedIn { file }).await? else { bail!(OTHER) };
        outlet.say(&format!("{changes} changes wait to be judged."), &json!({ "opened": { "changes": changes } }))?;
    }
    let request = match (options.take_over, options.leave_out) {
        (Some(which), _) => {
            let (device, number) = named(&which)?;
            Request::TakeOver { device, number }
        }
        (None, Some(which)) => {
            let (device, number) = named(&which)?;
            Request::LeaveOut { device, number, note: options.note.unwrap_or_default() }
        }
        (None, None) => Request::Judging,
    };
    let Reply::Judging(JudgingPage { rows }) = device.ask(request).await? else { bail!(OTHER) };
    for row in &rows {
        outlet.say(&sentence(row), &json!({ "set_aside": row }))?;
    }
    if rows.is_empty() {
        outlet.say("Nothing is set aside here.", &json!({ "set_aside": null }))?;
    }
    Ok(())
}

fn named(which: &str) -> Result<(DeviceId, u64)> {
    let parts = which.split_once('/').and_then(|(device, number)| Some((device.parse().ok()?, number.parse().ok()?)));
    parts.context("name an entry as the list does: device/number")
}

fn sentence(row: &JudgingRow) -> String {
    let AuditAct::Changed { records, .. } = &row.act else { return String::new() };
    let titles: Vec<String> = records
        .iter()
        .map(|record| format!("{} {}", record.record.map(|link| link.to_string()).unwrap_or_default(), record.title))
        .collect();
    let state = match &row.closed {
        None => "waits".to_owned(),
        Some(closed) if closed.taken => format!("taken over by {}", closed.by.person),
        Some(closed) => format!("left out by {}: {}", closed.by.person, closed.note),
    };
    let when = row.at.format("%Y-%m-%d %H:%M UTC");
    format!("{}/{} {} ({when}): {} [{state}]", row.device, row.number, row.by.person, titles.join(", ").trim())
}

/// Saves what nobody took in as one sealed file.
pub async fn hand_in(options: &HandIn, outlet: Outlet) -> Result<()> {
    let mut device = Asked::of(&options.folder)?;
    let Reply::HandedIn(HandedIn { file, changes }) = device.ask(Request::HandIn).await? else { bail!(OTHER) };
    let mut new = OpenOptions::new();
    let out = new.write(true).create_new(true).open(&options.out);
    let mut out = out.with_context(|| format!("{} cannot be made", options.out.display()))?;
    out.write_all(file.as_bytes())?;
    out.sync_all()?;
    let sentence = format!(
        "{changes} changes are in {}. Only an administrator of the company can open it: `mera device judge --file`.",
        options.out.display()
    );
    Ok(outlet.say(&sentence, &json!({ "handed_in": { "changes": changes, "file": options.out } }))?)
}
