//! Every check, one after the other; the first that fails ends the run with a sentence.

mod steps;
mod totals;

use std::time::Instant;

use anyhow::{Context, Result};

use crate::house::House;
use totals::Totals;

/// One check: what it is called, and what it does.
type Step = (&'static str, fn(&House, &mut Totals) -> Result<()>);

const QUICK: [Step; 3] = [
    ("format", steps::format),
    ("lints", steps::quick_lints),
    ("tests of the rooms without screens", steps::quick_tests),
];

const FULL: [Step; 12] = [
    ("tools", steps::tools),
    ("format", steps::format),
    ("screens, as they ship", steps::screens),
    ("lints", steps::lints),
    ("documentation", steps::documentation),
    ("licences and sources", steps::licences),
    ("pure rooms for the browser", steps::pure_rooms),
    ("shell for Android", steps::android),
    ("programs and tests compile", steps::programs),
    ("tests", steps::tests),
    ("demo, played without screens", steps::demo),
    ("examples in the documentation", steps::examples),
];

/// What a person runs after every change.
pub fn quick(house: &House) -> Result<()> {
    all(house, &QUICK)
}

/// What must hold before a change is taken in.
pub fn full(house: &House) -> Result<()> {
    all(house, &FULL)
}

fn all(house: &House, steps: &[Step]) -> Result<()> {
    let started = Instant::now();
    let mut totals = Totals::default();
    let mut outcome = Ok(());
    for (number, (name, check)) in steps.iter().enumerate() {
        let begun = Instant::now();
        println!("\n== {}/{} {name}", number + 1, steps.len());
        outcome = check(house, &mut totals).with_context(|| format!("stopped at \"{name}\""));
        println!(
            "== {name}: {}, {:.1} s",
            if outcome.is_ok() { "good" } else { "NOT good" },
            begun.elapsed().as_secs_f32()
        );
        if outcome.is_err() {
            break;
        }
    }
    println!("\nafter {:.1} min", started.elapsed().as_secs_f32() / 60.0);
    println!("{totals}");
    outcome
}
