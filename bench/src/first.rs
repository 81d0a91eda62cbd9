//! A new device takes everything a company has: when a person can work with it, when all of it is there, and whether anything
//! stalls meanwhile.

use crate::figure::{Report, Taken};
use crate::floor::{Bare, Sqlite};
use crate::peers;
use crate::reconnect::{Company, Traffic, ask};
use anyhow::{Context, Result, bail};
use mera_device::Device;
use mera_device_api::{Reply, Request};
use mera_schema::RecordKind;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};

/// Seconds until a screen of a list is there.
const AIM_USABLE: f64 = 2.0;
/// Seconds until everything is.
const AIM_COMPLETE: f64 = 10.0;
/// Milliseconds that an answer may take meanwhile: one frame of a screen.
const AIM_STALL: f64 = 16.0;
/// Rows on a screen.
const SCREEN: usize = 80;
/// How often the screen asks.
const LOOKS: Duration = Duration::from_millis(16);

/// Records that are enough to know what one takes.
const BARE: usize = 2_000;

/// What somebody sees who looks at the list of quotes all the while.
#[derive(Default)]
struct Seen {
    usable: Option<Duration>,
    longest: Duration,
}

/// Measures the first meeting of a new device with a company of so many records.
pub fn measure(report: &mut Report, cache: &Path, records: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut company = Company::open(cache, records, &["A1"]).await?;
        let came = comes(&mut company, "B1").await?;
        let usable = came.seen.usable.unwrap_or(came.complete).as_secs_f64();
        let (some, all) = tokio::task::block_in_place(|| in_sqlite(cache, records))?;
        let taken = Taken::new("first.usable", usable, "s").records(records);
        let taken = taken.how("a new device on loopback shows a screen of quotes").at_most(AIM_USABLE);
        report.take(taken.floor(some, "SQLite takes in the first 500 records and lists a screen"))?;
        tell(report, "first", "a new device on loopback holds everything", (records, all), &came)?;
        let bare = Bare::of(&peers::records(records.min(BARE)), |_| ("phone", String::new()))?;
        let of = "every record as Automerge saves it, without history";
        report.take(bytes("first.bytes", records, &came).floor(bare.record * records as f64, of))?;
        company.leave().await?;
        let mut company = Company::from_checkpoint(cache, records, &["A1"]).await?;
        let came = comes(&mut company, "B1").await?;
        let how = "a new device on loopback holds everything, from a checkpoint";
        tell(report, "first.checkpoint", how, (records, all), &came)?;
        report.take(bytes("first.checkpoint.bytes", records, &came))?;
        company.leave().await
    })
}

/// Tells when everything was there, beside what SQLite takes for `all` of it, and the longest answer until then.
fn tell(report: &mut Report, name: &str, how: &str, (records, all): (usize, f64), came: &Came) -> Result<()> {
    let taken = Taken::new(&format!("{name}.complete"), came.complete.as_secs_f64(), "s").records(records);
    let of = "SQLite takes in the same records with their words, 500 under one commit";
    report.take(taken.how(how).at_most(AIM_COMPLETE).floor(all, of))?;
    let longest = came.seen.longest.as_secs_f64() * 1_000.0;
    Ok(report.judge(&format!("{name}.stall"), longest, "ms", AIM_STALL, records, "the longest answer meanwhile")?)
}

fn bytes(name: &str, records: usize, came: &Came) -> Taken {
    Taken::new(name, (came.passed.up + came.passed.down) as f64, "bytes").records(records).how("on the wire, both ways")
}

/// What came of a new device.
struct Came {
    seen: Seen,
    complete: Duration,
    passed: Traffic,
}

/// Has a device come that holds nothing, and somebody look at it until it holds everything.
async fn comes(company: &mut Company, series: &str) -> Result<Came> {
    let before = company.passed().await?;
    let (begun, mut seen) = (Instant::now(), Seen::default());
    company.join(series)?;
    let device = company.devices.last().context("one has just come")?;
    tokio::select! {
        settled = company.until_settled() => settled?,
        stopped = seen.looks(device, begun) => stopped?,
    }
    let complete = begun.elapsed();
    Ok(Came { seen, complete, passed: company.passed().await? - before })
}

/// Seconds that SQLite takes for the first 500 records with a list of them, and for all.
fn in_sqlite(cache: &Path, count: usize) -> Result<(f64, f64)> {
    let folder = tempfile::Builder::new().prefix("sqlite-").tempdir_in(cache)?;
    let (mut store, all) = (Sqlite::open(&folder.path().join("store"))?, peers::records(count));
    let (some, rest) = all.split_at(all.len().min(500));
    let begun = Instant::now();
    store.fill(some)?;
    store.list(RecordKind::Quote.as_str(), SCREEN)?;
    let first = begun.elapsed().as_secs_f64();
    store.fill(rest)?;
    Ok((first, begun.elapsed().as_secs_f64()))
}

impl Seen {
    /// Looks until somebody else has seen enough.
    async fn looks(&mut self, device: &Device, begun: Instant) -> Result<()> {
        let mut ticks = interval(LOOKS);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let list = Request::List { kind: RecordKind::Quote, query: String::new(), offset: 0, limit: SCREEN };
        loop {
            ticks.tick().await;
            let asked = Instant::now();
            let Reply::Page(page) = ask(device, list.clone()).await? else { bail!("the device did not list quotes") };
            self.longest = self.longest.max(asked.elapsed());
            if page.rows.len() == SCREEN {
                self.usable.get_or_insert(begun.elapsed());
            }
        }
    }
}
