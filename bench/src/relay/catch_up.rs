//! Devices that were away call at the same time, and each takes what was written meanwhile.

use super::Place;
use super::crew::Crew;
use super::crowd::Crowd;
use super::light::{Bag, Told};
use super::process::RelayProcess;
use crate::company::amended;
use anyhow::Result;
use std::sync::Arc;
use std::time::Instant;

/// Entries under one signature.
const EACH: usize = 100;

/// Seconds until each of so many devices has so many entries.
pub async fn catch_up(place: &Place<'_>, devices: usize, entries: usize) -> Result<f64> {
    let crew = Arc::new(Crew::of(1, devices + 1)?);
    let log = crew.log(0, &amended(2_000)?, entries, EACH)?;
    let bag = |member, log| Bag { crew: crew.clone(), member, log, cursor: None };
    let relay = RelayProcess::start(place.mera, place.cache, place.cores)?;
    let mut crowd = Crowd::new();
    crowd.call(relay.address, vec![bag(0, log)]).await?;
    crowd.until_caught_up(1).await?;
    crowd.lights[0].writes(entries as u64);
    crowd.until(1, |_, told| matches!(told, Told::Acked(seq) if *seq == entries as u64)).await?;
    relay.until_at_rest().await?;
    let begun = Instant::now();
    crowd.call(relay.address, (1..=devices).map(|member| bag(member, Vec::new())).collect()).await?;
    crowd.until(devices, |_, told| matches!(told, Told::Took { holds, .. } if *holds == entries as u64)).await?;
    Ok(begun.elapsed().as_secs_f64())
}
