//! Two devices of one company meet again: over real sockets, through a relay, with everything on the wire counted.

mod company;
mod wire;

use crate::figure::{Report, Taken};
use crate::floor::{self, Bare};
use crate::peers::records;
use crate::save::edit;
use crate::spread::Spread;
use anyhow::{Result, bail};
pub use company::{Company, ask};
use mera_device::Device;
use mera_device_api::{Reply, Request};
use mera_schema::{Edit, RecordKind};
use std::path::Path;
use std::time::{Duration, Instant};

pub use wire::{Traffic, Wire};

/// Seconds until two devices agree again, beside a round trip.
const AIM: f64 = 0.07;
/// How many times as long a meeting may take where there are many more records.
const AIM_GROWTH: f64 = 1.2;
/// Bytes on the wire for one changed record among many.
const AIM_BATCHED: f64 = 160.0;
/// The same for a change that goes out alone.
const AIM_ALONE: f64 = 260.0;
/// Bytes on the wire for a device that calls again and has nothing to say, both ways.
const AIM_IDLE_BYTES: f64 = 100.0;
/// Messages of it: a question and its answer.
const AIM_IDLE_MESSAGES: f64 = 2.0;
/// Milliseconds from a save here until it is on the other device's disk: for most, and for nearly all.
const AIM_LIVE: [f64; 2] = [10.0, 50.0];
/// Meetings measured.
const ROUNDS: usize = 21;
/// Single changes measured while both are connected.
const LIVE: usize = 500;
/// Bytes of one round trip that says what a replica holds: a hash there, and back that it is the same.
const IDLE_FLOOR: f64 = 33.0;
/// Bytes of `GET / HTTP/1.1`, the headers that RFC 6455 (4.2.1 and 4.2.2) asks of a client and a server, and nothing more, with a host's
/// name of one letter.
const OPENING_FLOOR: f64 = 242.0;
/// Records that are enough to know what a change of one takes.
const BARE: usize = 1_000;

/// What nothing could do better than, for the same changes.
struct Floor {
    /// One question and its answer, in seconds.
    round_trip: f64,
    /// One synced commit, in milliseconds.
    commit: Spread,
    bare: Bare,
}

impl Floor {
    async fn measured(cache: &Path) -> Result<Self> {
        let (commit, some) = (floor::commits(cache)?, records(BARE));
        let bare = Bare::of(&some, |number| ("phone", format!("+45 7{number:07}")))?;
        Ok(Self { round_trip: floor::round_trip().await? / 1_000.0, commit, bare })
    }
}

/// Measures meetings with changes on both sides, meetings without, and single changes while both are connected. Tells the seconds of a meeting
/// with changes.
pub fn measure(report: &mut Report, cache: &Path, records: usize, changed: usize) -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let floor = Floor::measured(cache).await?;
        let company = Company::open(cache, records, &["A1", "B1"]).await?;
        let seconds = after_changes(report, &company, &floor, (records, changed)).await?;
        without_changes(report, &company, &floor, records).await?;
        live(report, &company, &floor, records).await?;
        company.leave().await?;
        Ok(seconds)
    })
}

/// Measures meetings again where there are many more records: they should take hardly longer than `before`, in seconds.
pub fn grown(report: &mut Report, cache: &Path, records: usize, changed: usize, before: f64) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let floor = Floor::measured(cache).await?;
        let company = Company::open(cache, records, &["A1", "B1"]).await?;
        let seconds = after_changes(report, &company, &floor, (records, changed)).await?;
        let how = "a meeting with changes, against one of devices with fewer records in the same run";
        let taken = Taken::new("reconnect.growth", seconds / before, "times").records(records).how(how);
        report.take(
            taken.at_most(AIM_GROWTH).floor(1.0, "it takes no longer where there is more that was not changed"),
        )?;
        without_changes(report, &company, &floor, records).await?;
        company.leave().await
    })
}

