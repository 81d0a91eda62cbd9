//! The relay on a network: a thin shell round the sessions.

mod admin;
mod callers;
mod door;
mod elsewhere;
mod figures;
mod guest;
mod meetings;
mod pace;
mod refusal;
mod rooms;
mod tls;

use crate::kept::Kept;
use crate::log::{Between, SharedRelay};
use crate::{Limits, LogFault, RelayConfig, RelayDisk, Rules, SharedLog, StoreFault};
use admin::Pages;
use axum::extract::{RawQuery, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router, routing::get};
use callers::{Caller, Callers, Network};
use door::{Door, Peer};
use figures::Figures;
use meetings::Meetings;
use mera_sync_protocol::{BACK, FRAME_LIMIT, RelayStore};
use refusal::Refusal;
use rooms::Rooms;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tls::Certificate;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, timeout};
use tokio_util::task::TaskTracker;

pub use tls::TlsFault;

/// Why a relay did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum RelayFault {
    /// Its folder is not usable.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The log that it shares is not usable.
    #[error(transparent)]
    Log(#[from] LogFault),
    /// Its certificate is not usable.
    #[error(transparent)]
    Tls(#[from] TlsFault),
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
            Self::Log(fault) => fault.code(),
            Self::Tls(_) => "relay.tls",
            Self::CannotListen { .. } => "relay.cannot_listen",
            Self::Stopped(_) => "relay.stopped",
        }
    }
}

/// Bytes read at once for each connection: most frames are smaller, and ten thousand idle connections stay cheap.
const READ_BUFFER: usize = 4 * 1024;
/// Connections that may wait to be let in: after a relay was away for a moment everybody comes at once.
const CALLING: u32 = 4_096;
/// How long a stopping relay waits for its guests to leave.
const FAREWELL: Duration = Duration::from_secs(5);
/// How often the relay looks whether its files hold bytes of what was erased, and writes them anew. Erasures that come
/// together are done together.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Opens the relay's folder and begins to listen.
pub async fn start(config: RelayConfig) -> Result<RelayHandle, RelayFault> {
    let RelayConfig { address, folder, log, limits, rules, admin, tls, behind_proxy } = config;
    let read = spawn_blocking(move || tls.map(Certificate::read).transpose());
    let certificate = read.await.map_err(broke_down)??.map(Arc::new);
    let rooms = Arc::new(Rooms::new(limits));
    let kept = open(log, rules, folder, rooms.clone()).await?;
    let listener = listen(address).map_err(cannot_listen(address))?;
    let address = listener.local_addr().map_err(cannot_listen(address))?;
    let (stop, stopping) = watch::channel(false);
    let (inhabited, emptied) = mpsc::channel(1);
    let house = Arc::new(House {
        figures: Arc::new(Figures::new(&kept, certificate.is_some())),
        certificate: certificate.clone(),
        between: kept.between(),
        kept,
        limits,
        behind_proxy,
        places: Arc::new(Semaphore::new(limits.connections)),
        lobby: Arc::new(Semaphore::new(limits.lobby)),
        callers: Arc::default(),
        rooms,
        meetings: Arc::default(),
        began: Instant::now(),
        guests: TaskTracker::new(),
        stopping: stopping.clone(),
        _inhabited: inhabited,
    });
    let pages = match admin {
        Some(address) => Some(Pages::open(address, house.clone()).await?),
        None => None,
    };
    let door = house.door(listener, certificate.clone());
    let handle = RelayHandle {
        address,
        admin: pages.as_ref().map(|pages| pages.address),
        certificate,
        house: Arc::downgrade(&house),
        task: tokio::spawn(serve(door, pages, house, emptied)),
        stop,
    };
    Ok(handle)
}

/// Whoever comes while [`CALLING`] others wait to be let in is let wait by the operating system, and not refused.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6()? } else { TcpSocket::new_v4()? };
    // As the usual listener does, so that a relay that is started again need not wait for what the one before left.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(CALLING)
}

/// Opens the folder, and calls the log where it is shared.
async fn open(log: Option<SharedLog>, rules: Rules, folder: PathBuf, rooms: Arc<Rooms>) -> Result<Kept, RelayFault> {
    let Some(place) = log else {
        let opened = spawn_blocking(move || RelayDisk::open_under(rules, &folder));
        return Ok(Kept::Here(Box::new(opened.await.map_err(broke_down)??)));
    };
    let announce = Box::new(move |company| rooms.announce(company));
    let opened = SharedRelay::open(place, rules, &folder, announce, guest::milliseconds_now());
    Ok(Kept::There(opened.await?))
}

/// Until the relay is asked to stop; readiness is told to the last.
async fn serve(door: Door, pages: Option<Pages>, house: Arc<House>, mut emptied: mpsc::Receiver<Infallible>) {
    let tidying = tokio::spawn(tidy(house.clone()));
    let asking = house.between.clone().map(|between| tokio::spawn(seats(between, house.rooms.clone())));
    door.keep(routes(house.clone()), house.stopping.clone()).await;
    tidying.await.ok();
    house.guests.close();
    if timeout(FAREWELL, house.guests.wait()).await.is_err() {
        tracing::warn!("some guests did not leave in time");
    }
    house.kept.close().await;
    if let Some(asking) = asking {
        asking.await.ok();
    }
    drop(house);
    if let Some(pages) = pages {
        pages.close().await;
    }
    if timeout(FAREWELL, emptied.recv()).await.is_err() {
        tracing::warn!("the folder is still in use");
    }
}

