//! The relay on one processor, those that call it on the others, so that neither takes the other's time.

use anyhow::{Context, Result};
use std::process::{Child, Command};
use std::thread;

/// Which processors are whose.
#[derive(Debug, Clone)]
pub struct Cores {
    relay: Vec<usize>,
    clients: Vec<usize>,
}

impl Cores {
    /// The first that this program may use for the relay, the rest for the clients. Where there is only one, or where processors cannot be
    /// chosen, all are for both.
    pub fn shared_out() -> Self {
        let mut all = usable();
        let relay = if all.len() > 1 { vec![all.remove(0)] } else { Vec::new() };
        let clients = if relay.is_empty() { Vec::new() } else { all };
        Self { relay, clients }
    }

    /// In a few words.
    pub fn word(&self) -> &'static str {
        if self.relay.is_empty() { "relay and clients on the same processors" } else { "the relay on one processor" }
    }

    /// Starts the relay on its processor: what a thread starts runs where the thread may.
    pub fn start(&self, mut command: Command) -> Result<Child> {
        let cores = self.relay.clone();
        let starting = thread::spawn(move || {
            choose(&cores);
            command.spawn()
        });
        starting.join().map_err(|_| anyhow::Error::msg("the relay could not be started"))?.context("starting the relay")
    }

    /// Does something on the clients' processors.
    pub fn among_clients<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T> {
        thread::scope(|scope| {
            let working = scope.spawn(|| {
                choose(&self.clients);
                work()
            });
            working.join().map_err(|_| anyhow::Error::msg("the measurement broke down; its own message is above"))
        })
    }
}

/// Lets this program and what it starts have as many open files as the system allows; how many that is.
#[cfg(target_os = "linux")]
pub fn open_files() -> u64 {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return 0 };
    if setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() { hard } else { soft }
}

#[cfg(not(target_os = "linux"))]
pub fn open_files() -> u64 {
    0
}

#[cfg(target_os = "linux")]
fn usable() -> Vec<usize> {
    use nix::sched::{CpuSet, sched_getaffinity};
    let Ok(set) = sched_getaffinity(nix::unistd::Pid::from_raw(0)) else { return Vec::new() };
    (0..CpuSet::count()).filter(|core| set.is_set(*core).unwrap_or(false)).collect()
}

#[cfg(not(target_os = "linux"))]
fn usable() -> Vec<usize> {
    Vec::new()
}

/// This thread, and those it starts, run on these; on all of them where none is named.
#[cfg(target_os = "linux")]
fn choose(cores: &[usize]) {
    use nix::sched::{CpuSet, sched_setaffinity};
    let mut set = CpuSet::new();
    if !cores.is_empty() && cores.iter().all(|core| set.set(*core).is_ok()) {
        // Where the system does not allow it, it is measured without.
        sched_setaffinity(nix::unistd::Pid::from_raw(0), &set).ok();
    }
}

#[cfg(not(target_os = "linux"))]
fn choose(_: &[usize]) {}
