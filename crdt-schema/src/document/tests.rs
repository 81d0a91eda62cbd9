//! What two people's edits of one quote come to, and the laws of merging.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::{
    DeviceId, Edit, Field, FieldPath, Heads, ItemId, Life, Product, Quote, RecordId, RecordKind, RecordRef, Stage,
};
use proptest::prelude::*;
use uuid::Uuid;

pub(super) const QUOTE: RecordRef = RecordRef::new(RecordKind::Quote, RecordId::new(Uuid::from_u128(7)));

pub(super) fn device(n: u128) -> DeviceId {
    DeviceId::new(Uuid::from_u128(n))
}
pub(super) fn line(n: u128) -> ItemId {
    ItemId::new(Uuid::from_u128(n))
}
pub(super) fn set(field: &str, value: &str) -> Edit {
    Edit::set(field, value)
}
pub(super) fn set_line(n: u128, field: &str, value: &str) -> Edit {
    Edit::Set { path: FieldPath::item("lines", line(n), field), value: Some(value.into()) }
}
pub(super) fn add(n: u128, price: &str) -> Edit {
    let values = vec![("unit_price".into(), price.into()), ("quantity".into(), "1 pcs".into())];
    Edit::Add { collection: "lines".into(), item: line(n), values }
}

/// Anna's and Bo's copies of one quote, in step at the beginning.
struct Two {
    anna: Document,
    bo: Document,
    met: Heads,
}

impl Two {
    fn with_one_line() -> Self {
        let mut anna = Document::found(&Quote::DEF);
        let seen = heads(&mut anna);
        let edits = [set("stage", "draft"), set("discount", "0"), add(1, "100 DKK")];
        apply(&mut anna, &Quote::DEF, &seen, &edits, Moment { device: device(1), millis: 1_000 }).unwrap();
        let bo = Document::open(&anna.save()).unwrap();
        let met = heads(&mut anna);
        Self { anna, bo, met }
    }

    fn anna(&mut self, edits: &[Edit]) {
        edit(&mut self.anna, &self.met, 1, edits);
    }
    fn bo(&mut self, edits: &[Edit]) {
        edit(&mut self.bo, &self.met, 2, edits);
    }

    fn meet(&mut self) -> Quote {
        let (a, b) = (self.anna.save(), self.bo.save());
        self.anna.merge(&b).unwrap();
        self.bo.merge(&a).unwrap();
        let left = read(&mut self.anna, QUOTE);
        assert_eq!(left, read(&mut self.bo, QUOTE), "both copies show the same");
        self.met = heads(&mut self.anna);
        assert_eq!(self.met, heads(&mut self.bo));
        Quote::read(&left)
    }
}

fn edit(doc: &mut Document, seen: &Heads, who: u128, edits: &[Edit]) {
    apply(doc, &Quote::DEF, seen, edits, Moment { device: device(who), millis: 2_000 + who as i64 }).unwrap();
}

#[test]
fn different_fields_of_a_line_both_stand() {
    let mut two = Two::with_one_line();
    two.anna(&[set_line(1, "quantity", "5 pcs")]);
    two.bo(&[set_line(1, "unit_price", "90 DKK")]);
    let quote = two.meet();
    let line = &quote.lines[&line(1)];
    assert_eq!(line.quantity.agreed().unwrap().to_string(), "5 pcs");
    assert_eq!(line.unit_price.agreed().unwrap().to_string(), "90 DKK");
    assert_eq!(line.life.agreed(), Some(&Life::Live), "two edits agree that the line lives");
}

#[test]
fn one_price_changed_twice_is_a_question_and_one_answer_settles_it_everywhere() {
    let mut two = Two::with_one_line();
    two.anna(&[set_line(1, "unit_price", "95 DKK")]);
    two.bo(&[set_line(1, "unit_price", "90 DKK")]);
    let Field::Clash { clash } = two.meet().lines[&line(1)].unit_price.clone() else {
        panic!("a price is asked about")
    };
    let mut values: Vec<_> = clash.iter().map(|c| (c.value.to_string(), c.by.device)).collect();
    values.sort();
    assert_eq!(values, [("90 DKK".into(), device(2)), ("95 DKK".into(), device(1))]);
    two.bo(&[set_line(1, "unit_price", "95 DKK")]);
    assert_eq!(two.meet().lines[&line(1)].unit_price.agreed().unwrap().to_string(), "95 DKK");
}

