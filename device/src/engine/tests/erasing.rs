//! What was erased is in no store, log, outbox or file, whenever it came and whatever befell the device.
//!
//! Values are sealed, so that no name is found in any file anyway; what is looked for are the sealed bytes that said it.

use super::members::{House, refused as refusal, tell_all};
use super::*;
use mera_disk::DiskFault;
use mera_schema::Stage;
use std::fs;

const NAME: &str = "Karen Blixen";

/// A customer that both have.
fn with_customer() -> (Desks, RecordRef) {
    let mut desks = Desks::new();
    let record = done(&mut desks.anna, create(RecordKind::Customer, &[("name", NAME)])).record.unwrap();
    desks.meet();
    (desks, record)
}

fn erase(engine: &mut Engine, record: RecordRef) {
    match engine.answer(Request::Erase { record }) {
        Answer::Ok(Reply::Erased(erased)) => assert_eq!((erased.records, erased.kept), (vec![record], None)),
        other => panic!("not erased: {other:?}"),
    }
}

/// What stood on the disk of a device about a record, and everything else is looked for there.
struct Traces {
    folder: PathBuf,
    bytes: Vec<Vec<u8>>,
}

impl Traces {
    fn of(record: RecordRef, engine: &Engine) -> Self {
        let traces = Self { folder: engine.folder().to_owned(), bytes: engine.sealed_of(record) };
        assert!(
            traces.bytes.iter().all(|bytes| finds(&traces.folder, bytes)),
            "or nothing is shown by not finding them"
        );
        traces
    }

    fn gone(&self) -> bool {
        self.bytes.iter().all(|bytes| !finds(&self.folder, bytes))
    }
}

fn is_gone(engine: &mut Engine, record: RecordRef) {
    assert_eq!(refused(engine, Request::Open { record, at: None }), "record.erased");
    let Answer::Ok(Reply::Page(found)) = engine.answer(Request::Find { query: NAME.into() }) else { panic!() };
    assert_eq!(found.total, 0);
    assert_eq!(engine.store.document(record, engine.members.keys()).unwrap(), None);
    well(engine);
}

#[test]
fn what_is_erased_while_a_checkpoint_is_let_go_of_stays_in_no_file() {
    let (mut desks, record) = with_customer();
    for n in 1..=70 {
        change(&mut desks.anna, record, FieldPath::root("phone"), &format!("45 {n:06}"));
    }
    desks.meet();
    super::checkpoint::checkpoint(&mut desks.anna);
    desks.meet();
    assert!(desks.bo.let_go_some().unwrap(), "its logs begin at the checkpoint; the entries before it are there still");
    let traces = Traces::of(record, &desks.bo);
    assert!(traces.bytes.len() > 70);
    erase(&mut desks.anna, record);
    desks.meet();
    // The power fails; the files are written anew when the device opens again, and the covered entries go after that.
    let Desks { folders, bo, .. } = desks;
    drop(bo);
    let mut bo = Engine::open(folders[1].path(), Told::new(9)).unwrap();
    while bo.let_go_some().unwrap() {}
    bo.tidy().unwrap();
    assert!(!bo.lingers() && traces.gone());
    is_gone(&mut bo, record);
}

#[test]
fn what_was_erased_is_in_no_file_of_any_device_that_has_heard_of_it() {
    let (mut desks, record) = with_customer();
    let stays = done(&mut desks.anna, create(RecordKind::Customer, &[("name", "Wivel A/S")])).record.unwrap();
    change(&mut desks.anna, record, FieldPath::root("phone"), "45 12 34 56");
    desks.meet();
    let traces = [Traces::of(record, &desks.anna), Traces::of(record, &desks.bo)];
    let others = Traces::of(stays, &desks.bo);
    erase(&mut desks.anna, record);
    desks.meet();
    for (engine, traces) in [&mut desks.anna, &mut desks.bo].into_iter().zip(&traces) {
        assert!(engine.lingers());
        engine.tidy().unwrap();
        assert!(!engine.lingers() && traces.gone());
        is_gone(engine, record);
    }
    assert!(others.bytes.iter().all(|bytes| finds(&others.folder, bytes)), "and nothing else went");
    let digest = desks.bo.books.digests.whole();
    let Desks { folders, bo, .. } = desks;
    drop(bo);
    let mut bo = Engine::open(folders[1].path(), Told::new(9)).unwrap();
    assert_eq!(bo.books.digests.whole(), digest);
    is_gone(&mut bo, record);
    page(&mut bo, stays);
}

