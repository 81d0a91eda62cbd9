//! From the start of the program to the first list on screen, and the memory then.

mod browser;
mod cold;
mod program;

use crate::figure::{Report, Taken};
use crate::floor::Sqlite;
use crate::spread::Spread;
use crate::{Options, ask, filled, machine, peers};
use anyhow::{Context, Result, bail};
use mera_device::{Engine, RealWorld};
use mera_device_api::{Reply, Request};
use mera_schema::RecordKind;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

/// Seconds that a person waits without doing something else.
const AIM: f64 = 1.0;
/// Memory that an office machine has to spare, in MiB.
const AIM_MEMORY: f64 = 200.0;
/// Starts measured.
const STARTS: usize = 5;
/// The list that the screens show first, and how many rows they ask for.
pub const FIRST_LIST: (RecordKind, usize) = (RecordKind::Quote, 80);

/// What a started process says of itself.
#[derive(Serialize, Deserialize)]
struct Told {
    opened: f64,
    now: f64,
    most: f64,
}

/// Measures the engine alone, the real program, and the real program with a browser.
pub fn measure(report: &mut Report, options: &Options) -> Result<()> {
    let records = options.records;
    let folder = filled::copy(&options.cache, records)?;
    report.add("start.store", filled::size(folder.path())?, "MiB", records, "the device's folder on disk")?;
    let floor = in_sqlite(&options.cache, records)?;
    engine_alone(report, folder.path(), records, Some(floor))?;
    if let Some(mera) = &options.mera {
        program::measure(report, mera, folder.path(), records)?;
        browser::measure(report, mera, folder.path(), options)?;
    }
    Ok(())
}

/// Seconds from opening the same records in SQLite to the first list, the median of the starts.
fn in_sqlite(cache: &Path, records: usize) -> Result<f64> {
    let folder = tempfile::Builder::new().prefix("sqlite-").tempdir_in(cache)?;
    let (store, (kind, limit), mut walls) = (folder.path().join("store"), FIRST_LIST, Vec::new());
    Sqlite::open(&store)?.fill(&peers::records(records))?;
    for _ in 0..STARTS {
        cold::make(folder.path());
        let begun = Instant::now();
        Sqlite::open(&store)?.list(kind.as_str(), limit)?;
        walls.push(begun.elapsed().as_secs_f64());
    }
    Ok(Spread::of(walls).median())
}

/// Measures the engine alone, with what SQLite takes beside it where that was measured.
pub fn engine_alone(report: &mut Report, folder: &Path, records: usize, floor: Option<f64>) -> Result<()> {
    let (mut walls, mut opened, mut now, mut most, mut cold) = (vec![], vec![], vec![], vec![], true);
    for _ in 0..STARTS {
        cold &= cold::make(folder);
        let begun = Instant::now();
        let mut command = Command::new(std::env::current_exe()?);
        let child = command.arg("first-list").arg(folder).stdout(Stdio::piped()).spawn();
        let mut child = child.context("this program cannot start itself")?;
        let mut said = String::new();
        BufReader::new(child.stdout.take().context("the started process says nothing")?).read_line(&mut said)?;
        walls.push(begun.elapsed());
        if !child.wait()?.success() {
            bail!("the started process failed; its own message is above");
        }
        let told: Told = serde_json::from_str(&said).context("the started process told nothing")?;
        opened.push(told.opened);
        now.push(told.now);
        most.push(told.most);
    }
    let how = format!("engine alone, a process of its own, {STARTS} starts, {}", cold::word(cold));
    let seconds = Spread::of(walls.iter().map(std::time::Duration::as_secs_f64).collect());
    report.add("start.engine.least", seconds.least(), "s", records, &how)?;
    let taken = Taken::new("start.engine.p50", seconds.median(), "s").records(records).how(&how).at_most(AIM);
    report.take(match floor {
        Some(floor) => taken.floor(floor, "SQLite opens the same records and lists as many, in this process"),
        None => taken,
    })?;
    report.add("start.engine.open.p50", Spread::of(opened).median(), "s", records, "of that: opening the device")?;
    report.judge(
        "start.engine.memory",
        Spread::of(now).most(),
        "MiB",
        AIM_MEMORY,
        records,
        "when the list is there",
    )?;
    report.judge("start.engine.memory.most", Spread::of(most).most(), "MiB", AIM_MEMORY, records, "until then")?;
    Ok(())
}

/// What the started process does: opens the device, answers the first list, and says how it was.
pub fn first_list(folder: &Path) -> Result<()> {
    let begun = Instant::now();
    let mut engine = Engine::open(folder, Arc::new(RealWorld))?;
    let opened = begun.elapsed().as_secs_f64();
    let (kind, limit) = FIRST_LIST;
    let Reply::Page(page) = ask(&mut engine, Request::List { kind, query: String::new(), offset: 0, limit })? else {
        bail!("the device did not list {kind}");
    };
    if page.rows.len() < limit.min(page.total) {
        bail!("the list has {} rows of {}", page.rows.len(), page.total);
    }
    let (now, most) = machine::memory("self").unwrap_or_default();
    crate::say(&serde_json::to_string(&Told { opened, now, most })?)?;
    Ok(())
}
