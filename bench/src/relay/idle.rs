//! Devices that are connected and have nothing to say: what each takes of the relay's memory.

use super::Place;
use super::cores;
use super::crew::Crew;
use super::crowd::Crowd;
use super::light::Bag;
use super::process::RelayProcess;
use crate::figure::{Report, Taken};
use anyhow::Result;
use std::sync::Arc;

/// Connections that a relay should hold.
const AIM: f64 = 10_000.0;
/// KiB of the relay's memory for each.
const AIM_EACH: f64 = 16.0;
/// Devices of one company.
const COMPANY: usize = 500;

/// Connects so many devices and measures the relay's memory before and after.
pub async fn measure(report: &mut Report, place: &Place<'_>, connections: usize) -> Result<()> {
    let files = cores::open_files();
    let relay = RelayProcess::start(place.mera, place.cache, place.cores)?;
    let mut crowd = Crowd::new();
    let crews = (0..connections.div_ceil(COMPANY) as u64).map(|number| Crew::of(number, COMPANY.min(connections)));
    let crews: Vec<Arc<Crew>> = crews.map(|crew| crew.map(Arc::new)).collect::<Result<_>>()?;
    let bag = |crew: &Arc<Crew>, member| Bag { crew: crew.clone(), member, log: Vec::new(), cursor: None };
    // The first of each company brings its members' chain, which is not the price of a connection.
    crowd.call(relay.address, crews.iter().map(|crew| bag(crew, 0)).collect()).await?;
    crowd.until_caught_up(crews.len()).await?;
    relay.until_at_rest().await?;
    let (before, first) = (relay.memory()?, crowd.lights.len());
    let all = crews.iter().flat_map(|crew| (1..crew.members.len()).map(move |member| bag(crew, member)));
    let rest: Vec<Bag> = all.take(connections.saturating_sub(first)).collect();
    let wanted = rest.len();
    let stopped = connected(&mut crowd, &relay, rest, wanted).await.err();
    relay.until_at_rest().await?;
    let (after, held) = (relay.memory()?, crowd.lights.len());
    let how = match stopped {
        None => format!("devices of {} companies connected at the same time, all caught up", crews.len()),
        Some(why) => format!("stopped there: {why:#} ({files} files may be open)"),
    };
    let taken = Taken::new("relay.idle.connections", held as f64, "devices").how(&how);
    // Who asks for fewer has not found that more are too many.
    let judged = connections as f64 >= AIM || held < connections;
    report.take(if judged { taken.at_least(AIM) } else { taken.more_is_better() })?;
    let each = (after - before) / (held - first).max(1) as f64 / 1024.0;
    let how = format!("resident memory of the relay for each connection, {held} of them");
    report.judge("relay.idle.each", each, "KiB", AIM_EACH, 0, &how)?;
    let how = format!("the relay in all, with {held} connections");
    report.add("relay.idle.memory", after / 1_048_576.0, "MiB", 0, &how)?;
    report.add("relay.idle.memory.before", before / 1_048_576.0, "MiB", 0, "with one device of each company")?;
    Ok(())
}

async fn connected(crowd: &mut Crowd, relay: &RelayProcess, rest: Vec<Bag>, wanted: usize) -> Result<()> {
    crowd.call(relay.address, rest).await?;
    crowd.until_caught_up(wanted).await
}
