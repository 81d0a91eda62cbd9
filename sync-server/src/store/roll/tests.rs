//! Whom a relay that lost time waits for.

use super::super::tests::{company, fixture};
use super::*;
use mera_sync_protocol::RelayStore;
use mera_trust::Intent;
use mera_trust::fixture::{Fixture, card};

fn device(seed: u8) -> DeviceId {
    card(seed).0.public().device()
}

fn calls(disk: &RelayDisk, seed: u8) {
    disk.is_here(company(), device(seed)).unwrap();
}

fn missing(disk: &RelayDisk, next: &SignedStatement) -> Option<String> {
    disk.extend(company(), next).err().map(|fault| format!("{}: {fault}", fault.code()))
}

/// A new disk that one of five devices has taught, and what the founder wants to say next.
fn taught(folder: &tempfile::TempDir) -> (RelayDisk, SignedStatement) {
    let disk = RelayDisk::open(folder.path()).unwrap();
    disk.learn(company(), fixture().chain.clone()).unwrap();
    (disk, Fixture::of(5).say(&Intent::Rotate))
}

#[test]
fn a_relay_that_lost_its_disk_lets_the_chain_go_on_when_every_device_has_called_whatever_is_restarted() {
    let folder = tempfile::tempdir().unwrap();
    let (disk, next) = taught(&folder);
    [1, 2, 3].iter().for_each(|seed| calls(&disk, *seed));
    drop(disk);
    let disk = RelayDisk::open(folder.path()).unwrap();
    calls(&disk, 5);
    calls(&disk, 5);
    let told = missing(&disk, &next).unwrap();
    assert!(told.starts_with("membership.roll") && told.contains("and 1 of its devices"), "{told}");
    calls(&disk, 4);
    assert_eq!(missing(&disk, &next), None);
}

#[test]
fn whoever_knows_more_is_heard_before_anybody_says_something_else() {
    let folder = tempfile::tempdir().unwrap();
    let (disk, other) = taught(&folder);
    [1, 2, 3, 5].iter().for_each(|seed| calls(&disk, *seed));
    assert!(missing(&disk, &other).is_some());
    // Device 4 has heard what the lost disk was told last: device 3 was taken out.
    let mut said = Fixture::of(5);
    let lost = said.say(&Intent::Revoke { device: device(3) });
    disk.learn(company(), vec![lost]).unwrap();
    calls(&disk, 4);
    assert_eq!(missing(&disk, &other).as_deref().map(|told| told.starts_with("membership.behind")), Some(true));
    assert_eq!(missing(&disk, &said.say(&Intent::Rotate)), None, "nobody waits for who was taken out");
}

#[test]
fn who_called_before_a_roll_was_called_answers_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let disk = RelayDisk::open(folder.path()).unwrap();
    disk.learn(company(), fixture().chain[..1].to_vec()).unwrap();
    (1..=5).for_each(|seed| calls(&disk, seed));
    disk.learn(company(), fixture().chain.clone()).unwrap();
    let next = Fixture::of(5).say(&Intent::Rotate);
    assert!(missing(&disk, &next).is_some_and(|told| told.starts_with("membership.roll")));
    (1..=5).for_each(|seed| calls(&disk, seed));
    assert_eq!(missing(&disk, &next), None);
}

#[test]
fn an_administrator_goes_on_without_a_device_that_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let (disk, next) = taught(&folder);
    calls(&disk, 1);
    assert!(missing(&disk, &next).is_some());
    disk.go_on(company()).unwrap();
    assert_eq!(missing(&disk, &next), None);
}

#[test]
fn a_disk_that_lost_nothing_waits_for_nobody_and_a_restored_one_does_once() {
    let folder = tempfile::tempdir().unwrap();
    let disk = RelayDisk::open(folder.path()).unwrap();
    let mut said = Fixture::of(1);
    disk.learn(company(), said.chain.clone()).unwrap();
    assert_eq!(missing(&disk, &said.say(&Intent::Admit { card: card(2).2, roles: mera_trust::Roles::all() })), None);
    drop(disk);
    assert_eq!(RelayDisk::restored(folder.path()).unwrap(), 1);
    let disk = RelayDisk::open(folder.path()).unwrap();
    calls(&disk, 1);
    let next = said.say(&Intent::Rotate);
    assert!(missing(&disk, &next).is_some());
    drop(disk);
    // What was answered before the backup says nothing of the time after it.
    assert_eq!(RelayDisk::restored(folder.path()).unwrap(), 1);
    let disk = RelayDisk::open(folder.path()).unwrap();
    calls(&disk, 2);
    assert!(missing(&disk, &next).is_some());
    // It is started again, as machines are; it has not lost anything by that.
    drop(disk);
    let disk = RelayDisk::open(folder.path()).unwrap();
    calls(&disk, 1);
    assert_eq!(missing(&disk, &next), None);
    drop(disk);
    let disk = RelayDisk::open(folder.path()).unwrap();
    assert_eq!(missing(&disk, &said.say(&Intent::Rotate)), None);
}

#[test]
fn who_answered_a_relay_that_wrote_it_all_in_one_row_has_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (disk, next) = taught(&folder);
    let heard: BTreeSet<DeviceId> = [1, 2, 3].map(device).into();
    disk.tree().insert(place(company()), disk::wrap(&heard)).unwrap();
    calls(&disk, 2);
    assert_eq!(disk.rows::<()>(key(ANSWER, company(), &[])).count(), 0, "it is known already");
    [4, 5].iter().for_each(|seed| calls(&disk, *seed));
    assert_eq!(disk.roll(company()).unwrap(), Some([1, 2, 3, 4, 5].map(device).into()));
    assert_eq!(missing(&disk, &next), None);
    assert_eq!(disk.rows::<()>(key(ANSWER, company(), &[])).count(), 0, "what it was answered with goes with the roll");
}

#[test]
fn a_folder_without_a_relay_was_not_restored_and_nothing_is_made_there() {
    let folder = tempfile::tempdir().unwrap();
    for place in [folder.path().to_owned(), folder.path().join("nowhere")] {
        let fault = RelayDisk::restored(&place).unwrap_err();
        assert!(matches!(&fault, StoreFault::Nothing(named) if *named == place), "{fault}");
    }
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
}
