//! Lines that fail as only TCP shows it: builds the program that plays them and hands over.

use anyhow::{Context, Result};
use clap::Args;

use crate::house::House;
use crate::{process, setup};

/// How many stories, and which.
#[derive(Args)]
pub struct Options {
    /// How many stories are played, each of half a minute; one of them waits a minute and a half more.
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// The number of the first; a story that went wrong names its own.
    #[arg(long, default_value_t = 1)]
    first: u64,
}

/// Builds and plays; an error when something acknowledged is lost or doubled, or a half-open guest is kept.
pub fn play(house: &House, options: &Options) -> Result<()> {
    setup::install_packages(&setup::MACHINES)?;
    let mut cargo = house.cargo();
    cargo.args(["build", "--package", "mera-tests", "--bin", "partitions"]);
    process::run(&mut cargo).context("what plays the lines does not compile")?;
    let mut partitions = process::command(house.program("debug", "partitions"));
    partitions.args(["--seeds", &options.seeds.to_string(), "--first", &options.first.to_string()]);
    process::run(&mut partitions).context("networks are made by root only; the program's own message is above")
}
