//! Another house's program: its server and two of its clients, each a process of its own, and the counting wire between.

use crate::reconnect::{Traffic, Wire};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use std::env::consts::EXE_SUFFIX;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// What takes longer than this is not waited for.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// A wire on which nothing passed for so long has nothing more to carry.
const QUIET: Duration = Duration::from_secs(1);

/// A program that runs until it is let go of, and what it says, line by line.
struct Running {
    child: Child,
    says: UnboundedReceiver<String>,
}

/// A client that does what it is told.
pub struct Client {
    running: Running,
    told: ChildStdin,
}

/// The server, and two clients.
pub struct Peer {
    pub clients: [Client; 2],
    pub wire: Wire,
    _server: Running,
}

#[derive(Deserialize)]
struct Listens {
    port: u16,
}

#[derive(Deserialize)]
struct Said {
    failed: Option<String>,
    #[serde(default)]
    says: String,
}

impl Peer {
    /// Starts them, each with an empty folder. Nobody is connected yet.
    pub async fn start(program: &Path, folder: &Path) -> Result<Self> {
        let mut server = Running::start(program, "server", &[folder.join("server").display().to_string()])?;
        let line = server.next_line().await.context("the server listens nowhere")?;
        let Listens { port } = serde_json::from_str(&line).with_context(|| format!("the server said {line:?}"))?;
        let wire = Wire::to(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let client = |name: &str| {
            let args = [folder.join(name).display().to_string(), wire.server()];
            let mut running = Running::start(program, "client", &args)?;
            let told = running.child.stdin.take().context("the client cannot be told anything")?;
            anyhow::Ok(Client { running, told })
        };
        let clients = [client("anna")?, client("bo")?];
        Ok(Self { clients, wire, _server: server })
    }

    /// Both do the same at once.
    pub async fn both(&mut self, what: [Value; 2]) -> Result<()> {
        let [anna, bo] = &mut self.clients;
        let [hers, his] = what;
        tokio::try_join!(anna.does(hers), bo.does(his))?;
        Ok(())
    }

    /// Waits until nothing has passed on the wire for a while, from now on.
    pub async fn until_quiet(&self) -> Result<Traffic> {
        let begun = Instant::now();
        let quiet_for = || self.wire.quiet_for().min(begun.elapsed());
        timeout(PATIENCE, async {
            while quiet_for() < QUIET {
                tokio::time::sleep(QUIET.saturating_sub(quiet_for())).await;
            }
        })
        .await
        .context("the wire did not come to rest in time")?;
        let (up, down) = self.wire.bytes();
        Ok(Traffic { up, down, opening: self.wire.opening(), messages: 0 })
    }
}

impl Client {
    /// Tells it to do something and waits until that is done.
    pub async fn does(&mut self, what: Value) -> Result<()> {
        self.told.write_all(format!("{what}\n").as_bytes())?;
        let line = self.running.next_line().await.with_context(|| what["do"].to_string())?;
        let Said { failed, says } = serde_json::from_str(&line).with_context(|| format!("the client said {line:?}"))?;
        match failed {
            None => Ok(()),
            Some(what) => bail!("the client could not {what}: {says}"),
        }
    }

    /// The same for a word that stands alone.
    pub async fn is(&mut self, what: &str) -> Result<()> {
        self.does(json!({ "do": what })).await
    }
}

impl Running {
    /// A script for Node.js, or a program that was built.
    fn start(folder: &Path, name: &str, args: &[String]) -> Result<Self> {
        let (script, built) = (folder.join(format!("{name}.mjs")), folder.join(format!("{name}{EXE_SUFFIX}")));
        let (mut command, fault) = if script.exists() {
            let mut node = Command::new("node");
            node.arg(script);
            (node, "Node.js cannot be started; is it installed?")
        } else {
            (Command::new(built), "the program cannot be started; is it built?")
        };
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context(fault)?;
        let lines = BufReader::new(child.stdout.take().context("the program says nothing")?).lines();
        let (said, says) = unbounded_channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| said.send(line)));
        Ok(Self { child, says })
    }

    async fn next_line(&mut self) -> Result<String> {
        let line = timeout(PATIENCE, self.says.recv()).await.context("it took too long")?;
        line.context("the program ended")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended by itself cannot be stopped, which is as well.
        self.child.kill().and_then(|()| self.child.wait()).ok();
    }
}
