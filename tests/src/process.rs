//! A relay or device as a process of its own, which can be killed at any moment and started again.

use anyhow::{Context, Result, anyhow, bail};
use mera_device_api::{Answer, Request};
use serde_json::Value;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// A program that has not said where it answers by then will not.
const START: Duration = Duration::from_secs(60);
/// An answer that has not come by then will not.
const ANSWER: Duration = Duration::from_secs(60);

/// The program `mera`: the one that `MERA_BIN` names, or as the runner builds it beside the tests.
pub fn mera() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("MERA_BIN") {
        return Ok(named.into());
    }
    let tests = std::env::current_exe()?;
    let mera = tests.ancestors().nth(2).context("a test stands in a build folder")?.join("mera");
    if mera.exists() { Ok(mera) } else { bail!("build it first: cargo build --package mera") }
}

/// How a program is started.
pub struct Program {
    mera: PathBuf,
    words: Vec<String>,
    log: PathBuf,
    within: Vec<String>,
}

impl Program {
    /// `mera --json …`; what it says on its error stream goes into a file.
    pub fn new(mera: &Path, words: Vec<String>, log: PathBuf) -> Self {
        Self { mera: mera.to_owned(), words, log, within: Vec::new() }
    }

    /// The same, started by another program: its name and words. That one must become `mera`, and not wait for it.
    pub fn within(self, other: &[&str]) -> Self {
        Self { within: other.iter().map(|word| (*word).to_owned()).collect(), ..self }
    }

    /// Starts it and does not wait.
    pub fn spawn(&self) -> Result<Running> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut command = match self.within.split_first() {
            Some((other, words)) => {
                let mut command = Command::new(other);
                command.args(words).arg(&self.mera);
                command
            }
            None => Command::new(&self.mera),
        };
        command.arg("--json").args(&self.words).stdout(Stdio::piped()).stderr(log);
        Ok(Running(command.spawn().with_context(|| format!("{} cannot be started", self.mera.display()))?))
    }

    /// Starts it and waits until it says where it answers.
    pub fn start(&self) -> Result<(Running, Value)> {
        let mut running = self.spawn()?;
        let told = running.first_line()?;
        if told["refused"].is_object() {
            bail!("`mera {}` does not start again: {}", self.words.join(" "), told["refused"]);
        }
        Ok((running, told))
    }
}

/// A process; it is killed when it is let go of.
pub struct Running(Child);

impl Running {
    /// Its number in the operating system.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Kills it in the middle of whatever it does.
    pub fn kill(mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(self) -> Result<()> {
        self.signal("TERM")?;
        self.end_by_itself()
    }

    /// Waits until it has done what it was started for.
    pub fn end_by_itself(mut self) -> Result<()> {
        let status = self.0.wait()?;
        if status.success() { Ok(()) } else { Err(anyhow!("a program did not end well: {status}")) }
    }

    /// Sends it a signal, such as `STOP`.
    pub fn signal(&self, name: &str) -> Result<()> {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.0.id().to_string()]).status()?;
        if sent.success() { Ok(()) } else { bail!("the program has ended already") }
    }

    fn first_line(&mut self) -> Result<Value> {
        let says = self.0.stdout.take().context("the program says nothing")?;
        let (told, hears) = mpsc::channel();
        thread::spawn(move || {
            let (mut line, mut says) = (String::new(), BufReader::new(says));
            says.read_line(&mut line).ok();
            told.send(line).ok();
            // Whoever writes into a pipe that nobody reads is killed for it.
            std::io::copy(&mut says, &mut std::io::sink()).ok();
        });
        let line = hears.recv_timeout(START).context("the program started and then said nothing")?;
        serde_json::from_str(&line).with_context(|| format!("the program ended as it started, saying {line:?}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Where a device answers.
#[derive(Clone)]
pub struct Door {
    address: String,
    token: String,
}

impl Door {
    /// As the device told when it started.
    pub fn of(told: &Value) -> Result<Self> {
        let word = |name: &str| told["serving"][name].as_str().map(str::to_owned).context("no device answers there");
        Ok(Self { address: word("address")?, token: word("token")? })
    }

    /// Asks for one thing; an error when no whole answer came.
    pub fn ask(&self, request: &Request) -> Result<Answer> {
        let body = serde_json::to_string(request)?;
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(ANSWER))?;
        let (address, token, length) = (&self.address, &self.token, body.len());
        write!(
            stream,
            "POST /api/request HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").context("the answer was cut short")?;
        Ok(serde_json::from_str(body)?)
    }
}
