//! Durable entries in a second: devices push signed runs as fast as the relay confirms that it has them on its disk.

use super::Place;
use super::crew::Crew;
use super::crowd::Crowd;
use super::light::{Bag, Told};
use super::process::RelayProcess;
use crate::company::amended;
use crate::figure::{Report, Taken};
use crate::floor;
use anyhow::{Context, Result};
use mera_schema::RecordRef;
use mera_sync_protocol::{Brought, Frame, Run};
use std::sync::Arc;
use std::time::Instant;

/// Entries in a second, on one processor.
const AIM: f64 = 20_000.0;

/// Who pushes what.
struct Case {
    figure: &'static str,
    companies: usize,
    /// Of each company.
    devices: usize,
    /// Entries under one signature.
    each: usize,
    /// Which part of all entries.
    share: usize,
    judged: bool,
}

const CASES: [Case; 4] = [
    Case { figure: "relay.entries", companies: 4, devices: 1, each: 100, share: 1, judged: true },
    Case { figure: "relay.entries.largest_runs", companies: 4, devices: 1, each: 500, share: 1, judged: false },
    Case { figure: "relay.entries.one_company", companies: 1, devices: 4, each: 100, share: 2, judged: false },
    Case { figure: "relay.entries.alone", companies: 4, devices: 1, each: 1, share: 20, judged: false },
];

/// Measures each case with a relay of its own.
pub async fn measure(report: &mut Report, place: &Place<'_>, entries: usize) -> Result<()> {
    let changes = amended(2_000)?;
    for case in &CASES {
        one(report, place, case, &changes, entries / case.share).await.context(case.figure)?;
    }
    Ok(())
}

async fn one(
    report: &mut Report,
    place: &Place<'_>,
    case: &Case,
    changes: &[(RecordRef, Vec<u8>)],
    entries: usize,
) -> Result<()> {
    let pushing = case.companies * case.devices;
    let own = (entries / pushing).max(case.each);
    let (bags, bytes) = prepared(case, changes, own)?;
    let relay = RelayProcess::start(place.mera, place.cache, place.cores)?;
    let mut crowd = Crowd::new();
    crowd.call(relay.address, bags).await?;
    crowd.until_caught_up(pushing).await?;
    relay.until_at_rest().await?;
    let (begun, worked) = (Instant::now(), relay.worked()?);
    crowd.lights.iter().for_each(|light| light.writes(own as u64));
    crowd.until(pushing, |_, told| matches!(told, Told::Acked(seq) if *seq == own as u64)).await?;
    let (took, worked) = (begun.elapsed().as_secs_f64(), relay.worked()? - worked);
    let all = pushing * own;
    let commits = all.div_ceil(case.each);
    let commit = floor::commit(place.cache, bytes / pushing / own.div_ceil(case.each), commits)?;
    let how = format!(
        "{} companies, {} devices of each pushing, {} entries of {} bytes on the wire under each signature, {all} in all; {}",
        case.companies,
        case.devices,
        case.each,
        bytes / all,
        place.cores.word()
    );
    let taken = Taken::new(case.figure, all as f64 / took, "a second").how(&how);
    let floor = all as f64 / (commit * commits as f64);
    let taken = taken.more_is_better().floor(floor, "one synced append of the same bytes for each commit");
    report.take(if case.judged { taken.at_least(AIM) } else { taken })?;
    let each = worked.as_secs_f64() * 1e6 / all as f64;
    report.add(&format!("{}.processor", case.figure), each, "µs", 0, "the relay's processor time for each entry")?;
    Ok(())
}

/// Everybody's log, written and signed; how many bytes all of it is on the wire.
fn prepared(case: &Case, changes: &[(RecordRef, Vec<u8>)], own: usize) -> Result<(Vec<Bag>, usize)> {
    let (mut bags, mut bytes) = (Vec::new(), 0);
    for company in 0..case.companies {
        let crew = Arc::new(Crew::of(company as u64, case.devices)?);
        for member in 0..case.devices {
            let log = crew.log(member, changes, own, case.each)?;
            bytes += log.iter().map(on_the_wire).sum::<usize>();
            bags.push(Bag { crew: crew.clone(), member, log, cursor: None });
        }
    }
    Ok((bags, bytes))
}

fn on_the_wire(run: &Run) -> usize {
    Frame::Push(vec![Brought::Whole(run.clone())]).encode().len()
}
