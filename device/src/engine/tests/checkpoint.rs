//! Checkpoints on devices: made while people work, taken by who comes anew or late, and what goes then.

use super::members::{House, tell_all};
use super::misfortune::copy;
use super::*;
use crate::engine::checkpoint::Making;
use crate::store::FOLD_AFTER;

/// Makes a checkpoint on a device without a relay, and lets go of what it covers.
pub(super) fn checkpoint(engine: &mut Engine) {
    engine.begin_checkpoint().unwrap();
    while let Making::Goes { .. } = engine.make_some().unwrap() {}
    let reached = engine.members.now().checkpoint().expect("it stands");
    assert_eq!(reached.maker, engine.device());
    let_go(engine);
}

fn let_go(engine: &mut Engine) {
    while engine.let_go_some().unwrap() {}
}

fn entries(engine: &Engine) -> usize {
    engine.vector.iter().map(|(log, _)| engine.store.log(log, 0).count()).sum()
}

/// Both have a quote with a history, and Anna has made a checkpoint of it.
fn checkpointed() -> (Desks, RecordRef, ItemId) {
    let (mut desks, quote, line) = Desks::with_quote();
    for n in 1..=30 {
        change(&mut desks.anna, quote, of_line(line, "quantity"), &format!("{n} pcs"));
        change(&mut desks.bo, quote, FieldPath::root("subject"), &format!("Ventiler {n}"));
    }
    desks.meet();
    checkpoint(&mut desks.anna);
    (desks, quote, line)
}

/// A device of another person, which has nothing yet.
fn newcomer(desks: &mut Desks, folder: &Path) -> Engine {
    join(&mut desks.anna, folder, founding("Cleo", "C1"), Told::new(7), Roles::all())
}

fn same(one: &mut Engine, other: &mut Engine) {
    assert_eq!(one.books.digests.whole(), other.books.digests.whole(), "both hold the same");
    assert_eq!(one.views, other.views, "both show the same");
    well(one);
    well(other);
}

/// How a relay gives what another device holds: the records of the checkpoint first.
pub(super) fn give(from: &Engine, to: &mut Engine) {
    to.learn(&from.statements(to.chain().length, usize::MAX).unwrap()).unwrap();
    let first = from.comes_first();
    let mut logs: Vec<DeviceId> = from.vector.iter().map(|(log, _)| log).collect();
    logs.sort_by_key(|log| Some(*log) != first);
    for log in logs {
        while to.vector.of(log) < from.vector.of(log) {
            let after = to.vector.of(log);
            let runs = from.runs_after(log, after, 0).unwrap();
            to.take(runs, None).unwrap();
            assert!(to.vector.of(log) > after, "it goes on");
        }
    }
}

#[test]
fn a_checkpoint_changes_nothing_that_anybody_sees_and_lets_go_of_what_it_covers() {
    let (mut desks, quote, _) = checkpointed();
    let (before, history) = (page(&mut desks.bo, quote), desks.bo.answer(Request::History { record: quote }));
    assert!(entries(&desks.bo) > 60);
    desks.meet();
    let_go(&mut desks.bo);
    let records = desks.anna.store.rows().count();
    assert!(entries(&desks.anna) <= records && entries(&desks.bo) <= records, "{}", entries(&desks.bo));
    assert_eq!(page(&mut desks.bo, quote).record, before.record);
    assert_eq!(desks.bo.answer(Request::History { record: quote }), history, "who changed what stays");
    let row = status(&mut desks.bo).checkpoint.unwrap();
    assert_eq!((row.by.person.as_str(), row.records), ("Anna", records as u64));
    assert!(desks.bo.lingers(), "the files are written anew");
    desks.bo.tidy().unwrap();
    change(&mut desks.bo, quote, FieldPath::root("subject"), "Efter");
    desks.meet();
    let Desks { folders, bo, mut anna } = desks;
    drop(bo);
    let mut bo = Engine::open(folders[1].path(), Told::new(9)).unwrap();
    same(&mut anna, &mut bo);
}

