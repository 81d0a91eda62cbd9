//! A short run of `cargo xtask crash`: real processes, killed at random moments, lose and double nothing.
#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs)]

use mera_tests::crash::{Options, play};
use mera_tests::process::mera;

#[test]
fn what_was_acknowledged_before_twenty_kills_is_there_once_after_them() {
    let folder = tempfile::tempdir().unwrap();
    let report = play(&Options { mera: mera().unwrap(), kills: 20, seed: 1 }, folder.path(), |_| {}).unwrap();
    assert!(report.complaints.is_empty(), "{}", report.complaints.join("\n"));
    assert!(report.acknowledged > 100, "there was work: {}", report.sentence());
}
