//! Views that are fed one record at a time are what a rebuild would give.
#![allow(clippy::unwrap_used)]

use super::*;
use mera_schema::{RecordId, Stage};
use proptest::prelude::*;
use uuid::Uuid;

fn record(kind: RecordKind, n: u128) -> RecordRef {
    RecordRef::new(kind, RecordId::new(Uuid::from_u128(n)))
}

fn search(title: &str, about: Option<RecordRef>) -> Fact {
    let (number, detail, state) = (title.to_owned(), String::new(), String::new());
    Fact::Search { number, title: title.into(), detail, state, about, amount: None, words: title.to_lowercase() }
}

fn quote_facts(kind: usize, coins: i64) -> Vec<Fact> {
    let person = record(RecordKind::Employee, 5);
    let net = mera_schema::Money::new(rust_decimal::Decimal::new(coins, 2), mera_schema::Currency::DKK);
    let stage = [None, Some(Stage::Draft), Some(Stage::Sent)][kind];
    vec![
        search("Ventiler", None),
        Fact::Link { to: person },
        Fact::QuoteStock { stage, salesperson: Some(person), net },
    ]
}

#[test]
fn a_search_finds_words_in_any_order_and_a_quote_by_its_customer() {
    let mut views = Views::default();
    let (customer, quote) = (record(RecordKind::Customer, 1), record(RecordKind::Quote, 2));
    views.replace(customer, &[], vec![search("Ålborg Værft", None)]);
    views.replace(record(RecordKind::Customer, 3), &[], vec![search("aabenraa Havn", None)]);
    views.replace(quote, &[], vec![search("Pumper til dok 4", Some(customer))]);
    assert_eq!(views.search(RecordKind::Customer, &mut Query::of("VÆRFT ål"), 0, 9), (1, vec![customer]));
    assert_eq!(views.search(RecordKind::Quote, &mut Query::of("værft pumper"), 0, 9), (1, vec![quote]));
    assert_eq!(views.search(RecordKind::Customer, &mut Query::of(""), 1, 1), (2, vec![customer]));
    assert_eq!(views.search(RecordKind::Customer, &mut Query::of("intet"), 0, 9), (0, vec![]));
    assert_eq!(views.search(RecordKind::Quote, &mut Query::of("havn pumper"), 0, 9), (0, vec![]), "another's customer");
}

#[test]
fn a_quote_is_found_by_a_customer_that_came_later_and_by_one_that_took_its_place() {
    let mut views = Views::default();
    let (first, second, quote) =
        (record(RecordKind::Customer, 1), record(RecordKind::Customer, 3), record(RecordKind::Quote, 2));
    let about_first = vec![search("Pumper", Some(first))];
    views.replace(quote, &[], about_first.clone());
    assert_eq!(views.search(RecordKind::Quote, &mut Query::of("værft"), 0, 9), (0, vec![]));
    views.replace(first, &[], vec![search("Værft", None)]);
    views.replace(second, &[], vec![search("Havn", None)]);
    assert_eq!(views.search(RecordKind::Quote, &mut Query::of("værft"), 0, 9), (1, vec![quote]));
    views.replace(quote, &about_first, vec![search("Pumper", Some(second))]);
    assert_eq!(views.search(RecordKind::Quote, &mut Query::of("værft"), 0, 9), (0, vec![]));
    assert_eq!(views.search(RecordKind::Quote, &mut Query::of("havn"), 0, 9), (1, vec![quote]));
}

#[test]
fn quotes_are_read_from_the_newest_number_whether_they_came_before_or_after_somebody_looked() {
    let mut views = Views::default();
    let listed = |views: &mut Views, from, many| views.search(RecordKind::Quote, &mut Query::of(""), from, many);
    let quote = |n| record(RecordKind::Quote, n);
    for (n, number) in [(1, "T-0001"), (4, "T-0004"), (3, "T-0003"), (9, "T-0003")] {
        views.replace(quote(n), &[], vec![search(number, None)]);
    }
    assert_eq!(listed(&mut views, 0, 9), (4, vec![quote(4), quote(3), quote(9), quote(1)]));
    for (n, number) in [(5, "T-0005"), (2, "T-0002"), (7, "T-0003")] {
        views.replace(quote(n), &[], vec![search(number, None)]);
    }
    let newest_first = [5, 4, 3, 7, 9, 2, 1].map(quote);
    assert_eq!(listed(&mut views, 0, 9), (7, newest_first.to_vec()));
    assert_eq!(listed(&mut views, 2, 3), (7, newest_first[2..5].to_vec()));
    let three = views.search(RecordKind::Quote, &mut Query::of("0003"), 0, 9);
    assert_eq!(three, (3, [3, 7, 9].map(quote).to_vec()));
}

#[test]
fn a_list_stays_in_reading_order_when_a_title_changes() {
    let mut views = Views::default();
    let listed = |views: &mut Views| views.search(RecordKind::Customer, &mut Query::of(""), 0, 9).1;
    let [a, b, c] = [1, 2, 3].map(|n| record(RecordKind::Customer, n));
    for (customer, title) in [(a, "Bryghuset"), (b, "aabenraa Havn"), (c, "Ålborg Værft")] {
        views.replace(customer, &[], vec![search(title, None)]);
    }
    assert_eq!(listed(&mut views), [b, a, c]);
    views.replace(b, &[search("aabenraa Havn", None)], vec![search("Østre Havn", None)]);
    views.replace(a, &[search("Bryghuset", None)], vec![search("bryghuset", None)]);
    assert_eq!(listed(&mut views), [a, c, b]);
    let d = record(RecordKind::Customer, 4);
    views.replace(d, &[], vec![search("Cementen", None)]);
    assert_eq!(listed(&mut views), [a, d, c, b]);
}

proptest! {
    #[test]
    fn incremental_is_rebuild(steps in prop::collection::vec((0_u128..4, 0_usize..3, 1_i64..9_999), 1..40)) {
        let (mut views, mut held) = (Views::default(), BTreeMap::<RecordRef, Vec<Fact>>::new());
        for (n, stage, coins) in steps {
            let kind = if n % 2 == 0 { RecordKind::Quote } else { RecordKind::Order };
            let quote = record(kind, n);
            let new = quote_facts(stage, coins);
            views.replace(quote, held.get(&quote).map_or(&[], Vec::as_slice), new.clone());
            held.insert(quote, new);
        }
        let mut rebuilt = Views::default();
        held.iter().for_each(|(record, facts)| rebuilt.replace(*record, &[], facts.clone()));
        prop_assert_eq!(&views, &rebuilt);
        let mut taken_in = Views::default();
        taken_in.take_in(held.clone().into_iter().map(Ok::<_, ()>)).unwrap();
        prop_assert_eq!(&views, &taken_in);
        let (quotes, orders): (Vec<_>, Vec<_>) = held.into_iter().partition(|(it, _)| it.kind == RecordKind::Quote);
        let [mut joined, others] = [quotes, orders].map(|some| {
            let mut of_some = Views::default();
            of_some.take_in(some.into_iter().map(Ok::<_, ()>)).unwrap();
            of_some
        });
        joined.join(others);
        prop_assert_eq!(views, joined);
    }
}