#[test]
fn a_new_device_takes_the_records_and_what_came_since_and_holds_what_all_hold() {
    let (mut desks, quote, line) = checkpointed();
    change(&mut desks.anna, quote, of_line(line, "quantity"), "77 pcs");
    desks.meet();
    let folder = tempfile::tempdir().unwrap();
    let mut cleo = newcomer(&mut desks, folder.path());
    give(&desks.anna, &mut cleo);
    give(&cleo, &mut desks.anna);
    same(&mut desks.anna, &mut cleo);
    assert!(entries(&cleo) < 20 && status(&mut cleo).loading.is_none());
    assert_eq!(cleo.vector, desks.anna.vector);
    // It is as good a source as any: also for one that comes after it.
    let folder = tempfile::tempdir().unwrap();
    let mut dan = join(&mut desks.anna, folder.path(), founding("Dan", "D1"), Told::new(8), Roles::all());
    cleo.learn(&desks.anna.statements(cleo.chain().length, usize::MAX).unwrap()).unwrap();
    give(&cleo, &mut dan);
    assert_eq!(
        quote_of(&page(&mut dan, quote)).lines[&line].quantity,
        quote_of(&page(&mut cleo, quote)).lines[&line].quantity
    );
    change(&mut dan, quote, of_line(line, "quantity"), "78 pcs");
    give(&dan, &mut cleo);
    same(&mut dan, &mut cleo);
}

/// Letters that no packing makes shorter.
pub(super) fn letters(seed: u64, count: usize) -> String {
    let mut chance = seed;
    let mut letter = || {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(33 + u8::try_from((chance >> 33) % 90).unwrap())
    };
    (0..count).map(|_| letter()).collect()
}

#[test]
fn while_records_come_it_says_how_many_works_with_those_that_are_here_and_goes_on_after_a_restart() {
    let mut desks = Desks::new();
    for n in 0..8 {
        let name = format!("Kunde {n}");
        let record = done(&mut desks.anna, create(RecordKind::Customer, &[("name", &name)])).record.unwrap();
        let seen = page(&mut desks.anna, record).heads;
        let edits = vec![Edit::Write { path: FieldPath::root("notes"), text: letters(n, 30_000) }];
        done(&mut desks.anna, Request::Change { record, seen, edits });
    }
    desks.meet();
    checkpoint(&mut desks.anna);
    let folder = tempfile::tempdir().unwrap();
    let mut cleo = newcomer(&mut desks, folder.path());
    cleo.learn(&desks.anna.statements(0, usize::MAX).unwrap()).unwrap();
    let of = desks.anna.members.now().checkpoint().unwrap().checkpoint.records;
    assert_eq!(status(&mut cleo).loading, Some(mera_device_api::Loading { records: 0, of }));
    // One entry after the other, as over a slow line.
    let (maker, end) = (desks.anna.device(), desks.anna.members.now().checkpoint().unwrap().checkpoint.end.seq);
    let mut seen = Vec::new();
    while cleo.vector.of(maker) < end {
        let after = cleo.vector.of(maker).max(desks.anna.store.base(maker).unwrap().seq);
        let run = desks.anna.store.run_between(maker, after, after + 1).unwrap().unwrap();
        cleo.take(vec![run], None).unwrap();
        if let Some(loading) = status(&mut cleo).loading {
            seen.push(loading.records);
            let Answer::Ok(Reply::Page(page)) =
                cleo.answer(Request::List { kind: RecordKind::Customer, query: String::new(), offset: 0, limit: 9 })
            else {
                panic!()
            };
            if let Some(row) = page.rows.first() {
                change(&mut cleo, row.record, FieldPath::root("phone"), "45 12 34 56");
            }
        }
        drop(cleo);
        cleo = Engine::open(folder.path(), Told::new(20 + after)).unwrap();
    }
    assert!(seen.len() > 1 && seen.windows(2).all(|pair| pair[0] < pair[1]), "{seen:?}");
    assert_eq!(status(&mut cleo).loading, None);
    give(&desks.anna, &mut cleo);
    give(&cleo, &mut desks.anna);
    same(&mut desks.anna, &mut cleo);
}

