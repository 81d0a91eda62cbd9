//! What a relay tells its operators, read for the figures.

use anyhow::{Context, Result};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The page of its metrics, as it stood when it was asked for.
pub struct Told(String);

impl Told {
    /// Asks a relay at its operators' address.
    pub async fn by(admin: SocketAddr) -> Result<Self> {
        let mut socket = TcpStream::connect(admin).await?;
        socket.write_all(b"GET /metrics HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n").await?;
        let mut told = String::new();
        socket.read_to_string(&mut told).await?;
        Ok(Self(told))
    }

    /// A counter.
    pub fn count(&self, name: &str) -> Result<u64> {
        let value = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok();
        self.0.lines().find_map(value).with_context(|| format!("the relay tells no {name}"))
    }
}
