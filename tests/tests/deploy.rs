//! What stands in `deploy/`, read by the programs that it is for. `cargo xtask test` fetches them; on a person's machine the ones
//! that are not there are passed over.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

use rcgen::{CertificateParams, KeyPair};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder.
fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy")
}

/// A program, from where the tests were told to look, or where the system keeps those of administrators.
fn program(name: &str) -> Option<Command> {
    let told = std::env::var_os("MERA_OPERATORS").unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&told).chain(std::env::split_paths(&path)).chain(["/usr/sbin".into()]);
    let found = folders.map(|folder| folder.join(name)).find(|place| place.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: {name} is not here");
    }
    found.map(Command::new)
}

fn says(Output { stdout, stderr, .. }: &Output) -> String {
    String::from_utf8_lossy(&[stdout.as_slice(), stderr].concat()).into_owned()
}

#[test]
fn prometheus_takes_the_rules_and_they_tell_of_what_is_wrong_and_of_nothing_else() {
    let Some(mut promtool) = program("promtool") else { return };
    let done = promtool.args(["test", "rules", "alerts.test.yml"]).current_dir(deploy()).output().unwrap();
    assert!(done.status.success(), "{}", says(&done));
    // A rule without a case in there would be passed over.
    let [rules, cases] = ["alerts.yml", "alerts.test.yml"].map(|name| fs::read_to_string(deploy().join(name)).unwrap());
    for rule in rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        assert_eq!(cases.matches(&format!("alertname: {rule},")).count(), 2, "{rule}: once well, once not");
    }
}

#[test]
fn caddy_takes_its_file() {
    let Some(mut caddy) = program("caddy") else { return };
    let home = tempfile::tempdir().unwrap();
    caddy.args(["validate", "--adapter", "caddyfile", "--config", "Caddyfile"]).current_dir(deploy());
    let done = caddy.env("HOME", home.path()).env_remove("XDG_DATA_HOME").output().unwrap();
    assert!(done.status.success(), "{}", says(&done));
}

#[test]
fn nginx_takes_its_file() {
    let Some(mut nginx) = program("nginx") else { return };
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["relay.example".to_owned()]).unwrap().self_signed(&key).unwrap();
    fs::write(place("fullchain.pem"), certificate.pem()).unwrap();
    fs::write(place("privkey.pem"), key.serialize_pem()).unwrap();
    let site = fs::read_to_string(deploy().join("nginx.conf")).unwrap();
    let site = site.replace("/etc/letsencrypt/live/relay.example", &folder.path().display().to_string());
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: String = temporary.map(|kind| format!("{kind}_temp_path {};\n", place(kind))).concat();
    let whole = format!("pid {};\nevents {{}}\nhttp {{\n{temporary}{site}\n}}\n", place("pid"));
    fs::write(place("whole.conf"), whole).unwrap();
    let done = nginx.args(["-t", "-e", &place("errors"), "-c", &place("whole.conf")]).output().unwrap();
    assert!(done.status.success(), "{}", says(&done));
}

#[test]
fn nats_takes_its_file() {
    let Some(mut nats) = program("nats-server") else { return };
    let done = nats.args(["-t", "-c", "nats.conf"]).current_dir(deploy()).output().unwrap();
    assert!(done.status.success(), "{}", says(&done));
}

#[test]
fn systemd_takes_the_unit() {
    let Some(mut analyze) = program("systemd-analyze") else { return };
    let folder = tempfile::tempdir().unwrap();
    let unit = fs::read_to_string(deploy().join("mera-relay.service")).unwrap();
    assert!(unit.contains("ExecStart=/usr/local/bin/mera "));
    // It asks whether the program is there.
    let place = folder.path().join("mera-relay.service");
    fs::write(&place, unit.replace("/usr/local/bin/mera", "/bin/true")).unwrap();
    let done = analyze.args(["verify", "--man=no"]).arg(&place).output().unwrap();
    let told = says(&done);
    let about_it: Vec<&str> = told.lines().filter(|line| line.contains("mera-relay.service")).collect();
    assert!(about_it.is_empty(), "{told}");
}
