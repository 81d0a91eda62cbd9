//! Telephone calls: taken by whoever is in, met by whom they are for, handled once and settled everywhere.

use super::presence::{board, colleagues};
use super::*;
use mera_device_api::{CallRow, CallStep, CallsPage, NewCall};
use mera_schema::{CallState, Urgency};

fn calls(engine: &mut Engine, request: Request) -> CallsPage {
    match engine.answer(request) {
        Answer::Ok(Reply::Calls(page)) => page,
        other => panic!("no calls: {other:?}"),
    }
}

fn told(for_whom: RecordRef, caller: &str, phone: &str) -> NewCall {
    NewCall {
        for_whom,
        caller: caller.into(),
        party: None,
        contact: None,
        phone: phone.into(),
        subject: String::new(),
        urgency: Urgency::Normal,
        copies: Vec::new(),
        notes: String::new(),
    }
}

fn take(engine: &mut Engine, call: NewCall) -> CallRow {
    let before: Vec<RecordRef> = calls(engine, Request::Calls).rows.iter().map(|row| row.record).collect();
    let rows = calls(engine, Request::TakeCall { call: Box::new(call) }).rows;
    rows.into_iter().find(|row| !before.contains(&row.record)).unwrap()
}

fn handle(engine: &mut Engine, call: &CallRow, step: CallStep) -> CallsPage {
    calls(engine, Request::HandleCall { record: call.record, step })
}

/// Who may be calling, and the number of each.
fn callers(engine: &mut Engine, text: &str) -> Vec<(RecordRef, String)> {
    match engine.answer(Request::Callers { text: text.into() }) {
        Answer::Ok(Reply::Page(page)) => page.rows.into_iter().map(|row| (row.record, row.number)).collect(),
        other => panic!("nobody is looked for: {other:?}"),
    }
}

fn made(engine: &mut Engine, kind: RecordKind, values: &[(&str, &str)]) -> RecordRef {
    done(engine, create(kind, values)).record.unwrap()
}

#[test]
fn a_call_taken_without_a_line_meets_the_colleague_and_is_settled_for_everybody_once_handled() {
    let (mut desks, anna, bo) = colleagues();
    let taken = take(&mut desks.anna, NewCall { subject: "Tilbud".into(), ..told(bo, "Mette Holm", "98 12 34 56") });
    assert_eq!((taken.mine, taken.unseen, taken.dial.as_deref()), (false, false, Some("+4598123456")));
    assert_eq!(calls(&mut desks.bo, Request::Calls).unseen, 0, "he has not heard of it");
    desks.meet();
    let page = calls(&mut desks.bo, Request::Calls);
    let row = &page.rows[0];
    assert_eq!((page.me, page.unseen, row.state, row.by.person.as_str()), (Some(bo), 1, CallState::New, "Anna"));
    assert_eq!((row.caller.as_str(), row.subject.as_str(), row.mine), ("Mette Holm", "Tilbud", true));
    let page = handle(&mut desks.bo, &taken, CallStep::See);
    assert_eq!((page.unseen, page.rows[0].state), (0, CallState::Seen));
    desks.meet();
    assert_eq!(calls(&mut desks.anna, Request::Calls).rows[0].state, CallState::Seen, "she sees that he has seen it");
    handle(&mut desks.bo, &taken, CallStep::CallBack);
    handle(&mut desks.bo, &taken, CallStep::Close);
    desks.meet();
    for engine in [&mut desks.anna, &mut desks.bo] {
        assert_eq!(calls(engine, Request::Calls).rows, []);
        assert!(engine.views.listed(taken.record).is_some(), "it stays in the list of calls");
    }
    handle(&mut desks.anna, &taken, CallStep::Reopen);
    desks.meet();
    assert_eq!(calls(&mut desks.bo, Request::Calls).rows[0].state, CallState::Seen);
    assert_eq!(calls(&mut desks.anna, Request::Calls).me, Some(anna));
}

