//! What a relay is told when it starts.

use crate::{Rules, SharedLog};
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

/// Where a relay listens, where it keeps what it is given, and what it allows.
#[derive(Debug, Clone)]
pub struct RelayConfig {
    /// Where it listens; port 0 takes a free one.
    pub address: SocketAddr,
    /// Where it keeps the logs, or its copy of a shared one.
    pub folder: PathBuf,
    /// The log that it shares with other relays; without one it keeps its own.
    pub log: Option<SharedLog>,
    /// What it allows.
    pub limits: Limits,
    /// Whom it serves.
    pub rules: Rules,
    /// Where operators look; without it nobody can.
    pub admin: Option<SocketAddr>,
    /// Its certificate; without one it speaks no TLS.
    pub tls: Option<TlsFiles>,
    /// Whether only a proxy can reach it, whose word counts for where a guest calls from.
    pub behind_proxy: bool,
}

impl RelayConfig {
    /// A relay with the usual limits and rules, without TLS and without pages for operators.
    pub fn new(address: SocketAddr, folder: PathBuf) -> Self {
        let (limits, rules) = (Limits::default(), Rules::default());
        Self { address, folder, log: None, limits, rules, admin: None, tls: None, behind_proxy: false }
    }
}

/// Where a certificate is kept, in PEM form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, the relay's own certificate first.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// How many of something in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(pub NonZeroU64);

/// How fast somebody may send. A rested sender may send four seconds' worth at once; beyond that its frames are held
/// back, and with them, by TCP, the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tempo {
    /// Frames.
    pub frames: Rate,
    /// Bytes.
    pub bytes: Rate,
}

/// What a relay allows, so that no guest can take it away from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at one time.
    pub connections: usize,
    /// Connections at one time from one network: an address, or 64 bits of a long one.
    pub network_connections: usize,
    /// Connections at one time of one company. Each device has one; a second one replaces it.
    pub company_connections: usize,
    /// Connections at one time that have not become a WebSocket yet.
    pub lobby: usize,
    /// How long a new connection may take until it is a WebSocket, the TLS handshake included.
    pub opening: Duration,
    /// How long a new guest may take to prove who it is.
    pub greeting: Duration,
    /// How long the relay waits for a guest that does not read before it lets the connection go.
    pub send: Duration,
    /// How often it asks a silent guest for a sign of life. A guest that gives none before the second question is
    /// let go.
    pub sign_of_life: Duration,
    /// How fast a device may send.
    pub device: Tempo,
    /// How fast all devices of a company together may send.
    pub company: Tempo,
    /// How long a frame is held back at most; what would wait longer is refused.
    pub patience: Duration,
}

impl Limits {
    /// The usual rates of a device. A first push of a hundred thousand records is some 60 MiB.
    const DEVICE: Tempo = Tempo { frames: per_second(250), bytes: per_second(16 << 20) };
    /// The usual rates of a company: several devices that fill an empty relay at the same time.
    const COMPANY: Tempo = Tempo { frames: per_second(2_500), bytes: per_second(64 << 20) };
}

const fn per_second(count: u64) -> Rate {
    Rate(NonZeroU64::new(count).expect("the usual rates are not zero"))
}

impl Default for Limits {
    /// 10,000 connections fit in a small machine's memory. 256 from one network are a large office behind one address,
    /// 500 a large company. Ten seconds suffice on the slowest mobile line; half a minute between signs of life keeps
    /// the usual network boxes from forgetting an idle connection.
    fn default() -> Self {
        Self {
            connections: 10_000,
            network_connections: 256,
            company_connections: 500,
            lobby: 1_000,
            opening: Duration::from_secs(10),
            greeting: Duration::from_secs(10),
            send: Duration::from_secs(30),
            sign_of_life: Duration::from_secs(30),
            device: Self::DEVICE,
            company: Self::COMPANY,
            patience: Duration::from_secs(30),
        }
    }
}
