//! What a browser downloads before it shows anything: page, program, scripts and styles, packed. Fonts come after and
//! are kept.

use crate::figure::Report;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Bytes: one MiB.
const AIM: f64 = 1_048_576.0;

/// Measures the built screens.
pub fn measure(report: &mut Report, ui: &Path) -> Result<()> {
    let (mut plain, mut packed, mut program) = (0, 0, 0);
    for path in files(ui)? {
        let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let size = packed_size(&content)?;
        plain += content.len();
        packed += size;
        if path.extension().is_some_and(|kind| kind == "wasm") {
            program += size;
        }
    }
    if program == 0 {
        bail!("there is no program in {}; build the screens with `cargo xtask ui`", ui.display());
    }
    report.judge(
        "bundle.gz",
        packed as f64,
        "bytes",
        AIM,
        0,
        "page, program, scripts and styles, gzip -9, without fonts",
    )?;
    report.add("bundle.gz.program", program as f64, "bytes", 0, "of that: the program")?;
    report.add("bundle.plain", plain as f64, "bytes", 0, "the same, not packed")?;
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("there are no built screens in {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_none_or(|kind| kind != "woff2") {
            found.push(path);
        }
    }
    Ok(found)
}

fn packed_size(content: &[u8]) -> Result<usize> {
    let mut gzip = Command::new("gzip");
    let child = gzip.args(["-9", "-c"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.context("gzip is not here; install it")?;
    let mut input = child.stdin.take().context("gzip takes no input")?;
    let output = std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(content));
        child.wait_with_output()
    })?;
    if output.status.success() { Ok(output.stdout.len()) } else { bail!("gzip failed") }
}
