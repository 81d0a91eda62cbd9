//! How many changes are at the relay in a second when many companies work at one time: one relay with a log of its own, one with a
//! log in NATS, three that share it. Devices, relays and NATS are on this one machine, and so share its cores and its disk: what it
//! shows is what the shared log costs. What three machines gain, three machines would have to show.

use crate::figure::Report;
use crate::reconnect::ask;
use crate::spread::Spread;
use anyhow::{Context, Result, bail};
use futures_util::future::try_join_all;
use mera_device::{Device, Engine, Founding, RealWorld};
use mera_device_api::{Reply, Request};
use mera_schema::{Desk, RecordKind};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::block_in_place;
use tokio::time::timeout;

/// Companies that work at one time, a device each.
const COMPANIES: usize = 24;
/// Changes that each saves one after the other, each when the one before is at the relay.
const SAVES: usize = 20;
/// Changes that each brings at once.
const BROUGHT: usize = 100;
/// What takes longer than this will not come.
const PATIENCE: Duration = Duration::from_secs(120);

/// Measures the three.
pub fn measure(report: &mut Report, cache: &Path, mera: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for (name, relays, shared) in [("own", 1, false), ("shared.one", 1, true), ("shared.three", 3, true)] {
        let folder = tempfile::Builder::new().prefix("relays-").tempdir_in(cache)?;
        let (_running, urls) = start(mera, folder.path(), relays, shared)?;
        runtime.block_on(async {
            let devices = block_in_place(|| found(folder.path(), &urls))?;
            // Whoever has founded a company has told its relay of it.
            try_join_all(devices.iter().map(until_at_relay)).await?;
            one_by_one(report, name, &devices).await?;
            at_once(report, name, &devices).await
        })?;
    }
    Ok(())
}

/// Each saves and waits, all at one time.
async fn one_by_one(report: &mut Report, name: &str, devices: &[Device]) -> Result<()> {
    let begun = Instant::now();
    let took = try_join_all(devices.iter().map(|device| async move {
        let mut took = Vec::new();
        for number in 0..SAVES {
            let begun = Instant::now();
            save(device, number).await?;
            until_at_relay(device).await?;
            took.push(begun.elapsed());
        }
        anyhow::Ok(took)
    }));
    let took = Spread::of_times(&took.await?.concat());
    let (count, seconds) = (COMPANIES * SAVES, begun.elapsed().as_secs_f64());
    let how = format!("{COMPANIES} companies save one change after the other");
    report.add(&format!("relay_log.{name}.saves"), count as f64 / seconds, "a second", count, &how)?;
    report.add(&format!("relay_log.{name}.save.p50"), took.median(), "ms", count, "until it is at the relay")?;
    report.add(&format!("relay_log.{name}.save.p99"), took.percentile(99), "ms", count, "the same")?;
    Ok(())
}

/// Each saves where there is no line, and all call at one time.
async fn at_once(report: &mut Report, name: &str, devices: &[Device]) -> Result<()> {
    for device in devices {
        ask(device, Request::SetOnline { online: false }).await?;
        for number in 0..BROUGHT {
            save(device, number).await?;
        }
    }
    let begun = Instant::now();
    try_join_all(devices.iter().map(|device| async move {
        ask(device, Request::SetOnline { online: true }).await?;
        until_at_relay(device).await
    }))
    .await?;
    let (count, seconds) = (COMPANIES * BROUGHT, begun.elapsed().as_secs_f64());
    let how = format!("{COMPANIES} companies bring {BROUGHT} changes each at one time");
    report.add(&format!("relay_log.{name}.brought"), count as f64 / seconds, "a second", count, &how)?;
    Ok(())
}

async fn save(device: &Device, number: usize) -> Result<()> {
    let values =
        vec![("name".to_owned(), format!("Kunde {number:04}")), ("phone".to_owned(), "+45 70 12 34 56".to_owned())];
    match ask(device, Request::Create { kind: RecordKind::Customer, values }).await? {
        Reply::Done(_) => Ok(()),
        other => bail!("a customer was not made: {other:?}"),
    }
}

/// Looks again at each notice.
async fn until_at_relay(device: &Device) -> Result<()> {
    let mut notices = device.notices();
    let waiting = async {
        loop {
            let Reply::SyncStatus(status) = ask(device, Request::SyncStatus).await? else {
                bail!("the device told something else")
            };
            if status.connected && status.waiting_changes == 0 {
                return Ok(());
            }
            notices.recv().await.ok();
        }
    };
    timeout(PATIENCE, waiting).await.context("what was saved did not reach the relay in time")?
}

/// A company each, spread over the relays.
fn found(folder: &Path, urls: &[String]) -> Result<Vec<Device>> {
    (0..COMPANIES)
        .map(|number| {
            let founding = Founding {
                name: "Pc 1".into(),
                person: "Mette Holm".into(),
                desk: Desk::Sales,
                series: "A".into(),
                relay: Some(urls[number % urls.len()].clone()),
                vault: mera_device::Place::InFolder,
            };
            let place = folder.join(format!("company-{number}"));
            Ok(Device::start(Engine::found(&place, founding, Arc::new(RealWorld))?))
        })
        .collect()
}

/// A program that is killed when it is let go of.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Starts relays, and NATS before them where they share a log. Gives their addresses.
fn start(mera: &Path, folder: &Path, relays: usize, shared: bool) -> Result<(Vec<Running>, Vec<String>)> {
    let (mut running, mut urls, mut with_log) = (Vec::new(), Vec::new(), Vec::new());
    if shared {
        let (nats, url) = start_nats(folder)?;
        running.push(nats);
        with_log = vec!["--log".to_owned(), url];
    }
    for number in 0..relays {
        let mut command = Command::new(mera);
        command.args(["--json", "relay", "--listen", "127.0.0.1:0"]).args(&with_log);
        command
            .arg("--folder")
            .arg(folder.join(format!("relay-{number}")))
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut relay = command.spawn().context("no relay starts")?;
        let says = relay.stdout.take().context("the relay says nothing")?;
        running.push(Running(relay));
        let line = BufReader::new(says).lines().next().context("the relay says nothing")??;
        let told: serde_json::Value = serde_json::from_str(&line)?;
        urls.push(told["relay"]["url"].as_str().with_context(|| format!("no relay starts: {line}"))?.to_owned());
    }
    Ok((running, urls))
}

/// Starts a nats-server from where `cargo xtask` has put it, or where the system keeps it.
fn start_nats(folder: &Path) -> Result<(Running, String)> {
    let told = std::env::var_os("MERA_OPERATORS").unwrap_or_default();
    let mut places = std::env::split_paths(&told).chain([PathBuf::from("/usr/sbin")]);
    let program = places.find_map(|place| Some(place.join("nats-server")).filter(|program| program.is_file()));
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let (config, files) = (folder.join("nats.conf"), folder.join("nats"));
    let text =
        format!("listen: 127.0.0.1:{port}\nmax_payload: 8MB\njetstream {{ store_dir: \"{}\" }}\n", files.display());
    std::fs::write(&config, text)?;
    let mut command = Command::new(program.context("nats-server is not here")?);
    let mut nats = command.arg("-c").arg(config).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let says = BufReader::new(nats.stderr.take().context("nats-server says nothing")?);
    let nats = Running(nats);
    let mut lines = says.lines();
    lines
        .find(|line| line.as_ref().is_ok_and(|line| line.contains("Server is ready")))
        .context("nats-server does not start")??;
    std::thread::spawn(move || lines.count());
    Ok((nats, format!("nats://127.0.0.1:{port}")))
}
