//! What operators and their programs look at, on an address of its own that the public does not reach.

use super::{House, RelayFault, cannot_listen, figures};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, spawn_blocking};

/// How many may look at one time.
const LOOKING: usize = 32;

/// The pages while they are served.
pub struct Pages {
    /// Where.
    pub address: SocketAddr,
    task: JoinHandle<()>,
    closed: watch::Sender<bool>,
}

impl Pages {
    /// Begins to serve them.
    pub async fn open(address: SocketAddr, house: Arc<House>) -> Result<Self, RelayFault> {
        let listener = TcpListener::bind(address).await.map_err(cannot_listen(address))?;
        let address = listener.local_addr().map_err(cannot_listen(address))?;
        // Guests who stand in their doorway do not keep operators out.
        let mut door = house.door(listener, None);
        door.lobby = Arc::new(Semaphore::new(LOOKING));
        let routes = Router::new()
            .route("/health", get(|| async { "alive\n" }))
            .route("/ready", get(ready))
            .route("/metrics", get(metrics))
            .with_state(house);
        let (closed, closing) = watch::channel(false);
        Ok(Self { address, task: tokio::spawn(door.keep(routes, closing)), closed })
    }

    /// Closes them; an answer that is under way is cut off, so that nobody can hold up a relay that stops.
    pub async fn close(self) {
        self.closed.send_replace(true);
        self.task.await.ok();
    }
}

async fn ready(State(house): State<Arc<House>>) -> Response {
    if *house.stopping.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the relay is stopping\n").into_response();
    }
    let checked = spawn_blocking(move || house.kept.check()).await;
    match checked.unwrap_or_else(|_| Err("the disk could not be checked".to_owned())) {
        Ok(()) => "ready\n".into_response(),
        Err(says) => {
            tracing::error!(%says, "the relay is not ready");
            (StatusCode::SERVICE_UNAVAILABLE, format!("{says}\n")).into_response()
        }
    }
}

async fn metrics(State(house): State<Arc<House>>) -> Response {
    let text = spawn_blocking(move || house.figures.exposition(&house)).await;
    match text {
        Ok(text) => ([("content-type", figures::TEXT)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
