//! Many light devices, and what they tell.

use super::light::{Bag, Light, News, Told};
use anyhow::{Context, Result, bail};
use futures_util::{StreamExt, stream};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

/// Who calls at the same time; more would stand in each other's way at the door, not at the relay.
const AT_A_TIME: usize = 64;
/// What has not come by then will not.
const PATIENCE: Duration = Duration::from_secs(300);

/// Light devices, numbered in the order in which they were asked to call.
pub struct Crowd {
    pub lights: Vec<Light>,
    tells: UnboundedSender<News>,
    told: UnboundedReceiver<News>,
}

impl Crowd {
    /// Nobody has called yet.
    pub fn new() -> Self {
        let (tells, told) = unbounded_channel();
        Self { lights: Vec::new(), tells, told }
    }

    /// These call, some at a time. Stops at the first who cannot.
    pub async fn call(&mut self, relay: SocketAddr, bags: Vec<Bag>) -> Result<()> {
        let first = self.lights.len();
        let calls =
            bags.into_iter().enumerate().map(|(at, bag)| Light::call(relay, bag, first + at, self.tells.clone()));
        let mut calls = stream::iter(calls).buffered(AT_A_TIME);
        while let Some(light) = calls.next().await {
            self.lights.push(light?);
        }
        Ok(())
    }

    /// The lines of these are cut, and they call again, all at once.
    pub async fn call_again(&mut self, relay: SocketAddr, bags: Vec<(usize, Bag)>) -> Result<()> {
        // First the cut: whoever is still on the line hears that it was replaced.
        bags.iter().for_each(|(number, _)| self.lights[*number].cut());
        let calls = bags.into_iter().map(|(number, bag)| {
            let tells = self.tells.clone();
            async move { anyhow::Ok((number, Light::call(relay, bag, number, tells).await?)) }
        });
        let calls: Vec<_> = futures_util::future::try_join_all(calls).await?;
        for (number, light) in calls {
            self.lights[number] = light;
        }
        Ok(())
    }

    /// What one of them tells next. That one was sent away is a fault of the measurement.
    pub async fn next(&mut self) -> Result<News> {
        let news = timeout(PATIENCE, self.told.recv()).await.context("the devices have waited in vain")?;
        match news.context("there are no devices")? {
            (number, Told::Ended(why)) => bail!("device {number} is connected no more: {why}"),
            news => Ok(news),
        }
    }

    /// Waits until so many have told something, one thing each.
    pub async fn until(&mut self, count: usize, what: impl Fn(usize, &Told) -> bool) -> Result<()> {
        let mut left = count;
        while left > 0 {
            let (number, told) = self.next().await?;
            left -= usize::from(what(number, &told));
        }
        Ok(())
    }

    /// Waits until so many have caught up.
    pub async fn until_caught_up(&mut self, count: usize) -> Result<()> {
        self.until(count, |_, told| matches!(told, Told::CaughtUp)).await
    }
}
