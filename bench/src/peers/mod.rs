//! What others need for the same work: their own server and clients, over the same wire, on the same records.

mod page;
mod program;
mod work;

use crate::figure::Report;
use crate::spread::Spread;
use anyhow::{Context, Result};
use program::{PATIENCE, Peer};
use serde_json::json;
use std::path::Path;
use std::time::Instant;
use work::Work;

pub use work::records;

/// Whom we measure ourselves against: the folders in `bench/peers`.
const PEERS: [&str; 4] = ["automerge-repo", "samod", "pouchdb", "yjs"];
/// Meetings measured.
const ROUNDS: usize = 5;
/// Single changes measured while both are connected.
const LIVE: usize = 20;

/// The page that stands them side by side.
pub fn page(report: &Report) -> String {
    page::page(report.figures(), &PEERS)
}

/// Measures this house and all of them at every size up to so many records. Whoever does not come to an end at one size is not asked for a
/// larger one, and that is told.
pub fn measure(report: &mut Report, programs: &Path, cache: &Path, records: usize, changed: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let sizes = std::iter::successors(Some(100), |size| Some(size * 10)).take_while(|size| *size < records);
    let sizes: Vec<usize> = sizes.chain([records]).collect();
    for &size in &sizes {
        let changed = changed.min(size / 10);
        crate::first::measure(report, cache, size)?;
        crate::reconnect::measure(report, cache, size, changed)?;
    }
    for name in PEERS {
        for &size in &sizes {
            let changed = changed.min(size / 10);
            let outcome = runtime.block_on(one(report, name, &programs.join(name), cache, (size, changed)));
            if let Err(fault) = outcome {
                // What follows the first line is where in that program it happened.
                let says = format!("{fault:#}").lines().next().unwrap_or_default().to_owned();
                let how = format!("stopped here: {says} (at most {} s a step)", PATIENCE.as_secs());
                report.add(&format!("{name}.stopped"), size as f64, "records", size, &how)?;
                break;
            }
        }
    }
    Ok(())
}

async fn one(
    report: &mut Report,
    name: &str,
    program: &Path,
    cache: &Path,
    (records, changed): (usize, usize),
) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("peer-").tempdir_in(cache)?;
    let (file, ids) = (folder.path().join("work.jsonl"), folder.path().join("ids.json"));
    let work = work::write(&file, records)?;
    let mut peer = Peer::start(program, folder.path()).await?;
    let [anna, _] = &mut peer.clients;
    anna.does(json!({ "do": "fill", "work": file, "ids": ids })).await.context("fill")?;
    anna.is("connect").await?;
    peer.until_quiet().await?;
    first_sync(report, name, &mut peer, &work, &ids).await.context("first sync")?;
    meetings(report, name, &mut peer, &work, changed).await.context("reconnect")?;
    idle(report, name, &mut peer, &work).await.context("reconnect, nothing changed")?;
    live(report, name, &mut peer, &work).await.context("live")
}

/// A second device takes all records from the server.
async fn first_sync(report: &mut Report, name: &str, peer: &mut Peer, work: &Work, ids: &Path) -> Result<()> {
    let before = peer.until_quiet().await?;
    let begun = Instant::now();
    let [_, bo] = &mut peer.clients;
    bo.is("connect").await?;
    bo.does(json!({ "do": "know", "ids": ids })).await?;
    bo.does(json!({ "do": "holds", "count": work.records })).await?;
    let took = begun.elapsed().as_secs_f64();
    let passed = peer.until_quiet().await? - before;
    report.add(&format!("{name}.first"), took, "s", work.records, "a new device has all records")?;
    let bytes = (passed.up + passed.down) as f64;
    report.add(&format!("{name}.first.bytes"), bytes, "bytes", work.records, "on the wire, both ways")?;
    Ok(())
}

/// Both change quotes without a line, others on each side, and meet.
async fn meetings(report: &mut Report, name: &str, peer: &mut Peer, work: &Work, changed: usize) -> Result<()> {
    let (mut seconds, mut bytes) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        peer.both([json!({ "do": "disconnect" }), json!({ "do": "disconnect" })]).await?;
        let before = peer.until_quiet().await?;
        let at = round * 2 * changed % (work.quotes.len() - 2 * changed + 1);
        let (hers, his) = (&work.quotes[at..at + changed], &work.quotes[at + changed..at + 2 * changed]);
        let value = format!("Svar {round}");
        peer.both([hers, his].map(|ids| json!({ "do": "change", "ids": ids, "value": value }))).await?;
        let begun = Instant::now();
        peer.both([json!({ "do": "connect" }), json!({ "do": "connect" })]).await?;
        peer.both([his, hers].map(|ids| json!({ "do": "await", "ids": ids, "value": value }))).await?;
        seconds.push(begun.elapsed().as_secs_f64());
        let passed = peer.until_quiet().await? - before;
        bytes.push((passed.up + passed.down) as f64);
    }
    let how = format!("{changed} records changed on each side, {ROUNDS} times");
    report.add(&format!("{name}.reconnect.p50"), Spread::of(seconds).median(), "s", work.records, &how)?;
    let how = "on the wire, both clients, both ways";
    report.add(&format!("{name}.reconnect.bytes"), Spread::of(bytes).median(), "bytes", work.records, how)?;
    Ok(())
}

/// Nothing was changed: until the last byte has passed.
async fn idle(report: &mut Report, name: &str, peer: &mut Peer, work: &Work) -> Result<()> {
    let (mut seconds, mut bytes) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        peer.both([json!({ "do": "disconnect" }), json!({ "do": "disconnect" })]).await?;
        let before = peer.until_quiet().await?;
        let begun = Instant::now();
        peer.both([json!({ "do": "connect" }), json!({ "do": "connect" })]).await?;
        let passed = peer.until_quiet().await? - before;
        seconds.push((begun.elapsed().saturating_sub(peer.wire.quiet_for())).as_secs_f64());
        bytes.push((passed.up + passed.down) as f64);
    }
    let how = format!("nothing changed, {ROUNDS} times, until the last byte");
    report.add(&format!("{name}.reconnect.idle.p50"), Spread::of(seconds).median(), "s", work.records, &how)?;
    let how = "on the wire, both clients, both ways";
    report.add(&format!("{name}.reconnect.idle.bytes"), Spread::of(bytes).median(), "bytes", work.records, how)?;
    Ok(())
}

/// One change at a time while both are connected.
async fn live(report: &mut Report, name: &str, peer: &mut Peer, work: &Work) -> Result<()> {
    let before = peer.until_quiet().await?;
    let mut times = Vec::new();
    for number in 0..LIVE {
        let (ids, value) = ([&work.quotes[number % work.quotes.len()]], format!("Nu {number}"));
        let begun = Instant::now();
        let [anna, bo] = &mut peer.clients;
        let change = anna.does(json!({ "do": "change", "ids": ids, "value": value }));
        tokio::try_join!(change, bo.does(json!({ "do": "await", "ids": ids, "value": value })))?;
        times.push(begun.elapsed());
    }
    let passed = peer.until_quiet().await? - before;
    let how = format!("{LIVE} single changes while both are connected");
    let median = Spread::of_times(&times).median();
    report.add(&format!("{name}.live.p50"), median, "ms", work.records, "saved here until on the other device")?;
    let each = (passed.up + passed.down) as f64 / LIVE as f64;
    report.add(
        &format!("{name}.live.bytes"),
        each,
        "bytes",
        work.records,
        &format!("for each change, both ways; {how}"),
    )?;
    Ok(())
}
