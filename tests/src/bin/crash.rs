//! Kills a real device and a real relay at random moments under load and compares with what was acknowledged; called by
//! `cargo xtask crash`.
#![expect(clippy::print_stdout, reason = "what this program finds out is for the terminal it runs on")]

use anyhow::{Context, Result, bail};
use clap::Parser;
use mera_tests::crash::{self, Options};
use std::path::PathBuf;
use std::process::ExitCode;

/// Kills a device and a relay again and again; fails when something acknowledged is lost or doubled.
#[derive(Parser)]
struct Words {
    /// The program `mera`.
    #[arg(long)]
    mera: PathBuf,
    /// How often something is killed.
    #[arg(long, default_value_t = 100)]
    kills: u32,
    /// What chance follows from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Three relays that share a log, in the place of one.
    #[arg(long)]
    shared: bool,
    /// The figures as one line of JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let words = Words::parse();
    match play(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crash: {error:#}; seed {}", words.seed);
            ExitCode::FAILURE
        }
    }
}

fn play(words: &Words) -> Result<()> {
    let mut folder = tempfile::tempdir().context("there is no place for the devices' folders")?;
    let options = Options { mera: words.mera.clone(), kills: words.kills, seed: words.seed, shared: words.shared };
    let told = |kills: u32| {
        if !words.json && kills.is_multiple_of(50) {
            eprintln!("{kills} of {} kills", words.kills);
        }
    };
    let played = crash::play(&options, folder.path(), told);
    if !played.as_ref().is_ok_and(|report| report.complaints.is_empty()) {
        // Whoever looks into it needs what the processes left behind.
        folder.disable_cleanup(true);
        eprintln!("the folders stay in {}", folder.path().display());
    }
    let report = played?;
    if words.json {
        println!("{}", report.json());
    } else {
        println!("{}", report.sentence());
    }
    for complaint in &report.complaints {
        eprintln!("{complaint}");
    }
    match report.complaints.len() {
        0 => Ok(()),
        wrong => bail!("{wrong} things are wrong"),
    }
}
