//! What npm installs from a lock file of the house, kept in the cache: only for tests and measurements, and nothing of it ships.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::house::House;
use crate::{process, setup};

const LOCK: &str = "package-lock.json";

/// Installs into a folder of the cache what a folder of the house asks for, unless it is there. `what` tells a person what and
/// what for.
pub fn install(house: &House, asked: &str, folder: &Path, what: &str) -> Result<()> {
    let from = house.root.join(asked);
    let lock = fs::read(from.join(LOCK)).with_context(|| format!("cannot read {asked}/{LOCK}"))?;
    let there = folder.join("node_modules").is_dir();
    if there && fs::read(folder.join(LOCK)).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    setup::npm()?;
    println!("setup: installing {what} (once)");
    // It gets its name only when it is whole, so that an interrupted installation is never taken for one.
    let part = folder.with_extension("part");
    fs::remove_dir_all(&part).ok();
    fs::create_dir_all(&part).with_context(|| format!("cannot make {}; is the disk full?", part.display()))?;
    for name in ["package.json", LOCK] {
        fs::copy(from.join(name), part.join(name)).with_context(|| format!("cannot copy {asked}/{name}"))?;
    }
    let mut install = process::command("npm");
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]).current_dir(&part);
    process::run(&mut install).context("npm could not install it; is the network there?")?;
    fs::remove_dir_all(folder).ok();
    fs::rename(&part, folder).with_context(|| format!("cannot give {} its name", folder.display()))
}