async fn after_changes(
    report: &mut Report,
    company: &Company,
    floor: &Floor,
    (records, changed): (usize, usize),
) -> Result<f64> {
    let (mut seconds, mut traffic) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        company.plug(false).await?;
        for (side, device) in company.devices.iter().enumerate() {
            change_many(device, side, round, changed).await?;
        }
        let (time, passed) = meet(company).await?;
        seconds.push(time.as_secs_f64());
        traffic.push(passed);
    }
    let seconds = Spread::of(seconds);
    let how = format!("{changed} records changed on each side, {ROUNDS} times, two devices and a relay on loopback");
    let aim = AIM + floor.round_trip;
    for (name, value) in [("reconnect.p50", seconds.median()), ("reconnect.max", seconds.most())] {
        let taken = Taken::new(name, value, "s").records(records).how(&how).at_most(aim);
        report.take(taken.floor(floor.round_trip, "one round trip through loopback"))?;
    }
    report.add("reconnect.least", seconds.least(), "s", records, &how)?;
    let (bytes, messages) = medians(&traffic);
    let taken = Taken::new("reconnect.bytes", bytes, "bytes").records(records);
    let bare = floor.bare.change;
    let of = "bare Automerge chunks of the same changes, up once and down once";
    report.take(taken.how("on the wire, both devices, both ways").floor(4.0 * changed as f64 * bare, of))?;
    report.add("reconnect.messages", messages, "messages", records, "the same")?;
    let up = Spread::of(traffic.iter().map(|one| one.up as f64).collect()).median();
    let each = up / (2 * changed.max(1)) as f64;
    let how = "to the relay, for each changed record, all told";
    let taken = Taken::new("wire.batched", each, "bytes").records(records).how(how).at_most(AIM_BATCHED);
    report.take(taken.floor(bare, "the bare Automerge chunk of a change of one field"))?;
    Ok(seconds.median())
}

async fn without_changes(report: &mut Report, company: &Company, floor: &Floor, records: usize) -> Result<()> {
    let (mut seconds, mut traffic) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        company.plug(false).await?;
        let (time, passed) = meet(company).await?;
        seconds.push(time.as_secs_f64());
        traffic.push(passed);
    }
    let (bytes, messages) = medians(&traffic);
    let how = format!("nothing changed, {ROUNDS} times");
    let taken = Taken::new("reconnect.idle.p50", Spread::of(seconds).median(), "s").records(records).how(&how);
    report.take(taken.floor(floor.round_trip, "one round trip through loopback"))?;
    report.add("reconnect.idle.bytes", bytes, "bytes", records, "on the wire, both devices, both ways")?;
    report.add("reconnect.idle.messages", messages, "messages", records, "the same")?;
    let devices = company.devices.len() as f64;
    let opening = Spread::of(traffic.iter().map(|one| one.opening as f64).collect()).median();
    let how = "for each device, after the WebSocket's opening";
    let taken = Taken::new("reconnect.idle.said.each", (bytes - opening) / devices, "bytes").records(records).how(how);
    report.take(taken.at_most(AIM_IDLE_BYTES).floor(IDLE_FLOOR, "a hash there, and back that it is the same"))?;
    let how = "for each device: two heads of HTTP, before anything can be said";
    let taken = Taken::new("reconnect.idle.opening.each", opening / devices, "bytes").records(records).how(how);
    report.take(taken.floor(OPENING_FLOOR, "the shortest that RFC 6455 lets a client and a server say"))?;
    let how = "for each device, the WebSocket's opening and all told";
    let taken = Taken::new("reconnect.idle.bytes.each", bytes / devices, "bytes").records(records).how(how);
    report.take(taken.at_most(AIM_IDLE_BYTES).floor(IDLE_FLOOR, "a hash there, and back that it is the same"))?;
    let taken = Taken::new("reconnect.idle.messages.each", messages / devices, "messages").records(records);
    report.take(taken.how("for each device").at_most(AIM_IDLE_MESSAGES).floor(2.0, "a question and its answer"))?;
    Ok(())
}

