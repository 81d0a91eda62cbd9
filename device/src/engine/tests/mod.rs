//! Two people, each with a device, through the contract: offline, and meeting again.
#![allow(clippy::unwrap_used)]

mod apart;
mod appointments;
mod at_rest;
mod audit;
mod calls;
mod checkpoint;
mod clocks;
mod contacts;
mod damage;
mod erasing;
mod intake;
mod invitations;
mod judging;
mod members;
mod mend;
pub(crate) mod misfortune;
mod presence;
mod proposing;
mod same;
mod written_again;

use super::*;
use crate::Candidate;
use crate::engine::documents::OPEN_DOCUMENTS;
use chrono::NaiveDate;
use mera_device_api::{Answer, Done, NewItem, RecordPage, Reply, Request, SyncState, SyncStatus, Verb};
use mera_schema::PersonId;
use mera_schema::document;
use mera_schema::{AnyRecord, Desk, Edit, Field, FieldPath, Heads, ItemId, Life, Quote, Stage};
use mera_sync_protocol::{ClientEffect, ClientSession, Cursor, Replica, Run};
use mera_trust::{Intent, Roles};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A world whose clock moves a second at each look, and whose randomness follows from a seed.
pub(crate) struct Told {
    clock: AtomicU64,
    chance: Mutex<u64>,
    today: NaiveDate,
}

impl Told {
    pub fn new(seed: u64) -> Arc<Self> {
        Self::on(seed, "2026-09-22")
    }

    /// The same on another day.
    pub fn on(seed: u64, day: &str) -> Arc<Self> {
        Self::later(seed, day, 0)
    }

    /// Time goes by.
    pub fn goes_on(&self, millis: u64) {
        self.clock.fetch_add(millis, Ordering::Relaxed);
    }

    /// The same so many milliseconds later.
    pub fn later(seed: u64, day: &str, millis: u64) -> Arc<Self> {
        let today = day.parse().unwrap();
        Arc::new(Self { clock: AtomicU64::new(1_790_000_000_000 + millis), chance: Mutex::new(seed), today })
    }
}

impl Surroundings for Told {
    fn millis(&self) -> u64 {
        self.clock.fetch_add(1_000, Ordering::Relaxed)
    }
    fn today(&self) -> NaiveDate {
        self.today
    }
    fn random(&self, bytes: &mut [u8]) -> Result<(), String> {
        let mut chance = self.chance.lock().unwrap();
        for byte in bytes {
            *chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (*chance >> 56) as u8;
        }
        Ok(())
    }
}

pub(crate) struct Desks {
    pub folders: [tempfile::TempDir; 2],
    pub anna: Engine,
    pub bo: Engine,
}

pub(crate) fn founding(name: &str, series: &str) -> Founding {
    let (name, series) = (name.to_owned(), series.to_owned());
    Founding {
        person: name.clone(),
        name: format!("{name}s pc"),
        desk: Desk::Sales,
        series,
        relay: None,
        vault: Place::InFolder,
    }
}

impl Desks {
    pub fn new() -> Self {
        Self::in_worlds(&[Told::new(1), Told::new(2)])
    }

    /// The same in worlds in which the story lets time go by.
    pub fn in_worlds([annas, bos]: &[Arc<Told>; 2]) -> Self {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let mut anna = Engine::found(folders[0].path(), founding("Anna", "A1"), annas.clone()).unwrap();
        let bo = join(&mut anna, folders[1].path(), founding("Bo", "B1"), bos.clone(), Roles::all());
        Self { folders, anna, bo }
    }

    /// Each takes what the other has written, and both then hold and show the same.
    pub fn meet(&mut self) {
        carry(&self.anna, &mut self.bo);
        carry(&self.bo, &mut self.anna);
        assert_eq!(self.anna.books.digests.whole(), self.bo.books.digests.whole(), "both hold the same");
        assert_eq!(self.anna.views, self.bo.views, "both show the same");
        well(&mut self.anna);
        well(&mut self.bo);
    }

