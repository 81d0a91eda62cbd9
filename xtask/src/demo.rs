//! The demo: builds what it needs and hands over to `mera demo`.

use std::fs;

use anyhow::{Context, Result};

use crate::house::House;
use crate::setup::{self, Part};
use crate::{process, ui};

/// Plays the demo until the person stops it, or, with `check`, plays its scenario once.
pub fn play(house: &House, check: bool, port: Option<u16>) -> Result<()> {
    if check {
        placeholder(house)?;
    } else {
        setup::install(house, &[Part::Wasm])?;
        ui::build(house)?;
    }
    process::run(house.cargo().args(["build", "--release", "--package", "mera"])).context("mera does not compile")?;
    let mut demo = process::command(house.program("release", "mera"));
    demo.arg("demo").arg("--ui").arg(house.dist()).arg("--folder").arg(house.cache.join("demo"));
    if check {
        demo.arg("--check");
    }
    if let Some(port) = port {
        demo.arg("--port").arg(port.to_string());
    }
    process::run(&mut demo)
}

/// The scenario shows no screens, but a program that serves them wants their folder.
fn placeholder(house: &House) -> Result<()> {
    let page = house.dist().join("index.html");
    if page.exists() {
        return Ok(());
    }
    fs::create_dir_all(house.dist())?;
    fs::write(&page, "<!doctype html><title>MERA</title>").with_context(|| format!("cannot write {}", page.display()))
}
