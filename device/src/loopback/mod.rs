//! The contract over HTTP and WebSocket on this machine's loopback, for browsers and scripts.
//!
//! `POST /api/request` takes a request and gives the answer; `GET /api/notices` is a WebSocket that carries the notices.
//! Both want the device's token. `GET /feed/<key>/<whose>.ics` gives a calendar to a calendar program on this machine, which knows the key of
//! the feed and nothing else. The screens are served beside them, so that one address is all a person needs.

mod feed;
mod guard;

use crate::{Home, everything_changed};
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use axum::extract::{State, WebSocketUpgrade};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use guard::Guard;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// Bytes of a request at most; a larger one is refused before it is read. Sheets of 24 MB that are imported from a screen
/// fit in it; larger ones go in from the command line, which reads files itself.
const REQUEST_LIMIT: usize = 32 * 1024 * 1024;

/// How a device is offered on this machine.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// The port; 0 takes a free one.
    pub port: u16,
    /// The folder with the screens; without it only the contract is served.
    pub ui: Option<PathBuf>,
    /// The token; without it one is made for this start.
    pub token: Option<String>,
}

/// Why a device could not be offered.
#[derive(Debug, thiserror::Error)]
pub enum LoopbackFault {
    /// The port is taken.
    #[error("port {port} cannot be opened: {cause}; choose another port, or stop the program that has it")]
    CannotListen {
        /// Which.
        port: u16,
        /// Why not.
        cause: io::Error,
    },
    /// The token would not be a secret.
    #[error("the operating system gave no randomness: {0}")]
    NoRandomness(String),
}

impl LoopbackFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CannotListen { .. } => "loopback.cannot_listen",
            Self::NoRandomness(_) => "loopback.no_randomness",
        }
    }
}

/// A device that is being offered. Dropping it ends the offer.
pub struct Served {
    address: SocketAddr,
    token: String,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Served {
    /// Where.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The token that requests must bring.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// What a person opens in a browser. The token stands behind the `#`, which browsers send to nobody.
    pub fn link(&self) -> String {
        format!("http://{}/#token={}", self.address, self.token)
    }

    /// Ends the offer and waits until the port is free.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.task.await.ok();
    }
}

/// Offers a device, or a home that has none yet, on this machine's loopback.
pub async fn serve(home: impl Into<Home>, offer: Offer) -> Result<Served, LoopbackFault> {
    let token = match offer.token {
        Some(token) => token,
        None => new_token()?,
    };
    let cannot_listen = |cause| LoopbackFault::CannotListen { port: offer.port, cause };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, offer.port)).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    let (stop, stopping) = watch::channel(false);
    let house = Arc::new(House { home: home.into(), stopping: stopping.clone() });
    let guard = Arc::new(Guard { token: token.clone(), port: address.port() });
    let routes = routes(house, guard, offer.ui);
    let mut told = stopping;
    let serving = axum::serve(listener, routes).with_graceful_shutdown(async move {
        told.wait_for(|stop| *stop).await.ok();
    });
    let task = tokio::spawn(async move {
        if let Err(cause) = serving.await {
            tracing::error!(%cause, "the loopback server stopped");
        }
    });
    Ok(Served { address, token, stop, task })
}

struct House {
    home: Home,
    stopping: watch::Receiver<bool>,
}

fn routes(house: Arc<House>, guard: Arc<Guard>, ui: Option<PathBuf>) -> Router {
    let contract = Router::new()
        .route("/api/request", post(request))
        .route("/api/notices", get(notices))
        .layer(RequestBodyLimitLayer::new(REQUEST_LIMIT))
        .layer(middleware::from_fn_with_state(guard.clone(), guard::with_token))
        .with_state(house.clone());
    let feed = Router::new().route("/feed/{key}/{whose}", get(feed::calendar)).with_state(house);
    let all = contract.merge(feed);
    let all = match ui {
        Some(folder) => all.fallback_service(ServeDir::new(folder)),
        None => all,
    };
    guarded(all, guard)
}

/// Pages and answers for this machine only; requests from elsewhere are turned away.
pub fn for_this_machine(routes: Router, port: u16) -> Router {
    guarded(routes, Arc::new(Guard { token: String::new(), port }))
}

fn guarded(routes: Router, guard: Arc<Guard>) -> Router {
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    routes
        .layer(middleware::from_fn_with_state(guard, guard::same_machine))
        .layer(header(header::CACHE_CONTROL, "no-cache"))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .layer(header(header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"))
        .layer(header(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
}

async fn request(State(house): State<Arc<House>>, body: Bytes) -> Response {
    let Ok(body) = String::from_utf8(body.to_vec()) else {
        return (StatusCode::BAD_REQUEST, "a request is JSON in UTF-8\n").into_response();
    };
    let answer = house.home.request_json(body).await;
    ([(header::CONTENT_TYPE, "application/json")], answer).into_response()
}

async fn notices(State(house): State<Arc<House>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.protocols([guard::SUBPROTOCOL]).on_upgrade(move |socket| tell(house, socket))
}

async fn tell(house: Arc<House>, mut socket: WebSocket) {
    let mut notices = house.home.notices();
    let mut stopping = house.stopping.clone();
    loop {
        let notice = tokio::select! {
            notice = notices.recv() => match notice {
                Ok(notice) => notice,
                Err(RecvError::Lagged(_)) => everything_changed(),
                Err(RecvError::Closed) => break,
            },
            message = socket.recv() => match message {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => continue,
            },
            _ = stopping.wait_for(|stop| *stop) => break,
        };
        if socket.send(Message::Text(notice.into())).await.is_err() {
            return;
        }
    }
    socket.send(Message::Close(None)).await.ok();
}

fn new_token() -> Result<String, LoopbackFault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|cause| LoopbackFault::NoRandomness(cause.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests;
