//! The real window behind `tauri-driver`, with settings, a session bus and folders of its own.

use fantoccini::ClientBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use mera_tests::tab::Tab;
use serde_json::json;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// What takes longer than this will not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A person's desktop. Whatever was started on it ends with the test.
pub struct Desktop {
    home: TempDir,
    bus: Child,
    address: String,
}

impl Desktop {
    pub fn new() -> Self {
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("`cargo xtask setup` installs dbus-x11");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { home: tempfile::tempdir().unwrap(), bus, address: address.trim().to_owned() }
    }

    /// A place on the desktop.
    pub fn place(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The folder that `MERA_FOLDER` names.
    pub fn folder(&self) -> PathBuf {
        self.place("device")
    }

    /// Where the program keeps how its window stood.
    pub fn window_state(&self) -> PathBuf {
        self.place("config/dk.mera.device/.window-state.json")
    }

    /// Opens the window on the folder.
    pub async fn open(&self) -> Window<'_> {
        self.driven(true).await
    }

    /// Opens the window where a person's data is without any setting.
    pub async fn open_by_default(&self) -> Window<'_> {
        self.driven(false).await
    }

    /// Starts the program once more as a person does, and waits for it to end.
    pub async fn start_again(&self) -> ExitStatus {
        let mut second = self.command(&program(), false).spawn().unwrap();
        within("the second start ends", || second.try_wait().unwrap()).await
    }

    async fn driven(&self, named: bool) -> Window<'_> {
        let (port, native) = (free_port(), free_port());
        let mut command = self.command(Path::new("tauri-driver"), named);
        command.args(["--port", &port.to_string(), "--native-port", &native.to_string()]);
        let driver = command.spawn().expect("`cargo xtask test` installs tauri-driver");
        for port in [port, native] {
            within("the driver answers", || TcpStream::connect(("127.0.0.1", port)).ok()).await;
        }
        let wishes = json!({ "tauri:options": { "application": program() } });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let builder = builder.capabilities(wishes.as_object().unwrap().clone());
        let client = builder.connect(&format!("http://127.0.0.1:{port}")).await.expect("the window opens");
        Window { tab: Tab::of(client), driver, desktop: self }
    }

    fn command(&self, program: &Path, named: bool) -> Command {
        let mut command = Command::new(program);
        command.env("HOME", self.home.path()).env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        for (name, folder) in [("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "config"), ("XDG_CACHE_HOME", "cache")] {
            command.env(name, self.place(folder));
        }
        command.env("GDK_BACKEND", "x11").env("NO_AT_BRIDGE", "1").stdout(Stdio::null()).stderr(Stdio::null());
        if named {
            command.env("MERA_FOLDER", self.folder())
        } else {
            command.env_remove("MERA_FOLDER")
        };
        command
    }

    /// What runs on this desktop, by its settings.
    fn running(&self) -> Vec<u32> {
        let mark = format!("XDG_CONFIG_HOME={}", self.place("config").display());
        let marked = |pid: &u32| {
            let surroundings = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            surroundings.split(|byte| *byte == 0).any(|one| one == mark.as_bytes())
        };
        let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        all.filter(marked).collect()
    }

    /// The program's own processes, without its web view's helpers.
    pub fn windows(&self) -> Vec<u32> {
        let is_window = |pid: &u32| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == program());
        self.running().into_iter().filter(is_window).collect()
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.running().into_iter().for_each(ask_to_end);
        self.bus.kill().ok();
        self.bus.wait().ok();
    }
}

/// An open window.
pub struct Window<'a> {
    pub tab: Tab,
    driver: Child,
    desktop: &'a Desktop,
}

impl Window<'_> {
    /// Asks the program to end, as a desktop does when the session ends, and waits until it has.
    pub async fn close(mut self) {
        let all = self.desktop.windows();
        assert_eq!(all.len(), 1, "there is one window");
        ask_to_end(all[0]);
        within("the window is gone", || self.desktop.windows().is_empty().then_some(())).await;
        ask_to_end(self.driver.id());
        within("the driver ends", || self.driver.try_wait().unwrap()).await;
    }
}

fn program() -> PathBuf {
    let named =
        std::env::var_os("MERA_SHELL_BIN").expect("`cargo xtask test` builds the window and sets MERA_SHELL_BIN");
    fs::canonicalize(named).expect("MERA_SHELL_BIN names the program")
}

fn ask_to_end(pid: u32) {
    Command::new("kill").args(["-TERM", &pid.to_string()]).stderr(Stdio::null()).status().ok();
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Looks again and again until something is there.
async fn within<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            // Nobody announces it; each look is a question to the system.
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("waited in vain until {what}"))
}
