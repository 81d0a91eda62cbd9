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
    /// What it should not exceed, where the house has set itself an aim.
    pub aim: Option<f64>,
    /// Whether it does not.
    pub met: Option<bool>,
    /// How many records the store held.
    pub records: usize,
    /// How it was measured, in a few words.
    pub how: String,
    /// Where.
    pub machine: Machine,
    /// Of which state of the house.
    pub commit: String,
    /// When.
    pub date: String,
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
        self.put(figure, value, unit, None, records, how)
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
        self.put(figure, value, unit, Some(aim), records, how)
    }

    fn put(
        &mut self,
        figure: &str,
        value: f64,
        unit: &str,
        aim: Option<f64>,
        records: usize,
        how: &str,
    ) -> io::Result<()> {
        let met = aim.map(|aim| value <= aim);
        let value = (value * 1_000.0).round() / 1_000.0;
        let (figure, unit, how) = (figure.to_owned(), unit.to_owned(), how.to_owned());
        let (machine, commit, date) = (self.machine.clone(), self.commit.clone(), self.date.clone());
        let one = Figure { figure, value, unit, aim, met, records, how, machine, commit, date };
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
        (Some(aim), Some(true)) => format!("aim {aim}, met"),
        (Some(aim), _) => format!("aim {aim}, NOT met"),
        _ => String::new(),
    };
    format!("{:<34} {:>12} {:<9} {judged:<18} {}", one.figure, written(one.value), one.unit, one.how)
}

/// A figure with as many decimals as it is worth.
pub fn written(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
