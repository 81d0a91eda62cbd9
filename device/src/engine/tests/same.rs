//! A customer who was made twice, by two who did not see each other's, becomes one; no link is lost.

use super::*;

fn made(engine: &mut Engine, kind: RecordKind, values: &[(&str, &str)]) -> RecordRef {
    done(engine, create(kind, values)).record.unwrap()
}

fn rows(engine: &mut Engine, request: Request) -> Vec<RecordRef> {
    match engine.answer(request) {
        Answer::Ok(Reply::Page(page)) => {
            assert_eq!(page.total, page.rows.len());
            page.rows.into_iter().map(|row| row.record).collect()
        }
        other => panic!("no rows: {other:?}"),
    }
}

fn customers(engine: &mut Engine, query: &str) -> Vec<RecordRef> {
    rows(engine, Request::List { kind: RecordKind::Customer, query: query.into(), offset: 0, limit: 500 })
}

fn duplicates(engine: &mut Engine, record: RecordRef) -> Vec<RecordRef> {
    rows(engine, Request::Duplicates { record })
}

fn merge(record: RecordRef, into: RecordRef) -> Request {
    Request::Merge { record, into }
}

/// Two who do not see each other make the same customer, and each quotes it.
struct Twice {
    desks: Desks,
    of_anna: RecordRef,
    of_bo: RecordRef,
    quotes: [RecordRef; 2],
}

fn twice() -> Twice {
    let mut desks = Desks::new();
    let of_anna = made(&mut desks.anna, RecordKind::Customer, &[("name", "Aalborg Værft A/S"), ("discount", "5")]);
    let of_bo = made(&mut desks.bo, RecordKind::Customer, &[("name", "Ålborg Skibsværft"), ("phone", "98 12 34 56")]);
    let quote = |engine: &mut Engine, customer: RecordRef, subject: &str| {
        made(engine, RecordKind::Quote, &[("customer", &customer.to_string()), ("subject", subject)])
    };
    let quotes = [quote(&mut desks.anna, of_anna, "Pumper"), quote(&mut desks.bo, of_bo, "Ventiler")];
    desks.meet();
    Twice { desks, of_anna, of_bo, quotes }
}

#[test]
fn of_two_one_stands_with_everything_that_pointed_at_either_and_is_found_by_both_names() {
    let Twice { mut desks, of_anna, of_bo, quotes } = twice();
    assert_eq!(customers(&mut desks.anna, "").len(), 2);
    assert_eq!(done(&mut desks.anna, merge(of_bo, of_anna)).record, Some(of_anna));
    // He has not heard of it, and quotes the one that is no more.
    let later = made(&mut desks.bo, RecordKind::Quote, &[("customer", &of_bo.to_string()), ("subject", "Pakninger")]);
    desks.meet();
    for engine in [&mut desks.anna, &mut desks.bo] {
        for query in ["", "værft", "skibsværft", "98 12 34 56"] {
            assert_eq!(customers(engine, query), [of_anna], "{query}");
        }
        let shown = page(engine, of_anna);
        let linked: std::collections::BTreeSet<_> = shown.linked.iter().map(|row| row.record).collect();
        assert_eq!(linked, [quotes[0], quotes[1], later].into());
        assert_eq!(shown.same.iter().map(|row| row.record).collect::<Vec<_>>(), [of_bo]);
        let AnyRecord::Customer(customer) = &shown.record else { panic!() };
        assert_eq!((customer.phone.agreed().map(String::as_str), shown.clashes.len()), (Some("98 12 34 56"), 0));
        let other = page(engine, of_bo);
        assert_eq!(other.whole.map(|whole| whole.record), Some(of_anna));
        // Each quote is told, and found, as one of the one that stands.
        let quotes = Request::List { kind: RecordKind::Quote, query: "aalborg".into(), offset: 0, limit: 9 };
        let Answer::Ok(Reply::Page(found)) = engine.answer(quotes) else { panic!() };
        assert!(found.rows.len() == 3 && found.rows.iter().all(|row| row.detail == "Aalborg Værft A/S"), "{found:?}");
        let callers = rows(engine, Request::Callers { text: "98 12 34".into() });
        assert_eq!(callers, [of_anna]);
    }
    let line = NewItem { collection: "lines".into(), values: vec![("text".into(), "Pumpe".into())] };
    let seen = page(&mut desks.bo, later).heads;
    done(&mut desks.bo, Request::AddItem { record: later, seen, item: line });
}