/// One change at a time while both are connected: what a colleague's screen waits for. It counts from the moment at which a device is told to
/// save until both have it on their disks and the relay has it on its own.
async fn live(report: &mut Report, company: &Company, floor: &Floor, records: usize) -> Result<()> {
    let (kind, anna) = (RecordKind::Quote, &company.devices[0]);
    company.until_settled().await?;
    let list = Request::List { kind, query: String::new(), offset: 0, limit: LIVE };
    let Reply::Page(page) = ask(anna, list).await? else { bail!("the device did not list {kind}") };
    let before = company.passed().await?;
    let mut times = Vec::new();
    for (number, row) in page.rows.iter().cycle().take(LIVE).enumerate() {
        let Reply::Record(page) = ask(anna, Request::Open { record: row.record, at: None }).await? else {
            bail!("the device did not show {}", row.record);
        };
        let edits = vec![Edit::set("outcome_reason", format!("Nu {number}"))];
        let begun = Instant::now();
        ask(anna, Request::Change { record: row.record, seen: page.heads, edits }).await?;
        company.until_settled().await?;
        times.push(begun.elapsed());
    }
    let passed = company.passed().await? - before;
    let how = format!("{LIVE} single changes, saved here until on the disks of relay and other device");
    let times = Spread::of_times(&times);
    for ((name, percent), aim) in [("live.p50", 50), ("live.p99", 99)].into_iter().zip(AIM_LIVE) {
        let least = 2.0 * floor.commit.percentile(percent) + floor.round_trip * 1_000.0;
        let taken = Taken::new(name, times.percentile(percent), "ms").records(records).how(&how).at_most(aim);
        report.take(taken.floor(least, "a synced commit here and one there, and a round trip through loopback"))?;
    }
    let each = |sum: u64| sum as f64 / LIVE as f64;
    let taken = Taken::new("wire.live.up", each(passed.up), "bytes").records(records).at_most(AIM_ALONE);
    let taken = taken.how("to the relay, for each single change, all told");
    report.take(taken.floor(floor.bare.change, "the bare Automerge chunk of a change of one field"))?;
    let taken = Taken::new("wire.live", each(passed.up + passed.down), "bytes").records(records);
    let taken = taken.how("for each single change, both devices, both ways");
    report.take(taken.floor(2.0 * floor.bare.change, "the same chunk, up once and down once"))?;
    report.add("wire.live.messages", each(passed.messages), "messages", records, "the same")?;
    Ok(())
}

/// Plugs both in and waits until they hold the same and nothing waits.
async fn meet(company: &Company) -> Result<(Duration, Traffic)> {
    let before = company.passed().await?;
    let begun = Instant::now();
    company.plug_at_once(true).await?;
    company.until_settled().await?;
    let took = begun.elapsed();
    // What is still said afterwards belongs to the meeting too.
    tokio::time::sleep(Duration::from_millis(200)).await;
    Ok((took, company.passed().await? - before))
}

/// Changes so many records, others on each side and in each round.
async fn change_many(device: &Device, side: usize, round: usize, changed: usize) -> Result<()> {
    let kind = [RecordKind::Customer, RecordKind::Product, RecordKind::Quote][side % 3];
    let list = |offset, limit| Request::List { kind, query: String::new(), offset, limit };
    let Reply::Page(all) = ask(device, list(0, 1)).await? else { bail!("the device did not list {kind}") };
    let offset = round * changed % all.total.saturating_sub(changed).max(1);
    let Reply::Page(page) = ask(device, list(offset, changed)).await? else { bail!("the device did not list {kind}") };
    if page.rows.len() < changed {
        bail!("there are only {} records of the kind {kind}; take more records or fewer changes", page.rows.len());
    }
    for (number, row) in page.rows.iter().enumerate() {
        let Reply::Record(page) = ask(device, Request::Open { record: row.record, at: None }).await? else {
            bail!("the device did not show {}", row.record);
        };
        let edits = vec![edit(kind, round * changed + number)];
        ask(device, Request::Change { record: row.record, seen: page.heads, edits }).await?;
    }
    Ok(())
}

fn medians(traffic: &[Traffic]) -> (f64, f64) {
    let median = |of: fn(&Traffic) -> u64| Spread::of(traffic.iter().map(|one| of(one) as f64).collect()).median();
    (median(|one| one.up + one.down), median(|one| one.messages))
}
