//! `mera relay` as a script meets it.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn relay(folder: &Path) -> Command {
    relay_with(&[], folder)
}

fn relay_with(words: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mera"));
    command.args(words).args(["--json", "relay", "--listen", "127.0.0.1:0", "--folder"]).arg(folder);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// Stops with the test, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
#[cfg(unix)]
fn it_tells_where_it_listens_answers_there_and_stops_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running(relay(folder.path()).args(["--admin-listen", "127.0.0.1:0"]).spawn().unwrap());
    let mut says = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let began: serde_json::Value = serde_json::from_str(&says.next().unwrap().unwrap()).unwrap();
    let mut stream = TcpStream::connect(began["relay"]["admin"].as_str().unwrap()).unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("alive\n"), "{answer}");

    let second = relay(folder.path()).output().unwrap();
    let refused: serde_json::Value = serde_json::from_slice(&second.stdout).unwrap();
    assert_eq!(refused["refused"]["code"], "relay.store", "two relays on one folder: {refused}");
    assert!(!second.status.success());

    assert!(Command::new("kill").args(["-INT", &running.0.id().to_string()]).status().unwrap().success());
    assert_eq!(says.next().unwrap().unwrap(), r#"{"stopped":true}"#);
    assert!(running.0.wait().unwrap().success());
}

#[test]
#[cfg(unix)]
fn that_its_folder_was_restored_is_said_once_and_is_no_word_that_it_is_started_with() {
    let folder = tempfile::tempdir().unwrap();
    let says = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_mera")).arg("--json").args(words).output().unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let place = folder.path().to_str().unwrap();
    let restored = ["relay", "restored", "--folder", place];
    let (done, told) = says(&restored);
    assert!(!done && told.contains("relay.store") && told.contains("backup was put back"), "{told}");
    {
        let mut running = Running(relay(folder.path()).spawn().unwrap());
        BufReader::new(running.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        let (done, told) = says(&restored);
        assert!(!done && told.contains("is another relay using it"), "it is stopped first: {told}");
    }
    let (done, told) = says(&restored);
    assert!(done && told.contains(r#"{"restored":{"companies":0}}"#), "{told}");
    for words in [&["relay", "--folder", place, "--restored"][..], &["relay"]] {
        let (done, told) = says(words);
        assert!(!done && told.contains("--"), "{told}");
    }
}

#[test]
#[cfg(unix)]
fn its_log_is_json_and_a_changed_list_of_companies_is_followed_when_it_is_told_to_look_again() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("companies");
    std::fs::write(&list, "Jensen & Co\n").unwrap();
    let mut command = relay_with(&["--log", "json"], &folder.path().join("relay"));
    command.arg("--companies").arg(&list).stderr(Stdio::piped());
    let refused: serde_json::Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    assert_eq!(refused["refused"]["code"], "relay.companies", "{refused}");

    std::fs::write(&list, "# nobody yet\n").unwrap();
    let mut running = Running(command.spawn().unwrap());
    let log = BufReader::new(running.0.stderr.take().unwrap()).lines();
    let mut messages = log.map(|line| {
        let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        (line["level"].as_str().unwrap().to_owned(), line["message"].as_str().unwrap().to_owned())
    });
    assert!(messages.any(|(_, message)| message == "the relay listens"));
    for (text, level, says) in [
        ("6c2b8a52-35a7-4d6b-9d5e-2f6f0a1b3c4d", "INFO", "follows its new list"),
        ("half a line", "ERROR", "the old one stays in force"),
    ] {
        // Whole at once, as an editor does it: the relay also looks by itself, and would take a file half written.
        let new = list.with_extension("new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(&new, &list).unwrap();
        assert!(Command::new("kill").args(["-HUP", &running.0.id().to_string()]).status().unwrap().success());
        let (told, message) = messages.next().unwrap();
        assert!(told == level && message.contains(says), "{told} {message}");
    }
}

#[test]
fn every_option_that_guide_and_deployment_name_is_one() {
    let help = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_mera")).args(words).arg("--help").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let known = [help(&[]), help(&["relay"]), help(&["relay", "restored"]), help(&["device", "init"])].concat();
    let known: Vec<&str> = options(&known).collect();
    let guide = include_str!("../../docs/operating-a-relay.md");
    // Every second piece between ticks is a word of a program; some are of others.
    let words = guide
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|said| !["cargo ", "systemctl "].iter().any(|one| said.starts_with(one)));
    let words = words.map(|said| said.rsplit("/usr/local/bin/mera ").next().unwrap_or(said));
    let line = |text: &'static str, begin: &str| text.lines().find(|line| line.starts_with(begin)).unwrap();
    let files = [
        include_str!("../../deploy/relay.env").split_once("MERA_RELAY_OPTIONS").unwrap().1,
        line(include_str!("../../deploy/mera-relay.service"), "ExecStart="),
        line(include_str!("../../deploy/Containerfile"), "ENTRYPOINT"),
    ];
    let named: Vec<&str> = words.chain(files).flat_map(options).collect();
    assert!(named.len() > 25, "{named:?}");
    for option in named {
        assert!(known.contains(&option), "there is no {option}");
    }
}

/// The options in a text, as they are written.
fn options(text: &str) -> impl Iterator<Item = &str> {
    let word = |c: char| !c.is_ascii_lowercase() && c != '-';
    text.split(word).filter(|word| word.len() > 2 && word.starts_with("--") && !word.starts_with("---"))
}

#[test]
fn half_a_certificate_and_a_size_without_a_unit_are_refused_with_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    for (given, says) in [(["--tls-cert", "chain.pem"], "--tls-key"), (["--company-size", "4GB"], "4GiB")] {
        let refused = relay(folder.path()).args(given).stderr(Stdio::piped()).output().unwrap();
        let told = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && told.contains(says), "{told}");
    }
}

#[test]
fn an_unknown_command_is_refused_with_what_there_is() {
    let refused = Command::new(env!("CARGO_BIN_EXE_mera")).arg("fly").output().unwrap();
    let says = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && says.contains("fly") && says.contains("--help"), "{says}");
}