#[test]
fn work_goes_on_while_files_are_written_anew_and_what_goes_meanwhile_is_gone_the_next_time() {
    let (mut desks, record) = with_customer();
    let other = done(&mut desks.anna, create(RecordKind::Customer, &[("name", "Isak Dinesen")])).record.unwrap();
    let traces = [record, other].map(|record| Traces::of(record, &desks.anna));
    assert!(desks.anna.begin_anew().unwrap().is_none(), "there is nothing that it would be good for");
    erase(&mut desks.anna, record);
    let anew = desks.anna.begin_anew().unwrap().unwrap();
    let quote = done(&mut desks.anna, create(RecordKind::Quote, &[])).record.unwrap();
    let written = anew.write();
    change(&mut desks.anna, quote, FieldPath::root("subject"), "Ventiler");
    erase(&mut desks.anna, other);
    desks.anna.end_anew(written).unwrap().forget().unwrap();
    desks.anna.forgot_former().unwrap();
    assert!(traces[0].gone() && !traces[1].gone() && desks.anna.lingers());
    assert_eq!(quote_of(&page(&mut desks.anna, quote)).subject.provisional().unwrap(), "Ventiler");
    // Whoever is interrupted leaves nothing behind, and begins once more.
    let begun = desks.anna.begin_anew().unwrap().unwrap();
    drop(begun.write().unwrap());
    let stopped = desks.anna.begin_anew().unwrap().unwrap();
    drop(stopped.stopper());
    assert!(stopped.write().is_err());
    desks.anna.tidy().unwrap();
    assert!(traces[1].gone() && !desks.anna.lingers());
    let Desks { folders, anna, .. } = desks;
    drop(anna);
    let mut anna = Engine::open(folders[0].path(), Told::new(9)).unwrap();
    assert_eq!(quote_of(&page(&mut anna, quote)).subject.provisional().unwrap(), "Ventiler");
    well(&mut anna);
}

#[test]
fn damage_that_is_met_while_files_are_written_anew_is_noted_for_the_next_start() {
    let mut desks = Desks::new();
    let fault = desks.anna.end_anew(Err(DiskFault::Damaged("a row".into()))).err().unwrap();
    assert!(fault.is_damage() && desks.anna.folder().join("store.mark").exists());
}

#[test]
fn a_device_that_was_away_and_edited_the_record_brings_nothing_back_and_is_told() {
    let (mut desks, record) = with_customer();
    let before = fs::read(desks.bo.folder().join("outbox")).unwrap().len();
    change(&mut desks.bo, record, FieldPath::root("phone"), "45 12 34 56");
    let in_outbox = fs::read(desks.bo.folder().join("outbox")).unwrap()[before..].to_vec();
    let traces = Traces::of(record, &desks.bo);
    erase(&mut desks.anna, record);
    carry(&desks.anna, &mut desks.bo);
    let trouble = status(&mut desks.bo).trouble.unwrap();
    assert_eq!(trouble.code, "record.erased_meanwhile");
    assert!(trouble.says.starts_with("Anna has erased a record of the kind customer"), "{}", trouble.says);
    assert_eq!(desks.bo.set_aside().unwrap().len(), 1);
    assert!(status(&mut desks.bo).waiting.iter().all(|waiting| waiting.record != record));
    desks.bo.tidy().unwrap();
    assert!(traces.gone() && !finds(&traces.folder, &in_outbox));
    // Its log goes on, and all follow.
    let quote = done(&mut desks.bo, create(RecordKind::Quote, &[])).record.unwrap();
    desks.meet();
    page(&mut desks.anna, quote);
    is_gone(&mut desks.anna, record);
    let seen = vec!["00".repeat(32)];
    assert_eq!(refused(&mut desks.bo, Request::Change { record, seen, edits: vec![] }), "record.erased");
    assert_eq!(refused(&mut desks.bo, Request::Erase { record }), "record.erased");
}

