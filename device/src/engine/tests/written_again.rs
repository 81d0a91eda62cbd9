//! Built on what a colleague's device had told only neighbours, and then it was taken out: nobody loses what was saved.

use super::members::{House, refused, roles, tell_all};
use super::*;
use mera_device_api::{AuditAct, AuditFilter, AuditSays, HistoryRow, JudgingPage};
use mera_disk::power;
use mera_trust::Role;

/// Bo takes part where only Mads hears him; Mads builds on it and Anna hears that from Mads alone. Then Anna takes Bo out.
struct Built {
    house: House,
    quote: RecordRef,
    line: ItemId,
    /// The line that Bo has added.
    bos: ItemId,
    /// Made by Bo.
    customer: RecordRef,
}

impl Built {
    fn new() -> Self {
        let mut house = House::new();
        let person = house.mads.identity.person_id;
        house.says(&Intent::SetRoles { person, roles: Roles::all() });
        let customer = done(&mut house.desks.anna, create(RecordKind::Customer, &[("name", "Aalborg Værft")])).record;
        let customer = customer.unwrap().to_string();
        let values = [("customer", customer.as_str()), ("subject", "Ventiler")];
        let quote = done(&mut house.desks.anna, create(RecordKind::Quote, &values)).record.unwrap();
        let line = add_line(&mut house.desks.anna, quote, "Kugleventil DN50", "100 DKK");
        write(&mut house.desks.anna, quote, "Ring først.");
        house.meet();
        let bo = &mut house.desks.bo;
        change(bo, quote, of_line(line, "unit_price"), "95 DKK");
        write(bo, quote, "Ring først. Bo siger rabat.");
        let bos = add_line(bo, quote, "Pakning", "12 DKK");
        let made = done(bo, create(RecordKind::Customer, &[("name", "Bos kunde")])).record.unwrap();
        carry(&house.desks.bo, &mut house.mads);
        let mads = &mut house.mads;
        change(mads, quote, of_line(line, "unit_price"), "90 DKK");
        write(mads, quote, "Ring først. Bo siger rabat. Mads siger nej.");
        change(mads, quote, of_line(bos, "quantity"), "7 pcs");
        change(mads, made, FieldPath::root("phone"), "98 12 34 56");
        Self { house, quote, line, bos, customer: made }
    }

    /// What Bo did counts from here on only as far as Anna had it.
    fn bo_goes(&mut self) {
        let device = self.house.desks.bo.device();
        self.house.says(&Intent::Revoke { device });
    }

    fn all_see_it(&mut self) {
        let Self { house, quote, line, bos, customer } = self;
        for _ in 0..2 {
            tell_all(&house.desks.anna, &mut house.mads);
            tell_all(&house.mads, &mut house.desks.anna);
        }
        let (anna, mads) = (&house.desks.anna, &house.mads);
        assert_eq!(anna.books.digests.whole(), mads.books.digests.whole(), "both hold the same");
        assert_eq!(anna.views, mads.views, "both show the same");
        for engine in [&mut house.desks.anna, &mut house.mads] {
            well(engine);
            let shown = page(engine, *quote);
            let seen = quote_of(&shown);
            assert_eq!(seen.lines[line].unit_price.agreed().unwrap().to_string(), "90 DKK");
            assert_eq!(seen.lines[bos].quantity.agreed().unwrap().to_string(), "7 pcs");
            assert_eq!(seen.lines[bos].unit_price.agreed(), None, "what Bo said counts no more");
            assert_eq!(seen.notes.0, "Ring først. Mads siger nej.");
            assert!(shown.clashes.is_empty(), "{:?}", shown.clashes);
            assert_eq!(phone(engine, *customer), "98 12 34 56");
        }
    }
}

fn write(engine: &mut Engine, record: RecordRef, text: &str) {
    let seen = page(engine, record).heads;
    let edits = vec![Edit::Write { path: FieldPath::root("notes"), text: text.into() }];
    done(engine, Request::Change { record, seen, edits });
}

