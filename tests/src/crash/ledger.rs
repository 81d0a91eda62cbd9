//! What clients were told, and what is there afterwards. Every value is written once and by one client, so that each
//! can be looked for by name: lost, doubled, or there although it was refused.

use mera_schema::RecordRef;
use std::collections::{BTreeMap, HashMap};

/// How a device answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// It said that the change is saved.
    Done,
    /// It was killed before it answered, or said that it is saved and not shown yet: both outcomes are right.
    InDoubt,
    /// It refused, so that nothing was changed.
    Refused,
}

/// One change that a client asked for.
#[derive(Debug, Clone)]
pub struct Written {
    /// The record and field; nothing where the answer with the new record's identity did not come.
    pub place: Option<(RecordRef, &'static str)>,
    /// What was written; no two changes write the same.
    pub value: String,
    /// How it was answered.
    pub answered: Answered,
}

/// Every change that was asked for, in the order in which they were.
#[derive(Debug, Default)]
pub struct Ledger(Vec<Written>);

/// What a device holds in the end.
#[derive(Debug, Default)]
pub struct Held {
    /// How often a value was written, by the histories of all records.
    pub times: HashMap<String, u32>,
    /// What stands in a field; several values where it is disputed.
    pub standing: HashMap<(RecordRef, &'static str), Vec<String>>,
}

/// What is wrong, by value.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Acknowledged, and not there.
    pub lost: Vec<String>,
    /// There more than once.
    pub doubled: Vec<String>,
    /// Refused, and there.
    pub risen: Vec<String>,
    /// A field holds something older than what was acknowledged last, or several answers though one client wrote it.
    pub set_back: Vec<String>,
    /// Changes in doubt that turned out to be saved; none of them is wrong.
    pub landed: usize,
}

impl Verdict {
    /// How many things are wrong.
    pub fn wrong(&self) -> usize {
        [&self.lost, &self.doubled, &self.risen, &self.set_back].iter().map(|all| all.len()).sum()
    }
}

impl Ledger {
    /// Notes a change with its answer.
    pub fn note(&mut self, written: Written) {
        self.0.push(written);
    }

    /// How many changes were answered so.
    pub fn count(&self, answered: Answered) -> usize {
        self.0.iter().filter(|written| written.answered == answered).count()
    }

    /// What may stand in a field: the last acknowledged value, or one of those in doubt after it. Empty before the first
    /// acknowledged one.
    pub fn permitted(&self, place: (RecordRef, &'static str)) -> Vec<&str> {
        permitted(self.0.iter().filter(|written| written.place == Some(place)))
    }

    /// Compares with what a device holds.
    pub fn compare(&self, held: &Held) -> Verdict {
        let mut verdict = Verdict::default();
        let mut fields: BTreeMap<(RecordRef, &str), Vec<&Written>> = BTreeMap::new();
        for written in &self.0 {
            let times = held.times.get(&written.value).copied().unwrap_or(0);
            match (written.answered, times) {
                (Answered::Done, 0) => verdict.lost.push(written.value.clone()),
                (Answered::Refused, 1..) => verdict.risen.push(written.value.clone()),
                (_, 2..) => verdict.doubled.push(written.value.clone()),
                (Answered::InDoubt, 1) => verdict.landed += 1,
                _ => {}
            }
            if let Some(place) = written.place {
                fields.entry(place).or_default().push(written);
            }
        }
        for ((record, field), writes) in fields {
            let allowed = permitted(writes.into_iter());
            let standing = held.standing.iter().find(|(place, _)| **place == (record, field)).map(|(_, values)| values);
            let right = |values: &Vec<String>| matches!(&values[..], [one] if allowed.contains(&one.as_str()));
            if !allowed.is_empty() && !standing.is_some_and(right) {
                verdict.set_back.push(format!("{record} {field}: {standing:?} and not one of {allowed:?}"));
            }
        }
        verdict
    }
}

fn permitted<'a>(writes: impl Iterator<Item = &'a Written>) -> Vec<&'a str> {
    let mut allowed: Vec<&str> = Vec::new();
    for written in writes {
        match written.answered {
            Answered::Done => allowed = vec![&written.value],
            Answered::InDoubt if !allowed.is_empty() => allowed.push(&written.value),
            Answered::InDoubt | Answered::Refused => {}
        }
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;
    use mera_schema::{RecordId, RecordKind};

    fn place() -> (RecordRef, &'static str) {
        let kind = RecordKind::Customer;
        (RecordRef::new(kind, RecordId::derived(kind, "crash", "1")), "vat_number")
    }

    fn ledger(changes: &[(&str, Answered)]) -> Ledger {
        let place = Some(place());
        let written = |(value, answered): &(&str, _)| Written { place, value: (*value).into(), answered: *answered };
        Ledger(changes.iter().map(written).collect())
    }

    fn held(written: &[&str], standing: &[&str]) -> Held {
        let mut held = Held::default();
        written.iter().for_each(|value| *held.times.entry((*value).into()).or_default() += 1);
        held.standing.insert(place(), standing.iter().map(|value| (*value).into()).collect());
        held
    }

    #[test]
    fn lost_doubled_risen_and_set_back_changes_are_told_apart() {
        use Answered::{Done, InDoubt, Refused};
        let story = ledger(&[("a", Done), ("b", InDoubt), ("c", Done), ("d", Refused), ("e", InDoubt)]);
        let table = [
            (held(&["a", "c"], &["c"]), [0, 0, 0, 0]),
            (held(&["a", "b", "c", "e"], &["e"]), [0, 0, 0, 0]),
            (held(&["a", "c", "e"], &["c"]), [0, 0, 0, 0]),
            (held(&["c"], &["c"]), [1, 0, 0, 0]),
            (held(&["a", "c", "c"], &["c"]), [0, 1, 0, 0]),
            (held(&["a", "b", "b", "c"], &["c"]), [0, 1, 0, 0]),
            (held(&["a", "c", "d"], &["c"]), [0, 0, 1, 0]),
            (held(&["a", "c"], &["a"]), [0, 0, 0, 1]),
            (held(&["a", "b", "c"], &["b"]), [0, 0, 0, 1]),
            (held(&["a", "c"], &["a", "c"]), [0, 0, 0, 1]),
            (held(&["a", "c"], &[]), [0, 0, 0, 1]),
        ];
        for (held, wrong) in table {
            let verdict = story.compare(&held);
            let found = [&verdict.lost, &verdict.doubled, &verdict.risen, &verdict.set_back].map(Vec::len);
            assert_eq!(found, wrong, "{held:?}: {verdict:?}");
        }
        assert_eq!(story.permitted(place()), ["c", "e"]);
    }
}