#[test]
fn the_history_tells_who_settled_a_clash_whichever_value_was_chosen() {
    for chosen in 0..2 {
        let mut two = Two::with_one_line();
        two.anna(&[set_line(1, "unit_price", "95 DKK")]);
        two.bo(&[set_line(1, "unit_price", "90 DKK")]);
        let Field::Clash { clash } = two.meet().lines[&line(1)].unit_price.clone() else { panic!("a clash") };
        let [chosen, other] = [chosen, 1 - chosen].map(|index: usize| clash[index].value.to_string());
        let seen = two.met.clone();
        apply(
            &mut two.bo,
            &Quote::DEF,
            &seen,
            &[set_line(1, "unit_price", &chosen)],
            Moment { device: device(2), millis: 3_000 },
        )
        .unwrap();
        let last = history(&mut two.bo, QUOTE).pop().unwrap();
        assert_eq!(last.fields, [(FieldPath::item("lines", line(1), "unit_price"), Some(other), Some(chosen))]);
    }
}

#[test]
fn changes_of_one_second_stand_in_one_order_in_everybodys_history() {
    for n in 1..=8 {
        let mut two = Two::with_one_line();
        two.anna(&[set_line(1, "unit_price", &format!("{n} DKK"))]);
        two.bo(&[set_line(1, "unit_price", "90 DKK")]);
        two.bo(&[set_line(1, "quantity", "5 pcs")]);
        two.meet();
        assert_eq!(history(&mut two.anna, QUOTE), history(&mut two.bo, QUOTE), "{n}");
    }
}

#[test]
fn who_edits_on_an_older_screen_is_named_by_the_same_device() {
    let mut two = Two::with_one_line();
    two.anna(&[set_line(1, "quantity", "5 pcs")]);
    two.anna(&[set_line(1, "unit_price", "95 DKK")]);
    two.bo(&[set_line(1, "unit_price", "90 DKK")]);
    let Field::Clash { clash } = two.meet().lines[&line(1)].unit_price.clone() else { panic!("a clash") };
    let mut people: Vec<_> = clash.iter().map(|candidate| candidate.by.device).collect();
    people.sort();
    assert_eq!(people, [device(1), device(2)]);
    assert!(history(&mut two.anna, QUOTE).iter().all(|change| [device(1), device(2)].contains(&change.by.device)));
}

#[test]
fn a_change_that_is_damaged_cut_short_or_none_is_refused_and_nothing_of_it_is_taken() {
    let mut two = Two::with_one_line();
    let met = two.met.clone();
    two.bo(&[set_line(1, "quantity", "7 pcs")]);
    two.bo(&[set_line(1, "unit_price", "90 DKK")]);
    let good = two.bo.chunks_since(&met);
    for place in 0..good.len() {
        let mut wrong = good.clone();
        wrong[place] ^= 1;
        assert!(two.anna.merge(&wrong).is_err(), "byte {place}");
        assert!(two.anna.merge(&good[..place]).is_err() || place == 0 || heads(&mut two.anna) != met, "cut at {place}");
        two.anna = Document::open(&Two::with_one_line().anna.save()).unwrap();
    }
    assert!(two.anna.merge(b"no change at all").is_err());
    assert_eq!(heads(&mut two.anna), met);
    two.anna.merge(&good).unwrap();
    assert_eq!(heads(&mut two.anna), heads(&mut two.bo));
}

#[test]
fn where_changes_of_ones_own_wait_nothing_is_changed_until_what_they_were_made_on_has_come() {
    let mut two = Two::with_one_line();
    let met = two.met.clone();
    let mut bos = Document::open(&two.bo.save()).unwrap();
    two.bo(&[set_line(1, "quantity", "7 pcs")]);
    let then = heads(&mut two.bo);
    edit(&mut two.bo, &then, 2, &[set_line(1, "unit_price", "90 DKK")]);
    // As after a loss: the second one is here again before the first.
    bos.merge(&two.bo.chunks_since(&then)).unwrap();
    two.anna.merge(&two.bo.chunks_since(&then)).unwrap();
    let moment = |who| Moment { device: device(who), millis: 3_000 };
    let edits = [set_line(1, "discount", "5")];
    let refused = apply(&mut bos, &Quote::DEF, &met, &edits, moment(2)).unwrap_err();
    assert!(matches!(refused, WriteFault::Incomplete), "{refused}");
    // Others give no number twice.
    apply(&mut two.anna, &Quote::DEF, &met, &edits, moment(1)).unwrap();
    bos.merge(&two.bo.chunks_since(&met)).unwrap();
    apply(&mut bos, &Quote::DEF, &met, &edits, moment(2)).unwrap();
    let (all, before) = (two.anna.save(), two.bo.chunks_since(&met));
    let mut anna = Document::open(&all).unwrap();
    anna.merge(&before).unwrap();
    bos.merge(&all).unwrap();
    anna.merge(&bos.save()).unwrap();
    assert_eq!(read(&mut anna, QUOTE), read(&mut bos, QUOTE));
}

