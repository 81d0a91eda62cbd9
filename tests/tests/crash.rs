//! A short run of `cargo xtask crash`: real processes, killed at random moments, lose and double nothing.
#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs)]

use mera_tests::crash::{Options, play};
use mera_tests::nats::Nats;
use mera_tests::process::mera;

#[test]
fn what_was_acknowledged_before_twenty_kills_is_there_once_after_them() {
    let folder = tempfile::tempdir().unwrap();
    let report =
        play(&Options { mera: mera().unwrap(), kills: 20, seed: 1, shared: false }, folder.path(), |_| {}).unwrap();
    assert!(report.complaints.is_empty(), "{}", report.complaints.join("\n"));
    assert!(report.acknowledged > 100, "there was work: {}", report.sentence());
}

#[test]
fn three_relays_and_their_log_are_killed_under_load_and_what_was_acknowledged_is_there_once_after_it() {
    if Nats::start().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let options = Options { mera: mera().unwrap(), kills: 20, seed: 2, shared: true };
    let report = play(&options, folder.path(), |_| {}).unwrap();
    assert!(report.complaints.is_empty(), "{}", report.complaints.join("\n"));
    assert!(report.acknowledged > 100, "there was work: {}", report.sentence());
}