fn phone(engine: &mut Engine, record: RecordRef) -> String {
    let AnyRecord::Customer(customer) = page(engine, record).record else { panic!() };
    customer.phone.provisional().map(ToString::to_string).unwrap_or_default()
}

fn history(engine: &mut Engine, record: RecordRef) -> Vec<HistoryRow> {
    let Answer::Ok(Reply::History(rows)) = engine.answer(Request::History { record }) else { panic!() };
    rows
}

fn judging(engine: &mut Engine, request: Request) -> JudgingPage {
    let Answer::Ok(Reply::Judging(page)) = engine.answer(request) else { panic!() };
    page
}

#[test]
fn what_was_built_on_changes_that_count_no_more_is_written_again_by_whoever_wrote_it() {
    let mut built = Built::new();
    built.bo_goes();
    let before = built.house.mads.written();
    tell_all(&built.house.desks.anna, &mut built.house.mads);
    assert_eq!(built.house.mads.written(), before + 2, "an entry for each record");
    built.all_see_it();
    let mads = &mut built.house.mads;
    let (by, rows) = (mads.device(), history(mads, built.quote));
    let his = rows.iter().filter(|row| row.by.device == by).flat_map(|row| &row.fields);
    assert!(
        his.into_iter()
            .any(|(path, _, after)| *path == of_line(built.line, "unit_price") && after.as_deref() == Some("90 DKK"))
    );
    // Everybody goes on with the record, Mads under numbers that nobody has.
    let (quote, line) = (built.quote, built.line);
    change(&mut built.house.mads, quote, of_line(line, "quantity"), "3 pcs");
    tell_all(&built.house.mads, &mut built.house.desks.anna);
    change(&mut built.house.desks.anna, quote, of_line(line, "discount"), "5");
    change(&mut built.house.mads, quote, of_line(line, "text"), "Kugleventil DN65");
    built.all_see_it();
    let shown = page(&mut built.house.desks.anna, quote);
    let seen = &quote_of(&shown).lines[&line];
    assert_eq!(
        (seen.quantity.agreed().unwrap().to_string(), seen.text.agreed().unwrap().as_str()),
        ("3 pcs".into(), "Kugleventil DN65")
    );
    assert_eq!(seen.discount.agreed().unwrap().to_string(), "5");
}

#[test]
fn who_judges_takes_over_the_colleagues_work_afterwards_and_nothing_is_doubled() {
    let mut built = Built::new();
    built.bo_goes();
    tell_all(&built.house.desks.anna, &mut built.house.mads);
    built.all_see_it();
    let mads = &mut built.house.mads;
    let open = judging(mads, Request::Judging).rows;
    assert_eq!(open.len(), 4);
    for row in &open {
        judging(mads, Request::TakeOver { device: row.device, number: row.number });
    }
    tell_all(&built.house.mads, &mut built.house.desks.anna);
    for engine in [&mut built.house.desks.anna, &mut built.house.mads] {
        well(engine);
        let shown = page(engine, built.quote);
        let seen = quote_of(&shown);
        assert_eq!(seen.lines.len(), 2, "one line of each");
        let bos = &seen.lines[&built.bos];
        assert_eq!(
            (bos.text.agreed().unwrap().as_str(), bos.unit_price.agreed().unwrap().to_string()),
            ("Pakning", "12 DKK".into())
        );
        for words in ["Ring først.", "Bo siger rabat.", "Mads siger nej."] {
            assert_eq!(seen.notes.0.matches(words).count(), 1, "{}", seen.notes.0);
        }
        // What Bo had said was overwritten by somebody who saw it; now that it counts again, a person is asked.
        let asked = shown.clashes.iter().flat_map(|clash| clash.candidates.iter().map(|one| one.value.as_str()));
        assert_eq!(asked.collect::<BTreeSet<_>>(), ["1 pcs", "7 pcs", "90 DKK", "95 DKK"].into());
        let AnyRecord::Customer(customer) = page(engine, built.customer).record else { panic!() };
        assert_eq!(
            (customer.name.agreed().map(String::as_str), phone(engine, built.customer)),
            (Some("Bos kunde"), "98 12 34 56".into())
        );
    }
}

