//! axe-core, which asks the screens about accessibility. Only the tests use it; nothing of it ships.

use std::path::PathBuf;

use anyhow::Result;

use crate::house::House;
use crate::npm;

/// The script the tests put into each page, installed first when the cache does not hold what the lock file asks for.
pub fn obtain(house: &House) -> Result<PathBuf> {
    let folder = house.cache.join("axe");
    npm::install(house, "tests/axe", &folder, "axe-core: asks every page about accessibility")?;
    Ok(folder.join("node_modules/axe-core/axe.min.js"))
}
