//! `mera device export`: everything the device holds, in plain files that any program reads.

use super::{Folder, ask};
use crate::outlet::{NotDone, Outlet};
use crate::progress;
use crate::until_stopped::Stop;
use anyhow::{Context, Result, bail};
use csv::Writer;
use indicatif::ProgressBar;
use mera_device::Engine;
use mera_device_api::{HistoryRow, Refused, Reply, Request};
use mera_schema::{
    AnyRecord, Candidate, FieldDef, FieldPath, LIFE, Node, Place, RecordDef, RecordKind, RecordRef, RecordTree,
};
use serde_json::json;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
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

/// Writes beside the place and moves it there when it is whole, so that a half export is never taken for one.
pub fn run(options: &Options, outlet: Outlet) -> Result<()> {
    let stop = Stop::listen()?;
    if options.to.exists() {
        let says = format!("{} is there already; name a new folder", options.to.display());
        return Err(NotDone(Refused::new("export.exists", says)).into());
    }
    let mut engine = options.folder.open()?;
    let mut unfinished = options.to.clone().into_os_string();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).with_context(|| format!("cannot clear {}", unfinished.display()))?;
    }
    fs::create_dir_all(&unfinished).with_context(|| format!("cannot make {}", unfinished.display()))?;
    let all: usize = RecordKind::ALL.iter().map(|kind| engine.records(*kind).len()).sum();
    let bar = progress::counting(outlet, all, "writing records");
    let written = match options.format {
        Format::Csv => sheets(&mut engine, &unfinished, &bar, &stop),
        Format::Json => lines(&mut engine, &unfinished, &bar, &stop),
    };
    bar.finish_and_clear();
    if let Err(error) = written {
        fs::remove_dir_all(&unfinished).ok();
        return Err(error);
    }
    fs::rename(&unfinished, &options.to).with_context(|| format!("cannot make {}", options.to.display()))?;
    let sentence = format!("{all} records are in {}", options.to.display());
    Ok(outlet.say(&sentence, &json!({ "exported": { "records": all, "to": options.to } }))?)
}

fn go_on(stop: &Stop) -> Result<()> {
    if stop.asked() {
        return Err(NotDone(Refused::new("export.stopped", "stopped: nothing was exported")).into());
    }
    Ok(())
}

/// One record a line, as the contract gives it, and in a second file the history of each.
fn lines(engine: &mut Engine, folder: &Path, bar: &ProgressBar, stop: &Stop) -> Result<()> {
    let mut file = BufWriter::new(File::create(folder.join("records.jsonl"))?);
    let mut histories = BufWriter::new(File::create(folder.join("history.jsonl"))?);
    for kind in RecordKind::ALL {
        for record in engine.records(*kind) {
            go_on(stop)?;
            serde_json::to_writer(&mut file, &AnyRecord::read(&engine.values(record)?))?;
            file.write_all(b"\n")?;
            let changes = history(engine, record)?;
            serde_json::to_writer(&mut histories, &json!({ "record": record, "changes": changes }))?;
            histories.write_all(b"\n")?;
            bar.inc(1);
        }
    }
    histories.into_inner()?.sync_all()?;
    Ok(file.into_inner()?.sync_all()?)
}

/// Every change of a record, newest first.
fn history(engine: &mut Engine, record: RecordRef) -> Result<Vec<HistoryRow>> {
    match ask(engine, Request::History { record })? {
        Reply::History(rows) => Ok(rows),
        _ => bail!("the device answered something else; it is of another version"),
    }
}

type Sheet = Writer<File>;

