//! A delivery that is taken in a part at a time.

use super::*;
use crate::engine::InTheRelaysPlace;
use crate::engine::intake::Intake;
use mera_sync_protocol::RelayStore;

const PLACE: Cursor = Cursor { epoch: [0; 16], arrival: 2 };

/// Bo writes so many customers, which travel in one run.
fn written_at_once(desks: &mut Desks, customers: usize) -> Vec<Run> {
    let held = desks.bo.written();
    for n in 0..customers {
        done(&mut desks.bo, create(RecordKind::Customer, &[("name", &format!("Kunde {n}"))]));
    }
    let runs = desks.bo.runs_after(desks.bo.device(), held, 0).unwrap();
    assert_eq!((runs.len(), runs[0].entries.len()), (1, customers));
    runs
}

/// A device writes a run to its log and takes in so many parts of it, which are not all.
fn takes(engine: &mut Engine, intake: &mut Intake, parts: u64, most: usize) {
    for _ in 0..=parts {
        assert!(engine.take_some(intake, &mut { most }).unwrap().is_none());
    }
}

#[test]
fn people_work_between_two_parts_and_in_the_end_both_hold_the_same() {
    let mut desks = Desks::new();
    desks.meet();
    let runs = written_at_once(&mut desks, 10);
    let (anna, mut intake, mut parts) = (&mut desks.anna, Intake::new(runs, Some(PLACE)), 0);
    while anna.take_some(&mut intake, &mut 3).unwrap().is_none() {
        parts += 1;
        assert_ne!(anna.cursor(), Some(PLACE), "nothing is called taken in before all of it is");
        done(anna, create(RecordKind::Customer, &[("name", &format!("Annas kunde {parts}"))]));
        well(anna);
    }
    assert_eq!((parts, anna.cursor()), (4, Some(PLACE)), "the run is written, and taken in three at a time");
    desks.meet();
}

/// Everything of a log that a device can hand on so that others believe it.
fn handed_on(engine: &Engine, log: DeviceId) -> u64 {
    let mut held = 0;
    while let Some(run) = engine.runs_after(log, held, 0).unwrap().pop() {
        held = run.verify(engine.workspace()).unwrap().placed().last().unwrap().0.seq;
    }
    held
}

/// Its author signed the run where it ends: the entries before stand for nothing elsewhere.
#[test]
fn a_device_that_is_switched_off_between_two_parts_has_all_of_the_run_when_it_opens_again() {
    for parts in [0, 1, 2] {
        let mut desks = Desks::new();
        desks.meet();
        let runs = written_at_once(&mut desks, 5);
        let (bo, held) = (desks.bo.device(), desks.anna.vector.of(desks.bo.device()));
        let mut intake = Intake::new(runs.clone(), Some(PLACE));
        for part in 0..=parts {
            assert!(desks.anna.take_some(&mut intake, &mut 2).unwrap().is_none());
            assert_eq!(desks.anna.vector.of(bo), held + 2 * part);
            assert!(handed_on(&desks.anna, bo) <= held, "what is not whole is not handed on");
        }
        let Desks { folders, anna, bo: theirs } = desks;
        drop(anna);
        let mut anna = Engine::open(folders[0].path(), Told::new(7)).unwrap();
        assert_eq!((anna.vector.of(bo), handed_on(&anna, bo)), (held + 5, held + 5));
        assert_ne!(anna.cursor(), Some(PLACE), "the relay's place moves with the whole delivery");
        well(&mut anna);
        anna.take(runs, PLACE).unwrap();
        Desks { folders, anna, bo: theirs }.meet();
    }
}

#[test]
fn where_the_line_breaks_between_two_parts_or_somebody_elses_run_comes_the_first_is_finished() {
    for (line_breaks, parts) in [(true, 0), (true, 1), (false, 0), (false, 1)] {
        let mut desks = Desks::new();
        desks.meet();
        let runs = written_at_once(&mut desks, 5);
        let (anna, bo) = (&mut desks.anna, desks.bo.device());
        let held = anna.vector.of(bo);
        takes(anna, &mut Intake::new(runs.clone(), Some(PLACE)), parts, 2);
        if line_breaks {
            anna.line_is_down(None);
        } else {
            let mut another = Intake::new(runs, None);
            while anna.take_some(&mut another, &mut 1).unwrap().is_none() {}
        }
        assert_eq!((anna.vector.of(bo), handed_on(anna, bo)), (held + 5, held + 5));
        assert!(!anna.store.has_ahead(bo, held + 5).unwrap());
        well(anna);
        desks.meet();
    }
}

