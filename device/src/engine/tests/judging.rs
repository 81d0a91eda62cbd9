//! Work that counts nowhere: seen, taken over or left out, by whoever may, once.

use super::members::{House, new_quote, roles, tell_all};
use super::*;
use mera_device_api::{AuditAct, HandedIn, JudgingPage, JudgingRow};
use mera_trust::Role;

fn judging(engine: &mut Engine, request: Request) -> JudgingPage {
    match engine.answer(request) {
        Answer::Ok(Reply::Judging(page)) => page,
        other => panic!("nothing to judge: {other:?}"),
    }
}

fn open(engine: &mut Engine) -> Vec<JudgingRow> {
    judging(engine, Request::Judging).rows.into_iter().filter(|row| row.closed.is_none()).collect()
}

fn take(row: &JudgingRow) -> Request {
    Request::TakeOver { device: row.device, number: row.number }
}

fn leave(row: &JudgingRow, note: &str) -> Request {
    Request::LeaveOut { device: row.device, number: row.number, note: note.into() }
}

fn total(engine: &mut Engine, kind: RecordKind) -> usize {
    let request = Request::List { kind, query: String::new(), offset: 0, limit: 50 };
    let Answer::Ok(Reply::Page(page)) = engine.answer(request) else { panic!() };
    page.total
}

fn handed_in(engine: &mut Engine) -> HandedIn {
    match engine.answer(Request::HandIn) {
        Answer::Ok(Reply::HandedIn(work)) => work,
        other => panic!("not handed in: {other:?}"),
    }
}

fn name_of(engine: &mut Engine, record: RecordRef) -> String {
    let AnyRecord::Customer(customer) = page(engine, record).record else { panic!() };
    customer.name.provisional().cloned().unwrap_or_default()
}

/// Bo changes a customer that all have and makes a new one with a telephone, offline; Anna takes him out meanwhile.
fn taken_out() -> (House, RecordRef, RecordRef) {
    let mut house = House::new();
    let known = done(&mut house.desks.anna, create(RecordKind::Customer, &[("name", "Aalborg Værft")])).record.unwrap();
    house.meet();
    let bo = &mut house.desks.bo;
    change(bo, known, FieldPath::root("name"), "Aalborg Værft A/S");
    let new = done(bo, create(RecordKind::Customer, &[("name", "Bos kunde")])).record.unwrap();
    change(bo, new, FieldPath::root("phone"), "98 12 34 56");
    let revoked = house.desks.bo.device();
    house.says(&Intent::Revoke { device: revoked });
    let chain = house.desks.anna.statements(0, usize::MAX).unwrap();
    house.desks.bo.learn(&chain).unwrap();
    tell_all(&house.desks.anna, &mut house.mads);
    (house, known, new)
}

