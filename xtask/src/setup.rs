//! Checks the tools each part needs and installs what is missing, one line of explanation each.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::compiler::{self, Machine};
use crate::house::House;
use crate::process;

/// A part of the work that needs tools of its own.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Building the screens.
    Wasm,
    /// Building the desktop program.
    Desktop,
    /// Testing in a browser and in the desktop window.
    Browser,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 3] = [Self::Wasm, Self::Desktop, Self::Browser];
}

/// A Debian package and what it is for.
pub struct Package {
    name: &'static str,
    why: &'static str,
}

const fn package(name: &'static str, why: &'static str) -> Package {
    Package { name, why }
}

/// The compiler that builds the standard library for other machines.
pub const COMPILER: [Package; 4] = [
    package("rustc-web", "compiles the screens for the browser"),
    package("cargo-web", "drives that compiler"),
    package("rust-web-src", "the standard library's source, compiled for the browser"),
    package("lld", "links the screens"),
];

/// What the tests ask of the system: networks of their own, and disks that fail.
pub const MACHINES: [Package; 3] = [
    package("iproute2", "gives each machine of a test a network of its own"),
    package("e2fsprogs", "makes the disks that fail in a test"),
    package("mount", "mounts them"),
];

/// What operators put before a relay and beneath it, and look at it with. They are unpacked and not installed, so that none of them
/// begins to run.
const OPERATORS: [&str; 4] = ["caddy", "nginx", "prometheus", "nats-server"];
/// Where their programs are then.
const PROGRAMS: [&str; 4] = ["usr/bin/caddy", "usr/bin/promtool", "usr/sbin/nginx", "usr/sbin/nats-server"];

const NPM: [Package; 1] =
    [package("npm", "fetches the PatternFly styles, axe-core and what is measured beside MERA, each once")];

const DESKTOP: [Package; 6] = [
    package("build-essential", "the system's linker and C compiler"),
    package("libwebkit2gtk-4.1-dev", "the web view the desktop window is made of"),
    package("libxdo-dev", "the window's menus and keys"),
    package("libssl-dev", "headers the web view's bindings look for"),
    package("libayatana-appindicator3-dev", "headers for the system tray"),
    package("librsvg2-dev", "draws icons"),
];

const BROWSER: [Package; 6] = [
    package("chromium", "the browser of the tests"),
    package("chromium-driver", "clicks in it"),
    package("webkit2gtk-driver", "clicks in the desktop window"),
    package("xvfb", "a screen where there is none"),
    package("xauth", "lets programs draw on that screen"),
    package("dbus-x11", "the session bus the desktop window asks for"),
];

/// Makes the parts ready; says nothing about what is there already beyond one line per part.
pub fn install(house: &House, parts: &[Part]) -> Result<()> {
    for part in parts {
        match part {
            Part::Wasm => {
                compiler::obtain(Machine::Browser)?;
                if !crate::ui::has_patternfly(house) {
                    npm()?;
                }
                println!("setup: the screens can be built");
            }
            Part::Desktop => {
                if cfg!(target_os = "linux") {
                    install_packages(&DESKTOP)?;
                }
                println!("setup: the desktop program can be built");
            }
            Part::Browser => {
                install_packages(&BROWSER)?;
                if cfg!(target_os = "linux") {
                    install_packages(&MACHINES)?;
                }
                crate::axe::obtain(house)?;
                println!("setup: the tests have a browser and a screen");
            }
        }
    }
    Ok(())
}

/// Where the programs of operators are in the cache.
pub fn operators_in(house: &House) -> [PathBuf; 2] {
    ["usr/bin", "usr/sbin"].map(|place| house.cache.join("operators").join(place))
}

/// Fetches the programs of operators, where there is an `apt-get`.
pub fn operators(house: &House) -> Result<()> {
    let folder = house.cache.join("operators");
    let there = PROGRAMS.iter().all(|name| folder.join(name).is_file());
    if there || process::which("apt-get").is_none() {
        return Ok(());
    }
    println!(
        "setup: fetching {}: they read what stands in deploy/, and keep the log of a test's relays (once)",
        OPERATORS.join(", ")
    );
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}; is the disk full?", folder.display()))?;
    if let Some(mut update) = as_root() {
        process::run(update.args(["apt-get", "update", "-q"])).context("the package list could not be refreshed")?;
    }
    let mut get = process::command("apt-get");
    process::run(get.args(["download", "-q"]).args(OPERATORS).current_dir(&folder)).context("see what apt-get says")?;
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let package = entry?.path();
        if package.extension().is_some_and(|ending| ending == "deb") {
            process::run(process::command("dpkg-deb").arg("--extract").arg(&package).arg(&folder))?;
            fs::remove_file(&package)?;
        }
    }
    Ok(())
}

/// Makes `npm` ready.
pub fn npm() -> Result<()> {
    if process::which("npm").is_some() {
        return Ok(());
    }
    install_packages(&NPM)
}

/// Installs the packages that are missing, as root or through a `sudo` that asks no password.
pub fn install_packages(packages: &[Package]) -> Result<()> {
    let missing: Vec<&Package> = packages.iter().filter(|package| !is_installed(package.name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    let by_hand = format!("apt-get update && apt-get install -y {}", names.join(" "));
    if process::which("apt-get").is_none() {
        bail!("this machine has no apt-get; install what Debian calls {} and try again", names.join(", "));
    }
    for Package { name, why } in missing {
        println!("setup: installing {name}: {why}");
    }
    let Some(mut update) = as_root() else { bail!("installing needs root; run: sudo sh -c '{by_hand}'") };
    process::run(update.args(["apt-get", "update", "-q"])).context("the package list could not be refreshed")?;
    let mut get = as_root().with_context(|| format!("installing needs root; run: sudo sh -c '{by_hand}'"))?;
    get.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q", "--no-install-recommends"]);
    process::run(get.args(&names)).with_context(|| format!("run `{by_hand}` by hand to see why"))
}

fn is_installed(name: &str) -> bool {
    if name == "chromium" && process::which("chromium").is_some() {
        return true;
    }
    let mut query = process::command("dpkg-query");
    query.args(["--show", "--showformat=${Status}", name]);
    process::capture(&mut query).is_ok_and(|status| status.ends_with("install ok installed"))
}

/// A command line that runs what follows as root, when this is possible without asking for a password.
fn as_root() -> Option<Command> {
    let root = process::capture(process::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if root {
        return Some(process::command("env"));
    }
    let free = process::command("sudo").args(["-n", "true"]).status().is_ok_and(|status| status.success());
    free.then(|| {
        let mut sudo = process::command("sudo");
        sudo.arg("-n");
        sudo
    })
}

/// Installs a cargo tool once into the cache and gives the folder its programs are in.
pub fn cargo_tool(house: &House, name: &str, version: &str, why: &str) -> Result<std::path::PathBuf> {
    let folder = house.tools().join("bin");
    if process::which(name).is_none() && !is_there(&folder, name) {
        println!("setup: installing {name} {version}: {why} (minutes, once)");
        let mut install = house.cargo();
        install.args(["install", name, "--version", version, "--locked", "--quiet", "--root"]).arg(house.tools());
        install.env("CARGO_TARGET_DIR", house.target_for("tools"));
        process::run(&mut install).with_context(|| format!("`cargo install {name}` by hand may say more"))?;
    }
    Ok(folder)
}

fn is_there(folder: &Path, name: &str) -> bool {
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)).is_file()
}
