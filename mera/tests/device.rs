//! `mera device` as scripts and careless people meet it: real processes on a real folder.
#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs)]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

const MERA: &str = env!("CARGO_BIN_EXE_mera");

/// What `mera device …` says about a folder, and whether it went well.
fn device(folder: &Path, words: &[&str]) -> (bool, Value) {
    let mut command = Command::new(MERA);
    command.args(["--json", "device"]).args(words).arg("--folder").arg(folder);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), serde_json::from_str(said.lines().next().unwrap_or("null")).unwrap())
}

fn init(folder: &Path, more: &[&str]) {
    assert!(
        device(
            folder,
            &[&["init", "--name", "Annas pc", "--person", "Anna", "--series", "A1", "--key-in-plain"], more].concat()
        )
        .0
    );
}

/// `mera` with the first answer it gives. A limit is the largest file it may write, in the shell's blocks.
fn start(words: &[&str], folder: &Path, limit: Option<u32>) -> (Running, Value) {
    let limit = limit.map_or(String::new(), |blocks| format!("trap '' XFSZ; ulimit -f {blocks}; "));
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{limit}exec \"$0\" --json \"$@\"")).arg(MERA).args(words).arg("--folder").arg(folder);
    let mut process = shell.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut says = BufReader::new(process.stdout.take().unwrap()).lines();
    let began = serde_json::from_str(&says.next().unwrap().unwrap()).unwrap();
    (Running { process, says }, began)
}

