//! The compilers for other machines: the browser and Android.
//!
//! A person's own toolchain gets the target from rustup. Where no toolchain can be downloaded, Debian's compiler
//! builds the standard library from its packaged source.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::house::House;
use crate::{process, setup};

/// A machine MERA is compiled for besides this one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    /// The browser, and the web view of the desktop program.
    Browser,
    /// Telephones and tablets.
    Android,
}

impl Machine {
    /// The compiler's name for the machine.
    pub fn triple(self) -> &'static str {
        match self {
            Self::Browser => "wasm32-unknown-unknown",
            Self::Android => "aarch64-linux-android",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Browser => "wasm",
            Self::Android => "android",
        }
    }

    fn standard_library(self) -> &'static str {
        match self {
            Self::Browser => "build-std=std,panic_abort",
            Self::Android => "build-std=std,panic_unwind",
        }
    }
}

/// Which compiler does it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Compiler {
    /// The ordinary one, with the target from rustup.
    Rustup,
    /// Debian's, which builds the standard library itself.
    Debian,
}

/// A compiler that can build for the machine, if one is here already. `MERA_COMPILER=debian` or `rustup` takes that one.
pub fn present(machine: Machine) -> Option<Compiler> {
    let wanted = std::env::var("MERA_COMPILER").unwrap_or_default();
    if wanted != "debian" && has_target(machine) {
        return Some(Compiler::Rustup);
    }
    (wanted != "rustup" && has_debian(machine)).then_some(Compiler::Debian)
}

/// Gets a compiler for the machine: the one that is here, else rustup's, else Debian's.
pub fn obtain(machine: Machine) -> Result<Compiler> {
    if let Some(compiler) = present(machine) {
        return Ok(compiler);
    }
    let triple = machine.triple();
    if std::env::var("MERA_COMPILER").as_deref() != Ok("debian") && process::which("rustup").is_some() {
        println!("setup: the standard library for {triple}, from rustup: the ordinary compiler then builds for it");
        let mut add = process::command("rustup");
        add.args(["target", "add", triple]).env("RUSTUP_MAX_RETRIES", "0");
        if process::succeeds_within(&mut add, Duration::from_secs(90)) && has_target(machine) {
            return Ok(Compiler::Rustup);
        }
        println!("setup: rustup could not get it; Debian's compiler builds the standard library instead");
    }
    setup::install_packages(&setup::COMPILER)?;
    if !has_debian(machine) {
        bail!(
            "no compiler for {triple}; run `rustup target add {triple}` on a network that reaches rustup's downloads"
        );
    }
    Ok(Compiler::Debian)
}

/// Cargo set to build for the machine; the caller adds the packages and the profile after `verb`.
pub fn cargo(house: &House, machine: Machine, compiler: Compiler, verb: &str) -> Command {
    let folder = house.target_for(machine.folder());
    let mut cargo = match compiler {
        Compiler::Rustup => house.cargo(),
        Compiler::Debian => {
            let mut cargo = process::command("/usr/bin/cargo");
            // The ordinary toolchain's libraries and wrappers must not reach Debian's compiler.
            for ordinary in ["LD_LIBRARY_PATH", "RUSTUP_TOOLCHAIN", "RUSTC_WRAPPER", "RUSTDOC", "CARGO"] {
                cargo.env_remove(ordinary);
            }
            // Building the standard library is an unstable feature, and this is the compiler's own switch for it.
            cargo.current_dir(&house.root).env("RUSTC_BOOTSTRAP", "1").env("RUSTC", "/usr/bin/rustc");
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "/usr/bin/wasm-ld");
            if let Ok(path) = process::path_with_first(Path::new("/usr/bin")) {
                cargo.env("PATH", path);
            }
            cargo
        }
    };
    cargo.env("CARGO_TARGET_DIR", folder).arg(verb).args(["--target", machine.triple()]);
    if compiler == Compiler::Debian {
        cargo.args(["-Z", machine.standard_library()]);
    }
    cargo
}

fn has_target(machine: Machine) -> bool {
    let sysroot = process::capture(process::command("rustc").args(["--print", "sysroot"]));
    sysroot.is_ok_and(|root| Path::new(root.trim()).join("lib/rustlib").join(machine.triple()).join("lib").is_dir())
}

fn has_debian(machine: Machine) -> bool {
    let linker = machine != Machine::Browser || Path::new("/usr/bin/wasm-ld").is_file();
    let source = Path::new("/usr/lib/rustlib/src/rust/library/std/Cargo.toml").is_file();
    linker && source && Path::new("/usr/bin/cargo").is_file() && Path::new("/usr/bin/rustc").is_file()
}
