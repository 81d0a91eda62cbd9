//! The way in: takes connections, speaks TLS where it is asked to, and sees that nobody stands in the doorway.

use super::figures::Figures;
use super::tls::Certificate;
use super::told;
use axum::http::{HeaderValue, StatusCode, header::CONNECTION};
use axum::middleware::map_response;
use axum::response::Response;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long nobody is let in after the operating system had no more handles or memory.
const OUT_OF_BREATH: Duration = Duration::from_millis(500);
/// Bytes of a request at most: a WebSocket's has some three hundred, and proxies add theirs.
const HEAD_LIMIT: usize = 16 * 1024;
/// The first byte of everything that begins in TLS (RFC 8446, section 5.1: a handshake record).
const TLS_BEGINS: u8 = 22;
/// What whoever speaks plain HTTP to a relay that speaks TLS is told (RFC 2817, section 4.2); a device knows it by the
/// status.
const SPEAKS_TLS: &[u8] =
    b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.3, HTTP/1.1\r\nConnection: Upgrade, close\r\n\
    Content-Type: text/plain\r\nContent-Length: 57\r\n\r\nthis relay speaks TLS; write its address with wss://host\n";

/// Who is at the other end of a socket.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// A door on one address.
pub struct Door {
    /// Where.
    pub listener: TcpListener,
    /// How many may stand in it.
    pub lobby: Arc<Semaphore>,
    /// How long each may stand in it: from the first byte until the connection has become a WebSocket or has its answer.
    pub opening: Duration,
    /// What it shows, where it speaks TLS.
    pub certificate: Option<Arc<Certificate>>,
    /// What it counts.
    pub figures: Arc<Figures>,
}

impl Door {
    /// Lets people in until it is closed. Who then still stands in the doorway is sent away.
    pub async fn keep(self, routes: Router, mut closing: watch::Receiver<bool>) {
        let mut visitors = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => self.take(&mut visitors, stream, peer, &routes),
                    Err(cause) => {
                        tracing::warn!(%cause, "nobody can be let in for a moment");
                        sleep(OUT_OF_BREATH).await;
                    }
                },
                Some(_) = visitors.join_next() => {}
                () = told(&mut closing) => break,
            }
        }
    }

    fn take(&self, visitors: &mut JoinSet<()>, stream: TcpStream, peer: SocketAddr, routes: &Router) {
        let Ok(place) = self.lobby.clone().try_acquire_owned() else {
            self.figures.refused("relay.doorway_full");
            return;
        };
        // Frames are whole and few. Held back until the one before was acknowledged, each second one would wait some
        // 40 ms; under TLS just so, since every frame is a record of its own.
        if let Err(cause) = stream.set_nodelay(true) {
            tracing::debug!(%cause, "a guest's frames will be held back");
        }
        let routes = routes.clone().layer(map_response(one_answer)).layer(Extension(Peer(peer)));
        let (opening, figures) = (self.opening, self.figures.clone());
        let certificate = self.certificate.clone();
        visitors.spawn(async move {
            let entering = enter(stream, certificate, routes, &figures);
            if timeout(opening, entering).await.is_err() {
                figures.refused("relay.too_slow");
            }
            drop(place);
        });
    }
}

async fn enter(mut stream: TcpStream, certificate: Option<Arc<Certificate>>, routes: Router, figures: &Figures) {
    let Some(certificate) = certificate else { return speak(stream, routes).await };
    let mut first = [0];
    if !matches!(stream.peek(&mut first).await, Ok(1)) {
        return;
    }
    if first[0] != TLS_BEGINS {
        figures.refused("relay.no_tls");
        // A socket that is closed while something in it was not read takes the answer back.
        let mut request = vec![0; HEAD_LIMIT];
        if stream.read(&mut request).await.is_ok_and(|read| read > 0) {
            stream.write_all(SPEAKS_TLS).await.ok();
        }
        return;
    }
    match certificate.current().accept(stream).await {
        Ok(stream) => speak(stream, routes).await,
        Err(cause) => {
            tracing::debug!(%cause, "a TLS handshake came to nothing");
            figures.refused("relay.tls_handshake");
        }
    }
}

/// Nobody stays in the doorway after the answer; what becomes a WebSocket goes through.
async fn one_answer(mut response: Response) -> Response {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// One request; what becomes a WebSocket goes on elsewhere.
async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, routes: Router) {
    let mut http = http1::Builder::new();
    http.max_buf_size(HEAD_LIMIT);
    let service = TowerToHyperService::new(routes);
    if let Err(cause) = http.serve_connection(TokioIo::new(stream), service).with_upgrades().await {
        tracing::debug!(%cause, "a request came to nothing");
    }
}
