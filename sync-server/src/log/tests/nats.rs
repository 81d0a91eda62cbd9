//! A real nats-server, in a folder of its own.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The program, from where the tests were told to look, or where the system keeps those of administrators.
fn program() -> Option<PathBuf> {
    let told = std::env::var_os("MERA_OPERATORS").unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&told).chain(std::env::split_paths(&path)).chain(["/usr/sbin".into()]);
    let found = folders.map(|folder| folder.join("nats-server")).find(|place| place.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: nats-server is not here; `cargo xtask test` fetches it");
    }
    found
}

/// A server; it is killed when it is let go of.
pub struct Nats {
    program: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
    running: Option<Child>,
}

impl Nats {
    /// Starts one; nothing where there is no such program.
    pub fn start() -> Option<Self> {
        Self::start_with("max_payload: 8MB")
    }

    /// The same with other words in its configuration.
    pub fn start_with(words: &str) -> Option<Self> {
        let (program, folder) = (program()?, tempfile::tempdir().unwrap());
        // Whoever else takes the port in between makes the start fail, and the test with it.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let files = folder.path().join("files");
        let config = format!("listen: 127.0.0.1:{port}\n{words}\njetstream {{ store_dir: \"{}\" }}\n", files.display());
        std::fs::write(folder.path().join("nats.conf"), config).unwrap();
        let mut nats = Self { program, folder, port, running: None };
        nats.run();
        Some(nats)
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Where it keeps what it is given.
    pub fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    /// Kills it in the middle of whatever it does.
    pub fn kill(&mut self) {
        let mut running = self.running.take().unwrap();
        running.kill().unwrap();
        running.wait().unwrap();
    }

    /// Starts it again where it was.
    pub fn run(&mut self) {
        let config: &Path = &self.folder.path().join("nats.conf");
        let mut command = Command::new(&self.program);
        let mut running = command.arg("-c").arg(config).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut says = BufReader::new(running.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("Server is ready") {
            let mut line = String::new();
            assert_ne!(says.read_line(&mut line).unwrap(), 0, "it ended: {said}");
            said.push_str(&line);
        }
        // Whoever writes into a pipe that nobody reads waits for ever.
        std::thread::spawn(move || std::io::copy(&mut says, &mut std::io::sink()));
        self.running = Some(running);
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.kill().ok();
            running.wait().ok();
        }
    }
}