#[test]
fn a_device_that_was_away_brings_its_unsent_work_and_takes_the_records() {
    let mut house = House::new();
    let (quote, line) = {
        let customer =
            done(&mut house.desks.anna, create(RecordKind::Customer, &[("name", "Wivel A/S")])).record.unwrap();
        let quote = done(&mut house.desks.anna, create(RecordKind::Quote, &[("customer", &customer.to_string())]))
            .record
            .unwrap();
        (quote, add_line(&mut house.desks.anna, quote, "Kugleventil", "100 DKK"))
    };
    house.meet();
    let task = done(&mut house.mads, create(RecordKind::Task, &[("title", "I kælderen")])).record.unwrap();
    for n in 1..=10 {
        change(&mut house.desks.anna, quote, of_line(line, "quantity"), &format!("{n} pcs"));
    }
    house.desks.meet();
    let House { desks, mads, .. } = &mut house;
    checkpoint(&mut desks.anna);
    give(&desks.anna, mads);
    assert_eq!(mads.vector.of(desks.anna.device()), desks.anna.written(), "he is where all are");
    tell_all(mads, &mut desks.anna);
    page(&mut desks.anna, task);
    well(mads);
    well(&mut desks.anna);
    assert!(matches!(mads.answer(Request::Open { record: quote, at: None }), Answer::Refused(_)), "not his to read");
    // What he may read later is in the records that he carried along.
    let person = mads.identity.person_id;
    let roles: Roles = [mera_trust::Role::Warehouse, mera_trust::Role::Sales].into_iter().collect();
    let said = desks.anna.draft(&Intent::SetRoles { person, roles }).unwrap();
    desks.anna.learn(std::slice::from_ref(&said)).unwrap();
    mads.learn(&[said]).unwrap();
    assert_eq!(
        quote_of(&page(mads, quote)).lines[&line].quantity,
        quote_of(&page(&mut desks.anna, quote)).lines[&line].quantity
    );
    same(mads, &mut desks.anna);
}

#[test]
fn a_device_whose_store_is_lost_is_filled_from_the_records_and_writes_nothing_before() {
    let (desks, quote, line) = checkpointed();
    let Desks { folders, mut anna, mut bo } = desks;
    give(&anna, &mut bo);
    let own = bo.written();
    bo.acked(own).unwrap();
    bo.outbox.tidy(own).unwrap();
    drop(bo);
    std::fs::remove_dir_all(folders[1].path().join("store")).unwrap();
    let mut bo = Engine::open(folders[1].path(), Told::new(30)).unwrap();
    assert_eq!(refused(&mut bo, create(RecordKind::Quote, &[])), "device.recovering");
    give(&anna, &mut bo);
    assert_eq!(bo.written(), own);
    change(&mut bo, quote, of_line(line, "quantity"), "99 pcs");
    give(&bo, &mut anna);
    same(&mut anna, &mut bo);
}

/// Who makes a checkpoint may have heard from a neighbour what counts no more once that one is taken out.
#[test]
fn an_attempt_that_was_overtaken_by_a_revocation_brings_nothing_back() {
    let (mut desks, quote, _) = Desks::with_quote();
    let folder = tempfile::tempdir().unwrap();
    let mut cleo = newcomer(&mut desks, folder.path());
    give(&desks.anna, &mut cleo);
    give(&cleo, &mut desks.anna);
    let bo = desks.bo.device();
    change(&mut desks.bo, quote, FieldPath::root("subject"), "Ventiler til Bo");
    carry(&desks.bo, &mut desks.anna);
    desks.anna.begin_checkpoint().unwrap();
    let all = |making| matches!(making, Making::Goes { done, of } if done == of);
    while !all(desks.anna.make_some().unwrap()) {}
    let said = cleo.draft(&Intent::Revoke { device: bo }).unwrap();
    cleo.learn(std::slice::from_ref(&said)).unwrap();
    desks.anna.learn(&[said]).unwrap();
    assert_eq!(desks.anna.make_some().unwrap_err().code(), "checkpoint.overtaken");
    give(&desks.anna, &mut cleo);
    same(&mut desks.anna, &mut cleo);
    assert_eq!(quote_of(&page(&mut cleo, quote)).subject.provisional().unwrap(), "Ventiler");
    // The next one has it right.
    checkpoint(&mut desks.anna);
    let folder = tempfile::tempdir().unwrap();
    let mut dan = join(&mut desks.anna, folder.path(), founding("Dan", "D1"), Told::new(8), Roles::all());
    give(&desks.anna, &mut dan);
    give(&dan, &mut desks.anna);
    same(&mut desks.anna, &mut dan);
}

