//! A start is cold when the operating system has nothing of the folder in memory.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Asks the system to forget the files of a folder; says whether it could be asked.
pub fn make(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().all(|entry| {
        let path = entry.path();
        if path.is_dir() { make(&path) } else { forget(&path) }
    })
}

/// GNU `dd` has the system drop what it keeps of a file when nothing of it is to be copied.
fn forget(file: &Path) -> bool {
    let mut of = std::ffi::OsString::from("of=");
    of.push(file);
    let mut dd = Command::new("dd");
    dd.arg(of).args(["oflag=nocache", "conv=notrunc,fdatasync", "count=0"]);
    dd.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    dd.status().is_ok_and(|status| status.success())
}

/// What a start is called.
pub fn word(cold: bool) -> &'static str {
    if cold { "files not in the system's memory" } else { "files in the system's memory" }
}
