//! A short run of `cargo xtask partitions`: lines that fail as only TCP shows it lose and double nothing.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

use mera_tests::partitions::{Options, play};
use mera_tests::wire::Machine;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_befalls_a_line_everybody_ends_with_the_same_and_half_open_guests_are_let_go() {
    if let Err(why) = Machine::new(9) {
        eprintln!("SKIPPED: {why:#}");
        return;
    }
    let report = play(&Options { seed: 1, silence: false }).await.unwrap();
    eprintln!("{}", report.sentence());
    assert!(report.acknowledged > 150 && report.vanished > 50, "something befell them: {report:?}");
}
