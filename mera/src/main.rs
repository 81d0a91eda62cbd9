//! The headless program. Its commands come with the rooms they need; until then it says so and fails.

use std::process::ExitCode;

fn main() -> ExitCode {
    eprintln!("mera: this build has no commands yet; see CHANGELOG.md for what works");
    ExitCode::FAILURE
}
