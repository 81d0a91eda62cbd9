//! Durability, tried out: builds the programs and hands over to `crash`, which kills them.

use anyhow::{Context, Result};
use clap::Args;

use crate::house::House;
use crate::process;

/// How much is killed.
#[derive(Args)]
pub struct Options {
    /// How often a device or the relay is killed.
    #[arg(long, default_value_t = 100)]
    kills: u32,
    /// What chance follows from: the same seed plays the same story, as far as real processes allow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Three relays that share a log in NATS, which is killed as well, in the place of one relay.
    #[arg(long)]
    shared: bool,
    /// The figures as one line of JSON.
    #[arg(long)]
    json: bool,
}

/// Builds and kills; an error when something acknowledged is lost or doubled.
pub fn play(house: &House, options: &Options) -> Result<()> {
    if options.shared {
        crate::setup::operators(house)?;
    }
    let mut cargo = house.cargo();
    cargo.args(["build", "--package", "mera", "--package", "mera-tests", "--bin", "mera", "--bin", "crash"]);
    process::run(&mut cargo).context("what is to be killed does not compile")?;
    let mut crash = process::command(house.program("debug", "crash"));
    crash.arg("--mera").arg(house.program("debug", "mera"));
    crash.args(["--kills", &options.kills.to_string(), "--seed", &options.seed.to_string()]);
    crash.env("MERA_OPERATORS", std::env::join_paths(crate::setup::operators_in(house))?);
    if options.shared {
        crash.arg("--shared");
    }
    if options.json {
        crash.arg("--json");
    }
    process::run(&mut crash)
}