#[test]
fn in_whatever_order_erasure_and_edits_come_all_hold_the_same() {
    let (mut desks, record) = with_customer();
    change(&mut desks.bo, record, FieldPath::root("phone"), "45 12 34 56");
    erase(&mut desks.anna, record);
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut join = |name: &str, folder: &tempfile::TempDir, seed| {
        super::join(&mut desks.anna, folder.path(), founding(name, &name[..1]), Told::new(seed), Roles::all())
    };
    let (mut cleo, mut dan) = (join("Cleo", &folders[0], 20), join("Dan", &folders[1], 21));
    carry(&desks.bo, &mut cleo);
    assert!(!cleo.erasures.has(&record.into()));
    carry(&desks.anna, &mut cleo);
    carry(&desks.anna, &mut dan);
    carry(&desks.bo, &mut dan);
    desks.meet();
    carry(&cleo, &mut dan);
    carry(&dan, &mut cleo);
    assert_eq!(cleo.books.digests.whole(), dan.books.digests.whole());
    assert_eq!(cleo.views, dan.views);
    for engine in [&mut cleo, &mut dan, &mut desks.bo, &mut desks.anna] {
        is_gone(engine, record);
    }
}

#[test]
fn a_lost_store_is_filled_again_without_what_was_erased() {
    let (mut desks, record) = with_customer();
    change(&mut desks.anna, record, FieldPath::root("phone"), "45 12 34 56");
    desks.meet();
    erase(&mut desks.bo, record);
    let Desks { folders, anna, mut bo } = desks;
    // Her outbox has all of it still, and she has not heard of the erasure.
    drop(anna);
    fs::remove_dir_all(folders[0].path().join("store")).unwrap();
    let mut anna = Engine::open(folders[0].path(), Told::new(9)).unwrap();
    page(&mut anna, record);
    let (traces, outbox) = (Traces::of(record, &anna), fs::read(folders[0].path().join("outbox")).unwrap());
    carry(&bo, &mut anna);
    anna.tidy().unwrap();
    assert!(traces.gone());
    is_gone(&mut anna, record);
    assert_ne!(fs::read(folders[0].path().join("outbox")).unwrap(), outbox);
    drop(anna);
    fs::remove_dir_all(folders[0].path().join("store")).unwrap();
    let mut anna = Engine::open(folders[0].path(), Told::new(10)).unwrap();
    assert_eq!(refused(&mut anna, Request::Open { record, at: None }), "record.unknown", "not even its outbox has it");
    carry(&bo, &mut anna);
    is_gone(&mut anna, record);
    carry(&anna, &mut bo);
    assert_eq!(anna.books.digests.whole(), bo.books.digests.whole());
}

#[test]
fn an_erasure_of_which_only_the_entry_was_saved_is_carried_out_at_the_next_start() {
    let (mut desks, record) = with_customer();
    desks.anna.write_erasure(vec![record]).unwrap();
    let outbox = fs::read(desks.anna.folder().join("outbox")).unwrap();
    let (stopped, same) = with_customer();
    assert_eq!(same, record, "the same story up to there");
    let Desks { folders, anna, .. } = stopped;
    let traces = Traces::of(record, &anna);
    drop(anna);
    fs::write(folders[0].path().join("outbox"), outbox).unwrap();
    let mut anna = Engine::open(folders[0].path(), Told::new(9)).unwrap();
    assert!(!anna.lingers() && traces.gone());
    is_gone(&mut anna, record);
}

