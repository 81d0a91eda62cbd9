//! `mera relay` as a script meets it.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn relay(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mera"));
    command.args(["--json", "relay", "--listen", "127.0.0.1:0", "--folder"]).arg(folder);
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
    let mut running = Running(relay(folder.path()).spawn().unwrap());
    let mut says = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let began: serde_json::Value = serde_json::from_str(&says.next().unwrap().unwrap()).unwrap();
    let mut stream = TcpStream::connect(began["relay"]["address"].as_str().unwrap()).unwrap();
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
fn an_unknown_command_is_refused_with_what_there_is() {
    let refused = Command::new(env!("CARGO_BIN_EXE_mera")).arg("fly").output().unwrap();
    let says = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && says.contains("fly") && says.contains("--help"), "{says}");
}
