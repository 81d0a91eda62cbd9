//! Prepares the shell: the configuration stands at the top of the clone, and a fresh clone has no screens yet.

use std::fs;
use std::path::Path;

use tauri_build::{AppManifest, Attributes};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let screens = Path::new("../ui/dist");
    let page = screens.join("index.html");
    if !page.exists() {
        fs::create_dir_all(screens)?;
        fs::write(&page, "<!doctype html><title>MERA</title><p>Build the screens first: cargo xtask ui</p>\n")?;
    }
    // New screens have new names, so the folder itself is watched.
    println!("cargo:rerun-if-changed={}", screens.display());
    println!("cargo:rerun-if-changed={}", page.display());
    let attributes =
        Attributes::new().config_path("../tauri.conf.json").app_manifest(AppManifest::new().commands(&["request"]));
    tauri_build::try_build(attributes)?;
    Ok(())
}
