//! One change to all devices of a company that are connected, until the last of them has it.

use super::Place;
use super::crew::Crew;
use super::crowd::Crowd;
use super::light::{Bag, Told};
use super::process::RelayProcess;
use crate::company::amended;
use crate::figure::{Report, Taken};
use crate::floor;
use crate::spread::Spread;
use anyhow::Result;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Milliseconds until the last of 500 has it.
const AIM: f64 = 50.0;
/// Changes measured.
const CHANGES: usize = 50;

/// How long single changes took.
pub struct FannedOut {
    /// Until the last device had it.
    pub last: Spread,
    /// Until the relay had it on its disk and had told so.
    pub acked: Spread,
    /// Bytes to each device, without those of the WebSocket.
    pub bytes: f64,
}

/// Measures changes of one device, brought to so many others.
pub async fn measure(report: &mut Report, place: &Place<'_>, devices: usize) -> Result<()> {
    let fanned = fan_out(place, devices, CHANGES).await?;
    let floor = floor::fan_out(devices, fanned.bytes as usize).await?;
    let how = format!("{CHANGES} changes, each to {devices} devices, until the last has it; {}", place.cores.word());
    let of = format!("{:.0} bytes to each of {devices} through loopback, the median", fanned.bytes);
    for (name, percent) in [("relay.fan_out.p50", 50), ("relay.fan_out.p99", 99)] {
        let taken = Taken::new(name, fanned.last.percentile(percent), "ms").how(&how);
        report.take(taken.at_most(AIM).floor(floor, &of))?;
    }
    report.add("relay.fan_out.acked.p50", fanned.acked.median(), "ms", 0, "of that: until its writer knew it safe")?;
    report.add("relay.fan_out.bytes", fanned.bytes, "bytes", 0, "sent to each device for one change")?;
    Ok(())
}

/// Lets one device write so many single changes, each when the one before has come to everybody.
pub async fn fan_out(place: &Place<'_>, devices: usize, changes: usize) -> Result<FannedOut> {
    let crew = Arc::new(Crew::of(1, devices + 1)?);
    let log = crew.log(0, &amended(400)?, changes, 1)?;
    let bag = |member, log| Bag { crew: crew.clone(), member, log, cursor: None };
    let relay = RelayProcess::start(place.mera, place.cache, place.cores)?;
    let mut crowd = Crowd::new();
    // The first brings the members' chain, which the others then need not bring.
    crowd.call(relay.address, vec![bag(0, log)]).await?;
    crowd.until_caught_up(1).await?;
    crowd.call(relay.address, (1..=devices).map(|member| bag(member, Vec::new())).collect()).await?;
    crowd.until_caught_up(devices).await?;
    relay.until_at_rest().await?;
    let before = relay.passed().await?;
    let (mut last, mut acked) = (Vec::new(), Vec::new());
    for number in 1..=changes as u64 {
        let begun = Instant::now();
        crowd.lights[0].writes(number);
        let (mut left, mut safe, mut had) = (devices, None, Duration::ZERO);
        while left > 0 || safe.is_none() {
            match crowd.next().await? {
                (_, Told::Took { at, .. }) => {
                    left -= 1;
                    had = had.max(at - begun);
                }
                (0, Told::Acked(_)) => safe = Some(begun.elapsed()),
                _ => {}
            }
        }
        last.push(had);
        acked.extend(safe);
        // What the devices confirm is no longer on its way when the next one begins.
        relay.until_at_rest().await?;
    }
    let passed = relay.passed().await?;
    let bytes = (passed.sent_bytes - before.sent_bytes) as f64 / (devices * changes) as f64;
    Ok(FannedOut { last: Spread::of_times(&last), acked: Spread::of_times(&acked), bytes })
}