#[test]
fn each_writes_again_what_is_their_own_also_where_one_built_on_the_other() {
    let mut built = Built::new();
    // Eva hears Bo and Mads, and builds on Mads, who then builds on her.
    let place = tempfile::tempdir().unwrap();
    let mut eva = join(&mut built.house.desks.anna, place.path(), founding("Eva", "E1"), Told::new(9), Roles::all());
    tell_all(&built.house.desks.anna, &mut built.house.mads);
    tell_all(&built.house.mads, &mut eva);
    let (quote, line, bos) = (built.quote, built.line, built.bos);
    change(&mut eva, quote, of_line(line, "quantity"), "4 pcs");
    write(&mut eva, quote, "Ring først. Bo siger rabat. Mads siger nej. Eva siger ja.");
    carry(&eva, &mut built.house.mads);
    change(&mut built.house.mads, quote, of_line(bos, "text"), "Flange");
    write(&mut built.house.mads, quote, "Ring først. Bo siger rabat. Mads siger nej. Eva siger ja. Mads igen.");
    built.bo_goes();
    // Eva comes back after a year; everybody else has gone on.
    tell_all(&built.house.desks.anna, &mut built.house.mads);
    tell_all(&built.house.mads, &mut built.house.desks.anna);
    tell_all(&built.house.desks.anna, &mut eva);
    tell_all(&eva, &mut built.house.desks.anna);
    tell_all(&built.house.desks.anna, &mut built.house.mads);
    let whole = eva.books.digests.whole();
    for engine in [&mut built.house.desks.anna, &mut built.house.mads, &mut eva] {
        well(engine);
        assert_eq!(engine.books.digests.whole(), whole);
        let shown = page(engine, quote);
        let seen = quote_of(&shown);
        assert_eq!(seen.lines[&line].unit_price.agreed().unwrap().to_string(), "90 DKK");
        assert_eq!(seen.lines[&line].quantity.agreed().unwrap().to_string(), "4 pcs");
        assert_eq!(seen.lines[&bos].text.agreed().unwrap(), "Flange");
        for words in ["Ring først.", "Mads siger nej.", "Eva siger ja.", "Mads igen."] {
            assert_eq!(seen.notes.0.matches(words).count(), 1, "{}", seen.notes.0);
        }
        assert!(!seen.notes.0.contains("Bo"));
    }
}

#[test]
fn whoever_may_not_write_any_more_is_told_and_writes_it_when_they_may() {
    let mut built = Built::new();
    let person = built.house.mads.identity.person_id;
    built.bo_goes();
    // What Mads had written reaches the others before he gets another task.
    tell_all(&built.house.mads, &mut built.house.desks.anna);
    built.house.says(&Intent::SetRoles { person, roles: roles(&[Role::Warehouse]) });
    let before = built.house.mads.written();
    tell_all(&built.house.desks.anna, &mut built.house.mads);
    assert_eq!(built.house.mads.written(), before);
    assert_eq!(status(&mut built.house.mads).trouble.unwrap().code, "record.not_written_again");
    built.house.says(&Intent::SetRoles { person, roles: Roles::all() });
    tell_all(&built.house.desks.anna, &mut built.house.mads);
    built.all_see_it();
    let told = built.house.mads.set_aside().unwrap();
    assert!(told.iter().all(|(code, _)| code != "record.not_written_again"), "{told:?}");
}

