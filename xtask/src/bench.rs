//! The measured figures: builds what is measured, as it ships, and hands over to `bench`.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::house::House;
use crate::setup::{self, Part};
use crate::{npm, process, ui};

/// What is measured, and on how much.
#[derive(Args)]
pub struct Options {
    /// Which figures.
    #[arg(value_enum)]
    name: Name,
    /// Records in the store; for `reconnect` and `peers`, records that both devices share; for `storage`, records that are changed.
    #[arg(long)]
    records: Option<usize>,
    /// Records changed on each side before two devices meet again; for `storage`, changes before a checkpoint.
    #[arg(long)]
    changed: Option<usize>,
    /// For `reconnect`: many more records that both devices share, to see what that costs them; 0 leaves it out.
    #[arg(long)]
    many: Option<usize>,
    /// For `relay`: entries pushed.
    #[arg(long)]
    entries: Option<usize>,
    /// For `relay`: devices that one change comes to, and that reconnect at once.
    #[arg(long)]
    devices: Option<usize>,
    /// For `relay`: idle connections.
    #[arg(long)]
    connections: Option<usize>,
    /// One JSON object for each figure.
    #[arg(long)]
    json: bool,
    /// Writes the figures in `docs/benchmarks.md` too; those of `peers` in `docs/beside-others.md`.
    #[arg(long)]
    write: bool,
}

/// The figures there are.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// A save until it is durable.
    Save,
    /// From the start of the program to the first list, and the memory then.
    Start,
    /// Search as you type.
    Search,
    /// Two devices meet again: seconds, bytes, messages.
    Reconnect,
    /// A new device takes everything: until a person can work, until all of it is there.
    First,
    /// What a history takes on disk, before and after a checkpoint.
    Storage,
    /// Changes that are at a relay in a second: with a log of its own, with one in NATS, with three relays that share it.
    RelayLog,
    /// What others need for the same work: automerge-repo, samod, PouchDB and Yjs, each with its own server and clients.
    Peers,
    /// What one relay carries: durable entries, one change to many devices, idle connections, a storm of reconnects.
    Relay,
    /// How each figure grows with records and devices, as pictures.
    Growth,
    /// The size of the screens.
    Bundle,
    /// Everything.
    All,
}

/// Builds and measures.
pub fn measure(house: &House, options: &Options) -> Result<()> {
    let name = options.name.to_possible_value().map(|name| name.get_name().to_owned()).unwrap_or_default();
    let screens = matches!(options.name, Name::Bundle | Name::All) || house.dist().join("index.html").exists();
    if matches!(options.name, Name::Bundle | Name::All) {
        setup::install(house, &[Part::Wasm])?;
        ui::build(house)?;
    }
    let mut cargo = house.cargo();
    cargo.args(["build", "--release", "--package", "bench", "--package", "mera"]);
    process::run(&mut cargo).context("what is to be measured does not compile")?;
    let mut bench = process::command(house.program("release", "bench"));
    bench.current_dir(&house.root).arg(&name).arg("--cache").arg(house.cache.join("bench"));
    bench.arg("--mera").arg(house.program("release", "mera"));
    if matches!(options.name, Name::RelayLog) {
        setup::operators(house)?;
        bench.env("MERA_OPERATORS", std::env::join_paths(setup::operators_in(house))?);
    }
    if matches!(options.name, Name::Peers) {
        bench.arg("--peers").arg(peers(house)?);
    }
    if screens {
        bench.arg("--ui").arg(house.dist());
    }
    if let Some(records) = options.records {
        let which = if matches!(options.name, Name::Reconnect | Name::Storage | Name::Peers) {
            "--shared"
        } else {
            "--records"
        };
        bench.arg(which).arg(records.to_string());
    }
    if let Some(changed) = options.changed {
        let which = if options.name == Name::Storage { "--overwrites" } else { "--changed" };
        bench.arg(which).arg(changed.to_string());
    }
    let loads = [
        ("--many", options.many),
        ("--entries", options.entries),
        ("--devices", options.devices),
        ("--connections", options.connections),
    ];
    for (word, load) in loads {
        if let Some(load) = load {
            bench.arg(word).arg(load.to_string());
        }
    }
    if options.json {
        bench.arg("--json");
    }
    if options.write {
        let page = if matches!(options.name, Name::Peers) { "docs/beside-others.md" } else { "docs/benchmarks.md" };
        bench.arg("--page").arg(house.root.join(page));
    }
    process::run(&mut bench)
}

/// The others' programs beside what they need, in the cache. Installed, or built, from their lock files.
fn peers(house: &House) -> Result<PathBuf> {
    const ASKED: &str = "bench/peers";
    let (from, to) = (house.root.join(ASKED), house.cache.join(ASKED));
    for entry in fs::read_dir(&from).with_context(|| format!("the others' programs are in {ASKED}"))? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.join("Cargo.toml").exists() {
            built(house, &path, &to.join(name)).with_context(|| format!("{name} cannot be built"))?;
        } else if path.is_dir() {
            npm::install(house, &format!("{ASKED}/{name}"), &to.join(name), &format!("{name}: measured beside MERA"))?;
            copy_scripts(&path, &to.join(name))?;
        }
    }
    copy_scripts(&from, &to)?;
    Ok(to)
}

/// A peer in Rust: a workspace of its own, built as it would ship, in a build folder of its own.
fn built(house: &House, from: &Path, to: &Path) -> Result<()> {
    let target = house.target_for("peers");
    let mut cargo = house.cargo();
    cargo.args(["build", "--release", "--locked", "--manifest-path"]).arg(from.join("Cargo.toml"));
    process::run(cargo.env("CARGO_TARGET_DIR", &target))?;
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for program in ["server", "client"] {
        let name = format!("{program}{EXE_SUFFIX}");
        let built = target.join("release").join(&name);
        fs::copy(&built, to.join(&name)).with_context(|| format!("cannot copy {}", built.display()))?;
    }
    Ok(())
}

fn copy_scripts(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|ends| ends == "mjs")) {
            fs::copy(&path, to.join(name)).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(())
}
