//! Where things are: the clone, and the folder outside it that survives between builds.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// The clone and its build folders.
pub struct House {
    /// The top of the clone.
    pub root: PathBuf,
    /// What outlives a clone: build folders, tools, downloaded packages.
    pub cache: PathBuf,
    target: PathBuf,
}

impl House {
    /// Finds the clone from the place of this program's source, and the cache from the environment.
    pub fn find() -> Result<Self> {
        let room = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root =
            room.parent().context("xtask stands at the top of a drive; move the clone into a folder")?.to_owned();
        let cache =
            cache_folder().context("neither XDG_CACHE_HOME nor HOME is set; set one to a folder for build files")?;
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| cache.join("target"), |set| root.join(set));
        Ok(Self { root, cache, target })
    }

    /// Where a build for another machine writes: `target-wasm`, `target-android`.
    pub fn target_for(&self, name: &str) -> PathBuf {
        self.cache.join(format!("target-{name}"))
    }

    /// The built screens.
    pub fn dist(&self) -> PathBuf {
        self.root.join("ui/dist")
    }

    /// Tools installed once and kept.
    pub fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// The ordinary cargo, run at the top of the clone, writing into the cache.
    pub fn cargo(&self) -> Command {
        let mut cargo = process::command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        cargo
    }

    /// A program built by [`House::cargo`] in the given profile's folder.
    pub fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }
}

fn cache_folder() -> Option<PathBuf> {
    let base = env::var_os("XDG_CACHE_HOME").filter(|set| !set.is_empty()).map(PathBuf::from);
    let base = base.or_else(|| env::var_os("LOCALAPPDATA").map(PathBuf::from));
    base.or_else(|| env::home_dir().map(|home| home.join(".cache"))).map(|base| base.join("mera"))
}
