//! What quotes cost, and which steps follow from where.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::{change, facts};
use chrono::{DateTime, NaiveDate};
use mera_schema::{
    Authorship, Candidate, Edit, Field, FieldPath, ItemId, Node, Quote, RecordId, RecordKind, RecordRef, RecordTree,
    Stage,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

const QUOTE: RecordRef = RecordRef::new(RecordKind::Quote, RecordId::new(Uuid::from_u128(7)));

fn candidates(values: &[&str]) -> Vec<Candidate<String>> {
    let by = Authorship { device: mera_schema::DeviceId::new(Uuid::nil()), at: DateTime::UNIX_EPOCH };
    values.iter().map(|value| Candidate { value: (*value).to_owned(), by }).collect()
}

fn node(fields: &[(&str, &[&str])]) -> Node {
    let values = fields.iter().map(|(name, values)| ((*name).to_owned(), candidates(values))).collect();
    Node { values, ..Node::default() }
}

/// A line as quantity, price, discount, VAT.
fn line(quantity: &str, price: &str, discount: &str, vat: &str) -> Node {
    node(&[
        ("life", &["live"]),
        ("quantity", &[quantity]),
        ("unit_price", &[price]),
        ("discount", &[discount]),
        ("vat_rate", &[vat]),
    ])
}

fn id(n: u128) -> ItemId {
    ItemId::new(Uuid::from_u128(n))
}

fn tree(root: &[(&str, &[&str])], lines: Vec<Node>) -> RecordTree {
    let mut tree = RecordTree::empty(QUOTE, 1);
    tree.root = node(root);
    let lines: BTreeMap<ItemId, Node> = (1..).map(id).zip(lines).collect();
    tree.items.insert("lines".into(), lines);
    tree
}

fn draft(lines: Vec<Node>) -> RecordTree {
    let customer = RecordRef::new(RecordKind::Customer, RecordId::new(Uuid::from_u128(1))).to_string();
    let root: [(&str, &[&str]); 4] =
        [("stage", &["draft"]), ("currency", &["DKK"]), ("discount", &["10"]), ("customer", &[&customer])];
    tree(&root, lines)
}

fn today() -> NaiveDate {
    "2026-11-24".parse().unwrap()
}

#[test]
fn lines_are_rounded_each_and_vat_once_for_each_rate() {
    let quote = Quote::read(&draft(vec![
        line("3 pcs", "33.335 DKK", "0", "25"),
        line("2 pcs", "100 DKK", "50", "25"),
        line("1 pcs", "19.99 DKK", "0", "0"),
    ]));
    let figures = figures(&quote).unwrap();
    let lines: Vec<String> = figures.lines.values().map(ToString::to_string).collect();
    assert_eq!(lines, ["100.01 DKK", "100.00 DKK", "19.99 DKK"]);
    assert_eq!(figures.sum.to_string(), "220.00 DKK");
    assert_eq!(figures.discount.to_string(), "22.00 DKK");
    assert_eq!(figures.net.to_string(), "198.00 DKK");
    let vat: Vec<String> =
        figures.vat.iter().map(|row| format!("{} % of {}: {}", row.rate, row.base, row.vat)).collect();
    assert_eq!(vat, ["0 % of 17.99 DKK: 0.00 DKK", "25 % of 180.01 DKK: 45.00 DKK"]);
    assert_eq!(figures.total.to_string(), "243.00 DKK");
    assert!(!figures.provisional);
}

#[test]
fn a_disputed_price_goes_in_provisionally_and_a_removed_line_not_at_all() {
    let mut disputed = line("1 pcs", "90 DKK", "0", "25");
    disputed.values.insert("unit_price".into(), candidates(&["90 DKK", "95 DKK"]));
    let mut removed = line("1 pcs", "1000 DKK", "0", "25");
    removed.values.insert("life".into(), candidates(&["removed"]));
    let figures = figures(&Quote::read(&draft(vec![disputed, removed]))).unwrap();
    assert_eq!((figures.sum.to_string(), figures.provisional), ("90.00 DKK".into(), true));
}

#[test]
fn steps_follow_from_where_the_quote_is() {
    let at = |stage: &str| {
        let mut tree = draft(vec![line("1 pcs", "90 DKK", "0", "25")]);
        tree.root.values.insert("stage".into(), candidates(&[stage]));
        Quote::read(&tree)
    };
    let rows = [
        ("draft", Step::Send, "", Ok("sent")),
        ("sent", Step::Send, "", Err("quote.step_does_not_follow")),
        ("draft", Step::Win, "", Err("quote.step_does_not_follow")),
        ("sent", Step::Win, "", Ok("won")),
        ("sent", Step::Lose, "too dear", Ok("lost")),
        ("sent", Step::Lose, "  ", Err("record.missing")),
        ("sent", Step::Revise, "", Ok("draft")),
        ("won", Step::Revise, "", Err("quote.step_does_not_follow")),
        ("lost", Step::Revise, "", Ok("draft")),
    ];
    for (from, which, reason, expected) in rows {
        let outcome = step(&at(from), which, reason, today()).map_err(|refusal| refusal.code());
        let stage = outcome.map(|edits| edits.contains(&Edit::set("stage", expected.unwrap_or_default())));
        assert_eq!(stage, expected.map(|_| true), "{which:?} from {from}");
    }
}

#[test]
fn only_a_complete_undisputed_offer_is_sent() {
    let mut disputed = line("1 pcs", "90 DKK", "0", "25");
    disputed.values.insert("unit_price".into(), candidates(&["90 DKK", "95 DKK"]));
    let mut late = draft(vec![line("1 pcs", "90 DKK", "0", "25")]);
    late.root.values.insert("valid_until".into(), candidates(&["2026-11-23"]));
    let mut nobody = draft(vec![line("1 pcs", "90 DKK", "0", "25")]);
    nobody.root.values.remove("customer");
    let rows = [
        (draft(vec![]), "quote.nothing_offered"),
        (draft(vec![disputed]), "record.disputed"),
        (late, "quote.expired"),
        (nobody, "record.missing"),
    ];
    for (tree, code) in rows {
        assert_eq!(step(&Quote::read(&tree), Step::Send, "", today()).unwrap_err().code(), code);
    }
}

fn set_line(field: &str, value: &str) -> Edit {
    Edit::Set { path: FieldPath::item("lines", id(1), field), value: Some(value.into()) }
}

#[test]
fn what_may_be_changed_depends_on_the_stage_and_on_sense() {
    let open = draft(vec![line("1 pcs", "90 DKK", "0", "25")]);
    let mut sent = open.clone();
    sent.root.values.insert("stage".into(), candidates(&["sent"]));
    let mut sent_disputed = sent.clone();
    let lines = sent_disputed.items.get_mut("lines").unwrap();
    lines.get_mut(&id(1)).unwrap().values.insert("unit_price".into(), candidates(&["90 DKK", "95 DKK"]));
    let note = Edit::Write { path: FieldPath::root("notes"), text: "call him".into() };
    let add = |value: &str| Edit::Add {
        collection: "lines".into(),
        item: id(2),
        values: vec![("quantity".into(), value.into())],
    };
    let rows = [
        (&open, set_line("quantity", "5 pcs"), Ok(())),
        (&open, set_line("quantity", "-5 pcs"), Err("line.quantity_not_positive")),
        (&open, add("0 pcs"), Err("line.quantity_not_positive")),
        (&open, set_line("unit_price", "9 EUR"), Err("line.other_currency")),
        (&open, set_line("unit_price", "nine"), Err("field.does_not_fit")),
        (&open, Edit::set("no_such", "x"), Err("field.unknown")),
        (&sent, set_line("quantity", "5 pcs"), Err("quote.not_open")),
        (&sent, note, Ok(())),
        (&sent_disputed, set_line("unit_price", "95 DKK"), Ok(())),
    ];
    for (tree, edit, expected) in rows {
        let outcome = change::allowed(tree, std::slice::from_ref(&edit)).map_err(|refusal| refusal.code());
        assert_eq!(outcome, expected, "{edit:?}");
    }
}

#[test]
fn an_offered_product_fills_in_what_was_not_given() {
    let product = RecordRef::new(RecordKind::Product, RecordId::new(Uuid::from_u128(2)));
    let mut tree = RecordTree::empty(product, 2);
    tree.root = node(&[("name", &["Ball valve"]), ("list_price", &["1250 DKK"]), ("unit", &["m"])]);
    let product = mera_schema::Product::read(&tree);
    let values = offered(vec![("unit_price".into(), "1000 DKK".into())], Some(&product), None);
    let expected = [("unit_price", "1000 DKK"), ("quantity", "1 m"), ("text", "Ball valve")];
    assert_eq!(values, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    let free = offered(vec![("text".into(), "Freight".into())], None, None);
    let expected = [("text", "Freight"), ("quantity", "1 pcs"), ("vat_rate", "25")];
    assert_eq!(free, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn a_quote_tells_the_views_its_clashes_its_links_and_its_worth() {
    let mut disputed = line("2 pcs", "90 DKK", "0", "25");
    disputed.values.insert("unit_price".into(), candidates(&["90 DKK", "95 DKK"]));
    let mut tree = draft(vec![disputed]);
    tree.root.values.insert("stage".into(), candidates(&["draft", "lost"]));
    let facts = facts::facts(&tree);
    let clashes: Vec<String> = facts
        .iter()
        .filter_map(|fact| if let facts::Fact::Clash { path, .. } = fact { Some(path.field.clone()) } else { None })
        .collect();
    assert_eq!(clashes, ["stage", "unit_price"]);
    let stock = facts.iter().find_map(|fact| match fact {
        facts::Fact::QuoteStock { stage, net, .. } => Some((*stage, net.to_string())),
        _ => None,
    });
    assert_eq!(stock, Some((None::<Stage>, "162.00 DKK".into())), "a disputed stage is counted apart");
    assert_eq!(facts.iter().filter(|fact| matches!(fact, facts::Fact::Link { .. })).count(), 1);
    assert!(matches!(Quote::read(&tree).stage, Field::Clash { .. }));
}

proptest! {
    #[test]
    fn figures_add_up_to_the_last_coin(
        rows in prop::collection::vec((1i64..1000, 0i64..10_000_000, 0u8..=100, prop_oneof![Just("0"), Just("25")]), 0..8)
    ) {
        let lines = rows.iter().map(|(quantity, ore, discount, vat)| {
            let price = mera_schema::Money::new(rust_decimal::Decimal::new(*ore, 2), mera_schema::Currency::DKK);
            line(&format!("{quantity} pcs"), &price.to_string(), &discount.to_string(), vat)
        });
        let figures = figures(&Quote::read(&draft(lines.collect()))).unwrap();
        let zero = mera_schema::Money::zero(mera_schema::Currency::DKK);
        let sum = |all: Vec<mera_schema::Money>| all.into_iter().fold(zero, |a, b| a.plus(b).unwrap());
        prop_assert_eq!(sum(figures.lines.values().copied().collect()), figures.sum);
        prop_assert_eq!(figures.net.plus(figures.discount).unwrap(), figures.sum);
        prop_assert_eq!(sum(figures.vat.iter().map(|row| row.base).collect()), figures.net);
        let vat = sum(figures.vat.iter().map(|row| row.vat).collect());
        prop_assert_eq!(figures.net.plus(vat).unwrap(), figures.total);
    }
}
