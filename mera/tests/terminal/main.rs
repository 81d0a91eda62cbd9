//! Commands as a person at a terminal meets them: real processes, running devices, a relay.
#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs)]

mod audit;
mod backup;
mod judging;
mod recovery;

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const MERA: &str = env!("CARGO_BIN_EXE_mera");

/// A relay with a folder of its own.
struct Relay {
    running: Running,
    _folder: tempfile::TempDir,
}

impl Relay {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display().to_string();
        Self { running: Running::start(&["relay", "--listen", "127.0.0.1:0", "--folder", &place]), _folder: folder }
    }

    fn address(&self) -> &str {
        self.running.1["relay"]["url"].as_str().unwrap()
    }
}

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
        self.ask(&json!({ "do": "sync_status" }))["ok"]["sync_status"].take()
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

    /// Asks until the device refuses for a reason.
    fn until_refused(&self, code: &str) {
        let begun = std::time::Instant::now();
        loop {
            let answer = self.ask(&json!({ "do": "about" }));
            if answer["refused"]["code"] == code {
                return;
            }
            assert!(begun.elapsed().as_secs() < 60, "waited in vain: {answer}");
        }
    }

    fn create(&self, name: &str) -> Value {
        self.ask(&json!({ "do": "create", "kind": "customer", "values": [["name", name]] }))
    }

    /// A person comes with a device in a folder of the desk, and these roles.
    fn invites(&self, desk: &Desk, name: &str, roles: &[&str]) {
        self.until(|status| status["connected"] == true);
        let invite = json!({ "do": "invite", "name": name, "roles": roles, "hours": 1 });
        let told = self.ask(&invite);
        let code = told["ok"]["invitation"]["code"].as_str().unwrap_or_else(|| panic!("{told}"));
        let words = ["join", "--name", name, "--series", "B1", "--key-in-plain", "--invitation", code];
        let (well, told) = desk.device(name, &words);
        assert!(well, "{told}");
    }

    /// Takes somebody's device out of the company.
    fn takes_out(&self, name: &str) {
        let members = self.ask(&json!({ "do": "members" }));
        let people = members["ok"]["members"]["people"].as_array().unwrap();
        let device = |row: &&Value| row["devices"][0]["name"] == name;
        let device = &people.iter().find(device).unwrap_or_else(|| panic!("{members}"))["devices"][0]["device"];
        let done = self.ask(&json!({ "do": "revoke", "device": device }));
        assert!(done["ok"].is_object(), "{done}");
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
        self.backup_of("anna", out)
    }

    fn backup_of(&self, name: &str, out: &str) -> (bool, Value) {
        let (folder, out, said) = (self.text(name), self.text(out), self.text("said"));
        mera(&["device", "backup", "--folder", &folder, "--out", &out, "--backup-passphrase-file", &said])
    }

    fn restore(&self, from: &str, folder: &str) -> (bool, Value) {
        let (from, folder, said) = (self.text(from), self.text(folder), self.text("said"));
        let words = ["device", "restore", "--from", &from, "--folder", &folder, "--key-in-plain"];
        mera(&[words.as_slice(), &["--backup-passphrase-file", &said]].concat())
    }

    /// One of the commands about the device in a folder.
    fn device(&self, name: &str, words: &[&str]) -> (bool, Value) {
        mera(&[&["device"], words, &["--folder", &self.text(name)]].concat())
    }

    fn doctor(&self, name: &str) -> (bool, Value) {
        mera(&["device", "doctor", "--folder", &self.text(name)])
    }
}