#[test]
fn steps_taken_apart_never_lead_back_and_a_step_that_is_taken_writes_nothing() {
    let (mut desks, _, bo) = colleagues();
    let taken = take(&mut desks.anna, told(bo, "Mette", ""));
    desks.meet();
    // She calls back and settles it, he only sees it; neither has heard of the other.
    handle(&mut desks.anna, &taken, CallStep::CallBack);
    handle(&mut desks.anna, &taken, CallStep::Close);
    handle(&mut desks.bo, &taken, CallStep::See);
    desks.meet();
    for engine in [&mut desks.anna, &mut desks.bo] {
        assert_eq!(calls(engine, Request::Calls).rows, []);
        assert_eq!(engine.views.clashes().count(), 0);
    }
    let written = desks.bo.written();
    handle(&mut desks.bo, &taken, CallStep::Close);
    handle(&mut desks.bo, &taken, CallStep::CallBack);
    handle(&mut desks.bo, &taken, CallStep::See);
    assert_eq!(desks.bo.written(), written);
}

#[test]
fn whoever_is_told_too_has_it_among_the_own_ones_until_it_is_seen_or_settled() {
    let (mut desks, anna, bo) = colleagues();
    let taken = take(&mut desks.bo, NewCall { copies: vec![anna, bo], ..told(bo, "Mette", "") });
    assert_eq!(taken.copies.iter().map(|copy| copy.record).collect::<Vec<_>>(), [anna]);
    desks.meet();
    assert_eq!(calls(&mut desks.anna, Request::Calls).unseen, 1);
    let page = handle(&mut desks.anna, &taken, CallStep::See);
    assert_eq!((page.unseen, page.rows[0].mine, page.rows[0].state), (0, true, CallState::New), "he has not seen it");
    // Passed on, it waits for the other.
    let page = handle(&mut desks.bo, &taken, CallStep::PassOn { to: anna });
    assert_eq!(page.rows[0].for_whom[0].record, anna);
    desks.meet();
    assert_eq!(calls(&mut desks.anna, Request::Calls).unseen, 1);
}

#[test]
fn two_who_passed_it_on_apart_are_asked_and_both_colleagues_have_it() {
    let (mut desks, anna, bo) = colleagues();
    let carl = made(&mut desks.anna, RecordKind::Employee, &[("name", "Carl")]);
    let taken = take(&mut desks.anna, told(carl, "Mette", ""));
    desks.meet();
    handle(&mut desks.anna, &taken, CallStep::PassOn { to: anna });
    handle(&mut desks.bo, &taken, CallStep::PassOn { to: bo });
    desks.meet();
    for engine in [&mut desks.anna, &mut desks.bo] {
        let page = calls(engine, Request::Calls);
        assert_eq!((page.unseen, page.rows[0].for_whom.len()), (1, 2));
        assert_eq!(engine.views.clashes_of(taken.record).len(), 1);
    }
}

