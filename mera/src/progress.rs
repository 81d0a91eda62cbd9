//! Progress of long work, on the terminal of whoever waits for it.

use crate::outlet::Outlet;
use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts to `of`; a script that reads JSON, and a file that is written to, see none.
pub fn counting(outlet: Outlet, of: usize, what: &'static str) -> ProgressBar {
    if outlet.json {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
    ProgressBar::new(of as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(what)
}

/// A bar for work whose end is not known.
pub fn looking(outlet: Outlet, what: &'static str) -> ProgressBar {
    if outlet.json {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {msg} {pos}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new_spinner().with_style(style).with_message(what)
}
