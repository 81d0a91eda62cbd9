//! What a relay is told when it starts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Where a relay listens, where it keeps what it is given, and what it allows.
#[derive(Debug, Clone)]
pub struct RelayConfig {
    /// Where it listens; port 0 takes a free one.
    pub address: SocketAddr,
    /// Where it keeps the logs.
    pub folder: PathBuf,
    /// What it allows.
    pub limits: Limits,
}

/// What a relay allows, so that no guest can take it away from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at one time.
    pub connections: usize,
    /// How long a new connection may take to prove who it is.
    pub greeting: Duration,
    /// How long the relay waits for a guest that does not read before it lets the connection go.
    pub send: Duration,
    /// How often it asks a silent guest for a sign of life. A guest that gives none before the second question is
    /// let go.
    pub sign_of_life: Duration,
}

impl Default for Limits {
    /// 10,000 connections fit in a small machine's memory; ten seconds suffice on the slowest mobile line; half a
    /// minute between signs of life keeps the usual network boxes from forgetting an idle connection.
    fn default() -> Self {
        Self {
            connections: 10_000,
            greeting: Duration::from_secs(10),
            send: Duration::from_secs(30),
            sign_of_life: Duration::from_secs(30),
        }
    }
}
