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
    fs::remove_dir_all(folder).ok();
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}; is the disk full?", folder.display()))?;
    fs::copy(from.join("package.json"), folder.join("package.json"))
        .with_context(|| format!("cannot copy {asked}/package.json"))?;
    fs::write(folder.join(LOCK), lock).with_context(|| format!("cannot write in {}", folder.display()))?;
    let mut install = process::command("npm");
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]).current_dir(folder);
    let done = process::run(&mut install).context("npm could not install it; is the network there?");
    if done.is_err() {
        // What is half there must not be taken for whole the next time.
        fs::remove_dir_all(folder).ok();
    }
    done
}