    /// A quote with one line that both have.
    pub fn with_quote() -> (Self, RecordRef, ItemId) {
        let mut desks = Self::new();
        let customer =
            done(&mut desks.anna, create(RecordKind::Customer, &[("name", "Aalborg Værft A/S")])).record.unwrap();
        let values = [("customer", customer.to_string()), ("subject", "Ventiler".into())];
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let quote = done(&mut desks.anna, create(RecordKind::Quote, &values)).record.unwrap();
        let line = add_line(&mut desks.anna, quote, "Kugleventil DN50", "100 DKK");
        desks.meet();
        (desks, quote, line)
    }
}

/// A device of a new person, admitted by the founder's.
pub(crate) fn join(founder: &mut Engine, folder: &Path, founding: Founding, world: Arc<Told>, roles: Roles) -> Engine {
    let candidate = Candidate::new(world.as_ref()).unwrap();
    let person = PersonId::new(uuid::Uuid::from_bytes(crate::beginning::random(world.as_ref()).unwrap()));
    let admitted = founder.draft(&Intent::Admit { card: candidate.card(person), roles }).unwrap();
    founder.learn(&[admitted]).unwrap();
    let chain = founder.statements(0, usize::MAX).unwrap();
    Engine::join(folder, founding, candidate.admitted(person, chain).unwrap(), world).unwrap()
}

pub(crate) fn carry(from: &Engine, to: &mut Engine) {
    to.learn(&from.statements(to.chain().length, usize::MAX).unwrap()).unwrap();
    let runs = from.runs_after(from.device(), to.vector.of(from.device()), 0).unwrap();
    to.take(runs, Cursor { epoch: [0; 16], arrival: 1 }).unwrap();
}

/// A device does all that its session asks for.
pub(crate) fn follow(
    engine: &mut Engine,
    session: &mut ClientSession,
    effects: Vec<ClientEffect>,
) -> Result<Outcome, DeviceFault> {
    engine.follow(session, &mut Agenda::default(), effects, usize::MAX)
}

/// Whether any file in a folder holds these bytes.
pub(crate) fn finds(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            finds(&path, needle)
        } else {
            memchr::memmem::find(&std::fs::read(path).unwrap(), needle).is_some()
        }
    })
}

impl Engine {
    /// What stands in the store of a record, as it stands there.
    pub(crate) fn sealed_of(&self, record: RecordRef) -> Vec<Vec<u8>> {
        let sealed = self.store.sealed_of(record);
        assert!(!sealed.is_empty(), "or nothing is shown by not finding it");
        sealed
    }
}

pub(crate) fn well(engine: &mut Engine) {
    let Answer::Ok(Reply::Doctor { views_equal, complaints, .. }) = engine.answer(Request::Doctor) else { panic!() };
    assert!(views_equal && complaints.is_empty(), "rebuild == incremental: {complaints:?}");
}

pub(crate) fn done(engine: &mut Engine, request: Request) -> Done {
    match engine.answer(request) {
        Answer::Ok(Reply::Done(done)) => done,
        other => panic!("not done: {other:?}"),
    }
}

pub(crate) fn refused(engine: &mut Engine, request: Request) -> String {
    match engine.answer(request) {
        Answer::Refused(refused) => refused.code,
        other => panic!("not refused: {other:?}"),
    }
}

pub(crate) fn create(kind: RecordKind, values: &[(&str, &str)]) -> Request {
    Request::Create { kind, values: values.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect() }
}

pub(crate) fn page(engine: &mut Engine, record: RecordRef) -> RecordPage {
    match engine.answer(Request::Open { record, at: None }) {
        Answer::Ok(Reply::Record(page)) => *page,
        other => panic!("no page: {other:?}"),
    }
}

fn quote_of(page: &RecordPage) -> &Quote {
    let AnyRecord::Quote(quote) = &page.record else { panic!("no quote") };
    quote
}

fn add_line(engine: &mut Engine, record: RecordRef, text: &str, price: &str) -> ItemId {
    let seen = page(engine, record).heads;
    let values =
        vec![("text".into(), text.into()), ("unit_price".into(), price.into()), ("vat_rate".into(), "25".into())];
    done(engine, Request::AddItem { record, seen, item: NewItem { collection: "lines".into(), values } }).item.unwrap()
}

pub(crate) fn change(engine: &mut Engine, record: RecordRef, path: FieldPath, value: &str) {
    let seen = page(engine, record).heads;
    change_at(engine, record, seen, path, value);
}