#[test]
fn a_device_that_was_taken_out_hands_in_its_work_and_an_administrator_judges_it() {
    let (mut house, known, new) = taken_out();
    let Answer::Refused(out) = house.desks.bo.answer(Request::About) else { panic!() };
    assert_eq!((out.code.as_str(), out.args["unsent"].as_str()), ("membership.revoked", "3"));
    let work = handed_in(&mut house.desks.bo);
    assert_eq!(work.changes, 3);
    assert!(!work.file.contains("Bos kunde"), "sealed");
    // Whoever is no administrator cannot open it, and no stranger either.
    let elsewhere = tempfile::tempdir().unwrap();
    let mut stranger = Engine::found(elsewhere.path(), founding("Eva", "E1"), Told::new(77)).unwrap();
    let give = || Request::OpenHandedIn { file: work.file.clone() };
    assert_eq!(refused(&mut house.mads, give()), "judging.no_right");
    assert_eq!(refused(&mut stranger, give()), "judging.other_company");
    let anna = &mut house.desks.anna;
    for _ in 0..2 {
        assert_eq!(anna.answer(give()), Answer::Ok(Reply::HandedInOpened { changes: 3 }), "twice is as good as once");
    }
    let rows = open(anna);
    assert_eq!(rows.len(), 3);
    let AuditAct::Changed { records, .. } = &rows[0].act else { panic!() };
    let field = &records[0].fields[0];
    assert_eq!((field.before.as_deref(), field.after.as_deref()), (Some("Aalborg Værft"), Some("Aalborg Værft A/S")));
    assert_eq!((rows[0].by.person.as_str(), rows[0].device), ("Bo", house.desks.bo.device()));
    let anna = &mut house.desks.anna;
    // What goes on from other work of his waits for that.
    assert_eq!(refused(anna, take(&rows[2])), "judging.goes_on");
    for row in &rows {
        judging(anna, take(row));
    }
    assert_eq!(open(anna), []);
    assert_eq!((name_of(anna, known), name_of(anna, new)), ("Aalborg Værft A/S".into(), "Bos kunde".into()));
    let AnyRecord::Customer(customer) = page(anna, new).record else { panic!() };
    assert_eq!(customer.phone.provisional().map(ToString::to_string), Some("98 12 34 56".to_owned()));
    let Answer::Ok(Reply::History(history)) = anna.answer(Request::History { record: known }) else { panic!() };
    assert_eq!(history[0].person.person, "Bo", "it says whose it was");
    let before = anna.written();
    judging(anna, take(&rows[0]));
    assert_eq!(anna.written(), before, "once is enough");
    tell_all(&house.desks.anna, &mut house.mads);
    assert_eq!(name_of(&mut house.mads, new), "Bos kunde");
    well(&mut house.mads);
    well(&mut house.desks.anna);
}

#[test]
fn what_is_left_out_stays_out_with_a_note_and_everybody_knows() {
    let (mut house, known, _) = taken_out();
    let work = handed_in(&mut house.desks.bo);
    let anna = &mut house.desks.anna;
    anna.answer(Request::OpenHandedIn { file: work.file.clone() });
    let rows = open(anna);
    assert_eq!(refused(anna, leave(&rows[0], "  ")), "judging.no_note");
    let page = judging(anna, leave(&rows[0], "the old name is right"));
    let closed = page.rows.iter().find(|row| row.closed.is_some()).and_then(|row| row.closed.clone()).unwrap();
    assert_eq!(
        (closed.taken, closed.note.as_str(), closed.by.person.as_str()),
        (false, "the old name is right", "Anna")
    );
    assert_eq!(name_of(anna, known), "Aalborg Værft");
    // Another one of the office has the same file later.
    let person = house.mads.identity.person_id;
    house.says(&Intent::SetRoles { person, roles: roles(&[Role::Office, Role::Administrator]) });
    let work = handed_in(&mut house.desks.bo);
    tell_all(&house.desks.anna, &mut house.mads);
    let Answer::Refused(not_his) = house.mads.answer(Request::OpenHandedIn { file: work.file }) else { panic!() };
    assert_eq!(not_his.code, "judging.not_for_you", "it was sealed before he was administrator");
    let chain = house.desks.anna.statements(0, usize::MAX).unwrap();
    house.desks.bo.learn(&chain).unwrap();
    let work = handed_in(&mut house.desks.bo);
    house.mads.answer(Request::OpenHandedIn { file: work.file });
    assert_eq!(open(&mut house.mads).len(), 2, "what Anna closed is closed for him too");
}

