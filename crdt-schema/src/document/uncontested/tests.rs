//! What is read of changes alone is what a document shows, for every history, or nothing.
#![allow(clippy::unwrap_used)]

use super::super::tests::{QUOTE, add, device, line, set, set_line, some_edit};
use super::super::{Document, Moment, apply, heads, read};
use super::*;
use crate::{Edit, FieldPath, Quote};
use proptest::prelude::*;

fn write(doc: &mut Document, who: u128, edits: &[Edit]) {
    let seen = heads(doc);
    apply(doc, &Quote::DEF, &seen, edits, Moment { device: device(who), millis: 7 }).unwrap();
}

fn begun() -> Document {
    let mut doc = Document::found(&Quote::DEF);
    write(&mut doc, 1, &[set("stage", "draft"), set("discount", "0"), add(1, "100 DKK")]);
    doc
}

fn all(doc: &mut Document) -> Vec<u8> {
    doc.chunks_since(&Heads::new())
}

fn alone(chunks: &[u8]) -> Option<(RecordTree, Heads)> {
    let mut changes = Uncontested::of(QUOTE);
    changes.follow(chunks)?;
    Some((changes.read(), changes.heads()))
}

fn shown(doc: &mut Document) -> (RecordTree, Heads) {
    (read(doc, QUOTE), heads(doc))
}

#[test]
fn people_who_write_one_after_the_other_need_no_document() {
    let mut doc = begun();
    let notes = |text: &str| Edit::Write { path: FieldPath::root("notes"), text: text.into() };
    write(&mut doc, 2, &[set_line(1, "unit_price", "95 DKK"), add(2, "10 DKK"), notes("Æbler til mandag")]);
    write(&mut doc, 3, &[notes("Æbler, ikke pærer, til tirsdag"), set("stage", "sent")]);
    write(&mut doc, 1, &[Edit::Set { path: FieldPath::root("discount"), value: None }, notes("")]);
    write(&mut doc, 1, &[set("discount", "3"), notes("Aftalt")]);
    assert_eq!(alone(&all(&mut doc)).unwrap(), shown(&mut doc));
}

#[test]
fn changes_are_followed_one_after_the_other_and_those_that_are_known_say_nothing() {
    let mut doc = begun();
    let mut changes = Uncontested::of(QUOTE);
    changes.follow(&all(&mut doc)).unwrap();
    let before = heads(&mut doc);
    assert_eq!(changes.heads(), before);
    write(&mut doc, 2, &[set("stage", "sent")]);
    changes.follow(&doc.chunks_since(&before)).unwrap();
    changes.follow(&all(&mut doc)).unwrap();
    assert_eq!((changes.read(), changes.heads()), shown(&mut doc));
}

#[test]
fn those_who_wrote_in_different_fields_side_by_side_need_none_either() {
    let (mut anna, mut bo) = (begun(), begun());
    write(&mut anna, 1, &[set("discount", "5")]);
    write(&mut bo, 2, &[set_line(1, "quantity", "7 pcs")]);
    anna.merge(&all(&mut bo)).unwrap();
    // Every edit of a quote says again that it is open, so that a closing meets it; that is one field for both.
    assert_eq!(alone(&all(&mut anna)), None);
    let mut imported = Document::found(&Quote::DEF);
    imported.found_item(&Quote::DEF, "lines", line(1)).unwrap();
    imported.found_item(&Quote::DEF, "lines", line(2)).unwrap();
    write(&mut imported, 1, &[set("stage", "draft"), add(1, "100 DKK"), add(2, "5 DKK")]);
    assert_eq!(alone(&all(&mut imported)).unwrap(), shown(&mut imported));
}

#[test]
fn where_two_wrote_one_field_side_by_side_the_document_is_asked() {
    let (mut anna, mut bo) = (begun(), begun());
    write(&mut anna, 1, &[set("discount", "5")]);
    write(&mut bo, 2, &[set("discount", "6")]);
    anna.merge(&all(&mut bo)).unwrap();
    assert_eq!(alone(&all(&mut anna)), None);
}

#[test]
fn changes_that_wait_for_others_and_whole_documents_are_not_read_so() {
    let mut doc = begun();
    let before = heads(&mut doc);
    write(&mut doc, 1, &[set("discount", "5")]);
    assert_eq!(alone(&doc.chunks_since(&before)), None);
    assert_eq!(alone(&doc.save()), None);
    let whole = all(&mut doc);
    assert_eq!(alone(&whole[..whole.len() - 1]), None);
}

#[test]
fn a_record_that_stands_as_changes_is_opened_also_while_one_of_them_waits_for_another() {
    let mut doc = begun();
    let begins = all(&mut doc);
    let before = heads(&mut doc);
    write(&mut doc, 1, &[set("discount", "5")]);
    let late = doc.chunks_since(&before);
    let meanwhile = heads(&mut doc);
    write(&mut doc, 1, &[set("discount", "6")]);
    let waits = doc.chunks_since(&meanwhile);
    let mut opened = Document::open(&[begins.clone(), waits.clone()].concat()).unwrap();
    assert_eq!(heads(&mut opened), before);
    assert!(opened.misses_something());
    let mut opened = Document::open(&[begins, waits, late].concat()).unwrap();
    assert_eq!(shown(&mut opened), shown(&mut doc));
}

/// Somebody writes, or hears everything from somebody.
fn some_step() -> impl Strategy<Value = (u128, Option<Edit>, usize)> {
    (1u128..4, prop::option::weighted(0.6, some_edit()), 0usize..3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn whatever_people_write_it_is_what_the_document_shows_or_nothing(steps in prop::collection::vec(some_step(), 0..14)) {
        let mut desks = [begun(), begun(), begun()];
        for (who, edit, from) in steps {
            let at = usize::try_from(who).unwrap() - 1;
            match edit {
                Some(edit) => write(&mut desks[at], who, &[edit]),
                None => {
                    let told = all(&mut desks[from]);
                    desks[at].merge(&told).unwrap();
                }
            }
        }
        let mut both = begun();
        for desk in &mut desks {
            let chunks = all(desk);
            if let Some(read) = alone(&chunks) {
                prop_assert_eq!(read, shown(desk));
            }
            both.merge(&chunks).unwrap();
        }
        if let Some(read) = alone(&all(&mut both)) {
            prop_assert_eq!(read, shown(&mut both));
        }
    }

    #[test]
    fn one_after_the_other_is_always_read(edits in prop::collection::vec((1u128..4, some_edit()), 0..14)) {
        let mut doc = begun();
        for (who, edit) in edits {
            write(&mut doc, who, &[edit]);
        }
        prop_assert_eq!(alone(&all(&mut doc)), Some(shown(&mut doc)));
    }
}
