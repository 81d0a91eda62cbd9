//! A wire that counts: it stands between the devices and the relay, and passes on every byte.

use anyhow::Result;
use std::net::SocketAddr;
use std::ops::Sub;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a head of HTTP ends with.
const HEAD_END: &[u8] = b"\r\n\r\n";
/// Bytes after which it is none: others speak without.
const HEAD_LIMIT: usize = 8 * 1024;

/// What has passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes to the relay: handshakes, WebSocket frames and all.
    pub up: u64,
    /// Bytes from the relay.
    pub down: u64,
    /// Of both, those of openings: a head of HTTP there and one back, before anything can be said.
    pub opening: u64,
    /// Messages of the protocol, both ways.
    pub messages: u64,
}

impl Sub for Traffic {
    type Output = Self;
    fn sub(self, before: Self) -> Self {
        Self {
            up: self.up - before.up,
            down: self.down - before.down,
            opening: self.opening - before.opening,
            messages: self.messages - before.messages,
        }
    }
}

#[derive(Default)]
struct Counts {
    up: AtomicU64,
    down: AtomicU64,
    opening: AtomicU64,
    /// When something passed last, in milliseconds since the wire was laid.
    last: AtomicU64,
}

/// The wire. Dropping it cuts it.
pub struct Wire {
    address: SocketAddr,
    counts: Arc<Counts>,
    laid: Instant,
    task: JoinHandle<()>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Wire {
    /// A wire to a relay.
    pub async fn to(relay: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, counts) = (listener.local_addr()?, Arc::new(Counts::default()));
        let (counting, laid) = (counts.clone(), Instant::now());
        let task = tokio::spawn(async move {
            while let Ok((device, _)) = listener.accept().await {
                let Ok(relay) = TcpStream::connect(relay).await else { continue };
                // Nothing is gained by waiting for more to send; the devices' own sockets do not wait either.
                device.set_nodelay(true).and_then(|()| relay.set_nodelay(true)).ok();
                let ((from_device, to_device), (from_relay, to_relay)) = (device.into_split(), relay.into_split());
                tokio::spawn(pass(from_device, to_relay, (counting.clone(), laid), |counts| &counts.up));
                tokio::spawn(pass(from_relay, to_device, (counting.clone(), laid), |counts| &counts.down));
            }
        });
        Ok(Self { address, counts, laid, task })
    }

    /// What devices are told as the relay's address.
    pub fn url(&self) -> String {
        format!("ws://{}/sync", self.address)
    }

    /// What clients are told that put a path behind it themselves.
    pub fn server(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// How long nothing has passed.
    pub fn quiet_for(&self) -> Duration {
        self.laid.elapsed().saturating_sub(Duration::from_millis(self.counts.last.load(Relaxed)))
    }

    /// Bytes passed so far, up and down.
    pub fn bytes(&self) -> (u64, u64) {
        (self.counts.up.load(Relaxed), self.counts.down.load(Relaxed))
    }

    /// Those of them that were openings.
    pub fn opening(&self) -> u64 {
        self.counts.opening.load(Relaxed)
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    (counts, laid): (Arc<Counts>, Instant),
    of: fn(&Counts) -> &AtomicU64,
) {
    let (mut bytes, mut head) = (vec![0; 64 * 1024], Some(Vec::new()));
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        of(&counts).fetch_add(read as u64, Relaxed);
        head = head.and_then(|head| opened(head, &bytes[..read], &counts));
        counts.last.store(u64::try_from(laid.elapsed().as_millis()).unwrap_or(u64::MAX), Relaxed);
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}

/// Counts the head that a connection opens with, once all of it has passed; what has passed of it until then is given back.
fn opened(mut head: Vec<u8>, bytes: &[u8], counts: &Counts) -> Option<Vec<u8>> {
    head.extend(bytes);
    let Some(end) = memchr::memmem::find(&head, HEAD_END) else {
        return Some(head).filter(|head| head.len() < HEAD_LIMIT);
    };
    counts.opening.fetch_add((end + HEAD_END.len()) as u64, Relaxed);
    None
}
