//! A disk that can only be read: from the start, and from one moment to the next, as the kernel makes one that has failed.
//! The disk is a file with a file system of its own, which takes an administrator of the machine to mount.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

use mera_device_api::{Answer, Reply, Request, SyncStatus};
use mera_schema::RecordKind;
use mera_tests::process::{Door, Program, Running, mera};
use mera_tests::staff::{self, found_company};
use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A file system in a file; it goes with the test.
struct Disk {
    image: PathBuf,
    place: PathBuf,
    _folder: TempDir,
}

impl Disk {
    /// Nothing where nobody may mount: the machine of a person who is no administrator, or a container.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let (image, place) = (folder.path().join("image"), folder.path().join("disk"));
        fs::create_dir(&place).unwrap();
        let file = fs::File::create(&image).unwrap();
        file.set_len(128 << 20).unwrap();
        let disk = Self { image, place, _folder: folder };
        let made = does("mkfs.ext4", &["-q", "-F", disk.image.to_str().unwrap()]) && disk.mount("rw");
        if !made {
            eprintln!("SKIPPED: no file system can be mounted here; run it as root");
        }
        made.then_some(disk)
    }

    fn mount(&self, how: &str) -> bool {
        let options = format!("loop,errors=remount-ro,{how}");
        does("mount", &["-o", &options, self.image.to_str().unwrap(), self.place.to_str().unwrap()])
    }

    fn unmount(&self) {
        let begun = Instant::now();
        // Whoever used it has just ended, and the kernel may be closing files still.
        while !does("umount", &[self.place.to_str().unwrap()]) {
            assert!(begun.elapsed() < PATIENCE, "somebody uses the disk still");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn again(&self, how: &str) {
        self.unmount();
        // What the kernel gave up in the middle is put in order before it is mounted again, as at the start of a machine.
        Command::new("fsck.ext4").args(["-fy"]).arg(&self.image).output().unwrap();
        assert!(self.mount(how));
    }

    /// The kernel meets an error on the disk, and lets nobody write on it any more.
    fn fails(&self) {
        let device = fs::read_to_string("/proc/self/mounts").unwrap();
        let device = device.lines().find(|line| line.contains(self.place.to_str().unwrap())).unwrap();
        let device = device.split(' ').next().unwrap().trim_start_matches("/dev/");
        fs::write(format!("/sys/fs/ext4/{device}/trigger_fs_error"), "1").unwrap();
        assert!(fs::write(self.place.join("probe"), "x").is_err(), "it can only be read now");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        does("umount", &["-l", self.place.to_str().unwrap()]);
    }
}

fn does(program: &str, words: &[&str]) -> bool {
    Command::new(program).args(words).output().is_ok_and(|output| output.status.success())
}

fn program(words: &[&str], folder: &Path, log: &Path) -> Program {
    let place = folder.display().to_string();
    let words = words.iter().copied().chain(["--folder", &place]).map(str::to_owned).collect();
    Program::new(&mera().unwrap(), words, log.to_owned())
}

/// Why a program does not start.
fn refusal(words: &[&str], folder: &Path) -> Value {
    let output = Command::new(mera().unwrap()).arg("--json").args(words).arg("--folder").arg(folder).output().unwrap();
    assert!(!output.status.success(), "{words:?} goes well");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    said["refused"].clone()
}

fn customer(door: &Door, name: &str) -> Answer {
    let values = vec![("name".to_owned(), name.to_owned())];
    door.ask(&Request::Create { kind: RecordKind::Customer, values }).unwrap()
}

fn customers(door: &Door) -> Vec<String> {
    let list = Request::List { kind: RecordKind::Customer, query: String::new(), offset: 0, limit: 500 };
    let Answer::Ok(Reply::Page(page)) = door.ask(&list).unwrap() else { panic!() };
    let mut names: Vec<String> = page.rows.into_iter().map(|row| row.title).collect();
    names.sort();
    names
}

fn until(door: &Door, holds: impl Fn(&SyncStatus) -> bool) -> SyncStatus {
    staff::until(door, PATIENCE, holds).unwrap()
}

/// A relay on a disk of its own.
struct Relay {
    running: Running,
    url: String,
    address: String,
    admin: String,
}

impl Relay {
    fn start(disk: &Disk, listen: &str, log: &Path) -> Self {
        let words = ["relay", "--listen", listen, "--admin-listen", "127.0.0.1:0"];
        let (running, told) = program(&words, &disk.place.join("relay"), log).start().unwrap();
        let told = |name: &str| told["relay"][name].as_str().unwrap().to_owned();
        Self { url: told("url"), address: told("address"), admin: told("admin"), running }
    }

    fn ready(&self) -> String {
        let mut stream = TcpStream::connect(&self.admin).unwrap();
        write!(stream, "GET /ready HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

#[test]
fn a_device_whose_disk_becomes_read_only_says_so_shows_what_it_has_and_goes_on_when_it_is_writable() {
    let Some(disk) = Disk::new() else { return };
    let (folder, log) = (disk.place.join("anna"), disk.image.with_extension("log"));
    let words = ["device", "init", "--name", "pc", "--person", "Anna", "--series", "A", "--key-in-plain"];
    program(&words, &folder, &log).start().unwrap().0.end_by_itself().unwrap();
    let (running, told) = program(&["device", "serve", "--alone"], &folder, &log).start().unwrap();
    let door = Door::of(&told).unwrap();
    for name in ["one", "two"] {
        assert!(matches!(customer(&door, name), Answer::Ok(_)));
    }

    disk.fails();
    let Answer::Refused(why) = customer(&door, "lost") else { panic!("nothing can be saved there") };
    assert!(["outbox.read_only", "device.must_restart"].contains(&why.code.as_str()), "{why:?}");
    assert!(why.says.contains("can only be read"), "{why:?}");
    assert_eq!(customers(&door), ["one", "two"], "what it has it shows, and nothing that was not saved");
    drop(running);

    disk.again("ro");
    let why = refusal(&["device", "serve", "--alone"], &folder);
    assert_eq!(why["code"], "device.read_only", "{why}");
    assert!(why["says"].as_str().unwrap().contains("make the disk writable"), "{why}");

    disk.again("rw");
    let (running, told) = program(&["device", "serve", "--alone"], &folder, &log).start().unwrap();
    let door = Door::of(&told).unwrap();
    assert_eq!(customers(&door), ["one", "two"]);
    assert!(matches!(customer(&door, "three"), Answer::Ok(_)), "work goes on");
    running.stop().unwrap();
    assert!(program(&["device", "doctor"], &folder, &log).start().unwrap().0.end_by_itself().is_ok());
}

#[test]
fn a_relay_whose_disk_becomes_read_only_is_not_ready_says_so_and_takes_everything_when_it_is_writable() {
    let Some(disk) = Disk::new() else { return };
    let (people, log) = (tempfile::tempdir().unwrap(), disk.image.with_extension("log"));
    let relay = Relay::start(&disk, "127.0.0.1:0", &log);
    assert!(relay.ready().ends_with("ready\n") && relay.ready().starts_with("HTTP/1.1 200"));
    found_company(&mera().unwrap(), people.path(), &relay.url).unwrap();
    let serve = |name: &str| program(&["device", "serve", "--alone"], &people.path().join(name), &log).start().unwrap();
    let ((anna, at_anna), (bo, at_bo)) = (serve("anna"), serve("bo"));
    let (at_anna, at_bo) = (Door::of(&at_anna).unwrap(), Door::of(&at_bo).unwrap());
    assert!(matches!(customer(&at_anna, "before"), Answer::Ok(_)));
    until(&at_anna, |status| status.waiting_changes == 0);

    disk.fails();
    let ready = relay.ready();
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("cannot be written"), "{ready}");
    assert!(matches!(customer(&at_anna, "meanwhile"), Answer::Ok(_)), "a device takes it, whatever the relay can do");
    let told = until(&at_anna, |status| status.trouble.as_ref().is_some_and(|trouble| trouble.code == "sync.store"));
    assert_eq!(told.waiting_changes, 1, "{told:?}");
    // It comes back again and again, and what the relay has in memory alone is never told to be on its disk.
    assert!(matches!(customer(&at_anna, "meanwhile too"), Answer::Ok(_)));
    for _ in 0..3 {
        at_anna.ask(&Request::SyncNow).unwrap();
        let told =
            until(&at_anna, |status| status.trouble.as_ref().is_some_and(|trouble| trouble.code == "sync.store"));
        assert_eq!(told.waiting_changes, 2, "{told:?}");
    }
    let address = relay.address.clone();
    drop(relay);

    disk.again("ro");
    let why = refusal(&["relay", "--listen", &address], &disk.place.join("relay"));
    assert_eq!(why["code"], "relay.store", "{why}");
    assert!(why["says"].as_str().unwrap().contains("cannot be written"), "{why}");

    disk.again("rw");
    let relay = Relay::start(&disk, &address, &log);
    until(&at_anna, |status| status.waiting_changes == 0 && status.trouble.is_none());
    until(&at_bo, |_| customers(&at_bo).len() == 3);
    assert_eq!(customers(&at_bo), ["before", "meanwhile", "meanwhile too"]);
    for running in [anna, bo, relay.running] {
        running.stop().unwrap();
    }
}
