//! Whole devices in a simulated world, as many stories as somebody has patience for.

use anyhow::{Context, Result};
use clap::Args;

use crate::house::House;
use crate::process;

/// How many stories, and which.
#[derive(Args)]
pub struct Options {
    /// How many stories are played; each follows from its number.
    #[arg(long, default_value_t = 300)]
    seeds: u64,
    /// The number of the first; a story that went wrong names its own.
    #[arg(long, default_value_t = 1)]
    first: u64,
}

/// Plays the stories, and says what happened in them.
pub fn play(house: &House, options: &Options) -> Result<()> {
    let mut cargo = house.cargo();
    cargo.args(["test", "--profile", "sim", "--package", "mera-tests", "--test", "simulation", "--", "--nocapture"]);
    cargo.env("MERA_SEEDS", options.seeds.to_string()).env("MERA_SEED", options.first.to_string());
    process::run(&mut cargo).context("a story went wrong; its number stands above, and plays it again with --first")
}
