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
    views.replace(customer, &[], &[search("Ålborg Værft", None)]);
    views.replace(record(RecordKind::Customer, 3), &[], &[search("aabenraa Havn", None)]);
    views.replace(quote, &[], &[search("Pumper til dok 4", Some(customer))]);
    assert_eq!(views.search(RecordKind::Customer, "VÆRFT ål", 0, 9), (1, vec![customer]));
    assert_eq!(views.search(RecordKind::Quote, "værft pumper", 0, 9), (1, vec![quote]));
    assert_eq!(views.search(RecordKind::Customer, "", 1, 1), (2, vec![customer]));
    assert_eq!(views.search(RecordKind::Customer, "intet", 0, 9), (0, vec![]));
}

proptest! {
    #[test]
    fn incremental_is_rebuild(steps in prop::collection::vec((0_u128..4, 0_usize..3, 1_i64..9_999), 1..40)) {
        let (mut views, mut held) = (Views::default(), BTreeMap::<RecordRef, Vec<Fact>>::new());
        for (n, stage, coins) in steps {
            let quote = record(RecordKind::Quote, n);
            let new = quote_facts(stage, coins);
            views.replace(quote, held.get(&quote).map_or(&[], Vec::as_slice), &new);
            held.insert(quote, new);
        }
        let mut rebuilt = Views::default();
        held.iter().for_each(|(record, facts)| rebuilt.replace(*record, &[], facts));
        prop_assert_eq!(views, rebuilt);
    }
}
