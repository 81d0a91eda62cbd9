//! The list on screen: a browser opens the device's page, and the first row stands in it.

use super::program::Serving;
use super::{STARTS, cold};
use crate::Options;
use crate::figure::Report;
use crate::spread::Spread;
use anyhow::{Context, Result, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The first row of the first list, and when the page had it, in milliseconds since the browser set out for it.
const FIRST_ROW: &str = "return document.querySelector('[data-testid=list-row]') ? performance.now() : null";
/// What takes longer than this will not come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures it where there are built screens, a browser and its driver; elsewhere there is nothing to measure.
pub fn measure(report: &mut Report, mera: &Path, folder: &Path, options: &Options) -> Result<()> {
    let Some(ui) = options.ui.as_deref().filter(|ui| ui.join("index.html").is_file()) else { return Ok(()) };
    let Some(driver) = Driver::start() else { return Ok(()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut walls, mut page, mut cold) = (Vec::new(), Vec::new(), true);
    for _ in 0..STARTS {
        let client = runtime.block_on(driver.client())?;
        cold &= cold::make(folder);
        let begun = Instant::now();
        let serving = Serving::start(mera, folder, Some(ui))?;
        let seen = runtime.block_on(first_row(&client, &serving.link));
        walls.push(begun.elapsed().as_secs_f64());
        runtime.block_on(client.close())?;
        serving.stop()?;
        page.push(seen? / 1_000.0);
    }
    let how = format!("program started, page opened in headless Chromium, {STARTS} times, {}", cold::word(cold));
    report.judge("start.screen.p50", Spread::of(walls).median(), "s", super::AIM, options.records, &how)?;
    report.add(
        "start.screen.page.p50",
        Spread::of(page).median(),
        "s",
        options.records,
        "of that: page set out for to first row",
    )?;
    Ok(())
}

async fn first_row(client: &Client, link: &str) -> Result<f64> {
    client.goto(link).await?;
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(millis) = client.execute(FIRST_ROW, Vec::new()).await?.as_f64() {
            return Ok(millis);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bail!("no row of the first list came within {} s", PATIENCE.as_secs())
}

/// A running `chromedriver`. It ends with the measurement.
struct Driver {
    child: Child,
    port: u16,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Killed, it would leave its browsers behind.
        if let Ok(mut line) = TcpStream::connect(("127.0.0.1", self.port)) {
            line.set_read_timeout(Some(PATIENCE)).ok();
            write!(line, "GET /shutdown HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", self.port).ok();
            line.read_to_end(&mut Vec::new()).ok();
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Driver {
    fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).ok()?.port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        Some(Self { child: command.spawn().ok()?, port })
    }

    async fn client(&self) -> Result<Client> {
        let words = json!(["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1366,900"]);
        let wanted = json!({ "goog:chromeOptions": { "args": words } });
        let wanted = wanted.as_object().cloned().unwrap_or_default();
        let begun = Instant::now();
        loop {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            let client = builder.capabilities(wanted.clone()).connect(&format!("http://127.0.0.1:{}", self.port)).await;
            match client {
                Ok(client) => return Ok(client),
                Err(cause) if begun.elapsed() > PATIENCE => return Err(cause).context("the browser cannot be started"),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}
