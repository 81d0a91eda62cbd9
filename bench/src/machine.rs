//! What a figure is worth depends on where it was measured.

use serde::{Deserialize, Serialize};
use std::fs;
use std::process::Command;
use std::time::Duration;

/// The machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Processors this program may use.
    pub cores: usize,
    /// Main memory.
    pub memory_mib: u64,
    /// The processor's name, as its maker writes it.
    pub processor: String,
    /// How many programs wanted a processor in the last minute before the measurement began.
    pub load: f64,
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let memory = field("/proc/meminfo", "MemTotal:").and_then(|text| text.split_whitespace().next()?.parse().ok());
        let processor =
            field("/proc/cpuinfo", "model name").map(|name| name.trim_start_matches([' ', '\t', ':']).into());
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            cores,
            memory_mib: memory.unwrap_or(0_u64) / 1024,
            processor: processor.unwrap_or_else(|| "unknown".to_owned()),
            load: load.split_whitespace().next().and_then(|load| load.parse().ok()).unwrap_or(0.0),
        }
    }
}

/// The state of the house that is measured, marked when it has changes that are not committed.
pub fn commit() -> String {
    said("git", &["describe", "--always", "--dirty", "--abbrev=8"]).unwrap_or_else(|| "unknown".to_owned())
}

/// Today, by the machine's clock.
#[expect(clippy::disallowed_methods, reason = "this program owns its clock; it decides nothing with it")]
pub fn today() -> String {
    chrono::Utc::now().date_naive().to_string()
}

/// Memory of a process: what it takes now, and the most it ever took, in MiB.
pub fn memory(process: &str) -> Option<(f64, f64)> {
    let status = format!("/proc/{process}/status");
    let mebibytes = |name| field(&status, name)?.split_whitespace().next()?.parse().ok().map(|kib: f64| kib / 1024.0);
    Some((mebibytes("VmRSS:")?, mebibytes("VmHWM:")?))
}

/// Ticks in a second of the times that the system tells of processes: the same on every machine that it runs on.
const TICKS: f64 = 100.0;

/// How long a process has had a processor since it was started, all its threads together.
pub fn processor_time(process: u32) -> Option<Duration> {
    let told = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name may hold blanks; what follows it may not. Of that, the 12th and 13th are for the program and for the system on its behalf.
    let fields: Vec<&str> = told.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u32>().ok();
    Some(Duration::from_secs_f64((f64::from(ticks(11)?) + f64::from(ticks(12)?)) / TICKS))
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| line.strip_prefix(name)).map(|rest| rest.trim().to_owned())
}

fn said(program: &str, words: &[&str]) -> Option<String> {
    let output = Command::new(program).args(words).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
