//! The relay on a network: a thin shell round the sessions.

mod figures;
mod guest;
mod meetings;

use crate::{Limits, RelayConfig, RelayDisk, StoreFault};
use axum::extract::{State, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use axum::{Router, routing::get};
use figures::Figures;
use meetings::Meetings;
use mera_schema::WorkspaceId;
use mera_sync_protocol::FRAME_LIMIT;
use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Why a relay did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum RelayFault {
    /// Its folder is not usable.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The address is taken or not allowed.
    #[error("the relay cannot listen on {address}: {cause}; choose another address, or stop what listens there")]
    CannotListen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        cause: io::Error,
    },
    /// The network gave up.
    #[error("the relay stopped listening: {0}")]
    Stopped(io::Error),
}

impl RelayFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "relay.store",
            Self::CannotListen { .. } => "relay.cannot_listen",
            Self::Stopped(_) => "relay.stopped",
        }
    }
}

/// Bytes read at once for each connection: most frames are smaller, and ten thousand idle connections stay cheap.
const READ_BUFFER: usize = 4 * 1024;
/// How long a stopping relay waits for its guests to leave.
const FAREWELL: Duration = Duration::from_secs(5);

/// Opens the relay's folder and begins to listen.
pub async fn start(config: RelayConfig) -> Result<RelayHandle, RelayFault> {
    let folder = config.folder;
    let disk = tokio::task::spawn_blocking(move || RelayDisk::open(&folder))
        .await
        .map_err(|cause| RelayFault::Stopped(io::Error::other(cause)))??;
    let cannot_listen = |cause| RelayFault::CannotListen { address: config.address, cause };
    let listener = TcpListener::bind(config.address).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    // Frames are whole and few. Held back until the one before was acknowledged, each second one would wait some 40 ms.
    let listener = listener.tap_io(|socket| {
        if let Err(cause) = socket.set_nodelay(true) {
            tracing::debug!(%cause, "a guest's frames will be held back");
        }
    });
    let (stop, stopping) = watch::channel(false);
    let (inhabited, mut emptied) = mpsc::channel(1);
    let house = Arc::new(House {
        disk,
        limits: config.limits,
        places: Arc::new(Semaphore::new(config.limits.connections)),
        companies: Mutex::default(),
        meetings: Meetings::default(),
        figures: Figures::default(),
        stopping: stopping.clone(),
        _inhabited: inhabited,
    });
    let serving = axum::serve(listener, routes(house)).with_graceful_shutdown(told(stopping));
    let task = tokio::spawn(async move {
        serving.await.map_err(RelayFault::Stopped)?;
        if timeout(FAREWELL, emptied.recv()).await.is_err() {
            tracing::warn!("some guests did not leave in time");
        }
        Ok(())
    });
    Ok(RelayHandle { address, stop, task })
}

/// A running relay. Dropping it stops the relay without waiting.
pub struct RelayHandle {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), RelayFault>>,
}

impl RelayHandle {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address that devices are told.
    pub fn url(&self) -> String {
        format!("ws://{}/sync", self.address)
    }

    /// Says farewell to every guest and waits until they have left.
    pub async fn stop(self) -> Result<(), RelayFault> {
        self.stop.send_replace(true);
        self.task.await.map_err(|cause| RelayFault::Stopped(io::Error::other(cause)))?
    }
}

/// What all connections share.
struct House {
    disk: RelayDisk,
    limits: Limits,
    places: Arc<Semaphore>,
    /// For each company with guests: tells them that something arrived. Many arrivals between two looks are one.
    companies: Mutex<HashMap<WorkspaceId, watch::Sender<()>>>,
    /// Where new devices meet those that invite them.
    meetings: Meetings,
    figures: Figures,
    stopping: watch::Receiver<bool>,
    /// Closes when the last who knows the house has let go of it, and so, being the last field, after the disk:
    /// whoever stopped the relay may then open the folder again.
    _inhabited: mpsc::Sender<Infallible>,
}

impl House {
    fn subscribe(&self, company: WorkspaceId) -> watch::Receiver<()> {
        let mut companies = self.companies.lock().unwrap_or_else(PoisonError::into_inner);
        companies.retain(|_, news| news.receiver_count() > 0);
        companies.entry(company).or_insert_with(|| watch::channel(()).0).subscribe()
    }

    fn announce(&self, company: WorkspaceId) {
        let companies = self.companies.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(news) = companies.get(&company) {
            news.send_replace(());
        }
    }
}

async fn told(mut stopping: watch::Receiver<bool>) {
    // A dropped handle means the same as a word from it.
    stopping.wait_for(|stop| *stop).await.ok();
}

fn routes(house: Arc<House>) -> Router {
    Router::new()
        .route("/sync", get(sync))
        .route("/health", get(|| async { "alive\n" }))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(house)
}

async fn sync(State(house): State<Arc<House>>, upgrade: WebSocketUpgrade) -> Response {
    let Ok(place) = house.places.clone().try_acquire_owned() else {
        house.figures.turned_away();
        return (StatusCode::SERVICE_UNAVAILABLE, "the relay is full; try again in a minute\n").into_response();
    };
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(FRAME_LIMIT)
        .max_frame_size(FRAME_LIMIT)
        .on_upgrade(async move |socket| {
            guest::host(house, socket).await;
            drop(place);
        })
}

async fn ready(State(house): State<Arc<House>>) -> Response {
    match house.disk.check() {
        Ok(_) => "ready\n".into_response(),
        Err(fault) => (StatusCode::SERVICE_UNAVAILABLE, format!("{fault}\n")).into_response(),
    }
}

async fn metrics(State(house): State<Arc<House>>) -> Response {
    let here = house.limits.connections - house.places.available_permits();
    ([("content-type", "text/plain; version=0.0.4")], house.figures.exposition(here)).into_response()
}

#[cfg(test)]
mod tests;
