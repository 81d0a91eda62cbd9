//! Builds the screens into `ui/dist`: one page, its style, its fonts and its program, all served from the device.

mod dist;
mod patternfly;
mod stylesheet;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;

use crate::compiler::{self, Machine};
use crate::house::House;
use crate::process;

pub use patternfly::is_here as has_patternfly;

const PROFILE: &str = "ui-release";
/// The oldest `wasm-opt` that reads what today's compiler writes.
const OLDEST_OPTIMISER: u32 = 119;

/// Builds everything; files whose content did not change are left as they are.
pub fn build(house: &House) -> Result<()> {
    let started = Instant::now();
    let compiler = compiler::obtain(Machine::Browser)?;
    let package = patternfly::obtain(house)?;
    let mut cargo = compiler::cargo(house, Machine::Browser, compiler, "build");
    process::run(cargo.args(["--package", "ui", "--bin", "ui", "--profile", PROFILE]))
        .context("the screens do not compile")?;
    let built = house.target_for("wasm").join(Machine::Browser.triple()).join(PROFILE);
    let bound = bind(&built.join("ui.wasm"), &built.join("bound"))?;
    optimise(&bound.join("ui_bg.wasm"))?;
    let style = stylesheet::assemble(&house.root.join("ui/styles"), &package)?;
    let dist = dist::write(house, &bound, &style)?;
    dist.report();
    println!("ui: ready in {:.1} s, in ui/dist", started.elapsed().as_secs_f32());
    Ok(())
}

/// Type-checks the screens for the browser.
pub fn check(house: &House) -> Result<()> {
    let compiler = compiler::obtain(Machine::Browser)?;
    let mut cargo = compiler::cargo(house, Machine::Browser, compiler, "check");
    process::run(cargo.args(["--package", "ui"])).context("the screens do not compile")
}

fn bind(program: &Path, into: &Path) -> Result<PathBuf> {
    if into.exists() {
        fs::remove_dir_all(into).with_context(|| format!("cannot empty {}; remove it by hand", into.display()))?;
    }
    let mut bindgen = Bindgen::new();
    bindgen.input_path(program).out_name("ui").typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    let bound = bindgen.web(true).and_then(|bindgen| bindgen.generate(into));
    bound.map_err(|error| {
        anyhow!("{error:#}; `wasm-bindgen` and `wasm-bindgen-cli-support` must have the same version in Cargo.toml")
    })?;
    Ok(into.to_owned())
}

fn optimise(program: &Path) -> Result<()> {
    if process::which("wasm-opt").is_none() {
        return Ok(());
    }
    let version = process::capture(process::command("wasm-opt").arg("--version")).unwrap_or_default();
    let number = version.split_whitespace().find_map(|word| word.parse::<u32>().ok()).unwrap_or(0);
    if number < OLDEST_OPTIMISER {
        println!("ui: wasm-opt {number} is too old for today's wasm; going on without it");
        return Ok(());
    }
    let smaller = program.with_extension("small.wasm");
    let mut shrink = process::command("wasm-opt");
    shrink.args(["-Oz", "--enable-bulk-memory", "--enable-reference-types", "--enable-sign-ext"]);
    shrink.args(["--enable-mutable-globals", "--enable-nontrapping-float-to-int", "--enable-multivalue"]);
    process::run(shrink.arg(program).arg("-o").arg(&smaller)).context("remove wasm-opt from the search path")?;
    fs::rename(&smaller, program).with_context(|| format!("cannot replace {}", program.display()))
}