/// It stops with the test, however that ends.
struct Running {
    process: Child,
    says: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn stop(mut self) {
        let kill = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status().unwrap();
        assert!(kill.success());
        assert_eq!(self.says.next().unwrap().unwrap(), r#"{"stopped":true}"#);
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A device that answers.
struct Serving {
    running: Running,
    address: String,
    token: String,
}

impl Serving {
    fn start(folder: &Path, limit: Option<u32>) -> Self {
        let (running, began) = start(&["device", "serve", "--alone"], folder, limit);
        let told = |name: &str| began["serving"][name].as_str().unwrap().to_owned();
        Self { address: told("address"), token: told("token"), running }
    }

    fn ask(&self, body: &str) -> Value {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!("POST /api/request HTTP/1.1\r\nHost: {}\r\nConnection: close", self.address);
        let (token, length) = (&self.token, body.len());
        write!(stream, "{head}\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Asks for the state of synchronisation until it is what is waited for.
    fn until(&self, holds: impl Fn(&Value) -> bool) -> Value {
        let looks = (0..100_000).map(|_| self.ask(r#"{"do":"sync_status"}"#)["ok"]["sync_status"].take());
        looks.into_iter().find(|status| holds(status)).expect("it comes in time")
    }
}

fn customer(name: &str) -> String {
    let long = "9".repeat(900);
    let values = [["name", name], ["phone", &long], ["fax", &long], ["email", &long]];
    json!({ "do": "create", "kind": "customer", "values": values }).to_string()
}

fn names(serving: &Serving) -> Vec<String> {
    let list = r#"{"do":"list","kind":"customer","limit":500}"#;
    let answer = serving.ask(list);
    let rows = answer["ok"]["page"]["rows"].as_array().unwrap();
    let mut names: Vec<String> = rows.iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn two_programs_on_one_folder_are_kept_apart_and_the_first_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), &[]);
    let first = Serving::start(folder.path(), None);
    for words in [["status"], ["doctor"], ["serve"]] {
        let (well, said) = device(folder.path(), &words);
        assert_eq!((well, said["refused"]["code"].as_str()), (false, Some("device.in_use")), "{words:?}: {said}");
        assert!(said["refused"]["says"].as_str().unwrap().contains("close that one first"), "{said}");
    }
    assert!(first.ask(&customer("Aalborg Værft A/S"))["ok"].is_object());
    first.running.stop();
    let (well, said) = device(folder.path(), &["status"]);
    assert!(well && said["about"]["records"] == 2, "{said}");
}

#[test]
fn unknown_words_and_requests_are_refused_with_a_sentence_and_folders_without_a_device_too() {
    let folder = tempfile::tempdir().unwrap();
    for words in [&["device", "fly"][..], &["device", "status", "--height", "9"], &["relay"], &["fly"]] {
        let refused = Command::new(MERA).args(words).output().unwrap();
        let says = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && says.contains("--help"), "{words:?}: {says}");
    }
    let (well, said) = device(folder.path(), &["status"]);
    assert_eq!((well, said["refused"]["code"].as_str()), (false, Some("device.none")), "{said}");
    init(folder.path(), &[]);
    let serving = Serving::start(folder.path(), None);
    for request in [r#"{"do":"conquer"}"#, r#"{"do":"find","query":"x","loudly":true}"#, "42", "not even JSON", ""] {
        let answer = serving.ask(request);
        assert_eq!(answer["refused"]["code"], "request.unknown", "{request}: {answer}");
        assert!(answer["refused"]["says"].as_str().unwrap().starts_with("this is no request"), "{answer}");
    }
    assert!(serving.ask(r#"{"do":"about"}"#)["ok"].is_object());
}

/// A limit on the size of files stands in for the disk: the system refuses to let any file grow.
#[test]
fn on_a_full_disk_a_change_is_refused_and_after_a_restart_with_space_everything_saved_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), &[]);
    let cramped = Serving::start(folder.path(), Some(2_000));
    let mut saved = Vec::new();
    let refused = loop {
        let name = format!("Kunde {:03}", saved.len());
        let answer = cramped.ask(&customer(&name));
        saved.push(name);
        if !answer["ok"].is_object() {
            break answer;
        }
        assert!(saved.len() < 450, "the disk is never full");
    };
    assert_eq!(refused["refused"]["code"], "device.saved_not_shown", "{refused}");
    assert!(refused["refused"]["says"].as_str().unwrap().contains("do not enter it twice"), "{refused}");
    assert_eq!(cramped.ask(&customer("Nobody"))["refused"]["code"], "device.must_restart");
    drop(cramped);
    let roomy = Serving::start(folder.path(), None);
    assert_eq!(names(&roomy), saved);
    assert!(roomy.ask(&customer("Later"))["ok"].is_object(), "work goes on");
    roomy.running.stop();
    assert!(device(folder.path(), &["doctor"]).0);
}

#[test]
fn a_relay_whose_disk_is_full_says_so_and_takes_everything_once_it_has_space() {
    let (folder, relays) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (cramped, began) = start(&["relay", "--listen", "127.0.0.1:0"], relays.path(), Some(1_300));
    let relay = &began["relay"];
    init(folder.path(), &["--relay", relay["url"].as_str().unwrap()]);
    let device = Serving::start(folder.path(), None);
    let mut saved = Vec::new();
    let told = |status: &Value| status["trouble"]["code"] == "sync.store";
    while !told(&device.ask(r#"{"do":"sync_status"}"#)["ok"]["sync_status"]) {
        saved.push(format!("Kunde {:03}", saved.len()));
        assert!(device.ask(&customer(saved.last().unwrap()))["ok"].is_object(), "offline or online, a device takes it");
        assert!(saved.len() < 500, "the disk is never full");
    }
    let status = device.until(told);
    assert!(status["trouble"]["says"].as_str().unwrap().contains("is the disk full?"), "{status}");
    assert!(status["waiting_changes"].as_u64() > Some(0), "{status}");
    drop(cramped);
    let (roomy, _) = start(&["relay", "--listen", relay["address"].as_str().unwrap()], relays.path(), None);
    device.until(|status| status["waiting_changes"] == 0 && status["trouble"].is_null());
    assert_eq!(names(&device), saved);
    device.running.stop();
    roomy.stop();
}

#[test]
fn a_key_is_kept_where_it_was_said_and_the_device_opens_with_it_only() {
    let place = tempfile::tempdir().unwrap();
    let (folder, words) = (place.path().join("anna"), place.path().join("words"));
    std::fs::write(&words, "blå hest på taget\n").unwrap();
    let words = words.to_str().unwrap();
    let who = ["init", "--name", "Annas pc", "--person", "Anna", "--series", "A1"];
    let (made, said) = device(&folder, &[&who[..], &["--passphrase-file", words]].concat());
    assert!(made && said["key"] == "passphrase", "{said}");
    assert_eq!(device(&folder, &["status"]).1["refused"]["code"], "device.locked");
    let wrong = place.path().join("wrong");
    std::fs::write(&wrong, "rød hest på taget").unwrap();
    let refused = device(&folder, &["status", "--passphrase-file", wrong.to_str().unwrap()]);
    assert_eq!(refused.1["refused"]["code"], "device.wrong_passphrase");
    assert!(device(&folder, &["status", "--passphrase-file", words]).0);

    let (running, began) = start(&["device", "serve", "--alone"], &folder, None);
    assert_eq!((&began["serving"]["founded"], &began["serving"]["open"]), (&json!(true), &json!(false)));
    running.stop();

    let key = place.path().join("key");
    let moving = ["key", "--passphrase-file", words, "--to-key-file", key.to_str().unwrap()];
    assert_eq!(device(&folder, &moving).1["key"], "key_file");
    assert!(device(&folder, &["status"]).0 && !folder.join("device.key").exists());
    let handed = place.path().join("handed over");
    std::fs::rename(&key, &handed).unwrap();
    assert_eq!(device(&folder, &["status"]).1["refused"]["code"], "device.key_file");
    assert!(device(&folder, &["status", "--key-file", handed.to_str().unwrap()]).0);
}
