//! The checks themselves.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::totals::Totals;
use crate::compiler::{self, Machine};
use crate::house::House;
use crate::setup::{self, Part};
use crate::{axe, process, ui};

/// The rooms that do no input or output and so run everywhere.
const PURE: [&str; 4] = ["crdt-schema", "business", "device-api", "sync-protocol"];
const DENY: (&str, &str) = ("cargo-deny", "0.20.2");
const DRIVER: (&str, &str) = ("tauri-driver", "2.1.0");

/// Everything the later checks need.
pub fn tools(house: &House, _: &mut Totals) -> Result<()> {
    setup::operators(house)?;
    setup::install(house, &Part::ALL)?;
    compiler::obtain(Machine::Android)?;
    setup::cargo_tool(house, DENY.0, DENY.1, "checks licences and where crates come from")?;
    setup::cargo_tool(house, DRIVER.0, DRIVER.1, "lets a test click in the desktop window")?;
    Ok(())
}

/// `cargo fmt`, as a question.
pub fn format(house: &House, _: &mut Totals) -> Result<()> {
    process::run(house.cargo().args(["fmt", "--all", "--check"])).context("run `cargo fmt --all`")
}

/// Clippy over everything.
pub fn lints(house: &House, _: &mut Totals) -> Result<()> {
    clippy(house, &["--workspace"])
}

/// Clippy over what a person builds all day.
pub fn quick_lints(house: &House, _: &mut Totals) -> Result<()> {
    clippy(house, &[])?;
    clippy(house, &["--package", "xtask"])
}

fn clippy(house: &House, which: &[&str]) -> Result<()> {
    let mut cargo = house.cargo();
    process::run(cargo.arg("clippy").args(which).args(["--all-targets", "--", "-D", "warnings"]))
}

/// Every public thing is described, and every link in a description leads somewhere.
pub fn documentation(house: &House, _: &mut Totals) -> Result<()> {
    let mut cargo = house.cargo();
    process::run(cargo.args(["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Licences, banned crates and sources always; known holes where their list can be fetched.
pub fn licences(house: &House, _: &mut Totals) -> Result<()> {
    deny(house, &["--log-level", "error", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"])
        .context("see deny.toml; a new licence or source is a decision, not a detail")?;
    let mut fetch = with_tools(house, house.cargo())?;
    fetch.args(["deny", "--log-level", "off", "fetch", "db"]);
    if !process::succeeds_within(&mut fetch, Duration::from_secs(60)) {
        println!("known holes: SKIPPED, because the list of them cannot be fetched from this network");
        return Ok(());
    }
    deny(house, &["--log-level", "error", "check", "--disable-fetch", "--hide-inclusion-graph", "advisories"])
        .context("a crate in use has a known hole; raise its version, or explain in deny.toml why it does not matter")
}

fn deny(house: &House, words: &[&str]) -> Result<()> {
    let mut cargo = with_tools(house, house.cargo())?;
    process::run(cargo.arg("deny").args(words))
}

/// The page, its program and its styles.
pub fn screens(house: &House, _: &mut Totals) -> Result<()> {
    ui::build(house)
}

/// The rooms that must run in a browser compile for it.
pub fn pure_rooms(house: &House, _: &mut Totals) -> Result<()> {
    let mut cargo = compiler::cargo(house, Machine::Browser, compiler::obtain(Machine::Browser)?, "check");
    for room in PURE {
        cargo.args(["--package", room]);
    }
    process::run(&mut cargo).context("a pure room does IO, reads a clock, or took in a crate that does")
}

/// The shell and everything under it compiles for a telephone. No package is made: that takes Android's own kit.
pub fn android(house: &House, _: &mut Totals) -> Result<()> {
    let mut cargo = compiler::cargo(house, Machine::Android, compiler::obtain(Machine::Android)?, "check");
    process::run(cargo.args(["--package", "mera-shell", "--lib"])).context(
        "the shell does not compile for Android; a crate that compiles C needs Android's kit and must stay out",
    )
}

/// Compiles all there is to run, so that the times of the tests are their own.
pub fn programs(house: &House, _: &mut Totals) -> Result<()> {
    process::run(house.cargo().args(["build", "--workspace", "--bins", "--tests"]))
}

/// The tests of every room, the stories, the browser and the desktop window.
pub fn tests(house: &House, totals: &mut Totals) -> Result<()> {
    run_tests(house, totals, &["--workspace"], Some(axe::obtain(house)?))
}

/// The tests of what a person builds all day.
pub fn quick_tests(house: &House, totals: &mut Totals) -> Result<()> {
    run_tests(house, totals, &[], None)
}

fn run_tests(house: &House, totals: &mut Totals, which: &[&str], axe: Option<PathBuf>) -> Result<()> {
    let mut cargo = with_tools(house, on_screen(house.cargo()))?;
    if process::which("cargo-nextest").is_some() {
        cargo.args(["nextest", "run", "--no-fail-fast"]);
    } else {
        println!("cargo-nextest is not here; `cargo test` runs the tests instead");
        cargo.args(["test", "--no-fail-fast", "--bins", "--lib", "--tests"]);
    }
    cargo.env("MERA_UI_DIST", house.dist());
    cargo.env("MERA_BIN", house.program("debug", "mera")).env("MERA_SHELL_BIN", house.program("debug", "mera-shell"));
    cargo.env("MERA_OPERATORS", env::join_paths(setup::operators_in(house))?);
    cargo.envs(axe.map(|script| ("MERA_AXE", script)));
    counted(cargo.args(which), totals)
}

/// Three devices and a relay: apart, edited on both sides, and together again.
pub fn demo(house: &House, _: &mut Totals) -> Result<()> {
    let mut play = process::command(house.program("debug", "mera"));
    play.args(["demo", "--check", "--ui"]).arg(house.dist()).arg("--folder").arg(house.cache.join("demo-check"));
    process::run(&mut play)
}

/// The examples in the documentation still do what they say.
pub fn examples(house: &House, totals: &mut Totals) -> Result<()> {
    counted(house.cargo().args(["test", "--workspace", "--doc", "--quiet"]), totals)
}

fn counted(runner: &mut Command, totals: &mut Totals) -> Result<()> {
    let (well, output) = process::watch(runner)?;
    totals.add(&output);
    if !well {
        bail!("a test failed; its name and complaint are above");
    }
    Ok(())
}

fn with_tools(house: &House, mut command: Command) -> Result<Command> {
    command.env("PATH", process::path_with_first(&house.tools().join("bin"))?);
    Ok(command)
}

/// The same command on a screen of its own and with a session bus, where the machine has none.
fn on_screen(command: Command) -> Command {
    let bare = |names: [&str; 2]| names.iter().all(|name| env::var_os(name).is_none());
    let mut before: Vec<&str> = Vec::new();
    if bare(["DISPLAY", "WAYLAND_DISPLAY"]) && process::which("xvfb-run").is_some() {
        before.extend(["xvfb-run", "--auto-servernum", "--server-args=-screen 0 1366x900x24"]);
    }
    if bare(["DBUS_SESSION_BUS_ADDRESS", "DBUS_SESSION_BUS_PID"]) && process::which("dbus-run-session").is_some() {
        before.extend(["dbus-run-session", "--"]);
    }
    let Some((first, others)) = before.split_first() else { return command };
    process::inside(first, others, &command)
}
