//! `mera device export`: everything the device holds, in plain files that any program reads.

use super::Folder;
use super::asked::{Asked, OTHER};
use crate::outlet::{NotDone, Outlet};
use crate::progress;
use crate::until_stopped::{Stop, asked_to_stop};
use anyhow::{Result, bail};
use mera_device::Engine;
use mera_device::backup::Step;
use mera_device::export::{ExportFault, RecordForm, export};
use mera_device_api::{ExportOf, Refused, Reply, Request};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Where it goes.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    folder: Folder,
    /// A new folder for the files.
    #[arg(long)]
    to: PathBuf,
    /// `csv`: one sheet a kind of record and one a collection of items; `json`: one record a line.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Csv,
    Json,
}

/// Writes the files. A device that runs is asked for them.
pub async fn run(options: &Options, outlet: Outlet) -> Result<()> {
    let stop = Stop::listen()?;
    let records = match Asked::of(&options.folder)? {
        Asked::Here(mut engine) => here(&mut engine, options, outlet, &stop)?,
        there => ask(there, options).await?,
    };
    let sentence = format!("{records} records are in {}", options.to.display());
    Ok(outlet.say(&sentence, &json!({ "exported": { "records": records, "to": options.to } }))?)
}

fn here(engine: &mut Engine, options: &Options, outlet: Outlet, stop: &Stop) -> Result<u64> {
    let form = match options.format {
        Format::Csv => RecordForm::Csv,
        Format::Json => RecordForm::Json,
    };
    let bar = progress::counting(outlet, 0, "writing records");
    let go_on = |Step { done, of }| {
        bar.set_length(of);
        bar.set_position(done);
        !stop.asked()
    };
    let written = export(|look| look(engine), &options.to, form, go_on);
    bar.finish_and_clear();
    written.map_err(|fault| NotDone(fault.into()).into())
}

/// The device that runs writes the files; it stops when this program does.
async fn ask(mut there: Asked, options: &Options) -> Result<u64> {
    let what = match options.format {
        Format::Csv => ExportOf::RecordsCsv,
        Format::Json => ExportOf::RecordsJson,
    };
    let to = Some(absolute(&options.to)?);
    let stopped = asked_to_stop()?;
    let reply = tokio::select! {
        reply = there.ask(Request::Export { what, to }) => reply?,
        () = stopped => return Err(NotDone(Refused::from(ExportFault::Stopped)).into()),
    };
    let Reply::Exported { count, .. } = reply else { bail!(OTHER) };
    Ok(count)
}

/// As a program with another working folder finds it.
fn absolute(path: &Path) -> Result<String> {
    Ok(std::path::absolute(path)?.display().to_string())
}