/// The records of a checkpoint may come, from a neighbour, before it is said of them that they are one.
#[test]
fn records_that_came_before_the_word_of_their_checkpoint_are_taken_with_it() {
    let (mut desks, quote, _) = Desks::with_quote();
    let folder = tempfile::tempdir().unwrap();
    let mut cleo = newcomer(&mut desks, folder.path());
    give(&desks.anna, &mut cleo);
    give(&cleo, &mut desks.anna);
    let length = cleo.chain().length;
    change(&mut desks.bo, quote, FieldPath::root("subject"), "Ventiler til Bo");
    carry(&desks.bo, &mut desks.anna);
    desks.anna.begin_checkpoint().unwrap();
    while let Making::Goes { .. } = desks.anna.make_some().unwrap() {}
    let runs = desks.anna.runs_after(desks.anna.device(), cleo.vector.of(desks.anna.device()), 0).unwrap();
    cleo.take(runs, None).unwrap();
    assert_eq!(quote_of(&page(&mut cleo, quote)).subject.provisional().unwrap(), "Ventiler", "not said yet");
    cleo.learn(&desks.anna.statements(length, usize::MAX).unwrap()).unwrap();
    assert_eq!(cleo.vector.of(desks.bo.device()), desks.anna.vector.of(desks.bo.device()));
    same(&mut desks.anna, &mut cleo);
}

/// What is in the outbox may be the rest of a checkpoint's records, of which nobody else says anything any more.
#[test]
fn a_maker_whose_store_was_set_back_goes_on_from_the_records_in_its_outbox() {
    let Desks { folders, anna, mut bo } = Desks::new();
    drop(anna);
    let (store, kept) = (folders[0].path().join("store"), folders[0].path().join("kept"));
    copy(&store, &kept);
    let mut anna = Engine::open(folders[0].path(), Told::new(20)).unwrap();
    done(&mut bo, create(RecordKind::Customer, &[("name", "Aalborg Værft A/S")]));
    carry(&bo, &mut anna);
    checkpoint(&mut anna);
    give(&anna, &mut bo);
    let_go(&mut bo);
    done(&mut bo, create(RecordKind::Customer, &[("name", "Vejle Ventiler ApS")]));
    drop(anna);
    std::fs::remove_dir_all(&store).unwrap();
    std::fs::rename(&kept, &store).unwrap();
    let mut anna = Engine::open(folders[0].path(), Told::new(30)).unwrap();
    let nowhere: Option<Cursor> = None;
    anna.take(bo.runs_after(bo.device(), 0, 0).unwrap(), nowhere).unwrap();
    same(&mut anna, &mut bo);
}

/// What it wrote first the relay has, and its outbox has let go of it; its store knows neither.
#[test]
fn a_device_whose_store_was_set_back_is_no_copy_when_a_checkpoint_covers_what_it_lacks() {
    let Desks { folders, mut anna, bo } = Desks::new();
    drop(bo);
    let (store, aside) = (folders[1].path().join("store"), tempfile::tempdir().unwrap());
    copy(&store, &aside.path().join("store"));
    let mut bo = Engine::open(folders[1].path(), Told::new(41)).unwrap();
    for n in 0..5 {
        done(&mut bo, create(RecordKind::Customer, &[("name", &format!("Kunde {n}"))]));
    }
    carry(&bo, &mut anna);
    let brought = bo.written();
    bo.acked(brought).unwrap();
    let unsent = done(&mut bo, create(RecordKind::Customer, &[("name", "Ribe Mejeri")])).record.unwrap();
    bo.outbox.tidy(brought).unwrap();
    drop(bo);
    checkpoint(&mut anna);
    std::fs::remove_dir_all(&store).unwrap();
    copy(&aside.path().join("store"), &store);
    let mut bo = Engine::open(folders[1].path(), Told::new(42)).unwrap();
    assert!(bo.written() < brought && !bo.is_whole());
    give(&anna, &mut bo);
    assert_eq!((bo.written(), bo.is_whole(), bo.compares()), (brought + 1, true, false));
    assert!(
        matches!(&page(&mut bo, unsent).record, AnyRecord::Customer(customer) if customer.name == Field::One("Ribe Mejeri".into()))
    );
    carry(&bo, &mut anna);
    same(&mut anna, &mut bo);
}

