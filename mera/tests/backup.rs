//! `mera device backup` and `restore` as a person at a terminal meets them: real processes, running devices, a relay.
#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs)]

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const MERA: &str = env!("CARGO_BIN_EXE_mera");

/// What `mera --json …` says last, and whether it went well.
fn mera(words: &[&str]) -> (bool, Value) {
    let output = Command::new(MERA).arg("--json").args(words).stderr(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), serde_json::from_str(said.lines().last().unwrap_or("null")).unwrap())
}

/// A process that has told where it answers; it stops with the test.
struct Running(Child, Value);

impl Running {
    fn start(words: &[&str]) -> Self {
        let mut process = Command::new(MERA);
        let mut process =
            process.arg("--json").args(words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self(process, serde_json::from_str(&line).unwrap())
    }

    fn ask(&self, request: &Value) -> Value {
        let told = |name: &str| self.1["serving"][name].as_str().unwrap();
        let (address, token, body) = (told("address"), told("token"), request.to_string());
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!("POST /api/request HTTP/1.1\r\nHost: {address}\r\nConnection: close");
        let length = body.len();
        write!(stream, "{head}\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    fn status(&self) -> Value {
        self.ask(&json!({ "do": "sync_status" }))["ok"]["with"].take()
    }

    /// Asks for the state of synchronisation until it is what is waited for.
    fn until(&self, holds: impl Fn(&Value) -> bool) -> Value {
        let begun = std::time::Instant::now();
        loop {
            let status = self.status();
            if holds(&status) {
                return status;
            }
            assert!(begun.elapsed().as_secs() < 60, "waited in vain: {status}");
        }
    }

    fn create(&self, name: &str) -> Value {
        self.ask(&json!({ "do": "create", "kind": "customer", "values": [["name", name]] }))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(relay: Option<&str>) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(desk.place("said"), "korrekt hest batteri\n").unwrap();
        let (anna, mut words) = (desk.text("anna"), vec!["device", "init", "--name", "Annas pc", "--person", "Anna"]);
        words.extend(["--series", "A1", "--folder", &anna, "--key-in-plain"]);
        words.extend(relay.iter().flat_map(|relay| ["--relay", *relay]));
        assert!(mera(&words).0);
        desk
    }

    fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.place(name).display().to_string()
    }

    fn serve(&self, name: &str) -> Running {
        Running::start(&["device", "serve", "--alone", "--folder", &self.text(name)])
    }

    fn backup(&self, out: &str) -> (bool, Value) {
        let (folder, out, said) = (self.text("anna"), self.text(out), self.text("said"));
        mera(&["device", "backup", "--folder", &folder, "--out", &out, "--backup-passphrase-file", &said])
    }

    fn restore(&self, from: &str, folder: &str) -> (bool, Value) {
        let (from, folder, said) = (self.text(from), self.text(folder), self.text("said"));
        let words = ["device", "restore", "--from", &from, "--folder", &folder, "--key-in-plain"];
        mera(&[words.as_slice(), &["--backup-passphrase-file", &said]].concat())
    }

    fn doctor(&self, name: &str) -> (bool, Value) {
        mera(&["device", "doctor", "--folder", &self.text(name)])
    }
}

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
    let relays = tempfile::tempdir().unwrap();
    let place = relays.path().display().to_string();
    let relay = Running::start(&["relay", "--listen", "127.0.0.1:0", "--folder", &place]);
    let desk = Desk::new(relay.1["relay"]["url"].as_str());
    let original = desk.serve("anna");
    original.create("Før");
    assert!(desk.backup("backup").0);
    original.create("Efter");
    original.until(|status| status["waiting_changes"] == 0);
    assert!(desk.restore("backup", "again").0);
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
    assert_eq!(found["ok"]["with"]["total"], 1, "{found}");
}

#[test]
fn an_export_holds_every_field_and_who_wrote_what_before() {
    let desk = Desk::new(None);
    let running = desk.serve("anna");
    let made = running.create("Før")["ok"]["with"].take();
    let edits = json!([{ "edit": "set", "path": "name", "value": "Efter" }]);
    let change = json!({ "do": "change", "record": made["record"], "seen": made["heads"], "edits": edits });
    let done = running.ask(&change);
    assert!(done["ok"].is_object(), "{done}");
    drop(running);
    let anna = desk.text("anna");
    for format in ["csv", "json"] {
        assert!(mera(&["device", "export", "--folder", &anna, "--to", &desk.text(format), "--format", format]).0);
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