/// A sheet for each kind and each collection. Where people disagree, the provisional value stands in its sheet and all
/// of them stand in `clashes.csv`; who changed what and when, also of lines that were removed, stands in `history.csv`.
fn sheets(engine: &mut Engine, folder: &Path, bar: &ProgressBar, stop: &Stop) -> Result<()> {
    let mut clashes = sheet(folder, "clashes", ["record", "field", "value", "device", "at"])?;
    let heading = ["record", "at", "device", "person", "device_name", "field", "before", "after"];
    let mut changes = sheet(folder, "history", heading)?;
    for kind in RecordKind::ALL {
        let def = RecordDef::of(*kind);
        let mut records = sheet(folder, kind.as_str(), ["record"].into_iter().chain(names(def.fields)))?;
        let mut items = Vec::new();
        for collection in def.collections {
            let heading = ["record", "item"].into_iter().chain(names(collection.fields));
            items.push((collection, sheet(folder, &format!("{kind}.{}", collection.name), heading)?));
        }
        for record in engine.records(*kind) {
            go_on(stop)?;
            let tree = engine.values(record)?;
            let own = def.fields.iter().map(|field| cell(&tree.root, field));
            records.write_record([record.to_string()].into_iter().chain(own))?;
            for (collection, sheet) in &mut items {
                for (item, node) in tree.items.get(collection.name).into_iter().flatten() {
                    if node.value(LIFE) != Some("removed") {
                        let cells = shown(collection.fields).map(|field| cell(node, field));
                        sheet.write_record([record.to_string(), item.to_string()].into_iter().chain(cells))?;
                    }
                }
            }
            disputes(&mut clashes, def, &tree)?;
            for change in history(engine, record)? {
                tell_change(&mut changes, record, &change)?;
            }
            bar.inc(1);
        }
        items.into_iter().map(|(_, sheet)| sheet).chain([records]).try_for_each(close)?;
    }
    close(changes)?;
    close(clashes)
}

/// A row for each field that a change changed.
fn tell_change(sheet: &mut Sheet, record: RecordRef, change: &HistoryRow) -> Result<()> {
    let (at, device) = (change.by.at.to_rfc3339(), change.by.device.to_string());
    for (path, before, after) in &change.fields {
        let (before, after) = (before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default());
        let (person, name) = (&change.person.person, &change.person.device);
        sheet.write_record([&record.to_string(), &at, &device, person, name, &path.to_string(), before, after])?;
    }
    Ok(())
}

fn sheet<'a>(folder: &Path, name: &str, heading: impl IntoIterator<Item = &'a str>) -> Result<Sheet> {
    let mut sheet = Writer::from_path(folder.join(format!("{name}.csv")))?;
    sheet.write_record(heading)?;
    Ok(sheet)
}

fn close(sheet: Sheet) -> Result<()> {
    match sheet.into_inner() {
        Ok(file) => Ok(file.sync_all()?),
        Err(unwritten) => bail!("the last rows of a sheet could not be written: {unwritten}"),
    }
}

fn shown(fields: &'static [FieldDef]) -> impl Iterator<Item = &'static FieldDef> {
    fields.iter().filter(|field| field.name != LIFE)
}

fn names(fields: &'static [FieldDef]) -> impl Iterator<Item = &'static str> {
    shown(fields).map(|field| field.name)
}

fn cell(node: &Node, field: &FieldDef) -> String {
    let members = || node.sets.get(field.name).map(|set| set.iter().cloned().collect::<Vec<_>>().join(", "));
    let value = node.value(field.name).map(str::to_owned);
    value.or_else(|| node.texts.get(field.name).cloned()).or_else(members).unwrap_or_default()
}

fn disputes(sheet: &mut Sheet, def: &RecordDef, tree: &RecordTree) -> Result<()> {
    let mut place = |place: Place, node: &Node| -> Result<()> {
        for (field, candidates) in node.values.iter().filter(|(_, candidates)| candidates.len() > 1) {
            let path = FieldPath { place: place.clone(), field: field.clone() };
            if mera_schema::edit::asks(def, &path) {
                for Candidate { value, by } in candidates {
                    let (at, device) = (by.at.to_rfc3339(), by.device.to_string());
                    sheet.write_record([&tree.record.to_string(), &path.to_string(), value, &device, &at])?;
                }
            }
        }
        Ok(())
    };
    place(Place::Root, &tree.root)?;
    for (collection, items) in &tree.items {
        for (item, node) in items {
            place(Place::Item { collection: collection.clone(), item: *item }, node)?;
        }
    }
    Ok(())
}
