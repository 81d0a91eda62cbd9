//! What devices tell of themselves, how far they are and how their records digest, is advice: it stands beside the log, each device's
//! newest word, passed on once a second. What a relay does not hear in time, it does later.

use super::following::consume;
use super::line::silent;
use super::{Inner, LogFault};
use crate::store::PeerRow;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::message::PublishMessage;
use futures_util::StreamExt;
use mera_disk::bytes_of;
use mera_schema::{DeviceId, WorkspaceId};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::{block_in_place, spawn_blocking};
use tokio::time::sleep;

/// How often words are passed on, and how long is waited before the log is called again.
const EVERY: Duration = Duration::from_secs(1);

/// Devices that told something since their words were passed on.
#[derive(Default)]
pub(super) struct Told(Mutex<HashSet<(WorkspaceId, DeviceId)>>);

impl Told {
    /// A device told something.
    pub fn news(&self, ws: WorkspaceId, device: DeviceId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((ws, device));
    }

    fn take(&self) -> HashSet<(WorkspaceId, DeviceId)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Passes on what devices tell here, until the relay stops.
pub(super) async fn tell(inner: Arc<Inner>) {
    while !rests(&inner).await {
        if !inner.line.is_up() {
            continue;
        }
        for (ws, device) in inner.told.take() {
            let looked_up = {
                let inner = inner.clone();
                spawn_blocking(move || inner.disk.tells(ws, device)).await
            };
            let Ok(Ok(Some(row))) = looked_up else { continue };
            let message = PublishMessage::build().payload(bytes_of(&row).into());
            if inner.line.context.send_publish(inner.line.told_of(ws, device), message).await.is_err() {
                inner.told.news(ws, device);
            }
        }
    }
}

/// Takes in what devices told at other relays, until the relay stops. Who spoke `since` has called since this relay was started.
pub(super) async fn hear(inner: Arc<Inner>, since: u64) {
    loop {
        if let Err(fault) = listen(&inner, since).await {
            tracing::debug!(%fault, "what devices told elsewhere is not heard at the moment");
        }
        if rests(&inner).await {
            return;
        }
    }
}

/// Whether the relay stops meanwhile.
async fn rests(inner: &Inner) -> bool {
    tokio::select! {
        () = sleep(EVERY) => false,
        () = inner.stop.cancelled() => true,
    }
}

async fn listen(inner: &Inner, since: u64) -> Result<(), LogFault> {
    let mut made = inner.line.made.clone();
    made.borrow_and_update();
    let config = OrderedConfig { deliver_policy: DeliverPolicy::All, ..OrderedConfig::default() };
    let mut words = consume(&inner.line.told, config).await?;
    loop {
        let word = tokio::select! {
            () = inner.stop.cancelled() => return Ok(()),
            _ = made.changed() => return Ok(()),
            word = words.next() => word.ok_or_else(|| silent("it ended"))?.map_err(silent)?,
        };
        let place = super::following::company_of(&word.subject);
        let row: Option<PeerRow> = postcard::from_bytes(&word.payload).ok();
        if let Some((ws, row)) = place.zip(row) {
            block_in_place(|| inner.disk.hears(ws, row, since))?;
        }
    }
}
