//! A save: one field of a record on screen is changed, through the contract, and is durable when the answer is there.

use crate::figure::{Report, Taken};
use crate::floor::{self, Sqlite};
use crate::peers::records;
use crate::spread::Spread;
use crate::{ask, filled};
use anyhow::{Result, bail};
use mera_device::{Engine, RealWorld};
use mera_device_api::{Reply, Request};
use mera_schema::{Edit, RecordKind, RecordRef};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Saves measured.
const SAVES: usize = 2_000;
/// What no program can be quicker than.
const DISK_ALONE: &str = "a line appended to a file and synced";
/// Milliseconds that a person does not notice.
const AIM: f64 = 5.0;
/// For comparison: a company that has just begun.
const SMALL: usize = 1_000;

/// Measures saves in a large store and in a small one, what the disk alone takes, and what SQLite does.
pub fn measure(report: &mut Report, cache: &Path, records: usize) -> Result<()> {
    let disk = floor::commits(cache)?;
    report.add("save.disk_alone.p50", disk.median(), "ms", 0, DISK_ALONE)?;
    report.add("save.disk_alone.p99", disk.percentile(99), "ms", 0, "the same")?;
    let sqlite = in_sqlite(cache)?;
    let how = format!("the same saves in SQLite, {SMALL} records, WAL, synced at each");
    for (name, percent) in [("save.sqlite.p50", 50), ("save.sqlite.p99", 99)] {
        let taken = Taken::new(name, sqlite.percentile(percent), "ms").records(SMALL).how(&how);
        report.take(taken.floor(disk.percentile(percent), DISK_ALONE))?;
    }
    for (name, records) in [("save.small", SMALL), ("save", records)] {
        named(report, cache, (name, records), &disk)?;
    }
    Ok(())
}

/// Measures saves in a store of so many records alone.
pub fn at(report: &mut Report, cache: &Path, records: usize) -> Result<()> {
    named(report, cache, ("save", records), &floor::commits(cache)?)
}

fn named(report: &mut Report, cache: &Path, (name, records): (&str, usize), disk: &Spread) -> Result<()> {
    let folder = filled::copy(cache, records)?;
    let mut engine = Engine::open(folder.path(), Arc::new(RealWorld))?;
    let spread = Spread::of_times(&saves(&mut engine)?);
    let how = format!("{SAVES} saves spread over {records} records");
    let taken = Taken::new(&format!("{name}.p50"), spread.median(), "ms").records(records).how(&how);
    report.take(taken.floor(disk.median(), DISK_ALONE))?;
    let taken = Taken::new(&format!("{name}.p99"), spread.percentile(99), "ms").records(records).how(&how);
    report.take(taken.at_most(AIM).floor(disk.percentile(99), DISK_ALONE))?;
    report.add(&format!("{name}.max"), spread.most(), "ms", records, &how)?;
    Ok(())
}

fn in_sqlite(cache: &Path) -> Result<Spread> {
    let folder = tempfile::Builder::new().prefix("sqlite-").tempdir_in(cache)?;
    let (mut store, records) = (Sqlite::open(&folder.path().join("store"))?, records(SMALL));
    store.fill(&records)?;
    let mut times = Vec::with_capacity(SAVES);
    for (number, record) in records.iter().cycle().take(SAVES).enumerate() {
        let mut record = record.clone();
        record.insert("phone".to_owned(), format!("+45 7{number:07}").into());
        let (id, whole) = (record["id"].as_str().unwrap_or_default(), serde_json::to_string(&record)?);
        let begun = Instant::now();
        store.save(id, &whole)?;
        times.push(begun.elapsed());
    }
    Ok(Spread::of_times(&times))
}

fn saves(engine: &mut Engine) -> Result<Vec<Duration>> {
    let records = spread_over(engine)?;
    let mut times = Vec::with_capacity(SAVES);
    for (number, record) in records.iter().cycle().take(SAVES).enumerate() {
        let Reply::Record(page) = ask(engine, Request::Open { record: *record, at: None })? else {
            bail!("the device did not show {record}");
        };
        let change = Request::Change { record: *record, seen: page.heads, edits: vec![edit(record.kind, number)] };
        let begun = Instant::now();
        let done = engine.answer(change);
        times.push(begun.elapsed());
        let mera_device_api::Answer::Ok(_) = done else { bail!("{record} was not saved: {done:?}") };
        engine.take_notices();
    }
    Ok(times)
}

/// One field that a person would change.
pub fn edit(kind: RecordKind, number: usize) -> Edit {
    match kind {
        RecordKind::Customer => Edit::set("phone", format!("+45 7{number:07}")),
        RecordKind::Product => Edit::set("list_price", format!("{} DKK", 100 + number)),
        RecordKind::Quote => Edit::set("outcome_reason", format!("Svar {number}")),
        _ => Edit::set("carrier", format!("Vogn {number}")),
    }
}

/// Customers, products, quotes and orders from everywhere in their lists.
pub fn spread_over(engine: &mut Engine) -> Result<Vec<RecordRef>> {
    let mut found = Vec::new();
    let kinds = [RecordKind::Customer, RecordKind::Product, RecordKind::Quote, RecordKind::Order];
    for kind in kinds {
        let list = |offset, limit| Request::List { kind, query: String::new(), offset, limit };
        let Reply::Page(first) = ask(engine, list(0, 1))? else { bail!("the device did not list {kind}") };
        let wanted = (SAVES / kinds.len()).min(first.total);
        for part in 0..20 {
            let Reply::Page(page) = ask(engine, list(part * first.total / 20, wanted.div_ceil(20)))? else {
                bail!("the device did not list {kind}");
            };
            found.extend(page.rows.into_iter().map(|row| row.record));
        }
    }
    // Neighbours in the list are not neighbours in time.
    let stride = found.len() / 7 + 1;
    Ok((0..stride).flat_map(|first| found.iter().skip(first).step_by(stride).copied()).collect())
}
