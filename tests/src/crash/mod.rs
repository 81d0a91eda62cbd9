//! A company of two devices and a relay, or three relays and the log that they share, each a real process, killed at random moments under load. What clients were
//! told is compared with what is there in the end: nothing may be lost, and nothing doubled.

mod client;
mod ledger;
mod outcome;
mod stage;

pub use outcome::Report;

use anyhow::Result;
use client::{Board, Client};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use stage::{Kills, Stage};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

/// Clients at each of the two devices.
const CLIENTS: usize = 3;

/// What is played.
pub struct Options {
    /// The program `mera`.
    pub mera: PathBuf,
    /// How often something is killed.
    pub kills: u32,
    /// What all chance follows from, as far as real processes allow.
    pub seed: u64,
    /// Whether three relays share a log, which is killed as well, in the place of one relay that has its own.
    pub shared: bool,
}

/// Plays the story in an empty folder; `progress` is told after each kill how many there have been.
pub fn play(options: &Options, folder: &Path, mut progress: impl FnMut(u32)) -> Result<Report> {
    let begun = Instant::now();
    let board = Board::default();
    *client::lock(&board.made) = vec![Vec::new(); 2 * CLIENTS];
    let mut stage = Stage::set(&options.mera, folder, options.shared)?;
    let mut chance = ChaCha8Rng::seed_from_u64(options.seed);
    let mut kills = Kills::default();
    let desks = stage.desks();
    let played = thread::scope(|scope| {
        for me in 0..2 * CLIENTS {
            let (desk, colleague) = (desks[me % 2].clone(), (me + 1) % (2 * CLIENTS));
            let (board, seed) = (&board, options.seed);
            scope.spawn(move || Client::new(seed, me, colleague, &desk, board).work());
        }
        let played = (|| {
            while kills.all() < options.kills {
                stage.kill_somebody(&mut chance, &mut kills)?;
                progress(kills.all());
            }
            Ok(())
        })();
        board.closing.store(true, Ordering::Relaxed);
        played
    });
    played.and_then(|()| stage.settle())?;
    stage.end()?;
    outcome::judge(options.seed, kills, &board, folder, begun)
}
