//! Search as you type: after each letter the list that matches so far.

use crate::figure::Report;
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
    let how = "one answer after each letter typed";
    report.add("search.list.p50", in_list.median(), "ms", records, how)?;
    report.judge("search.list.p99", in_list.percentile(99), "ms", AIM, records, how)?;
    report.add("search.everything.p50", everywhere.median(), "ms", records, how)?;
    report.judge("search.everything.p99", everywhere.percentile(99), "ms", AIM, records, how)?;
    Ok(())
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
