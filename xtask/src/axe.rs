//! axe-core, which asks the screens about accessibility: installed once by npm from the lock file in `tests/axe`, kept
//! in the cache. Only the tests use it; nothing of it ships.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::house::House;
use crate::{process, setup};

const ASKED: &str = "tests/axe";
const LOCK: &str = "package-lock.json";

/// The script the tests put into each page, installed first when the cache does not hold what the lock file asks for.
pub fn obtain(house: &House) -> Result<PathBuf> {
    let (asked, folder) = (house.root.join(ASKED), house.cache.join("axe"));
    let script = folder.join("node_modules/axe-core/axe.min.js");
    let lock = fs::read(asked.join(LOCK)).with_context(|| format!("cannot read {ASKED}/{LOCK}"))?;
    if script.is_file() && fs::read(folder.join(LOCK)).is_ok_and(|installed| installed == lock) {
        return Ok(script);
    }
    setup::npm()?;
    println!("setup: installing axe-core: asks every page about accessibility (once)");
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}; is the disk full?", folder.display()))?;
    for name in ["package.json", LOCK] {
        fs::copy(asked.join(name), folder.join(name)).with_context(|| format!("cannot copy {ASKED}/{name}"))?;
    }
    let mut install = process::command("npm");
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]).current_dir(&folder);
    process::run(&mut install).context("axe-core comes from npm's registry; is the network there?")?;
    Ok(script)
}
