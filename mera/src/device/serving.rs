//! Where a device that runs answers, told in its folder to whoever may read that: other commands on the same folder ask it
//! instead of waiting until it is closed.

use anyhow::{Context, Result};
use mera_device_api::{Answer, Request};
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The file's name; its token is worth nothing once the program has ended.
const FILE: &str = "serving.json";

#[derive(Serialize, Deserialize)]
struct Place {
    address: SocketAddr,
    token: String,
}

/// The file, as long as the device runs.
pub struct Serving(PathBuf);

impl Serving {
    /// Tells where the device answers. Where that cannot be written, other commands say that the device is in use.
    pub fn tell(folder: &Path, address: SocketAddr, token: &str) -> Option<Self> {
        let file = folder.join(FILE);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let place = serde_json::to_vec(&Place { address, token: token.to_owned() }).ok()?;
        options.open(&file).and_then(|mut file| file.write_all(&place)).ok()?;
        Some(Self(file))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

/// Asks the device that has the folder open.
pub async fn ask(folder: &Path, request: &Request) -> Result<Answer> {
    let told = fs::read(folder.join(FILE)).context("the device is in use by a program that takes no questions")?;
    let Place { address, token } = serde_json::from_slice(&told)?;
    let body = serde_json::to_string(request)?;
    let mut stream =
        TcpStream::connect(address).await.context("the program that has the device open does not answer")?;
    let length = body.len();
    let head =
        format!("POST /api/request HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}");
    stream.write_all(format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (_, body) = answer.split_once("\r\n\r\n").context("the device ended before it had answered")?;
    Ok(serde_json::from_str(body)?)
}