#[test]
fn what_a_neighbour_brings_of_the_same_log_between_two_parts_stands_in_it_too() {
    for parts in [0, 1] {
        let mut desks = Desks::new();
        desks.meet();
        let runs = written_at_once(&mut desks, 5);
        let bo = desks.bo.device();
        let held = desks.anna.vector.of(bo);
        takes(&mut desks.anna, &mut Intake::new(runs, Some(PLACE)), parts, 2);
        written_at_once(&mut desks, 2);
        let brought = desks.bo.runs_after(bo, held + 2 * parts, 0).unwrap().remove(0);
        let (anna, workspace) = (&mut desks.anna, desks.bo.workspace());
        let hosting = anna.hosts().unwrap();
        let run = brought.verify(workspace).unwrap();
        InTheRelaysPlace::of(anna, &hosting).accept(workspace, run).unwrap();
        assert_eq!((anna.vector.of(bo), handed_on(anna, bo)), (held + 7, held + 7));
        well(anna);
        desks.meet();
    }
}

#[test]
fn who_takes_the_author_out_between_two_parts_ends_the_log_where_the_author_signed_it() {
    let mut desks = Desks::new();
    desks.meet();
    let runs = written_at_once(&mut desks, 4);
    let (anna, bo) = (&mut desks.anna, desks.bo.device());
    let held = anna.vector.of(bo);
    let mut intake = Intake::new(runs, Some(PLACE));
    takes(anna, &mut intake, 1, 1);
    let revoked = anna.draft(&Intent::Revoke { device: bo }).unwrap();
    anna.learn(&[revoked]).unwrap();
    while anna.take_some(&mut intake, &mut 1).unwrap().is_none() {}
    assert_eq!((anna.vector.of(bo), handed_on(anna, bo)), (held + 4, held + 4));
    well(anna);
}

#[test]
fn a_run_whose_author_is_taken_out_between_two_parts_is_cut_and_the_rest_is_kept_aside() {
    let mut desks = Desks::new();
    desks.meet();
    let first = written_at_once(&mut desks, 1);
    let held = desks.anna.vector.of(desks.bo.device());
    desks.anna.take(first, None).unwrap();
    // Whoever said so had the first entry and no more.
    let revoked = desks.anna.draft(&Intent::Revoke { device: desks.bo.device() }).unwrap();
    written_at_once(&mut desks, 3);
    let runs = desks.bo.runs_after(desks.bo.device(), held, 0).unwrap();
    let (anna, bo) = (&mut desks.anna, desks.bo.device());
    let mut intake = Intake::new(runs, Some(PLACE));
    takes(anna, &mut intake, 1, 1);
    anna.learn(&[revoked]).unwrap();
    while anna.take_some(&mut intake, &mut 1).unwrap().is_none() {}
    assert_eq!(anna.vector.of(bo), held + 1, "the log ends where it was ended");
    let Answer::Ok(Reply::Judging(waits)) = anna.answer(Request::Judging) else { panic!() };
    assert_eq!(waits.rows.len(), 3, "the rest waits to be judged");
    assert!(!anna.store.has_ahead(bo, held + 1).unwrap());
    well(anna);
}

#[test]
fn a_forged_run_is_passed_over_and_the_next_one_is_taken_in_in_parts() {
    let mut desks = Desks::new();
    desks.meet();
    let good = written_at_once(&mut desks, 3);
    let mut forged = good.clone();
    forged[0].entries[2].time.millis += 1;
    let mut intake = Intake::new([forged, good].concat(), Some(PLACE));
    while desks.anna.take_some(&mut intake, &mut 1).unwrap().is_none() {}
    assert_eq!(desks.anna.set_aside().unwrap()[0].0, "sync.bad_signature");
    desks.meet();
}

#[test]
fn a_first_run_that_was_begun_and_a_log_that_ended_before_its_first_entry_are_no_damage() {
    for ended in [false, true] {
        let mut desks = Desks::new();
        written_at_once(&mut desks, 3);
        let bo = desks.bo.device();
        let runs = desks.bo.runs_after(bo, 0, 0).unwrap();
        let Desks { folders, mut anna, bo: _theirs } = desks;
        assert_eq!(anna.vector.of(bo), 0, "Anna has heard nothing of Bo");
        if ended {
            let revoked = anna.draft(&Intent::Revoke { device: bo }).unwrap();
            anna.take(runs.clone(), None).unwrap();
            anna.learn(&[revoked]).unwrap();
        } else {
            let run = runs[0].clone().verify(anna.workspace()).unwrap();
            assert!(anna.begin_run(&run, 1).unwrap());
        }
        drop(anna);
        let mut anna = Engine::open(folders[0].path(), Told::new(7)).unwrap();
        let mended = status(&mut anna).trouble.filter(|told| told.code == "device.store_mended");
        assert_eq!((mended, anna.vector.of(bo)), (None, if ended { 0 } else { runs[0].last() }));
        well(&mut anna);
    }
}
