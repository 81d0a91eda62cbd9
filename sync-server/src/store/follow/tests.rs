//! What a copy of a shared log holds, without the log.

use super::super::tests::{company, fixture, log, run};
use super::super::whole::Row;
use super::*;
use mera_trust::Intent;
use mera_trust::fixture::Fixture;

const LIFE: [u8; 16] = [7; 16];

fn opened(folder: &tempfile::TempDir) -> RelayDisk {
    RelayDisk::open_following(super::super::Rules::default(), folder.path(), LIFE).unwrap()
}

fn rows(disk: &RelayDisk) -> Vec<Row> {
    let mut rows = Vec::new();
    let told = disk.whole(company(), |row| {
        rows.push(row);
        Ok::<_, StoreFault>(())
    });
    told.unwrap();
    rows
}

/// What a log says that is told of a company, hears ten runs of it, and a statement; tried on a disk of its own.
fn said() -> Vec<Command> {
    let folder = tempfile::tempdir().unwrap();
    let disk = opened(&folder);
    let (key, log) = log(1, 10, 50);
    let mut said = Vec::new();
    let mut says = |command: Option<Command>| {
        let command = command.unwrap();
        let number = said.len() as u64 * 3 + 1;
        disk.follow(Step { company: company(), number }, command.clone()).unwrap();
        said.push(command);
    };
    says(disk.try_learned(company(), &fixture().chain).unwrap());
    says(disk.try_goes_on(company()).unwrap());
    for n in 0..log.len() {
        says(disk.try_entries(company(), run(&key, &log[..=n], n)).unwrap());
    }
    says(disk.try_stands(company(), &Fixture::of(5).say(&Intent::Rotate)).unwrap());
    assert_eq!(disk.try_entries(company(), run(&key, &log, 0)).unwrap(), None, "all of it is there");
    said
}

#[test]
fn the_same_log_makes_the_same_disk_also_where_steps_come_twice_and_the_relay_is_started_anew_in_between() {
    let said = said();
    let step = |n: usize| Step { company: company(), number: n as u64 * 3 + 1 };
    let [once, again] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let straight = opened(&once);
    said.iter().enumerate().for_each(|(n, command)| straight.follow(step(n), command.clone()).unwrap());
    let mut disk = opened(&again);
    for n in 0..said.len() {
        for back in (0..3).rev().filter(|back| *back <= n) {
            disk.follow(step(n - back), said[n - back].clone()).unwrap();
        }
        if n % 4 == 0 {
            disk.hold().unwrap();
            drop(disk);
            disk = opened(&again);
        }
    }
    assert!(rows(&disk) == rows(&straight));
    assert_eq!((disk.arrivals(company()).unwrap(), disk.followed().unwrap()), (10, 37));
}

#[test]
fn what_cannot_be_done_is_passed_over_and_the_log_goes_on() {
    let (said, folder) = (said(), tempfile::tempdir().unwrap());
    let disk = opened(&folder);
    let step = |number| Step { company: company(), number };
    disk.follow(step(1), said[0].clone()).unwrap();
    // Its fourth run, and a statement that stands already.
    disk.follow(step(2), said[5].clone()).unwrap();
    disk.follow(step(3), Command::Stands(Box::new(fixture().chain[1].clone()))).unwrap();
    assert_eq!((disk.followed_of(company()).unwrap(), disk.arrivals(company()).unwrap()), (3, 0));
    disk.follow(step(4), said[2].clone()).unwrap();
    assert_eq!(disk.arrivals(company()).unwrap(), 1);
}

#[test]
fn a_company_that_was_half_put_in_place_when_the_power_went_is_taken_away() {
    let (said, folder) = (said(), tempfile::tempdir().unwrap());
    let disk = opened(&folder);
    for (n, command) in said.iter().enumerate() {
        disk.follow(Step { company: company(), number: n as u64 + 1 }, command.clone()).unwrap();
    }
    let whole = rows(&disk);
    let cut = whole.iter().take(whole.len() / 2).cloned().map(Ok).chain([Err(StoreFault::NotFollowed("cut".into()))]);
    assert!(disk.install((company(), 13), cut).is_err());
    drop(disk);
    let disk = opened(&folder);
    assert_eq!((rows(&disk).len(), disk.followed_of(company()).unwrap()), (0, 0));
    disk.install((company(), 13), whole.iter().cloned().map(Ok::<_, StoreFault>)).unwrap();
    drop(disk);
    let disk = opened(&folder);
    assert!(rows(&disk) == whole);
    assert_eq!(disk.followed_of(company()).unwrap(), 13);
}

#[test]
fn a_folder_follows_one_log_and_none_that_has_a_life_of_its_own() {
    let (said, folder) = (said(), tempfile::tempdir().unwrap());
    let disk = opened(&folder);
    disk.follow(Step { company: company(), number: 1 }, said[0].clone()).unwrap();
    drop(disk);
    let rules = super::super::Rules::default();
    let other = RelayDisk::open_following(rules.clone(), folder.path(), [8; 16]);
    assert!(matches!(other, Err(StoreFault::OtherLog)));
    drop(RelayDisk::open(folder.path()).unwrap());
    let back = RelayDisk::open_following(rules, folder.path(), LIFE);
    assert!(matches!(back, Err(StoreFault::OtherLog)), "it was a relay's own disk meanwhile");
}
