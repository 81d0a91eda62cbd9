//! `mera device erase`: a record goes for good.

use super::{Folder, ask};
use crate::outlet::Outlet;
use anyhow::{Result, bail};
use mera_device_api::{BeforeErasing, Reply, Request, Row};
use mera_schema::RecordRef;
use serde_json::json;

/// Which record, and whether it is meant.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    folder: Folder,
    /// The record, as lists and exports name it: `contact/0192…`.
    record: RecordRef,
    /// Erases it; without this it is only said what would go and what the law wants kept.
    #[arg(long)]
    for_good: bool,
}

/// Says what would go, or has it go.
pub fn run(options: &Options, outlet: Outlet) -> Result<()> {
    let (mut engine, record) = (options.folder.open()?, options.record);
    let Reply::BeforeErasing(before) = ask(&mut engine, Request::BeforeErasing { record })? else { bail!(OTHER) };
    if !options.for_good {
        outlet.say(&would(record, &before), &json!({ "would_erase": record, "before": before }))?;
        return Ok(());
    }
    let Reply::Erased(erased) = ask(&mut engine, Request::Erase { record })? else { bail!(OTHER) };
    engine.tidy()?;
    let mut said = format!("Erased for good: {}.", names(erased.records.iter().map(ToString::to_string)));
    if let Some(kept) = &erased.kept {
        said += &format!(" The law wants name and address kept until {}: {}.", kept.until, kept.record);
    }
    outlet.say(&said, &json!({ "erased": erased }))?;
    Ok(())
}

const OTHER: &str = "the device answered something else; it is of another version";

fn would(record: RecordRef, before: &BeforeErasing) -> String {
    let mut said = format!("{record} would be erased for good, here and on every device and relay; add --for-good.");
    let called = |row: &Row| if row.number.is_empty() { row.title.clone() } else { row.number.clone() };
    if !before.with_it.is_empty() {
        said += &format!(" Tasks about it go too: {}.", names(before.with_it.iter().map(called)));
    }
    if let Some(until) = before.until {
        let documents = names(before.kept_for.iter().map(called));
        said += &format!(" The law wants name and address kept until {until}, for {documents}.");
    }
    said + " Backups that lie elsewhere still have it."
}

fn names(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join(", ")
}
