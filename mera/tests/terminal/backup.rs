//! `mera device backup` and `restore`.

use super::{Desk, Relay};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_backup_of_a_running_device_is_that_of_one_that_stands_still_and_restores_by_one_command() {
    let desk = Desk::new(None);
    let running = desk.serve("anna");
    for n in 0..5 {
        assert!(running.create(&format!("Kunde {n}"))["ok"].is_object());
    }
    let (well, told) = desk.backup("running");
    assert!(well && told["backed_up"]["entries"] == 6, "{told}");
    drop(running);
    let (well, told) = desk.backup("still");
    assert!(well && told["backed_up"]["entries"] == 6, "{told}");
    for backup in ["running", "still"] {
        let folder = format!("again-{backup}");
        let (well, told) = desk.restore(backup, &folder);
        assert!(well && told["restored"]["entries"] == 6, "{told}");
        assert_eq!(desk.doctor(&folder), desk.doctor("anna"));
    }
    assert_eq!(desk.backup("still").1["refused"]["code"], "backup.file_exists");
    assert_eq!(desk.restore("still", "anna").1["refused"]["code"], "backup.folder_taken");
    fs::write(desk.place("said"), "en helt anden sætning").unwrap();
    assert_eq!(desk.restore("still", "fresh").1["refused"]["code"], "backup.wrong_passphrase");
    assert_eq!(desk.restore("said", "fresh").1["refused"]["code"], "backup.not_a_backup");
    assert_eq!(files(desk.folder.path()), ["again-running", "again-still", "anna", "running", "said", "still"]);
}

#[test]
fn a_device_that_was_restored_while_the_original_lives_on_goes_on_under_a_name_of_its_own() {
    let relay = Relay::start();
    let desk = Desk::new(Some(relay.address()));
    let original = desk.serve("anna");
    original.create("Før");
    assert!(desk.backup("backup").0);
    original.create("Efter");
    original.until(|status| status["waiting_changes"] == 0);
    let (well, told) = desk.restore("backup", "again");
    assert!(well && told["restored"]["standing"] == "member", "{told}");
    let again = desk.serve("again");
    let digest = original.status()["digest"].take();
    again.until(|status| status["digest"] == digest && status["trouble"].is_null());
    // It has fetched its lost entry, and now both go on, out of each other's sight.
    for device in [&original, &again] {
        device.ask(&json!({ "do": "set_online", "online": false }));
    }
    assert!(original.create("Her")["ok"].is_object() && again.create("Der")["ok"].is_object());
    original.ask(&json!({ "do": "set_online", "online": true }));
    original.until(|status| status["waiting_changes"] == 0);
    again.ask(&json!({ "do": "set_online", "online": true }));
    let status = again.until(|status| status["trouble"]["code"] == "device.second_identity");
    assert_eq!(status["trouble"]["args"]["changes"], "1", "{status}");
    again.until(|status| status["waiting_changes"] == 0);
    let digest = again.status()["digest"].take();
    original.until(|status| status["digest"] == digest && status["trouble"].is_null());
    let found = original.ask(&json!({ "do": "find", "query": "Der" }));
    assert_eq!(found["ok"]["page"]["total"], 1, "{found}");
}

#[test]
fn an_export_holds_every_field_and_who_wrote_what_before() {
    let desk = Desk::new(None);
    let running = desk.serve("anna");
    let made = running.create("Før")["ok"]["done"].take();
    let edits = json!([{ "edit": "set", "path": "name", "value": "Efter" }]);
    let change = json!({ "do": "change", "record": made["record"], "seen": made["heads"], "edits": edits });
    let done = running.ask(&change);
    assert!(done["ok"].is_object(), "{done}");
    let export = |format: &str, to: &str| desk.device("anna", &["export", "--to", &desk.text(to), "--format", format]);
    for format in ["csv", "json"] {
        let (well, told) = export(format, &format!("running-{format}"));
        assert!(well && told["exported"]["records"] == 2, "{told}");
    }
    assert_eq!(export("csv", "running-csv").1["refused"]["code"], "export.exists");
    drop(running);
    for format in ["csv", "json"] {
        assert!(export(format, format).0);
        for name in files(&desk.place(format)) {
            let read = |folder: &str| fs::read_to_string(desk.place(folder).join(&name)).unwrap();
            assert_eq!(read(format), read(&format!("running-{format}")), "a device that runs exports the same: {name}");
        }
    }
    let read = |name: &str| fs::read_to_string(desk.place(name)).unwrap();
    let sheet = read("csv/history.csv");
    let row = sheet.lines().find(|line| line.ends_with(",name,Før,Efter")).unwrap_or_else(|| panic!("{sheet}"));
    assert!(row.contains("Anna,Annas pc"), "{row}");
    for kind in mera_schema::RecordKind::ALL {
        let (heading, def) = (read(&format!("csv/{kind}.csv")), mera_schema::RecordDef::of(*kind));
        let heading: Vec<&str> = heading.lines().next().unwrap().split(',').collect();
        assert!(def.fields.iter().all(|field| heading.contains(&field.name)), "{kind}: {heading:?}");
    }
    let lines = read("json/history.jsonl");
    let of_customer = lines.lines().find(|line| line.contains("Efter")).unwrap();
    let told: Value = serde_json::from_str(of_customer).unwrap();
    assert_eq!(told["record"], made["record"]);
    assert_eq!(told["changes"][0]["person"], json!({ "person": "Anna", "device": "Annas pc" }));
    assert!(read("json/records.jsonl").contains("Efter"));
}

#[test]
fn a_backup_of_a_device_that_was_taken_out_meanwhile_says_so_when_it_is_restored() {
    let relay = Relay::start();
    let desk = Desk::new(Some(relay.address()));
    let anna = desk.serve("anna");
    anna.invites(&desk, "bo", &["sales"]);
    let bo = desk.serve("bo");
    bo.until(|status| status["connected"] == true && status["waiting_changes"] == 0);
    bo.ask(&json!({ "do": "set_online", "online": false }));
    assert!(bo.create("Aldrig sendt")["ok"].is_object());
    assert!(desk.backup_of("bo", "backup").0);
    drop(bo);
    anna.takes_out("bo");
    let (well, told) = desk.restore("backup", "again");
    assert!(well, "{told}");
    assert_eq!((&told["restored"]["standing"], &told["restored"]["unsent"]), (&json!("taken_out"), &json!("1")));
    let (well, told) = desk.device("again", &["status"]);
    assert_eq!((well, &told["refused"]["code"]), (false, &json!("membership.revoked")));
    assert!(told["refused"]["says"].as_str().unwrap().contains("ask for an invitation"), "{told}");
    // Where the relay does not answer, that is said too.
    drop(relay);
    let (well, told) = desk.restore("backup", "elsewhere");
    assert!(well && told["restored"]["standing"] == "not_asked", "{told}");
}
