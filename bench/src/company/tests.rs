//! The made-up company is one that the house would take in, and the same one every time.
#![allow(clippy::unwrap_used)]

use super::*;
use std::collections::BTreeMap;

fn all(records: usize) -> Vec<Run> {
    let mut colleague = Colleague::new(&crate::filled::chain().unwrap(), records).unwrap();
    std::iter::from_fn(|| colleague.next_run().unwrap()).collect()
}

#[test]
fn it_is_the_same_every_time_and_its_log_verifies() {
    let runs = all(900);
    assert_eq!(runs, all(900));
    let mut kinds: BTreeMap<RecordKind, usize> = BTreeMap::new();
    let mut entries = 0;
    for run in runs {
        let verified = run.verify(crate::filled::chain().unwrap()[0].statement.workspace()).unwrap();
        for one in &verified.entries {
            entries += 1;
            *kinds.entry(one.entry.subjects[0].record().unwrap().kind).or_default() += 1;
        }
    }
    assert_eq!(entries, 900 + 900 / CHANGED_AGAIN);
    assert_eq!(kinds.len(), 6, "{kinds:?}");
}

#[test]
fn every_value_fits_its_field() {
    let (mut chance, mut known) = (Chance::of(1), record::Known::default());
    for number in 0..300 {
        let record = RecordRef::new(record::kind(number), RecordId::new(chance.identity(1)));
        let def = RecordDef::of(record.kind);
        for edit in record::edits(record, number, BEGAN, &mut chance, &mut known) {
            edit.check(def).unwrap();
        }
        record::amendment(record.kind, &mut chance).check(def).unwrap();
    }
}