#[test]
fn an_erasure_that_a_power_cut_interrupted_is_ended_at_the_next_start() {
    for logs_too in [false, true] {
        let (desks, record) = with_customer();
        let Desks { folders, mut anna, mut bo } = desks;
        let traces = Traces::of(record, &anna);
        anna.write_erasure(vec![record]).unwrap();
        if logs_too {
            anna.take_out_erased().unwrap();
        }
        drop(anna);
        assert!(!traces.gone());
        let mut anna = Engine::open(folders[0].path(), Told::new(9)).unwrap();
        assert!(!anna.lingers() && traces.gone());
        is_gone(&mut anna, record);
        carry(&anna, &mut bo);
        is_gone(&mut bo, record);
        assert_eq!(anna.books.digests.whole(), bo.books.digests.whole());
    }
}

#[test]
fn stores_and_outboxes_that_were_put_aside_go_too() {
    let (mut desks, record) = with_customer();
    let folder = desks.bo.folder().to_owned();
    fs::create_dir_all(folder.join("store.damaged-1")).unwrap();
    fs::write(folder.join("store.damaged-1/db"), "old").unwrap();
    fs::write(folder.join("outbox.damaged-1"), "old").unwrap();
    erase(&mut desks.anna, record);
    desks.meet();
    desks.bo.tidy().unwrap();
    assert!(!folder.join("store.damaged-1").exists() && !folder.join("outbox.damaged-1").exists());
}

#[test]
fn whom_a_posted_document_names_is_not_erased_and_the_reason_is_told() {
    let (mut desks, quote, _) = Desks::with_quote();
    let shown = page(&mut desks.anna, quote);
    let customer = *quote_of(&shown).customer.agreed().unwrap();
    let step = Request::Quote { record: quote, seen: shown.heads, verb: Verb::Send, reason: String::new() };
    done(&mut desks.anna, step);
    assert_eq!(quote_of(&page(&mut desks.anna, quote)).stage, Field::One(Stage::Sent));
    let no = refusal(&mut desks.anna, Request::Erase { record: customer });
    assert_eq!((no.code.as_str(), no.args["until"].as_str()), ("erasure.needed_by_document", "2031-12-31"));
    assert_eq!(refused(&mut desks.anna, Request::Erase { record: quote }), "right.erase");
    page(&mut desks.anna, customer);
}

#[test]
fn who_has_no_right_to_erase_erases_nothing_anywhere() {
    let mut house = House::new();
    let record = done(&mut house.desks.anna, create(RecordKind::Customer, &[("name", NAME)])).record.unwrap();
    house.meet();
    assert_eq!(refused(&mut house.mads, Request::Erase { record }), "right.erase");
    // A program that does not ask.
    house.mads.write_erasure(vec![record]).unwrap();
    tell_all(&house.mads, &mut house.desks.anna);
    assert_eq!(house.desks.anna.set_aside().unwrap()[0].0, "sync.no_right");
    for engine in [&mut house.desks.anna, &mut house.mads] {
        assert!(!engine.lingers());
        page(engine, record);
        well(engine);
    }
}

#[test]
fn sums_are_right_when_an_erasure_and_other_changes_come_in_one_run() {
    let (mut desks, quote, line) = Desks::with_quote();
    let customer = *quote_of(&page(&mut desks.anna, quote)).customer.agreed().unwrap();
    change(&mut desks.anna, quote, of_line(line, "unit_price"), "95 DKK");
    erase(&mut desks.anna, customer);
    change(&mut desks.anna, quote, of_line(line, "quantity"), "3 pcs");
    desks.meet();
    assert_eq!(page(&mut desks.bo, quote).figures.unwrap().net.to_string(), "285.00 DKK");
}