#[test]
fn two_who_said_it_the_other_way_round_or_in_a_row_show_one_and_taken_apart_there_are_two_again() {
    let Twice { mut desks, of_anna, of_bo, .. } = twice();
    done(&mut desks.anna, merge(of_bo, of_anna));
    done(&mut desks.bo, merge(of_anna, of_bo));
    desks.meet();
    let left = customers(&mut desks.anna, "");
    assert_eq!((left.len(), customers(&mut desks.bo, "")), (1, left.clone()));
    let third = made(&mut desks.bo, RecordKind::Customer, &[("name", "Aalborg Havn")]);
    done(&mut desks.bo, merge(third, of_bo));
    desks.meet();
    assert_eq!(customers(&mut desks.anna, ""), left);
    assert_eq!(page(&mut desks.anna, left[0]).same.len(), 2);
    for record in [of_anna, of_bo, third] {
        done(&mut desks.anna, Request::TakeApart { record });
    }
    desks.meet();
    assert_eq!(customers(&mut desks.bo, "").len(), 3);
    assert_eq!(desks.anna.views.clashes().count(), 0);
}

#[test]
fn it_is_suggested_by_the_number_or_the_name_whatever_the_form_of_the_company() {
    let mut desks = Desks::new();
    let anna = &mut desks.anna;
    let customer = |engine: &mut Engine, name: &str, phone: &str| {
        made(engine, RecordKind::Customer, &[("name", name), ("phone", phone)])
    };
    let first = customer(anna, "Nordhavn ApS", "+45 33 44 55 66");
    let by_name = customer(anna, "NORDHAVN A/S", "");
    let by_number = customer(anna, "Havnens Smedje", "33445566");
    customer(anna, "Nordhavn Marine ApS", "33 44 55 67");
    made(anna, RecordKind::Supplier, &[("name", "Nordhavn ApS"), ("phone", "33445566")]);
    let mut found = duplicates(anna, first);
    found.sort();
    assert_eq!(found, [by_name, by_number]);
    done(anna, merge(by_name, first));
    assert_eq!(duplicates(anna, first), [by_number]);
    assert_eq!(duplicates(anna, by_name), []);
}

#[test]
fn whoever_is_erased_is_erased_in_each() {
    let mut desks = Desks::new();
    let yard = made(&mut desks.anna, RecordKind::Customer, &[("name", "Værft")]);
    let mut at_yard =
        |name: &str| made(&mut desks.anna, RecordKind::Contact, &[("name", name), ("party", &yard.to_string())]);
    let (one, other) = (at_yard("Mette Holm"), at_yard("Mette H."));
    done(&mut desks.anna, merge(one, other));
    let quote = made(&mut desks.anna, RecordKind::Quote, &[("contact", &one.to_string()), ("subject", "Pumper")]);
    desks.meet();
    assert_eq!(page(&mut desks.bo, yard).linked.iter().map(|row| row.record).collect::<Vec<_>>(), [other], "once");
    let Answer::Ok(Reply::BeforeErasing(before)) = desks.bo.answer(Request::BeforeErasing { record: other }) else {
        panic!()
    };
    assert_eq!(before.with_it.iter().map(|row| row.record).collect::<Vec<_>>(), [one]);
    let Answer::Ok(Reply::Erased(erased)) = desks.bo.answer(Request::Erase { record: other }) else { panic!() };
    assert_eq!(erased.records, [other, one]);
    desks.meet();
    for engine in [&mut desks.anna, &mut desks.bo] {
        assert_eq!(rows(engine, Request::Find { query: "mette".into() }), []);
        assert!(engine.views.listed(quote).is_some());
    }
}

#[test]
fn what_cannot_be_one_is_refused_and_nothing_is_written() {
    let Twice { mut desks, of_anna, of_bo, quotes } = twice();
    for (record, number) in [(of_anna, "DK12345678"), (of_bo, "DK87654321")] {
        let seen = page(&mut desks.anna, record).heads;
        done(&mut desks.anna, Request::Change { record, seen, edits: vec![Edit::set("vat_number", number)] });
    }
    let stranger = RecordRef::new(RecordKind::Customer, RecordId::new(uuid::Uuid::nil()));
    let written = desks.anna.written();
    let table = [
        (merge(of_bo, of_anna), "same.other_registration", Some("vat_number")),
        (merge(of_bo, of_bo), "same.not", None),
        (merge(quotes[0], quotes[1]), "same.not", None),
        (merge(of_bo, stranger), "record.unknown", None),
        (Request::TakeApart { record: quotes[0] }, "same.not", None),
    ];
    for (request, code, field) in table {
        let Answer::Refused(refused) = desks.anna.answer(request) else { panic!("{code}") };
        assert_eq!((refused.code.as_str(), refused.field.as_deref()), (code, field));
    }
    assert_eq!(desks.anna.written(), written);
}
