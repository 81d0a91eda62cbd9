//! The desktop program: builds it with the screens inside and opens its window.

use anyhow::{Context, Result};

use crate::house::House;
use crate::setup::{self, Part};
use crate::{process, ui};

/// Builds and opens the desktop program; returns when its window is closed.
pub fn open(house: &House) -> Result<()> {
    setup::install(house, &[Part::Wasm, Part::Desktop])?;
    ui::build(house)?;
    let mut cargo = house.cargo();
    cargo.args(["build", "--release", "--package", "mera-shell", "--features", "custom-protocol"]);
    process::run(&mut cargo).context("the desktop program does not compile")?;
    process::run(&mut process::command(house.program("release", "mera-shell")))
}