#[test]
fn a_copy_that_wrote_below_a_checkpoint_is_told_that_it_exists_twice() {
    let (desks, _, _) = checkpointed();
    let Desks { folders, anna, bo } = desks;
    drop(bo);
    // The copy lost what came from elsewhere and wrote on its own at numbers that are covered.
    let copy = tempfile::tempdir().unwrap();
    for file in ["device.json", "device.key-in-plain", "members"] {
        std::fs::copy(folders[1].path().join(file), copy.path().join(file)).unwrap();
    }
    let mut copy = Engine::open(copy.path(), Told::new(40)).unwrap();
    done(&mut copy, create(RecordKind::Quote, &[]));
    copy.learn(&anna.statements(copy.chain().length, usize::MAX).unwrap()).unwrap();
    let runs = anna.runs_after(anna.device(), 0, 0).unwrap();
    let first = copy.take(runs, None);
    let told =
        status(&mut copy).trouble.map(|trouble| trouble.code).or(first.err().map(|fault| fault.code().to_owned()));
    assert_eq!(told.as_deref(), Some("sync.fork"));
}

#[test]
fn a_second_checkpoint_takes_the_place_of_the_first_and_its_records() {
    let (mut desks, quote, line) = checkpointed();
    desks.meet();
    let_go(&mut desks.bo);
    for n in 1..=20 {
        change(&mut desks.bo, quote, of_line(line, "quantity"), &format!("{n} pcs"));
    }
    desks.meet();
    let before = entries(&desks.anna);
    checkpoint(&mut desks.bo);
    give(&desks.bo, &mut desks.anna);
    let_go(&mut desks.anna);
    assert!(entries(&desks.anna) < before, "{} of {before}", entries(&desks.anna));
    let Desks { folders: _folders, mut anna, mut bo } = desks;
    same(&mut anna, &mut bo);
}

#[test]
fn what_was_erased_before_a_checkpoint_is_erased_for_who_was_away_then() {
    let mut desks = Desks::new();
    let gone = done(&mut desks.anna, create(RecordKind::Customer, &[("name", "Karen Blixen")])).record.unwrap();
    desks.meet();
    assert!(matches!(desks.anna.answer(Request::Erase { record: gone }), Answer::Ok(Reply::Erased(_))));
    checkpoint(&mut desks.anna);
    page(&mut desks.bo, gone);
    give(&desks.anna, &mut desks.bo);
    assert_eq!(refused(&mut desks.bo, Request::Open { record: gone, at: None }), "record.erased");
    let Desks { folders: _folders, mut anna, mut bo } = desks;
    give(&bo, &mut anna);
    same(&mut anna, &mut bo);
}

#[test]
fn a_power_cut_between_any_two_steps_of_letting_go_leaves_a_device_that_goes_on() {
    let (desks, quote, _) = checkpointed();
    let Desks { folders, mut anna, mut bo } = desks;
    give(&anna, &mut bo);
    let mut steps = 0;
    loop {
        let more = bo.let_go_some().unwrap();
        drop(bo);
        bo = Engine::open(folders[1].path(), Told::new(50 + steps)).unwrap();
        page(&mut bo, quote);
        well(&mut bo);
        steps += 1;
        if !more {
            break;
        }
    }
    assert!(steps > 2);
    same(&mut anna, &mut bo);
}

/// The records whose document stands in a log.
fn in_log(engine: &Engine) -> usize {
    engine.store.rows().filter(|row| row.as_ref().unwrap().1.stands.entry.is_some()).count()
}

