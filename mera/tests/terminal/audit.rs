//! `mera device audit`.

use super::{Desk, Relay};
use serde_json::{Value, json};
use std::fs;

#[test]
fn the_trail_is_shown_checked_and_written_into_files_beside_a_device_that_runs_and_without_one() {
    let desk = Desk::new(None);
    let running = desk.serve("anna");
    let record = running.create("Nordhavn")["ok"]["done"]["record"].as_str().unwrap().to_owned();
    let trail = |name: &str| {
        let (well, told) = desk.device("anna", &["audit", "--record", &record, "--rows", "1"]);
        assert!(well && told["audit"]["act"]["records"][0]["record"] == record, "{told}");
        let (well, told) = desk.device("anna", &["audit", "--check"]);
        assert!(well && told["checked"]["broken"] == 0 && told["checked"]["entries"] == 2, "{told}");
        let (sheet, lines) = (desk.text(&format!("{name}.csv")), desk.text(&format!("{name}.jsonl")));
        for file in [&sheet, &lines] {
            let (well, told) = desk.device("anna", &["audit", "--export", file]);
            assert!(well && told["exported"]["rows"].as_u64() > Some(1), "{told}");
        }
        (fs::read_to_string(sheet).unwrap(), fs::read_to_string(lines).unwrap())
    };
    let (sheet, lines) = trail("running");
    drop(running);
    assert_eq!(trail("still"), (sheet.clone(), lines.clone()), "a device that runs tells the same");
    assert!(sheet.starts_with("number,device,person") && sheet.contains("Nordhavn"), "{sheet}");
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["mera_audit"], 1);
}

#[test]
fn a_file_that_is_there_a_strange_ending_and_who_may_not_see_everything_are_refused() {
    let relay = Relay::start();
    let desk = Desk::new(Some(relay.address()));
    let anna = desk.serve("anna");
    anna.invites(&desk, "mads", &["warehouse"]);
    let code = |name: &str, words: &[&str]| {
        let (well, told) = desk.device(name, &[&["audit"], words].concat());
        assert!(!well, "{told}");
        told["refused"]["code"].as_str().unwrap().to_owned()
    };
    let said = desk.text("said.csv");
    fs::write(&said, "there already").unwrap();
    assert_eq!(code("anna", &["--export", &said]), "export.exists");
    assert_eq!(fs::read_to_string(&said).unwrap(), "there already");
    assert_eq!(code("anna", &["--export", &desk.text("trail.pdf")]), "program.failed");
    for words in [&["--check"][..], &["--export", &desk.text("mads.csv")], &[]] {
        assert_eq!(code("mads", words), "audit.no_right", "{words:?}");
    }
    assert!(!desk.place("mads.csv").exists() && !desk.place("mads.csv.unfinished").exists(), "nothing half made");
    let nobody = desk.device("nobody", &["audit"]);
    assert_eq!(nobody.1["refused"]["code"], json!("device.none"));
}
