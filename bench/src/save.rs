//! A save: one field of a record on screen is changed, through the contract, and is durable when the answer is there.

use crate::figure::Report;
use crate::spread::Spread;
use crate::{ask, filled};
use anyhow::{Result, bail};
use mera_device::{Engine, RealWorld};
use mera_device_api::{Reply, Request};
use mera_schema::{Edit, RecordKind, RecordRef};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Saves measured.
const SAVES: usize = 2_000;
/// Milliseconds that a person does not notice.
const AIM: f64 = 5.0;
/// For comparison: a company that has just begun.
const SMALL: usize = 1_000;

/// Measures saves in a large store and in a small one, and what the disk alone takes.
pub fn measure(report: &mut Report, cache: &Path, records: usize) -> Result<()> {
    let disk = Spread::of_times(&disk_alone(cache)?);
    report.add("save.disk_alone.p50", disk.median(), "ms", 0, "a line appended to a file and synced")?;
    report.add("save.disk_alone.p99", disk.percentile(99), "ms", 0, "the same")?;
    for (name, records) in [("save.small", SMALL), ("save", records)] {
        let folder = filled::copy(cache, records)?;
        let mut engine = Engine::open(folder.path(), Arc::new(RealWorld))?;
        let spread = Spread::of_times(&saves(&mut engine)?);
        let how = format!("{SAVES} saves spread over {records} records");
        report.add(&format!("{name}.p50"), spread.median(), "ms", records, &how)?;
        report.judge(&format!("{name}.p99"), spread.percentile(99), "ms", AIM, records, &how)?;
        report.add(&format!("{name}.max"), spread.most(), "ms", records, &how)?;
    }
    Ok(())
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

/// What no program can be quicker than on this disk.
fn disk_alone(folder: &Path) -> Result<Vec<Duration>> {
    let path = tempfile::Builder::new().prefix("disk-").tempdir_in(folder)?;
    let mut file = File::create(path.path().join("line"))?;
    let mut times = Vec::new();
    for _ in 0..500 {
        let begun = Instant::now();
        file.write_all(&[b'-'; 500])?;
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    Ok(times)
}
