//! A measured figure: one JSON line each for scripts, a table for people, and a page for the house's papers.

use crate::machine::Machine;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// One measured figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What was measured, as a dotted name: `save.p99`.
    pub figure: String,
    /// How much.
    pub value: f64,
    /// Of what: `ms`, `s`, `MiB`, `bytes`, `messages`.
    pub unit: String,
    /// What it should not exceed, where the house has set itself an aim; what it should reach, where more is better.
    pub aim: Option<f64>,
    /// Whether it does.
    pub met: Option<bool>,
    /// More is better.
    #[serde(default)]
    pub at_least: bool,
    /// What nothing could do better than on this machine, in the same unit.
    #[serde(default)]
    pub floor: Option<Floor>,
    /// How many records the store held.
    pub records: usize,
    /// How many devices there were, where that is what is varied.
    #[serde(default)]
    pub devices: usize,
    /// How it was measured, in a few words.
    pub how: String,
    /// Where.
    pub machine: Machine,
    /// Of which state of the house.
    pub commit: String,
    /// When.
    pub date: String,
}

/// What nothing could do better than, measured in the same run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Floor {
    /// How much, in the unit of its figure.
    pub value: f64,
    /// What was measured for it.
    pub of: String,
}

/// A figure as it is measured, before it is known of which machine and state of the house it is.
pub struct Taken(Figure);

impl Taken {
    /// Something measured: its dotted name, how much, and of what.
    pub fn new(figure: &str, value: f64, unit: &str) -> Self {
        let (figure, unit, how) = (figure.to_owned(), unit.to_owned(), String::new());
        let (machine, commit, date) = (Machine::default(), String::new(), String::new());
        let (aim, met, at_least, floor, records, devices) = (None, None, false, None, 0, 0);
        Self(Figure { figure, value, unit, aim, met, at_least, floor, records, devices, how, machine, commit, date })
    }

    /// How many records there were.
    pub fn records(mut self, records: usize) -> Self {
        self.0.records = records;
        self
    }

    /// How many devices there were.
    pub fn devices(mut self, devices: usize) -> Self {
        self.0.devices = devices;
        self
    }

    /// How it was measured, in a few words.
    pub fn how(mut self, how: &str) -> Self {
        how.clone_into(&mut self.0.how);
        self
    }

    /// What it should not exceed.
    pub fn at_most(mut self, aim: f64) -> Self {
        (self.0.aim, self.0.met) = (Some(aim), Some(self.0.value <= aim));
        self
    }

    /// What it should reach.
    pub fn at_least(mut self, aim: f64) -> Self {
        (self.0.aim, self.0.met, self.0.at_least) = (Some(aim), Some(self.0.value >= aim), true);
        self
    }

    /// More is better, though the house has set itself no aim.
    pub fn more_is_better(mut self) -> Self {
        self.0.at_least = true;
        self
    }

    /// What nothing could do better than, and what that was measured with.
    pub fn floor(mut self, value: f64, of: &str) -> Self {
        self.0.floor = Some(Floor { value: rounded(value), of: of.to_owned() });
        self
    }

    /// A figure that was measured nowhere, to try a page with.
    #[cfg(test)]
    pub fn of_nowhere(self) -> Figure {
        self.0
    }
}

impl Figure {
    /// How many times what nothing could do better than; 1 is as good as can be.
    pub fn distance(&self) -> Option<f64> {
        let floor = self.floor.as_ref()?.value;
        let (more, less) = if self.at_least { (floor, self.value) } else { (self.value, floor) };
        (less > 0.0).then(|| more / less)
    }
}

/// Collects figures and prints each as it comes.
pub struct Report {
    json: bool,
    machine: Machine,
    commit: String,
    date: String,
    figures: Vec<Figure>,
}

impl Report {
    /// A report about this machine and this state of the house.
    pub fn new(json: bool, machine: Machine, commit: String, date: String) -> Self {
        Self { json, machine, commit, date, figures: Vec::new() }
    }