/// Two are taken out in one day, and one had built on the other's work. His change counts, and he can write nothing again.
#[test]
fn what_somebody_built_who_was_taken_out_himself_waits_for_who_judges_it() {
    let mut built = Built::new();
    let (line, quote, mads) = (built.line, built.quote, built.house.mads.device());
    carry(&built.house.mads, &mut built.house.desks.anna);
    built.bo_goes();
    built.house.says(&Intent::Revoke { device: mads });
    let chain = built.house.desks.anna.statements(0, usize::MAX).unwrap();
    let bo = &mut built.house.desks.bo;
    bo.learn(&chain).unwrap();
    let Answer::Ok(Reply::HandedIn(work)) = bo.answer(Request::HandIn) else { panic!() };
    let anna = &mut built.house.desks.anna;
    assert_eq!(status(anna).trouble.unwrap().code, "record.stands_on_void");
    let seen = |anna: &mut Engine| quote_of(&page(anna, quote)).lines[&line].unit_price.agreed().unwrap().to_string();
    assert_eq!(seen(anna), "100 DKK");
    // What he meant can be read beside what he had made it on.
    assert!(matches!(anna.answer(Request::OpenHandedIn { file: work.file }), Answer::Ok(_)));
    let rows = judging(anna, Request::Judging).rows;
    let his: Vec<_> = rows.iter().filter(|row| row.device == mads && row.closed.is_none()).cloned().collect();
    assert_eq!(his.len(), 4, "each of his changes");
    for row in &his {
        judging(anna, Request::TakeOver { device: row.device, number: row.number });
    }
    assert_eq!(seen(anna), "90 DKK", "Bo's own price counts no more");
    let before = anna.written();
    let rows = judging(anna, Request::TakeOver { device: mads, number: his[0].number }).rows;
    assert!(rows.iter().filter(|row| row.device == mads).all(|row| row.closed.is_some()));
    assert_eq!(anna.written(), before, "once is enough");
    well(anna);
}

#[test]
fn a_record_that_was_erased_meanwhile_and_a_device_that_was_taken_out_write_nothing() {
    let mut built = Built::new();
    built.bo_goes();
    let (mads, anna) = (built.house.mads.device(), &mut built.house.desks.anna);
    done_erasing(anna, &mut built.house.mads, built.customer);
    let before = built.house.mads.written();
    built.house.says(&Intent::Revoke { device: mads });
    tell_all(&built.house.desks.anna, &mut built.house.mads);
    assert_eq!(built.house.mads.written(), before);
    assert_eq!(refused(&mut built.house.mads, Request::About).code, "membership.revoked");
    well(&mut built.house.desks.anna);
}

/// The one erases a record that both know by name.
fn done_erasing(anna: &mut Engine, mads: &mut Engine, record: RecordRef) {
    let before = mads.written();
    tell_all(anna, mads);
    tell_all(mads, anna);
    assert_eq!(mads.written(), before + 2);
    anna.commit_erasure(vec![record]).unwrap();
    carry(anna, mads);
    assert_eq!(mads.written(), before + 2, "nothing comes back");
    well(mads);
}

#[test]
fn a_power_cut_at_any_step_leaves_nothing_out_and_doubles_nothing() {
    let (mut cut, mut effects) = (0, 0);
    loop {
        let mut built = Built::new();
        built.bo_goes();
        let said = built.house.desks.anna.statements(0, usize::MAX).unwrap();
        power::fails_after(effects);
        let learned = built.house.mads.learn(&said);
        if !power::returns() {
            learned.unwrap();
            built.all_see_it();
            break;
        }
        cut += 1;
        built.house.mads_opens_again();
        built.all_see_it();
        let his = built.house.mads.written();
        built.house.mads_opens_again();
        assert_eq!(built.house.mads.written(), his, "once");
        effects += 1;
    }
    assert!(cut > 5, "{cut}");
}

#[test]
fn the_trail_tells_what_was_changed_where_it_was_written_first_and_where_it_was_written_again() {
    let mut built = Built::new();
    built.bo_goes();
    tell_all(&built.house.desks.anna, &mut built.house.mads);
    let mads = &mut built.house.mads;
    let filter = AuditFilter { record: Some(built.quote), ..Default::default() };
    let Answer::Ok(Reply::Audit(trail)) = mads.answer(Request::Audit { filter, from: None, limit: 50 }) else {
        panic!()
    };
    let prices = trail.rows.iter().filter(|row| match &row.act {
        AuditAct::Changed { records, .. } => records.iter().any(|record| {
            assert_eq!(record.says, AuditSays::Told, "{row:?}");
            record.fields.iter().any(|field| field.after.as_deref() == Some("90 DKK"))
        }),
        _ => false,
    });
    assert_eq!(prices.count(), 2, "once as it was made and once as it was written again");
}
