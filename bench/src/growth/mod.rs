//! How each figure grows: with the records of a company, and with its devices. Ten times as many of either is one step to the right, and
//! whether a line goes up with it anybody can see.

mod chart;
mod page;
mod series;

use crate::figure::{Figure, Report, Taken};
use crate::{Options, filled, first, reconnect, relay, save, start};
use anyhow::{Context, Result};
use series::CHARTS;
use std::fs;
use std::path::Path;

/// Records changed on each side before two devices meet: the same at every size.
const CHANGED: usize = 10;
/// Entries that devices take which were away.
const MISSED: usize = 1_000;

/// Measures everything at every size up to what is asked for.
pub fn measure(report: &mut Report, options: &Options) -> Result<()> {
    let mera = options.mera.as_deref().context("tell where the program mera is with --mera")?;
    for records in steps(&[100, 1_000, 10_000, 100_000], options.records) {
        first::measure(report, &options.cache, records)?;
        reconnect::measure(report, &options.cache, records, CHANGED)?;
        save::at(report, &options.cache, records)?;
        let folder = filled::copy(&options.cache, records)?;
        start::engine_alone(report, folder.path(), records, None)?;
    }
    for devices in steps(&[1, 5, 20, 100, 500], options.devices) {
        let grown = relay::growth(mera, &options.cache, devices, MISSED)?;
        let how = "one change, until the last of so many devices has it";
        report.take(Taken::new("relay.fan_out.p50", grown.fan_out.median(), "ms").devices(devices).how(how))?;
        let how = format!("so many devices that were away call at once, until each has {MISSED} entries");
        report.take(Taken::new("relay.catch_up", grown.catch_up, "s").devices(devices).how(&how))?;
    }
    Ok(())
}

/// The steps below what is asked for, and that itself.
fn steps(usual: &[usize], most: usize) -> Vec<usize> {
    usual.iter().copied().filter(|step| *step < most).chain([most]).collect()
}

/// Keeps the figures beside the page, one JSON object a line, draws them, and puts both on the page.
pub fn write(page: &Path, figures: &[Figure]) -> Result<()> {
    let folder = page.with_extension("");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let lines: Vec<String> = figures.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    fs::write(folder.join("growth.json"), lines.join("\n") + "\n")?;
    for chart in &CHARTS {
        chart::draw(&folder.join(format!("{}.svg", chart.name)), chart, figures)?;
    }
    let before = fs::read_to_string(page).unwrap_or_default();
    fs::write(page, page::put_in(&before, &page::section(figures)))
        .with_context(|| format!("cannot write {}", page.display()))
}

/// What a page that is written anew says of growth: what was measured of it last.
pub fn kept(page: &Path) -> Option<String> {
    let lines = fs::read_to_string(page.with_extension("").join("growth.json")).ok()?;
    let figures: Vec<Figure> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>().ok()?;
    Some(page::put_in("", &page::section(&figures)))
}