/// Until the relay stops, now and then writes its disk anew when something was erased.
async fn tidy(house: Arc<House>) {
    let mut stopping = house.stopping.clone();
    while timeout(TIDY_EVERY, told(&mut stopping)).await.is_err() {
        let (house, now) = (house.clone(), guest::milliseconds_now());
        let tidied = spawn_blocking(move || house.kept.tidy(now));
        match tidied.await {
            Ok(Ok(false)) => {}
            Ok(Ok(true)) => tracing::info!("the disk was written anew after an erasure or a checkpoint"),
            Ok(Err(fault)) => tracing::error!(%fault, "the disk could not be written anew; it is tried again"),
            Err(cause) => tracing::error!(%cause, "the disk could not be written anew; it is tried again"),
        }
    }
}

/// Until the relay stops, asks devices to leave that have taken a seat at another relay since.
async fn seats(between: Between, rooms: Arc<Rooms>) {
    let Some(mut taken) = between.hears_of_seats().await else { return };
    while let Some((company, device)) = between.seat(&mut taken).await {
        rooms.replaced(company, device);
    }
}

/// A running relay. Dropping it stops the relay without waiting.
pub struct RelayHandle {
    address: SocketAddr,
    admin: Option<SocketAddr>,
    certificate: Option<Arc<Certificate>>,
    house: std::sync::Weak<House>,
    task: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl RelayHandle {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where operators look.
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// The address that devices are told; where it has a certificate, its name stands in the place of the number.
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "wss" } else { "ws" };
        format!("{scheme}://{}/sync", self.address)
    }

    /// Reads the certificate again; whether there was a new one. One that cannot be used leaves the old one in use.
    /// Waits for the disk.
    pub fn renew_certificate(&self) -> Result<bool, TlsFault> {
        self.certificate.as_ref().map_or(Ok(false), |certificate| certificate.renew())
    }

    /// Other rules from now on. Devices of companies that are no longer served are asked to leave. Waits for the disk.
    pub fn rule(&self, rules: Rules) {
        let Some(house) = self.house.upgrade() else { return };
        house.kept.disk().rule(rules);
        house.rooms.dismiss(|company| house.kept.disk().admits(company).is_ok());
    }

    /// Says farewell to every guest and waits until they have left.
    pub async fn stop(self) -> Result<(), RelayFault> {
        self.stop.send_replace(true);
        self.task.await.map_err(broke_down)
    }
}

/// Waits until it is time; a dropped handle means the same as a word from it.
async fn told(word: &mut watch::Receiver<bool>) {
    word.wait_for(|told| *told).await.ok();
}

fn broke_down(cause: tokio::task::JoinError) -> RelayFault {
    RelayFault::Stopped(io::Error::other(cause))
}

fn cannot_listen(address: SocketAddr) -> impl Fn(io::Error) -> RelayFault {
    move |cause| RelayFault::CannotListen { address, cause }
}

/// What all connections share.
struct House {
    figures: Arc<Figures>,
    certificate: Option<Arc<Certificate>>,
    kept: Kept,
    /// The line to other relays of the same log.
    between: Option<Between>,
    limits: Limits,
    behind_proxy: bool,
    places: Arc<Semaphore>,
    lobby: Arc<Semaphore>,
    callers: Arc<Callers>,
    rooms: Arc<Rooms>,
    /// Where new devices meet those that invite them.
    meetings: Arc<Meetings>,
    began: Instant,
    guests: TaskTracker,
    stopping: watch::Receiver<bool>,
    /// Closes when the last who knows the house has let go of it, and so, being the last field, after the disk:
    /// whoever stopped the relay may then open the folder again.
    _inhabited: mpsc::Sender<Infallible>,
}

/// What a guest takes up. Dropped, it is free again.
struct Place {
    _of_all: OwnedSemaphorePermit,
    _of_its_network: Caller,
}

impl House {
    fn door(&self, listener: TcpListener, certificate: Option<Arc<Certificate>>) -> Door {
        let (lobby, opening) = (self.lobby.clone(), self.limits.opening);
        Door { listener, lobby, opening, certificate, figures: self.figures.clone() }
    }

    fn place(&self, network: Network) -> Result<Place, Refusal> {
        let all = self.places.clone().try_acquire_owned().map_err(|_| Refusal::Full)?;
        let caller = self.callers.one_more(network, self.limits.network_connections);
        Ok(Place { _of_all: all, _of_its_network: caller.ok_or(Refusal::NetworkCrowded)? })
    }
}

fn routes(house: Arc<House>) -> Router {
    Router::new().route("/sync", get(sync)).with_state(house)
}

async fn sync(
    State(house): State<Arc<House>>,
    Extension(Peer(peer)): Extension<Peer>,
    RawQuery(asked): RawQuery,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    // Who comes back speaks first.
    let comes_back = asked.as_deref() == Some(BACK);
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(FRAME_LIMIT)
        .max_frame_size(FRAME_LIMIT);
    let guests = house.guests.clone();
    match house.place(Network::of(peer.ip(), &headers, house.behind_proxy)) {
        Ok(place) => upgrade.on_upgrade(move |socket| {
            guests.track_future(async move {
                guest::host(house, socket, comes_back).await;
                drop(place);
            })
        }),
        // It is told in its own language, and while it is told it stands in the doorway like anybody else.
        Err(refusal) => match house.lobby.clone().try_acquire_owned() {
            Ok(doorway) => upgrade.on_upgrade(move |socket| {
                guests.track_future(async move {
                    guest::turn_away(&house, socket, refusal).await;
                    drop(doorway);
                })
            }),
            Err(_) => (StatusCode::SERVICE_UNAVAILABLE, format!("{refusal}\n")).into_response(),
        },
    }
}

#[cfg(test)]
mod tests;