    /// A figure without an aim.
    pub fn add(&mut self, figure: &str, value: f64, unit: &str, records: usize, how: &str) -> io::Result<()> {
        self.take(Taken::new(figure, value, unit).records(records).how(how))
    }

    /// A figure and what it should not exceed.
    pub fn judge(
        &mut self,
        figure: &str,
        value: f64,
        unit: &str,
        aim: f64,
        records: usize,
        how: &str,
    ) -> io::Result<()> {
        self.take(Taken::new(figure, value, unit).records(records).how(how).at_most(aim))
    }

    /// A figure with whatever is known of it.
    pub fn take(&mut self, taken: Taken) -> io::Result<()> {
        let (machine, commit, date) = (self.machine.clone(), self.commit.clone(), self.date.clone());
        let one = Figure { value: rounded(taken.0.value), machine, commit, date, ..taken.0 };
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{}", serde_json::to_string(&one)?)?;
        } else {
            writeln!(out, "{}", line(&one))?;
        }
        out.flush()?;
        drop(out);
        self.figures.push(one);
        Ok(())
    }

    /// Everything measured.
    pub fn figures(&self) -> &[Figure] {
        &self.figures
    }
}

fn line(one: &Figure) -> String {
    let judged = match (one.aim, one.met) {
        (Some(aim), Some(true)) => format!("aim {}, met", written(aim)),
        (Some(aim), _) => format!("aim {}, NOT met", written(aim)),
        _ => String::new(),
    };
    let floor = match (&one.floor, one.distance()) {
        (Some(floor), Some(times)) => format!(" ({} × {}: {})", written(times), written(floor.value), floor.of),
        (Some(floor), None) => format!(" (floor {}: {})", written(floor.value), floor.of),
        _ => String::new(),
    };
    format!("{:<34} {:>12} {:<9} {judged:<18} {}{floor}", one.figure, written(one.value), one.unit, one.how)
}

fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// A figure with as many decimals as it is worth.
pub fn written(value: f64) -> String {
    match value.abs() {
        size if size > 0.0 && size < 0.01 => {
            let decimals = usize::try_from(1 - size.log10().floor() as i64).unwrap_or(6);
            format!("{value:.decimals$}")
        }
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_aim_is_met_from_its_own_side_and_the_distance_is_never_praise() {
        let table = [
            (Taken::new("save", 4.0, "ms").at_most(5.0).floor(2.0, "one fsync"), Some(true), Some(2.0)),
            (Taken::new("save", 6.0, "ms").at_most(5.0), Some(false), None),
            (Taken::new("entries", 10.0, "a second").at_least(20.0).floor(40.0, "appends"), Some(false), Some(4.0)),
            (Taken::new("entries", 30.0, "a second").at_least(20.0).floor(30.0, "appends"), Some(true), Some(1.0)),
            (Taken::new("messages", 0.0, "messages").at_most(0.0).floor(0.0, "none"), Some(true), None),
        ];
        for (taken, met, distance) in table {
            let name = taken.0.figure.clone();
            assert_eq!((taken.0.met, taken.0.distance()), (met, distance), "{name}");
        }
    }

    #[test]
    fn a_figure_is_written_with_what_it_is_worth() {
        let table = [
            (0.0, "0.00"),
            (0.000_045, "0.000045"),
            (0.004, "0.0040"),
            (0.25, "0.25"),
            (12.34, "12.3"),
            (123.4, "123"),
        ];
        for (value, text) in table {
            assert_eq!(written(value), text);
        }
    }

    #[test]
    fn figures_of_before_floors_were_told_are_still_read() {
        let mut one = serde_json::to_value(Taken::new("save", 4.0, "ms").at_most(5.0).0).unwrap();
        for later in ["at_least", "floor", "devices"] {
            one.as_object_mut().unwrap().remove(later);
        }
        assert_eq!(serde_json::from_value::<Figure>(one).unwrap().floor, None);
    }
}
