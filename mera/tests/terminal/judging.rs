//! `mera device hand-in` and `judge`.

use super::{Desk, Relay, Running};
use serde_json::{Value, json};
use std::fs;

/// A company in which Bo, who sells, wrote something that nobody took in before he was taken out.
struct TakenOut {
    desk: Desk,
    anna: Running,
    _relay: Relay,
}

impl TakenOut {
    fn new() -> Self {
        let relay = Relay::start();
        let desk = Desk::new(Some(relay.address()));
        let anna = desk.serve("anna");
        anna.invites(&desk, "bo", &["sales"]);
        anna.invites(&desk, "carl", &["sales"]);
        let bo = desk.serve("bo");
        bo.until(|status| status["connected"] == true && status["waiting_changes"] == 0);
        bo.ask(&json!({ "do": "set_online", "online": false }));
        for name in ["Bos kunde", "Bos anden kunde"] {
            assert!(bo.create(name)["ok"].is_object());
        }
        anna.takes_out("bo");
        bo.ask(&json!({ "do": "set_online", "online": true }));
        bo.until_refused("membership.revoked");
        Self { desk, anna, _relay: relay }
    }

    fn judge(&self, name: &str, words: &[&str]) -> (bool, Value) {
        self.desk.device(name, &[&["judge"], words].concat())
    }

    fn hand_in(&self, name: &str, out: &str) -> (bool, Value) {
        self.desk.device(name, &["hand-in", "--out", &self.desk.text(out)])
    }
}

fn code(told: (bool, Value)) -> String {
    assert!(!told.0, "it went well: {}", told.1);
    told.1["refused"]["code"].as_str().unwrap().to_owned()
}

#[test]
fn work_of_a_device_that_was_taken_out_is_handed_in_opened_taken_over_and_left_out() {
    let company = TakenOut::new();
    let (well, told) = company.hand_in("bo", "work");
    assert!(well && told["handed_in"]["changes"] == 2, "{told}");
    let file = fs::read(company.desk.place("work")).unwrap();
    assert!(memchr::memmem::find(&file, b"Bos").is_none(), "sealed");
    // A file is never written over.
    assert_eq!(code(company.hand_in("bo", "work")), "program.failed");
    assert_eq!(fs::read(company.desk.place("work")).unwrap(), file);
    // Anna's device runs meanwhile and answers.
    let (well, told) = company.judge("anna", &["--file", &company.desk.text("work")]);
    let row = &told["set_aside"];
    assert!(well && row["closed"].is_null() && row["by"]["person"] == "bo", "{told}");
    let which = |number: i64| format!("{}/{number}", row["device"].as_str().unwrap());
    let last = row["number"].as_i64().unwrap();
    let (first, second) = if last == 3 { (2, 3) } else { (last, last + 1) };
    assert!(company.judge("anna", &["--take-over", &which(first)]).0);
    let (well, told) = company.judge("anna", &["--leave-out", &which(second), "--note", "findes allerede"]);
    assert!(well, "{told}");
    let found = company.anna.ask(&json!({ "do": "find", "query": "kunde" }));
    assert_eq!(found["ok"]["page"]["total"], 1, "{found}");
    let judging = company.anna.ask(&json!({ "do": "judging" }));
    let closed: Vec<_> =
        judging["ok"]["judging"]["rows"].as_array().unwrap().iter().map(|row| &row["closed"]).collect();
    assert!(closed.iter().all(|closed| closed.is_object()), "{judging}");
    assert!(closed.iter().any(|closed| closed["note"] == "findes allerede"), "{judging}");
}

#[test]
fn whoever_may_not_judge_and_whatever_is_no_work_is_refused_with_a_code() {
    let company = TakenOut::new();
    assert!(company.hand_in("bo", "work").0);
    let work = company.desk.text("work");
    assert_eq!(code(company.hand_in("anna", "nothing")), "judging.nothing");
    assert!(!company.desk.place("nothing").exists(), "no empty file");
    assert_eq!(code(company.judge("carl", &["--file", &work])), "judging.no_right");
    assert_eq!(code(company.judge("anna", &["--file", &company.desk.text("said")])), "judging.none");
    assert_eq!(code(company.judge("anna", &["--file", &company.desk.text("no such file")])), "program.failed");
    let device = "00000000-0000-0000-0000-000000000000/7";
    assert_eq!(code(company.judge("anna", &["--take-over", device])), "judging.unknown");
    assert_eq!(code(company.judge("anna", &["--take-over", "the second one"])), "program.failed");
    assert_eq!(code(company.judge("anna", &["--leave-out", device, "--note", ""])), "judging.no_note");
    assert_eq!(code(company.judge("bo", &[])), "membership.revoked");
    let stranger = Desk::new(None);
    assert_eq!(code(stranger.device("anna", &["judge", "--file", &work])), "judging.other_company");
    let (well, told) = stranger.device("anna", &["judge"]);
    assert!(well && told["set_aside"].is_null(), "{told}");
}
