//! The measured figures. There is nothing to measure before there is a device; until then it says so and fails.

use std::process::ExitCode;

fn main() -> ExitCode {
    eprintln!("bench: nothing to measure yet; see CHANGELOG.md for what works");
    ExitCode::FAILURE
}
