//! Plays lines that fail as only TCP shows it; called by `cargo xtask partitions`.
#![expect(clippy::print_stdout, reason = "what this program finds out is for the terminal it runs on")]

use std::process::ExitCode;

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> ExitCode {
    use clap::Parser;
    use mera_tests::partitions::{Options, play};

    /// Cuts, narrows and muddles the lines of a company; fails when something acknowledged is lost or doubled.
    #[derive(Parser)]
    struct Words {
        /// What chance follows from in the first story.
        #[arg(long, default_value_t = 1)]
        first: u64,
        /// How many stories are played.
        #[arg(long, default_value_t = 5)]
        seeds: u64,
    }

    let Words { first, seeds } = Words::parse();
    for seed in first..first + seeds {
        // The long wait is the same in every story.
        match play(&Options { seed, silence: seed == first }).await {
            Ok(report) => println!("{}", report.sentence()),
            Err(error) => {
                eprintln!("partitions: {error:#}; `cargo xtask partitions --first {seed} --seeds 1` plays it again");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("partitions: machines with a network of their own are made on Linux only");
    ExitCode::FAILURE
}