#[test]
fn what_a_checkpoint_says_of_a_record_is_on_the_disk_once_until_it_is_changed_or_let_go_of() {
    let (mut desks, quote, line) = checkpointed();
    desks.meet();
    let before = page(&mut desks.bo, quote);
    let_go(&mut desks.bo);
    let all = desks.bo.store.rows().count();
    assert_eq!((in_log(&desks.anna), in_log(&desks.bo)), (all, all), "at who made it and at who took it");
    let Desks { folders, mut anna, bo } = desks;
    drop(bo);
    let mut bo = Engine::open(folders[1].path(), Told::new(60)).unwrap();
    assert_eq!(page(&mut bo, quote).record, before.record, "it is read from the log");
    for n in 1..=FOLD_AFTER + 2 {
        change(&mut bo, quote, of_line(line, "quantity"), &format!("{n} pcs"));
    }
    assert_eq!(
        (in_log(&bo), bo.store.row(quote).unwrap().unwrap().stands.entry),
        (all - 1, None),
        "what people work on stands beside it"
    );
    well(&mut bo);

    // The next one takes the place of the first: also where the power fails before its entries were looked through.
    give(&bo, &mut anna);
    checkpoint(&mut anna);
    assert_eq!(in_log(&anna), all);
    give(&anna, &mut bo);
    assert!(bo.let_go_some().unwrap());
    drop(bo);
    let mut bo = Engine::open(folders[1].path(), Told::new(61)).unwrap();
    let_go(&mut bo);
    assert_eq!(in_log(&bo), 0, "what went with its entry is written beside the log first");
    same(&mut anna, &mut bo);
}

#[test]
fn a_change_that_waits_for_another_one_stays_when_its_record_stands_in_a_checkpoint() {
    let (desks, quote, line) = checkpointed();
    let Desks { mut anna, mut bo, .. } = desks;
    give(&anna, &mut bo);
    change(&mut anna, quote, of_line(line, "quantity"), "77 pcs");
    give(&anna, &mut bo);
    change(&mut bo, quote, FieldPath::root("subject"), "Built on what Anna wrote");
    // Bo's log comes to a third device before the end of Anna's.
    let folder = tempfile::tempdir().unwrap();
    let mut cleo = join(&mut anna, folder.path(), founding("Cleo", "C1"), Told::new(7), Roles::all());
    cleo.learn(&anna.statements(cleo.chain().length, usize::MAX).unwrap()).unwrap();
    let (end, by) = (cleo.members.now().checkpoint().unwrap().checkpoint.end.seq, anna.device());
    while cleo.vector.of(by) < end {
        let run = anna.store.run_between(by, cleo.vector.of(by), end).unwrap().unwrap();
        cleo.take(vec![run], None).unwrap();
    }
    let run = bo.store.run_after(bo.device(), cleo.vector.of(bo.device())).unwrap().unwrap();
    cleo.take(vec![run], None).unwrap();
    let_go(&mut cleo);
    drop(cleo);
    let mut cleo = Engine::open(folder.path(), Told::new(8)).unwrap();
    give(&anna, &mut cleo);
    give(&cleo, &mut anna);
    give(&cleo, &mut bo);
    assert_eq!(quote_of(&page(&mut cleo, quote)).subject, quote_of(&page(&mut bo, quote)).subject);
    same(&mut bo, &mut cleo);
}

#[test]
fn only_administrators_make_one_and_an_attempt_that_was_interrupted_does_no_harm() {
    let mut house = House::new();
    assert_eq!(house.mads.begin_checkpoint().unwrap_err().code(), "membership.not_administrator");
    let anna = &mut house.desks.anna;
    anna.begin_checkpoint().unwrap();
    for _ in 0..4 {
        anna.make_some().unwrap();
    }
    let folder = anna.folder().to_owned();
    let House { desks, .. } = house;
    let Desks { folders: _folders, anna, .. } = desks;
    drop(anna);
    let mut anna = Engine::open(&folder, Told::new(60)).unwrap();
    assert_eq!(anna.members.now().checkpoint(), None);
    checkpoint(&mut anna);
    well(&mut anna);
}