#[test]
fn the_same_price_given_twice_is_agreement() {
    let mut two = Two::with_one_line();
    two.anna(&[set_line(1, "unit_price", "90 DKK")]);
    two.bo(&[set_line(1, "unit_price", "90 DKK")]);
    assert!(two.meet().lines[&line(1)].unit_price.agreed().is_some());
}

#[test]
fn a_removal_against_an_edit_is_a_question_and_the_edit_is_kept() {
    let mut two = Two::with_one_line();
    two.anna(&[set_line(1, "life", "removed")]);
    two.bo(&[set_line(1, "quantity", "7 pcs")]);
    let quote = two.meet();
    let line = &quote.lines[&line(1)];
    assert!(line.life.is_clash());
    assert!(line.is_live(), "meanwhile the line counts");
    assert_eq!(line.quantity.agreed().unwrap().to_string(), "7 pcs");
}

#[test]
fn a_removal_nobody_disputes_removes() {
    let mut two = Two::with_one_line();
    two.anna(&[set_line(1, "life", "removed")]);
    two.bo(&[add(2, "10 DKK")]);
    let quote = two.meet();
    assert!(!quote.lines[&line(1)].is_live());
    assert!(quote.lines[&line(2)].is_live());
}

#[test]
fn marking_lost_against_revising_is_a_question() {
    let mut two = Two::with_one_line();
    two.anna(&[set("stage", "lost")]);
    two.bo(&[set_line(1, "unit_price", "80 DKK")]);
    let quote = two.meet();
    assert!(quote.stage.is_clash());
    two.anna(&[set("stage", "draft")]);
    assert_eq!(two.meet().stage.agreed(), Some(&Stage::Draft));
}

#[test]
fn texts_merge_letter_by_letter() {
    let mut two = Two::with_one_line();
    let notes = |text: &str| Edit::Write { path: FieldPath::root("notes"), text: text.into() };
    two.anna(&[notes("Kunden vil have ventiler.")]);
    two.meet();
    two.anna(&[notes("Kunden vil have ti ventiler.")]);
    two.bo(&[notes("Kunden vil have ventiler i maj – æøå.")]);
    assert_eq!(two.meet().notes.0, "Kunden vil have ti ventiler i maj – æøå.");
}

#[test]
fn a_change_that_arrived_while_the_form_was_open_is_concurrent() {
    let mut two = Two::with_one_line();
    let form_opened_at = two.met.clone();
    two.bo(&[set_line(1, "unit_price", "90 DKK")]);
    two.meet();
    // Anna's form still shows 100 DKK; Bo's 90 DKK has arrived underneath it.
    edit(&mut two.anna, &form_opened_at, 1, &[set_line(1, "unit_price", "95 DKK")]);
    assert!(two.meet().lines[&line(1)].unit_price.is_clash());
}

#[test]
fn an_edit_elsewhere_does_not_settle_an_open_question() {
    let mut two = Two::with_one_line();
    two.anna(&[set("stage", "lost")]);
    two.bo(&[set_line(1, "unit_price", "80 DKK")]);
    two.meet();
    two.anna(&[set("subject", "Ventiler")]);
    assert!(two.meet().stage.is_clash());
}

