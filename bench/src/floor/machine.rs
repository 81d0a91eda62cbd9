//! What the machine itself takes: the disk's word for each commit, bytes through its own network, one question and answer.

use crate::spread::Spread;
use anyhow::{Context, Result};
use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// Commits that are enough to know how long one takes.
const COMMITS: usize = 1_000;

/// Seconds that one commit of so many bytes takes: appended to a file and synced.
pub fn commit(folder: &Path, bytes: usize, commits: usize) -> Result<f64> {
    let place = tempfile::Builder::new().prefix("disk-").tempdir_in(folder)?;
    let (mut file, bytes) = (File::create(place.path().join("log"))?, vec![b'-'; bytes]);
    let commits = commits.clamp(1, COMMITS);
    let begun = Instant::now();
    for _ in 0..commits {
        file.write_all(&bytes)?;
        file.sync_data()?;
    }
    Ok(begun.elapsed().as_secs_f64() / commits as f64)
}

/// Milliseconds that a small commit takes when none waits for another: a line appended to a file and synced, many times.
pub fn commits(folder: &Path) -> Result<Spread> {
    let place = tempfile::Builder::new().prefix("disk-").tempdir_in(folder)?;
    let mut file = File::create(place.path().join("line"))?;
    let mut times = Vec::new();
    for _ in 0..COMMITS {
        let begun = Instant::now();
        file.write_all(&[b'-'; 500])?;
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    Ok(Spread::of_times(&times))
}

/// Milliseconds of one question and its answer over an open connection through loopback: the median of many.
pub async fn round_trip() -> Result<f64> {
    const TIMES: usize = 1_000;
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let (calling, called) = tokio::join!(TcpStream::connect(listener.local_addr()?), listener.accept());
    let (mut here, (mut there, _)) = (calling?, called?);
    here.set_nodelay(true).and_then(|()| there.set_nodelay(true))?;
    let answering = tokio::spawn(async move {
        let mut word = [0; 32];
        while there.read_exact(&mut word).await.is_ok() && there.write_all(&word).await.is_ok() {}
    });
    let (mut times, mut word) = (Vec::new(), [1; 32]);
    for _ in 0..TIMES {
        let begun = Instant::now();
        here.write_all(&word).await?;
        here.read_exact(&mut word).await?;
        times.push(begun.elapsed());
    }
    answering.abort();
    Ok(Spread::of_times(&times).median())
}

/// Milliseconds until so many bytes have reached each of so many at the other ends of open connections: the median of some rounds.
pub async fn fan_out(devices: usize, bytes: usize) -> Result<f64> {
    const ROUNDS: usize = 20;
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let address = listener.local_addr()?;
    let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
    let mut ends = Vec::new();
    for _ in 0..devices {
        let (calling, called) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (mut device, (relay, _)) = (calling?, called?);
        relay.set_nodelay(true)?;
        ends.push(relay);
        let arrived = arrived.clone();
        tokio::spawn(async move {
            let mut room = vec![0; bytes];
            while device.read_exact(&mut room).await.is_ok() {
                arrived.send(Instant::now()).ok();
            }
        });
    }
    let (message, mut times) = (vec![b'-'; bytes], Vec::new());
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for end in &mut ends {
            end.write_all(&message).await?;
        }
        let mut last = begun;
        for _ in 0..devices {
            last = arrivals.recv().await.context("a connection was lost")?;
        }
        times.push(last - begun);
    }
    Ok(Spread::of_times(&times).median())
}

/// Seconds until so many have connected at once, and each has had one answer to one question.
pub async fn calls(devices: usize) -> Result<f64> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    // Room for all of them: who finds none tries again only after a second.
    let listener = socket.listen(u32::try_from(devices)?.max(1_024))?;
    let address = listener.local_addr()?;
    let answering = tokio::spawn(async move {
        while let Ok((mut device, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut word = [0];
                while device.read_exact(&mut word).await.is_ok() && device.write_all(&word).await.is_ok() {}
            });
        }
    });
    let begun = Instant::now();
    let calls = (0..devices).map(|_| async {
        let mut device = TcpStream::connect(address).await?;
        device.write_all(&[1]).await?;
        let mut word = [0];
        device.read_exact(&mut word).await?;
        anyhow::Ok(device)
    });
    let kept = futures_util::future::try_join_all(calls).await?;
    let took = begun.elapsed().as_secs_f64();
    answering.abort();
    drop(kept);
    Ok(took)
}
