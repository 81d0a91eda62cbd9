//! What a person types to build, try and test MERA: `cargo xtask <command>`.
#![expect(clippy::print_stdout, reason = "this program's whole purpose is to tell a person at a terminal what happens")]

mod axe;
mod bench;
mod compiler;
mod crash;
mod demo;
mod desktop;
mod fuzz;
mod house;
mod npm;
mod partitions;
mod process;
mod setup;
mod sim;
mod test;
mod ui;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::house::House;
use crate::setup::Part;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, shows and tests MERA from a fresh clone.")]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the tools each part needs and install what is missing.
    Setup {
        /// Only these parts; all of them when none is named.
        #[arg(value_enum)]
        parts: Vec<Part>,
    },
    /// Build the screens into `ui/dist`.
    Ui {
        /// Only type-check the screens for the browser.
        #[arg(long)]
        check: bool,
    },
    /// Start the demo: a relay and devices with example data, shown in a browser.
    Demo {
        /// Play the scenario without screens and end with one line of JSON.
        #[arg(long)]
        check: bool,
        /// The port of the page; a free one when not given.
        #[arg(long)]
        port: Option<u16>,
    },
    /// Build and open the desktop program.
    Desktop,
    /// Measure what a person waits for, and what it costs.
    Bench(bench::Options),
    /// Play whole devices, a relay and their misfortunes in a simulated world.
    Sim(sim::Options),
    /// Kill a device and a relay at random moments under load; nothing acknowledged may be lost or doubled.
    Crash(crash::Options),
    /// Cut, narrow and muddle the lines between real machines; nothing acknowledged may be lost or doubled.
    Partitions(partitions::Options),
    /// Look for bytes that do harm to whoever reads them.
    Fuzz(fuzz::Options),
    /// Run every check, or the quick ones.
    Test {
        /// Only formatting, lints and the tests of the rooms without screens.
        #[arg(long)]
        quick: bool,
    },
}

fn main() -> ExitCode {
    match obey(Line::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn obey(command: Command) -> anyhow::Result<()> {
    let house = House::find()?;
    match command {
        Command::Setup { parts } => setup::install(&house, if parts.is_empty() { &Part::ALL } else { &parts }),
        Command::Ui { check: true } => ui::check(&house),
        Command::Ui { check: false } => ui::build(&house),
        Command::Demo { check, port } => demo::play(&house, check, port),
        Command::Desktop => desktop::open(&house),
        Command::Bench(options) => bench::measure(&house, &options),
        Command::Sim(options) => sim::play(&house, &options),
        Command::Crash(options) => crash::play(&house, &options),
        Command::Partitions(options) => partitions::play(&house, &options),
        Command::Fuzz(options) => fuzz::run(&house, &options),
        Command::Test { quick: true } => test::quick(&house),
        Command::Test { quick: false } => test::full(&house),
    }
}
