//! Work that counts nowhere: seen, taken over or left out, by whoever may, once.

use super::members::{House, new_quote, roles, tell_all};
use super::*;
use crate::engine::room_aside::Heap;
use mera_device_api::{AuditAct, HandedIn, JudgingPage, JudgingRow};
use mera_sync_protocol::{Entry, EntryKind, Part, Payload, Place, SignedEntry};
use mera_trust::{Role, SealedPart};

/// Milliseconds of a year.
const YEAR: u64 = 365 * 24 * 60 * 60 * 1_000;

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

/// Anna hears of Bo's work, takes him out, and then the relay's disk and Anna's laptop are lost together: Carl knows that Bo's log
/// counts up to there, and has nothing of it.
#[test]
fn what_counts_and_only_who_was_taken_out_still_has_comes_back_with_what_he_hands_in() {
    let mut desks = Desks::new();
    let folder = tempfile::tempdir().unwrap();
    let mut carl = join(&mut desks.anna, folder.path(), founding("Carl", "C1"), Told::new(9), Roles::all());
    let known = done(&mut desks.bo, create(RecordKind::Customer, &[("name", "Ribe Mejeri")])).record.unwrap();
    carry(&desks.bo, &mut desks.anna);
    let end = desks.bo.written();
    let revoked = desks.anna.draft(&Intent::Revoke { device: desks.bo.device() }).unwrap();
    desks.anna.learn(&[revoked]).unwrap();
    let late = done(&mut desks.bo, create(RecordKind::Customer, &[("name", "Skagen Fisk")])).record.unwrap();
    for engine in [&mut carl, &mut desks.bo] {
        engine.learn(&desks.anna.statements(engine.chain().length, usize::MAX).unwrap()).unwrap();
    }
    let work = handed_in(&mut desks.bo);
    assert_eq!(work.changes, 1, "what counts is carried along and not called undelivered");
    assert_eq!(total(&mut carl, RecordKind::Customer), 0);
    for _ in 0..2 {
        carl.answer(Request::OpenHandedIn { file: work.file.clone() });
        assert_eq!(carl.vector.of(desks.bo.device()), end);
        assert_eq!(name_of(&mut carl, known), "Ribe Mejeri");
    }
    let rows = open(&mut carl);
    assert_eq!(rows.len(), 1, "what came after waits to be judged");
    judging(&mut carl, take(&rows[0]));
    assert_eq!(name_of(&mut carl, late), "Skagen Fisk");
    well(&mut carl);
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

/// What was decided, as everybody is shown it.
fn closed(engine: &mut Engine) -> Vec<(u64, bool, String, String)> {
    let rows = judging(engine, Request::Judging).rows.into_iter();
    let closed = rows.filter_map(|row| row.closed.map(|closed| (row.number, closed)));
    closed.map(|(number, one)| (number, one.taken, one.note, one.by.person)).collect()
}

#[test]
fn what_was_decided_does_not_wait_again_after_a_checkpoint_whoever_makes_it_and_whoever_was_away() {
    let (mut house, ..) = taken_out();
    let person = house.mads.identity.person_id;
    house.says(&Intent::SetRoles { person, roles: roles(&[Role::Office, Role::Administrator]) });
    let chain = house.desks.anna.statements(0, usize::MAX).unwrap();
    house.desks.bo.learn(&chain).unwrap();
    tell_all(&house.desks.anna, &mut house.mads);
    let file = handed_in(&mut house.desks.bo).file;
    let (anna, mads) = (&mut house.desks.anna, &mut house.mads);
    for engine in [&mut *anna, &mut *mads] {
        engine.answer(Request::OpenHandedIn { file: file.clone() });
    }
    let rows = open(anna);
    judging(anna, leave(&rows[0], "the old name is right"));
    judging(anna, take(&rows[1]));
    let decided = closed(anna);
    assert_eq!(decided.len(), 2);
    // Mads was away meanwhile: what he hears of it is what the checkpoint says.
    super::checkpoint::checkpoint(anna);
    assert_eq!((closed(anna), open(anna).len()), (decided.clone(), 1));
    super::checkpoint::give(anna, mads);
    assert_eq!((closed(mads), open(mads).len()), (decided.clone(), 1));
    // The next one is his, and the decisions are Anna's still.
    super::checkpoint::checkpoint(mads);
    super::checkpoint::give(mads, anna);
    while anna.let_go_some().unwrap() {}
    for engine in [anna, mads] {
        assert_eq!((closed(engine), open(engine).len()), (decided.clone(), 1));
        well(engine);
    }
}

#[test]
fn nobody_decides_in_the_name_of_another() {
    let mut house = House::new();
    let person = house.mads.identity.person_id;
    house.says(&Intent::SetRoles { person, roles: roles(&[Role::Sales, Role::Warehouse]) });
    house.meet();
    new_quote(&mut house.mads);
    carry(&house.mads, &mut house.desks.bo);
    house.says(&Intent::SetRoles { person, roles: roles(&[Role::Warehouse]) });
    house.meet();
    let (anna, bo) = (house.desks.anna.device(), &mut house.desks.bo);
    let row = open(bo).remove(0);
    judging(bo, leave(&row, "no"));
    let mut said = bo.decisions_to_say_again().unwrap().remove(0);
    said.first_said_by(anna);
    bo.say_again(said).unwrap();
    house.meet();
    let anna = &mut house.desks.anna;
    assert_eq!(closed(anna).into_iter().map(|(.., by)| by).collect::<Vec<_>>(), ["Bo"]);
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

/// A run that a thief with Bo's key writes on from an entry of his: as many changes as there are.
fn stolen_by(bo: &Engine, after: u64, previous: EntryHash, changes: usize, bytes: usize) -> Run {
    let mut at = Place { workspace: bo.workspace(), device: bo.device(), seq: after + 1, previous };
    let mut entries = Vec::new();
    for n in 0..changes {
        let part = SealedPart { group: mera_trust::Group::HOUSE, bytes: vec![7; bytes] };
        let entry = Entry {
            time: Hlc { millis: 1_790_000_000_000 + n as u64, counter: 0 },
            kind: EntryKind::CHANGES,
            epoch: 1,
            subjects: vec![RecordRef::new(RecordKind::Customer, RecordId::new(uuid::Uuid::from_u128(9))).into()],
            payload: Payload(vec![Part::Present(part)]),
        };
        let signed = SignedEntry::write(&bo.key(), &at, entry);
        at = at.next(signed.hash);
        entries.push(signed);
    }
    Run::cut(bo.key().public(), after + 1, previous, &entries).expect("a whole run")
}

#[test]
fn a_relay_with_the_key_of_a_device_that_was_taken_out_does_not_fill_the_disk() {
    let most = Heap { changes: 60, bytes: 200_000 };
    for (changes, bytes, rounds) in [(20, 10, 5), (4, 10_000, 8)] {
        let (mut house, ..) = taken_out();
        house.desks.anna.room_aside.most = most;
        let bo = house.desks.bo.device();
        let work = handed_in(&mut house.desks.bo);
        let (held, before) = (house.desks.anna.vector.of(bo), house.desks.anna.vector.clone());
        let previous = house.desks.anna.store.hash(bo, held).unwrap().unwrap();
        let weigh = |engine: &Engine| {
            let aside = engine.store.set_aside().unwrap();
            (aside.len(), aside.iter().map(|aside| aside.bytes.len()).sum::<usize>())
        };
        let mut told = 0;
        for round in 0..rounds {
            // Another version each time: there is no end of those.
            let run = stolen_by(&house.desks.bo, held, previous, changes, bytes + round);
            let anna = &mut house.desks.anna;
            anna.take(vec![run], None).unwrap();
            told += usize::from(status(anna).trouble.is_some_and(|trouble| trouble.code == "judging.no_room"));
            let (kept, weight) = weigh(anna);
            assert!(kept <= most.changes && weight <= most.bytes, "{kept} changes, {weight} bytes");
        }
        assert!(told > 0, "{:?}", weigh(&house.desks.anna));
        assert_eq!(house.desks.anna.vector, before);
        // It is as full after a restart, and what a person brings is taken whatever is here.
        let Desks { folders, anna, bo: bos } = house.desks;
        drop(anna);
        let mut anna = Engine::open(folders[0].path(), Told::new(90)).unwrap();
        anna.room_aside.most = most;
        let (kept, _) = weigh(&anna);
        let run = stolen_by(&bos, held, previous, changes, bytes + rounds);
        anna.take(vec![run], None).unwrap();
        assert_eq!((weigh(&anna).0, status(&mut anna).trouble.unwrap().code), (kept, "judging.no_room".into()));
        assert_eq!(
            anna.answer(Request::OpenHandedIn { file: work.file }),
            Answer::Ok(Reply::HandedInOpened { changes: 3 })
        );
        assert_eq!(weigh(&anna).0, kept + 3);
        well(&mut anna);
    }
}

#[test]
fn what_is_forged_is_kept_for_a_person_to_look_at_and_not_without_end() {
    let mut house = House::new();
    let bo = house.desks.bo.device();
    let held = house.desks.anna.vector.of(bo);
    let previous = house.desks.anna.store.hash(bo, held).unwrap().unwrap();
    house.desks.anna.room_aside.most = Heap { changes: 60, bytes: 200_000 };
    let mut told = Vec::new();
    for round in 0..8 {
        let mut run = stolen_by(&house.desks.bo, held, previous, 4, 10_000 + round);
        run.entries[0].time.millis += 1;
        let anna = &mut house.desks.anna;
        anna.take(vec![run], None).unwrap();
        told.extend(status(anna).trouble.map(|trouble| trouble.code));
    }
    told.dedup();
    assert_eq!(told, ["sync.bad_signature", "sync.forged_without_end"]);
    let kept: usize = house.desks.anna.store.set_aside().unwrap().iter().map(|aside| aside.bytes.len()).sum();
    assert!((100_000..=200_000).contains(&kept), "{kept}");
}

#[test]
fn a_device_that_is_back_after_a_year_brings_nothing_back_from_the_dead() {
    for writes_there in [false, true] {
        back_after_a_year(writes_there);
    }
}

/// Bo's laptop lies in a drawer for a year, in which a customer is erased, another is closed, a checkpoint lets go of the entries
/// he lacks, and he is taken out. Before that, or not, he had worked on what he saw.
fn back_after_a_year(writes_there: bool) {
    let mut house = House::new();
    let make =
        |engine: &mut Engine, name| done(engine, create(RecordKind::Customer, &[("name", name)])).record.unwrap();
    let (gone, erased) = (make(&mut house.desks.anna, "Lukket A/S"), make(&mut house.desks.anna, "Karen Blixen"));
    house.meet();
    if writes_there {
        for record in [gone, erased] {
            change(&mut house.desks.bo, record, FieldPath::root("name"), "Lukket ApS");
        }
    }
    // A year goes by, for all of them.
    for engine in [&mut house.desks.anna, &mut house.desks.bo, &mut house.mads] {
        engine.world = Told::later(91, "2027-09-22", YEAR);
    }
    change(&mut house.desks.anna, gone, FieldPath::root("name"), "Lukket og solgt A/S");
    assert!(matches!(house.desks.anna.answer(Request::Erase { record: erased }), Answer::Ok(Reply::Erased(_))));
    let bo = house.desks.bo.device();
    house.says(&Intent::Revoke { device: bo });
    super::checkpoint::checkpoint(&mut house.desks.anna);
    super::checkpoint::give(&house.desks.anna, &mut house.mads);
    let runs = house.desks.bo.runs_after(bo, house.desks.anna.vector.of(bo), 0).unwrap();
    assert_eq!(runs.is_empty(), !writes_there);
    for engine in [&mut house.desks.anna, &mut house.mads] {
        let before = engine.vector.clone();
        engine.take(runs.clone(), None).unwrap();
        assert_eq!(name_of(engine, gone), "Lukket og solgt A/S");
        assert_eq!(refused(engine, Request::Open { record: erased, at: None }), "record.erased");
        assert_eq!(engine.vector, before, "its log ends where the chain says");
        well(engine);
    }
    let waits = open(&mut house.desks.anna);
    assert_eq!(
        waits.len(),
        usize::from(writes_there),
        "what he wrote of what is there still waits for a person: {waits:?}"
    );
    // He comes back, is told, and can still hand in what he wrote.
    let chain = house.desks.anna.statements(0, usize::MAX).unwrap();
    house.desks.bo.learn(&chain).unwrap();
    let Answer::Refused(out) = house.desks.bo.answer(Request::About) else { panic!() };
    let unsent = if writes_there { "2" } else { "0" };
    assert_eq!((out.code.as_str(), out.args["unsent"].as_str()), ("membership.revoked", unsent));
    if writes_there {
        let file = handed_in(&mut house.desks.bo).file;
        house.desks.anna.answer(Request::OpenHandedIn { file });
        let rows = open(&mut house.desks.anna);
        assert_eq!(rows.len(), 1, "of whom was erased nothing comes back this way: {rows:?}");
        assert_eq!(rows[0].at.format("%Y").to_string(), "2026", "it says when he wrote it");
    }
}
