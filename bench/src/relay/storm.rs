//! A storm: a router comes back, and half of a company's devices call again at once, while the other half has nothing to do.

use super::Place;
use super::crew::Crew;
use super::crowd::Crowd;
use super::light::{Bag, Light};
use super::process::RelayProcess;
use crate::figure::{Report, Taken};
use crate::floor;
use anyhow::Result;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

/// Seconds until all are settled.
const AIM: f64 = 5.0;

/// Measures the reconnecting of so many devices, beside as many that stay.
pub async fn measure(report: &mut Report, place: &Place<'_>, devices: usize) -> Result<()> {
    let crew = Arc::new(Crew::of(1, 2 * devices)?);
    let bag = |member, cursor| Bag { crew: crew.clone(), member, log: Vec::new(), cursor };
    let relay = RelayProcess::start(place.mera, place.cache, place.cores)?;
    let mut crowd = Crowd::new();
    crowd.call(relay.address, vec![bag(0, None)]).await?;
    crowd.until_caught_up(1).await?;
    crowd.call(relay.address, (1..2 * devices).map(|member| bag(member, None)).collect()).await?;
    crowd.until_caught_up(2 * devices - 1).await?;
    relay.until_at_rest().await?;
    let heard = |crowd: &Crowd| -> u64 { crowd.lights[..devices].iter().map(messages).sum() };
    let (before, passed) = (heard(&crowd), relay.passed().await?);
    let again = (devices..2 * devices).map(|member| {
        let place = crowd.lights[member].place.lock().unwrap_or_else(PoisonError::into_inner);
        (member, bag(member, *place))
    });
    let again: Vec<(usize, Bag)> = again.collect();
    let worked = relay.worked()?;
    let begun = Instant::now();
    // The lines are cut as a router cuts them: whoever calls again may still have its old seat.
    crowd.call_again(relay.address, again).await?;
    crowd.until_caught_up(devices).await?;
    let settled = begun.elapsed().as_secs_f64();
    relay.until_at_rest().await?;
    let (stirred, passed) = (heard(&crowd) - before, relay.passed().await?.sent - passed.sent);
    let how = format!("received by {devices} devices while {devices} others of their company called again at once");
    report.take(Taken::new("relay.storm.messages", stirred as f64, "messages").how(&how).at_most(0.0))?;
    let taken = Taken::new("relay.storm.settled", settled, "s").how("until all who called again were settled");
    let of = format!("{devices} connections over loopback at once, one question and answer each");
    report.take(taken.at_most(AIM).floor(floor::calls(devices).await?, &of))?;
    let each = passed as f64 / devices as f64;
    report.add("relay.storm.sent", each, "messages", 0, "to each device that called again")?;
    let worked = (relay.worked()? - worked).as_secs_f64() * 1_000.0 / devices as f64;
    report.add(
        "relay.storm.processor",
        worked,
        "ms",
        0,
        "the relay's processor time for each device that called again",
    )?;
    Ok(())
}

fn messages(light: &Light) -> u64 {
    light.messages.load(Relaxed)
}
