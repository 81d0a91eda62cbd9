//! Who is admitted, and how much each may keep.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::RelayDisk;
use crate::store::tests::{company, fixture, log, run};
use mera_sync_protocol::RelayStore;

const OTHER: WorkspaceId = WorkspaceId::new(uuid::Uuid::from_u128(2));

#[test]
fn who_is_admitted_follows_from_the_rules_and_from_who_is_there() {
    let listed = || Companies::Listed(HashSet::from([company()]));
    let table = [
        (Companies::Open, company(), false, 1, true),
        (Companies::Open, company(), false, 2, false),
        (Companies::Open, company(), true, 2, true),
        (Companies::Closed, company(), false, 0, false),
        (Companies::Closed, company(), true, 1, true),
        (listed(), company(), false, 1, true),
        (listed(), company(), false, 2, false),
        (listed(), OTHER, true, 1, false),
    ];
    for (companies, company, known, there, welcome) in table {
        let case = format!("{companies:?} {known} {there}");
        let rules = Rules { companies, most: 2, ..Rules::default() };
        let outcome = rules.admit(company, known, there);
        assert_eq!(outcome.map_err(|fault| fault.code().to_owned()).is_ok(), welcome, "{case}");
    }
}

#[test]
fn a_list_is_read_line_by_line_and_a_wrong_line_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("companies");
    std::fs::write(&path, format!("# ours\n\n{} # the first\n", company())).unwrap();
    assert_eq!(Companies::listed_in(&path).unwrap(), Companies::Listed(HashSet::from([company()])));
    std::fs::write(&path, format!("{}\nJensen & Co\n", company())).unwrap();
    let says = Companies::listed_in(&path).unwrap_err().to_string();
    assert!(says.contains("line 2") && says.contains("one id a line"), "{says}");
    let says = Companies::listed_in(&folder.path().join("none")).unwrap_err().to_string();
    assert!(says.contains("none"), "{says}");
}

#[test]
fn whoever_was_admitted_is_known_after_a_restart_and_fills_a_place() {
    let folder = tempfile::tempdir().unwrap();
    let one = || Rules { most: 1, ..Rules::default() };
    let disk = RelayDisk::open_under(one(), folder.path()).unwrap();
    disk.admits(OTHER).expect("whoever asks only takes no place");
    disk.learn(company(), fixture().chain.clone()).unwrap();
    assert_eq!(disk.admits(OTHER).unwrap_err().code(), "relay.not_admitted");
    drop(disk);
    let disk = RelayDisk::open_under(Rules { companies: Companies::Closed, ..one() }, folder.path()).unwrap();
    disk.admits(company()).unwrap();
    assert_eq!(disk.admits(OTHER).unwrap_err().code(), "relay.not_admitted");
    disk.rule(Rules { most: 2, ..one() });
    disk.admits(OTHER).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let closed = RelayDisk::open_under(Rules { most: 0, ..one() }, elsewhere.path()).unwrap();
    let refused = closed.learn(company(), fixture().chain.clone()).unwrap_err();
    assert_eq!((refused.code(), closed.usage().0), ("relay.not_admitted", 0));
}

#[test]
fn what_exceeds_a_companys_share_is_refused_and_changes_nothing() {
    let (key, log) = log(1, 3, 100);
    let measured = tempfile::tempdir().unwrap();
    let disk = RelayDisk::open(measured.path()).unwrap();
    disk.learn(company(), fixture().chain.clone()).unwrap();
    disk.accept(company(), run(&key, &log[..2], 0)).unwrap();
    let two = disk.usage();
    disk.accept(company(), run(&key, &log, 2)).unwrap();
    let three = disk.usage().1;
    assert!(
        two.1.bytes > 200 && three.bytes > two.1.bytes + 100,
        "payloads of 100 bytes are counted: {two:?} {three:?}"
    );
    let table = [
        (Usage { entries: 2, bytes: u64::MAX }, "(entries)"),
        (Usage { entries: u64::MAX, bytes: three.bytes - 1 }, "(bytes)"),
    ];
    for (quota, what) in table {
        let folder = tempfile::tempdir().unwrap();
        let disk = RelayDisk::open_under(Rules { quota, ..Rules::default() }, folder.path()).unwrap();
        disk.learn(company(), fixture().chain.clone()).unwrap();
        disk.accept(company(), run(&key, &log[..2], 0)).unwrap();
        let refused = disk.accept(company(), run(&key, &log, 2)).unwrap_err();
        assert_eq!(refused.code(), "relay.company_full");
        assert!(refused.to_string().contains(what), "{refused}");
        assert_eq!(disk.usage(), two);
        assert_eq!(disk.arrivals(company()).unwrap(), 1);
        disk.rule(Rules::default());
        assert_eq!(disk.accept(company(), run(&key, &log, 2)).unwrap(), 3, "a larger share is in force at once");
    }
}

#[test]
fn a_disk_from_before_the_ledger_is_counted_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (key, log) = log(1, 3, 100);
    let disk = RelayDisk::open(folder.path()).unwrap();
    disk.learn(company(), fixture().chain.clone()).unwrap();
    disk.accept(company(), run(&key, &log, 0)).unwrap();
    let counted = disk.usage();
    assert_eq!(counted.1.entries, 3);
    disk.tree().remove(super::key(company())).unwrap();
    drop(disk);
    assert_eq!(RelayDisk::open(folder.path()).unwrap().usage(), counted);
}