#[test]
fn who_is_calling_is_found_by_the_number_in_any_form_or_by_name_and_says_the_rest() {
    let (mut desks, _, bo) = colleagues();
    let yard = made(&mut desks.anna, RecordKind::Customer, &[("name", "Aalborg Værft"), ("phone", "+45 98 12 00 00")]);
    let mette = made(
        &mut desks.anna,
        RecordKind::Contact,
        &[("name", "Mette Holm"), ("party", &yard.to_string()), ("phone", "98123456")],
    );
    let (of_yard, of_mette) = ("+45 98 12 00 00".to_owned(), "+45 98 12 34 56".to_owned());
    let (yard_found, mette_found) = ((yard, of_yard), (mette, of_mette));
    for typed in ["98 12 34", "98123456", "0045 9812 34", "+45 98-12-34-56"] {
        assert_eq!(callers(&mut desks.anna, typed), std::slice::from_ref(&mette_found), "{typed}");
    }
    let both = [mette_found.clone(), yard_found.clone()];
    assert_eq!(callers(&mut desks.anna, "98 12"), both, "a person says more than a company");
    assert_eq!(callers(&mut desks.anna, "værft"), [yard_found, mette_found], "a company and its people");
    assert_eq!(callers(&mut desks.anna, " "), []);
    let Answer::Ok(Reply::Page(found)) = desks.anna.answer(Request::Find { query: "+4598123456".into() }) else {
        panic!()
    };
    assert_eq!(found.rows.iter().map(|row| row.record).collect::<Vec<_>>(), [mette]);

    let taken = take(&mut desks.anna, NewCall { contact: Some(mette), ..told(bo, "", "") });
    assert_eq!((taken.caller.as_str(), taken.phone.as_str()), ("Mette Holm", "+45 98 12 34 56"));
    assert_eq!(taken.party.map(|party| party.name).as_deref(), Some("Aalborg Værft"));
    let page = page(&mut desks.anna, yard);
    assert!(page.linked.iter().any(|row| row.record == taken.record), "it stands on the customer's page");

    // A number that was written anew is found as it is written now.
    let seen = page.heads;
    let edits = vec![Edit::set("phone", "33 44 55 66")];
    done(&mut desks.anna, Request::Change { record: yard, seen, edits });
    assert!(callers(&mut desks.anna, "98 12 00").iter().all(|(record, _)| *record != yard));
    assert_eq!(callers(&mut desks.anna, "33445")[0].0, yard);
}

#[test]
fn what_cannot_be_is_refused_with_its_field_and_nothing_is_written() {
    let (mut desks, anna, bo) = colleagues();
    let customer = made(&mut desks.anna, RecordKind::Customer, &[("name", "Værft")]);
    let stranger = RecordRef::new(RecordKind::Customer, RecordId::new(uuid::Uuid::nil()));
    let taken = take(&mut desks.anna, told(bo, "Mette", ""));
    let written = desks.anna.written();
    let take = |call| Request::TakeCall { call: Box::new(call) };
    let step = |record, step| Request::HandleCall { record, step };
    let table = [
        (take(told(bo, " ", "")), "record.missing", Some("caller")),
        (take(told(customer, "Mette", "")), "presence.no_colleague", Some("for_whom")),
        (
            take(NewCall { copies: vec![anna, customer], ..told(bo, "Mette", "") }),
            "presence.no_colleague",
            Some("copies"),
        ),
        (take(NewCall { contact: Some(customer), ..told(bo, "", "") }), "call.no_caller", Some("contact")),
        (take(NewCall { party: Some(bo), ..told(bo, "", "") }), "call.no_caller", Some("party")),
        (take(NewCall { party: Some(stranger), ..told(bo, "", "") }), "record.unknown", None),
        (take(told(bo, &"a".repeat(2_001), "")), "field.too_long", Some("caller")),
        (step(customer, CallStep::Close), "call.none", Some("record")),
        (step(taken.record, CallStep::PassOn { to: customer }), "presence.no_colleague", Some("to")),
    ];
    for (request, code, field) in table {
        let Answer::Refused(refused) = desks.anna.answer(request) else { panic!("{code}") };
        assert_eq!((refused.code.as_str(), refused.field.as_deref()), (code, field));
    }
    assert_eq!(desks.anna.written(), written);
}

#[test]
fn whoever_is_erased_takes_along_the_calls() {
    let (mut desks, _, bo) = colleagues();
    let customer = made(&mut desks.anna, RecordKind::Customer, &[("name", "Værft"), ("phone", "98123456")]);
    let taken = take(&mut desks.anna, NewCall { party: Some(customer), ..told(bo, "Mette", "") });
    desks.meet();
    let Answer::Ok(Reply::Erased(erased)) = desks.anna.answer(Request::Erase { record: customer }) else { panic!() };
    assert_eq!(erased.records, [customer, taken.record]);
    desks.meet();
    for engine in [&mut desks.anna, &mut desks.bo] {
        assert_eq!((calls(engine, Request::Calls).rows, callers(engine, "98123456")), (vec![], vec![]));
    }
    assert!(board(&mut desks.bo, Request::Presence).me.is_some());
}