fn change_at(engine: &mut Engine, record: RecordRef, seen: Heads, path: FieldPath, value: &str) {
    let edits = vec![Edit::Set { path, value: Some(value.into()) }];
    done(engine, Request::Change { record, seen, edits });
}

pub(crate) fn of_line(line: ItemId, field: &str) -> FieldPath {
    FieldPath::item("lines", line, field)
}

pub(crate) fn status(engine: &mut Engine) -> SyncStatus {
    let Answer::Ok(Reply::SyncStatus(status)) = engine.answer(Request::SyncStatus) else { panic!() };
    status
}

#[test]
fn one_price_two_answers_both_are_shown_with_who_and_one_choice_settles_it_everywhere() {
    let (mut desks, quote, line) = Desks::with_quote();
    change(&mut desks.anna, quote, of_line(line, "unit_price"), "95 DKK");
    change(&mut desks.bo, quote, of_line(line, "unit_price"), "90 DKK");
    desks.meet();
    let shown = page(&mut desks.bo, quote);
    assert!(shown.figures.unwrap().provisional);
    let clash = &shown.clashes[0];
    let mut said: Vec<_> =
        clash.candidates.iter().map(|c| (&*c.value, &*clash.people[&c.by.device.to_string()].person)).collect();
    said.sort_unstable();
    assert_eq!(said, [("90 DKK", "Bo"), ("95 DKK", "Anna")]);
    assert_eq!(clash.part, "Kugleventil DN50");
    let preview = Request::Preview { record: quote, path: clash.path.clone(), value: "90 DKK".into() };
    let Answer::Ok(Reply::Figures(figures)) = desks.anna.answer(preview) else { panic!() };
    assert_eq!(figures.total.to_string(), "112.50 DKK");
    let seen = page(&mut desks.anna, quote).heads;
    assert_eq!(
        refused(&mut desks.anna, Request::Quote { record: quote, seen, verb: Verb::Send, reason: String::new() }),
        "record.disputed"
    );
    change(&mut desks.anna, quote, of_line(line, "unit_price"), "90 DKK");
    desks.meet();
    assert!(matches!(desks.bo.answer(Request::Clashes), Answer::Ok(Reply::Clashes(rows)) if rows.is_empty()));
}

#[test]
fn different_lines_and_different_fields_of_one_line_all_stand() {
    let (mut desks, quote, line) = Desks::with_quote();
    change(&mut desks.anna, quote, of_line(line, "quantity"), "5 pcs");
    change(&mut desks.bo, quote, of_line(line, "discount"), "10");
    add_line(&mut desks.anna, quote, "Pakning", "12 DKK");
    add_line(&mut desks.bo, quote, "Flange", "30 DKK");
    desks.meet();
    let shown = page(&mut desks.anna, quote);
    assert_eq!(quote_of(&shown).lines.len(), 3);
    assert!(shown.clashes.is_empty());
    assert_eq!(shown.figures.unwrap().net.to_string(), "492.00 DKK");
}

#[test]
fn a_removed_line_that_the_other_edits_surfaces_as_a_question() {
    let (mut desks, quote, line) = Desks::with_quote();
    change(&mut desks.anna, quote, of_line(line, "life"), "removed");
    change(&mut desks.bo, quote, of_line(line, "quantity"), "7 pcs");
    desks.meet();
    let shown = page(&mut desks.anna, quote);
    assert_eq!(shown.clashes.iter().map(|clash| &*clash.path.field).collect::<Vec<_>>(), ["life"]);
    change(&mut desks.bo, quote, of_line(line, "life"), "live");
    desks.meet();
    assert_eq!(quote_of(&page(&mut desks.anna, quote)).lines[&line].life, Field::One(Life::Live));
}

