//! The measured figures: what a person waits for, and what it costs in memory and on the wire. Nothing here is a test:
//! a figure that falls short is told, and the program succeeds.

mod bundle;
mod company;
mod figure;
mod filled;
mod first;
mod floor;
mod growth;
mod machine;
mod page;
mod peers;
mod reconnect;
mod relay;
mod relay_log;
mod save;
mod search;
mod spread;
mod start;
mod storage;
mod told;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use figure::Report;
use mera_device::Engine;
use mera_device_api::{Answer, Reply, Request};
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// What a person types; `cargo xtask bench` builds what is needed and fills in where things are.
#[derive(Parser)]
#[command(name = "bench", about = "Measures MERA.")]
struct Words {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// A save until it is durable.
    Save(Options),
    /// From the start of the program to the first list, and the memory then.
    Start(Options),
    /// Search as you type.
    Search(Options),
    /// Two devices meet again: seconds, bytes, messages.
    Reconnect(Options),
    /// A new device takes everything: until a person can work, until all of it is there.
    First(Options),
    /// What a history takes on disk, before and after a checkpoint.
    Storage(Options),
    /// Changes that are at a relay in a second: with a log of its own, with one that is shared, with three relays.
    RelayLog(Options),
    /// What others need for the same: first meeting, meeting again, live.
    Peers(Options),
    /// What one relay carries: durable entries, one change to many devices, idle connections, a storm of reconnects.
    Relay(Options),
    /// How each figure grows with records and devices.
    Growth(Options),
    /// The size of the screens.
    Bundle(Options),
    /// Everything.
    All(Options),
    /// Opens a device and answers the first list; `start` runs it as a process of its own.
    #[command(hide = true)]
    FirstList { folder: PathBuf },
}

/// How it is measured.
#[derive(Args, Clone)]
pub struct Options {
    /// Records in the store.
    #[arg(long, default_value_t = 100_000)]
    records: usize,
    /// Records that two devices share before they part.
    #[arg(long, default_value_t = 10_000)]
    shared: usize,
    /// Many more records that two devices share, to see what that costs them when they meet; nothing is measured where it is not more.
    #[arg(long, default_value_t = 200_000)]
    many: usize,
    /// Records changed on each side before two devices meet.
    #[arg(long, default_value_t = 100)]
    changed: usize,
    /// Changes of the shared records before a checkpoint.
    #[arg(long, default_value_t = 150_000)]
    overwrites: usize,
    /// Entries pushed to a relay.
    #[arg(long, default_value_t = 200_000)]
    entries: usize,
    /// Devices that one change comes to, and that reconnect to a relay at once.
    #[arg(long, default_value_t = 500)]
    devices: usize,
    /// Idle connections of a relay.
    #[arg(long, default_value_t = 10_000)]
    connections: usize,
    /// One JSON object for each figure.
    #[arg(long)]
    json: bool,
    /// The page to write the figures in.
    #[arg(long)]
    page: Option<PathBuf>,
    /// Where filled stores are kept between runs.
    #[arg(long)]
    cache: PathBuf,
    /// The program `mera`, for the figures of the real program.
    #[arg(long)]
    mera: Option<PathBuf>,
    /// The folders of the others' programs, with what they need installed.
    #[arg(long)]
    peers: Option<PathBuf>,
    /// The built screens.
    #[arg(long)]
    ui: Option<PathBuf>,
}

fn main() -> ExitCode {
    match obey(Words::parse().what) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn obey(what: What) -> Result<()> {
    match &what {
        What::FirstList { folder } => start::first_list(folder),
        What::Save(options) => report(options, save),
        What::Start(options) => report(options, start::measure),
        What::Search(options) => report(options, search),
        What::Reconnect(options) => report(options, reconnect),
        What::First(options) => report(options, first),
        What::Storage(options) => report(options, storage),
        What::RelayLog(options) => report(options, relay_log),
        What::Peers(options) => report(options, peers),
        What::Relay(options) => report(options, relay),
        What::Growth(options) => grow(options),
        What::Bundle(options) => report(options, bundle),
        What::All(options) => report(options, all),
    }
}

fn report(options: &Options, measure: impl FnOnce(&mut Report, &Options) -> Result<()>) -> Result<()> {
    let report = measured(options, measure)?;
    if let Some(page) = &options.page {
        let beside_others = options.peers.is_some();
        let growth = growth::kept(page).unwrap_or_default();
        let text = if beside_others { peers::page(&report) } else { page::page(report.figures(), &growth) };
        fs::write(page, text).with_context(|| format!("cannot write {}", page.display()))?;
    }
    Ok(())
}

fn grow(options: &Options) -> Result<()> {
    let report = measured(options, growth::measure)?;
    options.page.as_ref().map_or(Ok(()), |page| growth::write(page, report.figures()))
}

fn measured(options: &Options, measure: impl FnOnce(&mut Report, &Options) -> Result<()>) -> Result<Report> {
    fs::create_dir_all(&options.cache).with_context(|| format!("cannot make {}", options.cache.display()))?;
    let mut report = Report::new(options.json, machine::Machine::here(), machine::commit(), machine::today());
    measure(&mut report, options)?;
    Ok(report)
}

fn all(report: &mut Report, options: &Options) -> Result<()> {
    save(report, options)?;
    start::measure(report, options)?;
    search(report, options)?;
    reconnect(report, options)?;
    first(report, options)?;
    storage(report, options)?;
    relay(report, options)?;
    bundle(report, options)
}

fn save(report: &mut Report, options: &Options) -> Result<()> {
    save::measure(report, &options.cache, options.records)
}

fn search(report: &mut Report, options: &Options) -> Result<()> {
    search::measure(report, &options.cache, options.records)
}

fn reconnect(report: &mut Report, options: &Options) -> Result<()> {
    let seconds = reconnect::measure(report, &options.cache, options.shared, options.changed)?;
    if options.many > options.shared {
        reconnect::grown(report, &options.cache, options.many, options.changed, seconds)?;
    }
    Ok(())
}

fn first(report: &mut Report, options: &Options) -> Result<()> {
    first::measure(report, &options.cache, options.records)
}

fn storage(report: &mut Report, options: &Options) -> Result<()> {
    storage::measure(report, &options.cache, options.shared, options.overwrites)
}

fn relay_log(report: &mut Report, options: &Options) -> Result<()> {
    let mera = options.mera.as_deref().context("tell where the program is with --mera")?;
    relay_log::measure(report, &options.cache, mera)
}

fn peers(report: &mut Report, options: &Options) -> Result<()> {
    let programs = options.peers.as_deref().context("tell where the others' programs are with --peers")?;
    peers::measure(report, programs, &options.cache, options.shared, options.changed)
}

fn relay(report: &mut Report, options: &Options) -> Result<()> {
    let mera = options.mera.as_deref().context("tell where the program mera is with --mera")?;
    let Options { entries, devices, connections, .. } = *options;
    relay::measure(report, mera, &options.cache, relay::Load { entries, devices, connections })
}

fn bundle(report: &mut Report, options: &Options) -> Result<()> {
    bundle::measure(report, options.ui.as_deref().context("tell where the built screens are with --ui")?)
}

/// Asks an engine; what it refuses is a fault of this program.
fn ask(engine: &mut Engine, request: Request) -> Result<Reply> {
    match engine.answer(request) {
        Answer::Ok(reply) => Ok(reply),
        Answer::Refused(refused) => bail!("the device refused: {}", refused.says),
    }
}

/// One line on the program's output.
fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
