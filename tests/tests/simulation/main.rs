//! Whole devices in a simulated world: real engines on real folders, real sessions, the relay's real disk, and a network,
//! clocks and misfortunes that follow from a seed. In the end everybody holds the same, and everything that anybody was
//! told is saved is there, once.
//!
//! `MERA_SEED=7` plays one story again; `MERA_SEEDS=1000` plays so many, from `MERA_SEED` on if both are given.
#![allow(clippy::unwrap_used, missing_docs)]

mod appointments;
mod company;
mod model;
mod network;
mod people;
mod script;
mod world;

use script::Tally;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

/// Stories that are played unless somebody asks for more: some minutes on two cores.
const SEEDS: u64 = 240;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn whatever_happens_everybody_ends_with_the_same_and_nothing_promised_is_lost() {
    let first = number("MERA_SEED");
    let stories = number("MERA_SEEDS").unwrap_or(if first.is_some() { 1 } else { SEEDS });
    let first = first.unwrap_or(1);
    let last = first + stories - 1;
    let (next, tally) = (AtomicU64::new(first), Mutex::new(Tally::default()));
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Relaxed);
                    if seed > last {
                        return;
                    }
                    let happened = play(seed);
                    tally.lock().unwrap().add(happened);
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap();
    eprintln!("{stories} stories: {tally:?}");
    assert!(stories < 20 || tally.is_full(), "the stories are about something: {tally:?}");
}

fn play(seed: u64) -> Tally {
    catch_unwind(AssertUnwindSafe(|| script::play(seed))).unwrap_or_else(|why| {
        eprintln!(
            "\nseed {seed} failed; this plays it again:\n  MERA_SEED={seed} cargo nextest run -p mera-tests --test simulation\n"
        );
        resume_unwind(why)
    })
}
