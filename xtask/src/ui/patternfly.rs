//! The PatternFly package: fetched once, checked against the pinned hash, kept in the cache.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::house::House;
use crate::{process, setup};

const NAME: &str = "@patternfly/patternfly";
const VERSION: &str = "6.6.1";
const HASH: &str = "57ce87341d4c6cf5adbc4af5b479068c8f97d5498da935c98f54d7138c113bc7";

/// Whether the package is in the cache.
pub fn is_here(house: &House) -> bool {
    unpacked(house).join("package/patternfly-base.css").is_file()
}

/// The package's folder, fetched first when it is not in the cache.
pub fn obtain(house: &House) -> Result<PathBuf> {
    let folder = unpacked(house);
    if !is_here(house) {
        setup::npm()?;
        println!("ui: fetching {NAME} {VERSION} (12 MB, once)");
        fetch(&folder)?;
    }
    Ok(folder.join("package"))
}

fn unpacked(house: &House) -> PathBuf {
    house.cache.join(format!("patternfly-{VERSION}"))
}

fn fetch(folder: &Path) -> Result<()> {
    let partial = folder.with_extension("partial");
    fs::remove_dir_all(&partial).ok();
    fs::create_dir_all(&partial).with_context(|| format!("cannot make {}; is the disk full?", partial.display()))?;
    let mut pack = process::command("npm");
    pack.args(["pack", "--silent", &format!("{NAME}@{VERSION}")]).current_dir(&partial);
    let said = process::capture(&mut pack).context("PatternFly comes from npm's registry; is the network there?")?;
    let file = said.lines().last().context("npm named no file; run `npm pack` by hand to see why")?.trim();
    let bytes = fs::read(partial.join(file)).with_context(|| format!("npm wrote no {file}; try again"))?;
    let hash = blake3::hash(&bytes).to_hex();
    if hash.as_str() != HASH {
        bail!(
            "{NAME} {VERSION} has hash {hash}, not the pinned one; find out why before changing xtask/src/ui/patternfly.rs"
        );
    }
    process::run(process::command("tar").arg("xzf").arg(file).current_dir(&partial))?;
    fs::remove_file(partial.join(file)).ok();
    fs::remove_dir_all(folder).ok();
    fs::rename(&partial, folder).with_context(|| format!("cannot name {}", folder.display()))
}