#[test]
fn one_marks_it_lost_while_the_other_works_on_it_and_both_texts_merge() {
    let (mut desks, quote, _) = Desks::with_quote();
    let seen = page(&mut desks.anna, quote).heads;
    let write = |text: &str| Edit::Write { path: FieldPath::root("opening"), text: text.into() };
    done(&mut desks.anna, Request::Change { record: quote, seen: seen.clone(), edits: vec![write("Kære kunde.")] });
    desks.meet();
    let seen = page(&mut desks.anna, quote).heads;
    done(
        &mut desks.anna,
        Request::Change { record: quote, seen: seen.clone(), edits: vec![write("Kære kunde. Tak!")] },
    );
    done(
        &mut desks.bo,
        Request::Change { record: quote, seen: seen.clone(), edits: vec![write("Goddag! Kære kunde.")] },
    );
    done(&mut desks.anna, Request::Quote { record: quote, seen, verb: Verb::Lose, reason: "pris".into() });
    desks.meet();
    let shown = page(&mut desks.bo, quote);
    assert_eq!(quote_of(&shown).opening.0, "Goddag! Kære kunde. Tak!");
    assert_eq!(shown.clashes[0].path, FieldPath::root("stage"), "lost, and yet worked on: a person decides");
}

#[test]
fn what_was_seen_as_sent_is_not_sent_again_when_a_colleague_has_begun_a_new_revision() {
    let (mut desks, quote, _) = Desks::with_quote();
    let step = |seen, verb| Request::Quote { record: quote, seen, verb, reason: String::new() };
    let seen = page(&mut desks.anna, quote).heads;
    done(&mut desks.anna, step(seen, Verb::Send));
    desks.meet();
    let on_screen = page(&mut desks.bo, quote).heads;
    let seen = page(&mut desks.anna, quote).heads;
    done(&mut desks.anna, step(seen, Verb::Revise));
    desks.meet();
    assert_eq!(refused(&mut desks.bo, step(on_screen, Verb::Send)), "quote.step_does_not_follow");
    let seen = page(&mut desks.bo, quote).heads;
    done(&mut desks.bo, step(seen, Verb::Send));
    assert_eq!(quote_of(&page(&mut desks.bo, quote)).stage, Field::One(Stage::Sent), "what Bo was told holds");
}

#[test]
fn a_change_that_arrived_while_the_form_was_open_is_concurrent_and_not_overwritten() {
    let (mut desks, quote, line) = Desks::with_quote();
    let on_screen = page(&mut desks.bo, quote).heads;
    change(&mut desks.anna, quote, of_line(line, "unit_price"), "80 DKK");
    desks.meet();
    change_at(&mut desks.bo, quote, on_screen, of_line(line, "unit_price"), "85 DKK");
    assert_eq!(page(&mut desks.bo, quote).clashes[0].candidates.len(), 2);
    let unknown = Request::Change { record: quote, seen: vec!["00".repeat(32)], edits: vec![] };
    assert_eq!(super::tests::refused(&mut desks.bo, unknown), "record.unknown_heads");
}

#[test]
fn what_was_saved_is_there_after_a_restart_and_also_when_the_store_lost_it() {
    let (desks, quote, line) = Desks::with_quote();
    let Desks { folders, mut anna, bo } = desks;
    change(&mut anna, quote, of_line(line, "quantity"), "5 pcs");
    let (number, digest, waiting) =
        (page(&mut anna, quote).record, anna.books.digests.whole(), status(&mut anna).waiting_changes);
    drop(anna);
    // Two processes on one folder are kept apart.
    let mut again = Engine::open(folders[0].path(), Told::new(3)).unwrap();
    assert!(matches!(Engine::open(folders[0].path(), Told::new(3)), Err(DeviceFault::InUse(_))));
    assert_eq!((page(&mut again, quote).record, again.books.digests.whole()), (number.clone(), digest));
    assert_eq!(status(&mut again).waiting_changes, waiting);
    drop(again);
    std::fs::remove_dir_all(folders[0].path().join("store")).unwrap();
    let mut rescued = Engine::open(folders[0].path(), Told::new(4)).unwrap();
    carry(&bo, &mut rescued);
    assert_eq!((page(&mut rescued, quote).record, rescued.books.digests.whole()), (number, digest));
    well(&mut rescued);
}

