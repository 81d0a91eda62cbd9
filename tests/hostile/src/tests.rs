//! Every seed, and every input that once went wrong, is read as by the fuzzer, which need not be there.

use crate::{TARGETS, seeds};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Set to make the seeds anew.
const WRITE: &str = "MERA_WRITE_SEEDS";

/// The folder is asked for when the test runs: a program that was built in one checkout is run in another.
fn folder(target: &str) -> PathBuf {
    let room = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the room lies");
    PathBuf::from(room).join("../../fuzz/seeds").join(target)
}

#[test]
fn every_seed_is_read_and_nothing_comes_of_it_that_must_not() {
    for target in TARGETS.iter() {
        if std::env::var_os(WRITE).is_some() {
            fs::create_dir_all(folder(target.name)).unwrap();
            for (name, bytes) in seeds::of(target.name) {
                fs::write(folder(target.name).join(name), bytes).unwrap();
            }
        }
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(folder(target.name)).unwrap().map(Result::unwrap) {
            names.insert(entry.file_name().into_string().unwrap());
            let bytes = fs::read(entry.path()).unwrap();
            (target.read)(&bytes);
            // Cut short, and with something behind it.
            (target.read)(&bytes[..bytes.len() / 2]);
            (target.read)(&[bytes.as_slice(), b"\0"].concat());
        }
        let own: BTreeSet<String> = seeds::of(target.name).into_iter().map(|(name, _)| name).collect();
        assert!(names.is_superset(&own), "{}: set {WRITE} to write {:?}", target.name, own.difference(&names));
    }
}

#[test]
fn the_seeds_are_what_the_programs_read_today() {
    // A seed that is refused at the first look would let a fuzzer try nothing but that look.
    for target in TARGETS.iter().filter(|target| target.name != "backup") {
        for (name, bytes) in seeds::of(target.name) {
            let kept = fs::read(folder(target.name).join(&name)).unwrap();
            assert!(kept == bytes, "{}/{name}: what is written has changed; set {WRITE} to keep up", target.name);
        }
    }
}

#[test]
#[should_panic(expected = "a fuzz target is called as one of them")]
fn an_unknown_target_is_told() {
    crate::read("sandwich", b"");
}