#[test]
fn two_who_judge_at_once_come_to_one_result() {
    let mut house = House::new();
    let person = house.mads.identity.person_id;
    house.says(&Intent::SetRoles { person, roles: roles(&[Role::Sales, Role::Warehouse]) });
    house.meet();
    let quote = new_quote(&mut house.mads);
    let seen = page(&mut house.mads, quote).heads;
    let write = Edit::Write { path: FieldPath::root("opening"), text: "Kære kunde.".into() };
    done(&mut house.mads, Request::Change { record: quote, seen, edits: vec![write] });
    carry(&house.mads, &mut house.desks.bo);
    house.says(&Intent::SetRoles { person, roles: roles(&[Role::Warehouse]) });
    house.meet();
    let (anna_rows, bo_rows) = (open(&mut house.desks.anna), open(&mut house.desks.bo));
    assert_eq!(anna_rows, bo_rows);
    assert_eq!(anna_rows.len(), 3);
    for row in &anna_rows {
        judging(&mut house.desks.anna, take(row));
    }
    for row in &bo_rows[..2] {
        judging(&mut house.desks.bo, take(row));
    }
    judging(&mut house.desks.bo, leave(&bo_rows[2], "no"));
    house.desks.meet();
    for engine in [&mut house.desks.anna, &mut house.desks.bo] {
        assert_eq!(total(engine, RecordKind::Quote), 1);
        let shown = page(engine, quote);
        let AnyRecord::Quote(quote) = &shown.record else { panic!() };
        assert_eq!((quote.lines.len(), quote.opening.0.as_str()), (1, "Kære kunde."), "once, though both took it over");
        assert!(shown.clashes.is_empty());
        assert!(open(engine).is_empty());
        let page = judging(engine, Request::Judging);
        assert!(page.rows.iter().all(|row| row.closed.as_ref().unwrap().taken), "taking over beats leaving out");
        well(engine);
    }
}

#[test]
fn only_the_office_and_administrators_judge() {
    let mut house = House::new();
    assert_eq!(refused(&mut house.mads, Request::Judging), "judging.no_right");
    assert_eq!(refused(&mut house.desks.anna, Request::HandIn), "judging.nothing");
    let nobody = Request::TakeOver { device: house.desks.bo.device(), number: 9 };
    assert_eq!(refused(&mut house.desks.anna, nobody), "judging.unknown");
    for file in ["", "MERA handed-in work 1\n????", "MERA handed-in work 1\nAAAA"] {
        let open = Request::OpenHandedIn { file: file.into() };
        assert_eq!(refused(&mut house.desks.anna, open), "judging.none");
    }
}

#[test]
fn a_file_that_was_changed_on_the_way_is_refused() {
    let (mut house, ..) = taken_out();
    let work = handed_in(&mut house.desks.bo).file;
    let (mut changed, mut tried) = (0, 0);
    for place in (30..work.len()).step_by(97) {
        let mut bytes = work.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        tried += 1;
        let file = String::from_utf8(bytes).unwrap();
        let answer = house.desks.anna.answer(Request::OpenHandedIn { file });
        changed += usize::from(matches!(answer, Answer::Refused(_)));
    }
    assert_eq!(changed, tried);
    assert_eq!(open(&mut house.desks.anna), []);
}

#[test]
fn a_device_that_is_back_after_a_year_brings_nothing_back_from_the_dead() {
    let mut house = House::new();
    let gone = done(&mut house.desks.anna, create(RecordKind::Customer, &[("name", "Lukket A/S")])).record.unwrap();
    house.meet();
    // Bo goes on a long journey and works there, on what he saw before.
    change(&mut house.desks.bo, gone, FieldPath::root("name"), "Lukket ApS");
    let bo = house.desks.bo.device();
    house.says(&Intent::Revoke { device: bo });
    let _ = (gone, bo);
    let runs = house.desks.bo.runs_after(bo, house.desks.anna.vector.of(bo), 0).unwrap();
    for engine in [&mut house.desks.anna, &mut house.mads] {
        engine.learn(&[]).unwrap();
    }
    tell_all(&house.desks.anna, &mut house.mads);
    for engine in [&mut house.desks.anna, &mut house.mads] {
        let before = engine.vector.clone();
        engine.take(runs.clone(), None).unwrap();
        assert_eq!(name_of(engine, gone), "Lukket A/S");
        assert_eq!(engine.vector, before, "its log ends where the chain says");
        well(engine);
    }
    let waits = open(&mut house.desks.anna);
    assert_eq!(waits.len(), 1, "it waits for a person: {waits:?}");
}