#[test]
fn receipts_empty_the_outbox_and_numbers_go_on_where_they_stopped() {
    let (mut desks, quote, _) = Desks::with_quote();
    assert_eq!(page(&mut desks.anna, quote).sync, SyncState::Here);
    let last = desks.anna.vector.of(desks.anna.device());
    desks.anna.acked(last).unwrap();
    assert_eq!((status(&mut desks.anna).waiting_changes, page(&mut desks.anna, quote).sync), (0, SyncState::AtRelay));
    assert_eq!(quote_of(&page(&mut desks.anna, quote)).number, Field::One("T-A1-0001".into()));
    let Desks { folders, anna, .. } = desks;
    drop(anna);
    let mut anna = Engine::open(folders[0].path(), Told::new(9)).unwrap();
    let next = done(&mut anna, create(RecordKind::Quote, &[])).record.unwrap();
    assert_eq!(quote_of(&page(&mut anna, next)).number, Field::One("T-A1-0002".into()));
}

#[test]
fn a_forged_run_is_set_aside_and_holds_up_nobody() {
    let (mut desks, quote, line) = Desks::with_quote();
    change(&mut desks.bo, quote, of_line(line, "quantity"), "9 pcs");
    let held = desks.anna.vector.of(desks.bo.device());
    let good = desks.bo.runs_after(desks.bo.device(), held, 0).unwrap();
    let mut forged = good.clone();
    forged[0].entries[0].time.millis += 1;
    let cursor = Cursor { epoch: [0; 16], arrival: 2 };
    desks.anna.take([forged, good].concat(), cursor).unwrap();
    assert_eq!(desks.anna.set_aside().unwrap()[0].0, "sync.bad_signature");
    assert_eq!(status(&mut desks.anna).trouble.unwrap().code, "sync.bad_signature");
    assert_eq!(desks.anna.books.digests.whole(), desks.bo.books.digests.whole());
}

#[test]
fn bad_input_is_refused_with_a_code_and_changes_nothing() {
    let (mut desks, quote, _) = Desks::with_quote();
    let before = desks.anna.vector.clone();
    let seen = page(&mut desks.anna, quote).heads;
    let line = |field: &str, value: &str| Request::AddItem {
        record: quote,
        seen: seen.clone(),
        item: NewItem { collection: "lines".into(), values: vec![(field.into(), value.into())] },
    };
    let nobody = RecordRef::new(RecordKind::Customer, RecordId::new(uuid::Uuid::nil()));
    let table = [
        (line("quantity", "-1 pcs"), "line.quantity_not_positive"),
        (line("unit_price", "10 EUR"), "line.other_currency"),
        (line("product", &format!("product/{}", uuid::Uuid::nil())), "record.unknown"),
        (line("colour", "red"), "field.unknown"),
        (create(RecordKind::Customer, &[("credit_limit", "much")]), "field.does_not_fit"),
        (create(RecordKind::Customer, &[("name", &"x".repeat(10_000_000))]), "field.too_long"),
        (Request::Open { record: nobody, at: None }, "record.unknown"),
        (
            Request::Quote { record: quote, seen: seen.clone(), verb: Verb::Win, reason: String::new() },
            "quote.step_does_not_follow",
        ),
    ];
    for (request, code) in table {
        assert_eq!(refused(&mut desks.anna, request), code);
    }
    assert_eq!(understand("{\"do\":\"conquer\"}").unwrap_err().code, "request.unknown");
    assert_eq!(desks.anna.vector, before);
    well(&mut desks.anna);
}

#[test]
fn a_delivery_with_more_records_than_are_kept_open_loses_none() {
    let mut desks = Desks::new();
    let names: Vec<String> = (0..3 * OPEN_DOCUMENTS).map(|n| format!("Kunde {n:03}")).collect();
    for name in &names {
        let made = done(&mut desks.anna, create(RecordKind::Customer, &[("name", name)]));
        let edits = vec![Edit::set("phone", "98 12 34 56")];
        done(&mut desks.anna, Request::Change { record: made.record.unwrap(), seen: made.heads, edits });
    }
    desks.meet();
    let all = Request::List { kind: RecordKind::Customer, query: "Kunde".into(), offset: 0, limit: 500 };
    let Answer::Ok(Reply::Page(listed)) = desks.bo.answer(all) else { panic!() };
    assert_eq!(listed.rows.into_iter().map(|row| row.title).collect::<Vec<_>>(), names);
}
