//! The real program: `mera device serve`, asked over HTTP as a script would.

use super::{AIM, AIM_MEMORY, FIRST_LIST, STARTS, cold};
use crate::figure::Report;
use crate::machine;
use crate::spread::Spread;
use anyhow::{Context, Result, bail};
use mera_device_api::{Answer, Reply, Request};
use serde::Deserialize;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// A program that serves a device.
pub struct Serving {
    child: Child,
    address: SocketAddr,
    token: String,
    /// What a person opens in a browser.
    pub link: String,
}

#[derive(Deserialize)]
struct Line {
    serving: Place,
}

#[derive(Deserialize)]
struct Place {
    address: SocketAddr,
    token: String,
    link: String,
}

impl Serving {
    /// Starts it and waits until it says where it answers.
    pub fn start(mera: &Path, folder: &Path, ui: Option<&Path>) -> Result<Self> {
        let mut command = Command::new(mera);
        command.args(["--json", "device", "serve", "--alone", "--folder"]).arg(folder);
        if let Some(ui) = ui {
            command.arg("--ui").arg(ui);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().with_context(|| format!("{} cannot be started", mera.display()))?;
        let mut said = String::new();
        BufReader::new(child.stdout.take().context("the program says nothing")?).read_line(&mut said)?;
        let Line { serving } = serde_json::from_str(&said).with_context(|| format!("the program said {said:?}"))?;
        let Place { address, token, link } = serving;
        Ok(Self { child, address, token, link })
    }

    /// Asks for one thing.
    pub fn ask(&self, request: &Request) -> Result<Reply> {
        let body = serde_json::to_string(request)?;
        let mut socket = TcpStream::connect(self.address)?;
        write!(
            socket,
            "POST /api/request HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            self.token,
            body.len(),
        )?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").context("the program answered no HTTP")?;
        match serde_json::from_str(body).with_context(|| format!("the program answered {answer:?}"))? {
            Answer::Ok(reply) => Ok(reply),
            Answer::Refused(refused) => bail!("the program refused: {}", refused.says),
        }
    }

    /// What it takes of memory now, and the most it took.
    pub fn memory(&self) -> (f64, f64) {
        machine::memory(&self.child.id().to_string()).unwrap_or_default()
    }

    /// Asks it to end and waits until it has.
    pub fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            self.child.kill()?;
        }
        self.child.wait()?;
        Ok(())
    }
}

/// Measures from the program's start to the answer with the first list.
pub fn measure(report: &mut Report, mera: &Path, folder: &Path, records: usize) -> Result<()> {
    let (mut walls, mut now, mut most, mut cold) = (vec![], vec![], vec![], true);
    let (kind, limit) = FIRST_LIST;
    for _ in 0..STARTS {
        cold &= cold::make(folder);
        let begun = Instant::now();
        let serving = Serving::start(mera, folder, None)?;
        let reply = serving.ask(&Request::List { kind, query: String::new(), offset: 0, limit })?;
        walls.push(begun.elapsed().as_secs_f64());
        let Reply::Page(page) = reply else { bail!("the program did not list {kind}") };
        if page.rows.len() < limit.min(page.total) {
            bail!("the list has {} rows of {}", page.rows.len(), page.total);
        }
        let memory = serving.memory();
        now.push(memory.0);
        most.push(memory.1);
        serving.stop()?;
    }
    let how = format!("`mera device serve`, the list over HTTP, {STARTS} starts, {}", cold::word(cold));
    let seconds = Spread::of(walls);
    report.add("start.program.least", seconds.least(), "s", records, &how)?;
    report.judge("start.program.p50", seconds.median(), "s", AIM, records, &how)?;
    report.judge(
        "start.program.memory",
        Spread::of(now).most(),
        "MiB",
        AIM_MEMORY,
        records,
        "when the list is there",
    )?;
    report.judge("start.program.memory.most", Spread::of(most).most(), "MiB", AIM_MEMORY, records, "until then")?;
    Ok(())
}
