//! Two devices of one company meet again: over real sockets, through a relay, with everything on the wire counted.

mod company;
mod wire;

use crate::figure::Report;
use crate::save::edit;
use crate::spread::Spread;
use anyhow::{Result, bail};
pub use company::{Company, ask};
use mera_device::Device;
use mera_device_api::{Reply, Request};
use mera_schema::RecordKind;
use std::path::Path;
use std::time::{Duration, Instant};

pub use wire::{Traffic, Wire};

/// Seconds until two devices agree again, on loopback.
const AIM: f64 = 0.3;
/// Bytes on the wire for one changed record among many.
const AIM_BYTES: f64 = 160.0;
/// Meetings measured.
const ROUNDS: usize = 7;
/// Single changes measured while both are connected.
const LIVE: usize = 50;

/// Measures meetings with changes on both sides, meetings without, and single changes while both are connected.
pub fn measure(report: &mut Report, cache: &Path, records: usize, changed: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let company = Company::open(cache, records, &["A1", "B1"]).await?;
        after_changes(report, &company, records, changed).await?;
        without_changes(report, &company, records).await?;
        live(report, &company, records).await?;
        company.leave().await
    })
}

async fn after_changes(report: &mut Report, company: &Company, records: usize, changed: usize) -> Result<()> {
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
    report.add("reconnect.least", seconds.least(), "s", records, &how)?;
    report.judge("reconnect.p50", seconds.median(), "s", AIM, records, &how)?;
    report.judge("reconnect.max", seconds.most(), "s", AIM, records, &how)?;
    let (bytes, messages) = medians(&traffic);
    report.add("reconnect.bytes", bytes, "bytes", records, "on the wire, both devices, both ways")?;
    report.add("reconnect.messages", messages, "messages", records, "the same")?;
    let up = Spread::of(traffic.iter().map(|one| one.up as f64).collect()).median();
    let each = up / (2 * changed.max(1)) as f64;
    report.judge(
        "wire.batched",
        each,
        "bytes",
        AIM_BYTES,
        records,
        "to the relay, for each changed record, all told",
    )?;
    Ok(())
}

async fn without_changes(report: &mut Report, company: &Company, records: usize) -> Result<()> {
    let (mut seconds, mut traffic) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        company.plug(false).await?;
        let (time, passed) = meet(company).await?;
        seconds.push(time.as_secs_f64());
        traffic.push(passed);
    }
    let (bytes, messages) = medians(&traffic);
    let how = format!("nothing changed, {ROUNDS} times");
    report.add("reconnect.idle.p50", Spread::of(seconds).median(), "s", records, &how)?;
    report.add("reconnect.idle.bytes", bytes, "bytes", records, "on the wire, both devices, both ways")?;
    report.add("reconnect.idle.messages", messages, "messages", records, "the same")?;
    Ok(())
}

/// One change at a time while both are connected: what a colleague's screen waits for.
async fn live(report: &mut Report, company: &Company, records: usize) -> Result<()> {
    let anna = &company.devices[0];
    company.until_settled().await?;
    let before = company.passed().await?;
    let mut times = Vec::new();
    for number in 0..LIVE {
        let begun = Instant::now();
        change_many(anna, 2, number, 1).await?;
        company.until_settled().await?;
        times.push(begun.elapsed());
    }
    let passed = company.passed().await? - before;
    let how = format!("{LIVE} single changes while both are connected");
    report.add("live.p50", Spread::of_times(&times).median(), "ms", records, "saved here until on the other device")?;
    let each = |sum: u64| sum as f64 / LIVE as f64;
    report.add("wire.live.up", each(passed.up), "bytes", records, &format!("to the relay, for each change; {how}"))?;
    report.add("wire.live", each(passed.up + passed.down), "bytes", records, "both devices, both ways")?;
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
