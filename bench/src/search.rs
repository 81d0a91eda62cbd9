//! Search as you type: after each letter the list that matches so far.

use crate::figure::{Report, Taken};
use crate::floor::Sqlite;
use crate::peers::records;
use crate::spread::Spread;
use crate::{ask, filled};
use anyhow::Result;
use mera_device::{Engine, RealWorld};
use mera_device_api::Request;
use mera_schema::RecordKind;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Milliseconds in which a list follows the keys without being seen to lag.
const AIM: f64 = 10.0;
/// How often all of it is typed.
const ROUNDS: usize = 10;
/// What people look for.
const TYPED: [&str; 8] =
    ["nordhavns", "mejeri fjord", "kugleventil dn50", "servicepakke", "aalborg", "T-A1-0812", "rask", "intet sådant"];

/// Measures the search in one list and over everything, letter by letter.
pub fn measure(report: &mut Report, cache: &Path, records: usize) -> Result<()> {
    let folder = filled::copy(cache, records)?;
    let mut engine = Engine::open(folder.path(), Arc::new(RealWorld))?;
    let kinds = [RecordKind::Customer, RecordKind::Product, RecordKind::Quote];
    let list = |query: &str| {
        let kind = |kind| Request::List { kind, query: query.to_owned(), offset: 0, limit: 80 };
        kinds.map(kind).to_vec()
    };
    // The first answer after a start also puts the lists in order.
    let begun = Instant::now();
    ask(&mut engine, Request::Find { query: "ventil".to_owned() })?;
    report.add(
        "search.first",
        begun.elapsed().as_secs_f64() * 1_000.0,
        "ms",
        records,
        "over everything, the first after a start",
    )?;
    let in_list = Spread::of_times(&typed(&mut engine, list)?);
    let everywhere = Spread::of_times(&typed(&mut engine, |query| vec![Request::Find { query: query.to_owned() }])?);
    let (how, sqlite) = ("one answer after each letter typed", in_sqlite(cache, records)?);
    let of = "the words that were typed, in SQLite's full text index of the same records";
    for (name, spread) in [("search.list", in_list), ("search.everything", everywhere)] {
        let taken = Taken::new(&format!("{name}.p50"), spread.median(), "ms").records(records).how(how);
        report.take(taken.floor(sqlite.median(), of))?;
        let taken = Taken::new(&format!("{name}.p99"), spread.percentile(99), "ms").records(records).how(how);
        report.take(taken.at_most(AIM).floor(sqlite.percentile(99), of))?;
    }
    Ok(())
}

fn in_sqlite(cache: &Path, count: usize) -> Result<Spread> {
    let folder = tempfile::Builder::new().prefix("sqlite-").tempdir_in(cache)?;
    let mut store = Sqlite::open(&folder.path().join("store"))?;
    store.fill(&records(count))?;
    let mut times = Vec::new();
    for words in TYPED.iter().cycle().take(TYPED.len() * ROUNDS) {
        for (end, letter) in words.char_indices() {
            let begun = Instant::now();
            store.find(&words[..end + letter.len_utf8()], 80)?;
            times.push(begun.elapsed());
        }
    }
    Ok(Spread::of_times(&times))
}

fn typed(engine: &mut Engine, requests: impl Fn(&str) -> Vec<Request>) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for words in TYPED.iter().cycle().take(TYPED.len() * ROUNDS) {
        for (end, letter) in words.char_indices() {
            for request in requests(&words[..end + letter.len_utf8()]) {
                let begun = Instant::now();
                ask(engine, request)?;
                times.push(begun.elapsed());
            }
        }
    }
    Ok(times)
}
