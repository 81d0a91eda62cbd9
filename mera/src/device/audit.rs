//! `mera device audit`: who did what, when, on which device; checked once more, or written into a file that others check.

use super::Folder;
use super::asked::{Asked, OTHER};
use crate::outlet::{NotDone, Outlet};
use crate::progress;
use crate::until_stopped::Stop;
use anyhow::{Context, Result, bail};
use mera_device::Engine;
use mera_device_api::{AuditFilter, AuditForm, AuditPage, AuditReport, AuditRow, AuditText, Refused, Reply, Request};
use mera_schema::RecordRef;
use serde_json::json;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What is looked at.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    folder: Folder,
    /// Reads everything from the disk and checks every hash and every signature again.
    #[arg(long, conflicts_with = "export")]
    check: bool,
    /// A new file for the whole trail: a sheet (`.csv`), or lines of JSON with what proves each (`.jsonl`).
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// The trail of one record, as `kind/id`.
    #[arg(long, conflicts_with_all = ["check", "export"])]
    record: Option<RecordRef>,
    /// How many rows, the newest first.
    #[arg(long, default_value_t = 50, conflicts_with_all = ["check", "export"])]
    rows: usize,
}

/// Shows, checks or exports.
pub async fn run(options: &Options, outlet: Outlet) -> Result<()> {
    let stop = Stop::listen()?;
    let mut device = Asked::of(&options.folder)?;
    match &options.export {
        _ if options.check => check(&mut device, outlet, &stop).await,
        Some(file) => export(&mut device, file, outlet, &stop).await,
        None => show(&mut device, options, outlet).await,
    }
}

async fn show(device: &mut Asked, options: &Options, outlet: Outlet) -> Result<()> {
    let filter = AuditFilter { record: options.record, ..AuditFilter::default() };
    let (mut left, mut from) = (options.rows, None);
    while left > 0 {
        let request = Request::Audit { filter: filter.clone(), from, limit: left };
        let Reply::Audit(AuditPage { rows, next, .. }) = device.ask(request).await? else { bail!(OTHER) };
        for row in &rows {
            outlet.say(&sentence(row), &json!({ "audit": row }))?;
        }
        left = left.saturating_sub(rows.len());
        from = next;
        if from.is_none() {
            break;
        }
    }
    Ok(())
}

/// When, who, entry number, standing and what, on one line.
fn sentence(row: &AuditRow) -> String {
    let act = json!(row.act);
    let records = act["records"].as_array().into_iter().flatten().map(|one| one["record"].as_str().unwrap_or("?"));
    let records: Vec<&str> = records.collect();
    format!(
        "{} {} ({}) entry {}: {} {} [{}]",
        row.at.format("%Y-%m-%d %H:%M:%S UTC"),
        row.by.person,
        row.by.device,
        row.number,
        act["did"].as_str().unwrap_or_default(),
        records.join(", "),
        json!(row.standing).as_str().unwrap_or_default()
    )
}

async fn check(device: &mut Asked, outlet: Outlet, stop: &Stop) -> Result<()> {
    let report = match device {
        Asked::Here(engine) => checked(engine, outlet, stop)?,
        Asked::There(_) => match device.ask(Request::AuditCheck).await? {
            Reply::AuditChecked(report) => report,
            _ => bail!(OTHER),
        },
    };
    for row in &report.rows {
        let log = row.device.map_or_else(|| "the members' list".to_owned(), |device| format!("the log of {device}"));
        let standing = json!(row.standing);
        let said =
            format!("entry {} of {log} ({}): {}", row.number, row.by.person, standing.as_str().unwrap_or_default());
        outlet.say(&said, &json!({ "breach": row }))?;
    }
    let AuditReport { entries, logs, statements, signatures, broken, stopped, .. } = &report;
    let outcome = match (broken, stopped) {
        (0, false) => "everything fits".to_owned(),
        (0, true) => "stopped; what was read fits".to_owned(),
        (broken, _) => format!("{broken} are NOT what was signed"),
    };
    outlet.say(
        &format!("{entries} entries in {logs} logs, {statements} statements, {signatures} signatures: {outcome}"),
        &json!({ "checked": report }),
    )?;
    if *broken > 0 {
        bail!("keep the folder as it is, take a backup, and show this to whoever looks after the device");
    }
    Ok(())
}

fn checked(engine: &mut Engine, outlet: Outlet, stop: &Stop) -> Result<AuditReport> {
    let mut check = engine.audit_check().map_err(NotDone)?;
    let bar = progress::counting(outlet, 0, "checking entries");
    let mut goes_on = true;
    while goes_on && !stop.asked() {
        goes_on = engine.audit_check_step(&mut check)?;
        let (done, of) = check.progress();
        bar.set_length(of);
        bar.set_position(done);
    }
    bar.finish_and_clear();
    Ok(check.report(goes_on))
}

/// Writes beside the place and moves it there when it is whole.
async fn export(device: &mut Asked, file: &Path, outlet: Outlet, stop: &Stop) -> Result<()> {
    let form = match file.extension().and_then(OsStr::to_str) {
        Some("csv") => AuditForm::Csv,
        Some("jsonl") => AuditForm::JsonLines,
        _ => bail!("the file's name says in what form: end it with .csv or .jsonl"),
    };
    if file.exists() {
        let says = format!("{} is there already; name a new file", file.display());
        return Err(NotDone(Refused::new("export.exists", says)).into());
    }
    let mut unfinished = file.to_owned().into_os_string();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    let rows = match write(device, form, &unfinished, stop).await {
        Ok(rows) => rows,
        Err(error) => {
            fs::remove_file(&unfinished).ok();
            return Err(error);
        }
    };
    fs::rename(&unfinished, file).with_context(|| format!("cannot make {}", file.display()))?;
    let sentence = format!("{rows} rows of the audit trail are in {}", file.display());
    Ok(outlet.say(&sentence, &json!({ "exported": { "rows": rows, "to": file } }))?)
}

async fn write(device: &mut Asked, form: AuditForm, place: &Path, stop: &Stop) -> Result<usize> {
    let mut file = File::create(place).with_context(|| format!("cannot make {}", place.display()))?;
    let (mut rows, mut from) = (0, None);
    loop {
        let request = Request::AuditExport { form, from };
        let Reply::AuditText(AuditText { text, rows: more, next }) = device.ask(request).await? else { bail!(OTHER) };
        file.write_all(text.as_bytes())?;
        rows += more;
        from = next;
        if from.is_none() {
            file.sync_all()?;
            return Ok(rows);
        }
        if stop.asked() {
            return Err(NotDone(Refused::new("export.stopped", "stopped: nothing was exported")).into());
        }
    }
}