#[test]
fn history_tells_who_changed_what_and_any_state_can_be_seen_again() {
    let mut two = Two::with_one_line();
    two.anna(&[set_line(1, "unit_price", "95 DKK")]);
    two.meet();
    two.bo(&[set_line(1, "unit_price", "90 DKK")]);
    two.meet();
    let changes = history(&mut two.anna, QUOTE);
    let prices: Vec<_> = changes
        .iter()
        .flat_map(|change| change.fields.iter().map(move |(path, _, after)| (change.by.device, path, after)))
        .filter(|(_, path, _)| path.field == "unit_price")
        .map(|(who, _, after)| (who, after.clone().unwrap()))
        .collect();
    assert_eq!(prices, [(device(1), "100 DKK".into()), (device(1), "95 DKK".into()), (device(2), "90 DKK".into())]);
    let then = read_at(&mut two.anna, QUOTE, &changes[1].heads);
    assert_eq!(Quote::read(&then).lines[&line(1)].unit_price.agreed().unwrap().to_string(), "95 DKK");
}

/// A product saved by the program of schema version 1: `price` is a bare number of kroner.
const PRODUCT_V1: &[u8] = include_bytes!("../../fixtures/product-v1.automerge");
/// A product saved by a program of the future: version 99, with fields nobody here knows.
const PRODUCT_V99: &[u8] = include_bytes!("../../fixtures/product-v99.automerge");

#[test]
fn an_old_document_opens_and_its_first_edit_carries_it_over() {
    let product = RecordRef::new(RecordKind::Product, RecordId::new(Uuid::from_u128(9)));
    let mut doc = Document::open(PRODUCT_V1).unwrap();
    let tree = read(&mut doc, product);
    assert_eq!((tree.schema, Product::read(&tree).list_price.agreed().unwrap().to_string()), (1, "1250 DKK".into()));
    let seen = heads(&mut doc);
    let moment = Moment { device: device(1), millis: 5 };
    apply(&mut doc, &Product::DEF, &seen, &[Edit::set("list_price", "1300 DKK")], moment).unwrap();
    let tree = read(&mut doc, product);
    assert_eq!((tree.schema, Product::read(&tree).list_price.agreed().unwrap().to_string()), (2, "1300 DKK".into()));
}

#[test]
fn a_newer_document_is_read_refuses_edits_and_is_carried_along_unharmed() {
    let product = RecordRef::new(RecordKind::Product, RecordId::new(Uuid::from_u128(9)));
    let mut doc = Document::open(PRODUCT_V99).unwrap();
    let tree = read(&mut doc, product);
    assert_eq!(Product::read(&tree).name.agreed().unwrap(), "Kugleventil");
    let seen = heads(&mut doc);
    let moment = Moment { device: device(1), millis: 5 };
    let refused = apply(&mut doc, &Product::DEF, &seen, &[Edit::set("name", "X")], moment);
    assert!(matches!(refused, Err(WriteFault::NewerSchema { found: 99, known: 2 })));
    assert_eq!(doc.save(), PRODUCT_V99, "not a byte has changed");
}

pub(super) fn some_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (1u128..4, 1u32..50).prop_map(|(n, price)| add(n, &format!("{price} DKK"))),
        (0u32..50).prop_map(|p| set("discount", &p.to_string())),
        prop_oneof![Just("draft"), Just("sent"), Just("lost")].prop_map(|stage| set("stage", stage)),
        "[a-zæøå ]{0,12}".prop_map(|text| Edit::Write { path: FieldPath::root("notes"), text }),
    ]
}

/// What a device makes of the shared quote after its own edits.
fn branch(base: &[u8], who: u128, edits: &[Edit]) -> Vec<u8> {
    let mut doc = Document::open(base).unwrap();
    for one in edits {
        let seen = heads(&mut doc);
        edit(&mut doc, &seen, who, std::slice::from_ref(one));
    }
    doc.save()
}

fn merged(copies: &[&[u8]]) -> (crate::RecordTree, Heads) {
    let mut doc = Document::open(copies[0]).unwrap();
    copies[1..].iter().for_each(|copy| doc.merge(copy).unwrap());
    (read(&mut doc, QUOTE), heads(&mut doc))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn merging_is_commutative_associative_and_idempotent(
        a in prop::collection::vec(some_edit(), 0..5),
        b in prop::collection::vec(some_edit(), 0..5),
        c in prop::collection::vec(some_edit(), 0..5),
    ) {
        let base = Two::with_one_line().anna.save();
        let (a, b, c) = (branch(&base, 1, &a), branch(&base, 2, &b), branch(&base, 3, &c));
        let once = merged(&[&a, &b, &c]);
        prop_assert_eq!(&merged(&[&c, &b, &a]), &once, "the order of meeting does not matter");
        let mut bc = Document::open(&b).unwrap();
        bc.merge(&c).unwrap();
        prop_assert_eq!(&merged(&[&a, &bc.save()]), &once, "nor does who met first");
        prop_assert_eq!(&merged(&[&a, &b, &c, &b, &a]), &once, "nor does meeting again");
    }
}

