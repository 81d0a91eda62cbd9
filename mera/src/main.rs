//! The headless program: what MERA does without a screen of its own.

mod demo;
mod device;
mod outlet;
mod progress;
mod relay;
mod until_stopped;

use clap::{Parser, Subcommand};
use outlet::Outlet;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// What a person types.
#[derive(Parser)]
#[command(name = "mera", version, about)]
struct Words {
    /// Answers with one JSON object a line, for scripts.
    #[arg(long, global = true)]
    json: bool,
    /// How the program tells, on standard error, what it does; MERA_LOG says how much of it.
    /// It stands before the command: `mera relay --log` says where a relay's own log is.
    #[arg(long, value_enum, default_value_t = Log::Text)]
    log: Log,
    #[command(subcommand)]
    command: Command,
}

/// How a log is written.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Log {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Log {
    /// Logs go where they do not mix with answers.
    fn begin(self) {
        let chosen = EnvFilter::try_from_env("MERA_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
        let log = tracing_subscriber::fmt().with_env_filter(chosen).with_writer(std::io::stderr);
        match self {
            Self::Text => log.init(),
            Self::Json => log.json().flatten_event(true).init(),
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// Runs a relay: it stores and forwards what the devices of companies write.
    Relay(Box<relay::Command>),
    /// Makes a company.
    #[command(subcommand)]
    Workspace(Workspace),
    /// Makes, runs and examines a device.
    #[command(subcommand)]
    Device(device::Command),
    /// Shows a company with three devices: pull the plug, edit on both sides, watch them meet.
    Demo(demo::Options),
}

#[derive(Subcommand)]
enum Workspace {
    /// Founds a company with its first device and administrator, and tells its recovery code.
    Found(device::init::Options),
    /// Brings a company back with its recovery code, when its last administrator is gone. The code is taken from
    /// MERA_RECOVERY_CODE or read from standard input.
    Recover(device::recover::Options),
    /// Makes a new recovery code and tells it once; the one before opens nothing from then on.
    NewRecoveryCode(device::Folder),
}

/// Threads that wait for a disk, at most. More of them are no quicker, and the hundreds that a storm of callers would begin keep the
/// memory that they took.
const AT_THE_DISK: usize = 64;

fn main() -> ExitCode {
    let words = Words::parse();
    words.log.begin();
    let outlet = Outlet { json: words.json };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(AT_THE_DISK).build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(obey(words.command, outlet)),
        Err(cause) => Err(anyhow::Error::new(cause).context("the system gives this program no threads")),
    };
    outcome.map_or_else(|error| outlet.refused(&error), |()| ExitCode::SUCCESS)
}

async fn obey(command: Command, outlet: Outlet) -> anyhow::Result<()> {
    match command {
        Command::Relay(command) => relay::run(*command, outlet).await,
        Command::Workspace(Workspace::Found(options)) => device::init::run(options, outlet),
        Command::Workspace(Workspace::Recover(options)) => device::recover::run(options, outlet).await,
        Command::Workspace(Workspace::NewRecoveryCode(folder)) => device::recover::new_code(&folder, outlet).await,
        Command::Device(command) => device::run(command, outlet).await,
        Command::Demo(options) => demo::run(options, outlet).await,
    }
}
