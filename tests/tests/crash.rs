//! A short run of `cargo xtask crash`: real processes, killed at random moments, lose and double nothing.
#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs)]

use mera_tests::crash::{Options, play};
use std::path::PathBuf;

/// The runner builds `mera` beside the tests.
fn mera() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let mera = tests.ancestors().nth(2).unwrap().join("mera");
    assert!(mera.exists(), "build it first: cargo build --package mera");
    mera
}

#[test]
fn what_was_acknowledged_before_twenty_kills_is_there_once_after_them() {
    let folder = tempfile::tempdir().unwrap();
    let report = play(&Options { mera: mera(), kills: 20, seed: 1 }, folder.path(), |_| {}).unwrap();
    assert!(report.complaints.is_empty(), "{}", report.complaints.join("\n"));
    assert!(report.acknowledged > 100, "there was work: {}", report.sentence());
}