/// Edits one after the other by a device, all at one time.
fn alone(base: &[u8], who: u128, edits: &[Edit]) -> Document {
    let mut doc = Document::open(base).unwrap();
    for edit in edits {
        let seen = heads(&mut doc);
        let moment = Moment { device: device(who), millis: 3_000 };
        apply(&mut doc, &Quote::DEF, &seen, std::slice::from_ref(edit), moment).unwrap();
    }
    doc
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_one_device_wrote_in_two_places_stands_under_two_names_as_if_two_had_written_it(
        here in prop::collection::vec(some_edit(), 1..5),
        there in prop::collection::vec(some_edit(), 1..5),
    ) {
        let base = Two::with_one_line().anna.save();
        let met = heads(&mut Document::open(&base).unwrap());
        let (mut first, mut second) = (alone(&base, 1, &here), alone(&base, 1, &there));
        let mut renaming = Renaming::new(device(1), device(3));
        // Change by change, as the entries of a log hold them.
        let mut renamed = Vec::new();
        let made = second.0.get_changes(&read::hashes(&met));
        for change in &made {
            renamed.extend(renaming.chunk(change.raw_bytes()).unwrap());
        }
        let mut as_if = alone(&base, 3, &there);
        prop_assert_eq!(chunk::changes(&renamed).unwrap().len(), made.len());
        first.merge(&renamed).unwrap();
        let mut expected = alone(&base, 1, &here);
        expected.merge(&as_if.save()).unwrap();
        prop_assert_eq!(heads(&mut first), heads(&mut expected), "byte by byte");
        prop_assert_eq!(read(&mut first, QUOTE), read(&mut expected, QUOTE));
        prop_assert!(Document::open(&first.save()).is_ok());
    }
}

#[test]
fn the_beginning_of_a_record_that_is_renamed_stays_as_it_is_everywhere() {
    let mut doc = Document::found(&Quote::DEF);
    let founded = heads(&mut doc);
    edit(&mut doc, &founded, 1, &[set("stage", "draft"), add(1, "100 DKK")]);
    let chunk = Renaming::new(device(1), device(3)).chunk(&doc.chunks_since(&Heads::new())).unwrap();
    let mut renamed = Document::empty();
    renamed.merge(&chunk).unwrap();
    assert!(has(&mut renamed, &founded));
    let mut by_another = Document::found(&Quote::DEF);
    edit(&mut by_another, &founded, 3, &[set("stage", "draft"), add(1, "100 DKK")]);
    assert_eq!(Quote::read(&read(&mut renamed, QUOTE)).lines.len(), 1);
}

#[test]
fn one_file_imported_on_two_devices_gives_one_line_and_edits_of_either_stand() {
    let import = |who: u128, price: &str| {
        let mut doc = Document::found(&Quote::DEF);
        doc.found_item(&Quote::DEF, "lines", line(1)).unwrap();
        doc.found_item(&Quote::DEF, "lines", line(1)).unwrap();
        let seen = heads(&mut doc);
        edit(&mut doc, &seen, who, &[set("stage", "draft"), add(1, price)]);
        doc
    };
    let (mut anna, mut bo) = (import(1, "100 DKK"), import(2, "100 DKK"));
    let met = heads(&mut bo);
    edit(&mut bo, &met, 2, &[set_line(1, "quantity", "5 pcs")]);
    anna.merge(&bo.save()).unwrap();
    let quote = Quote::read(&read(&mut anna, QUOTE));
    assert_eq!(quote.lines.len(), 1);
    assert_eq!(quote.lines[&line(1)].unit_price, Field::One("100 DKK".parse().unwrap()), "both files said the same");
    assert!(quote.lines[&line(1)].quantity.provisional().is_some());
    anna.merge(&import(3, "90 DKK").save()).unwrap();
    let quote = Quote::read(&read(&mut anna, QUOTE));
    assert!(quote.lines[&line(1)].unit_price.is_clash(), "another version of the file is asked about");
}
