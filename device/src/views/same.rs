//! Records that people found to be the same: a customer who was made twice, by two who did not see each other's. Nothing that
//! points at one of them is rewritten; it is read as if it pointed at the one that stands for all.

use mera_schema::RecordRef;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What was said to be the same, and what follows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Same {
    /// A record, and which one it is.
    said: BTreeSet<(RecordRef, RecordRef)>,
    /// Every record of which something was said, and which one stands for it.
    stands: BTreeMap<RecordRef, RecordRef>,
    /// The others of each that stands for some.
    others: BTreeMap<RecordRef, Vec<RecordRef>>,
}

impl Same {
    pub fn put(&mut self, record: RecordRef, is: RecordRef) {
        self.said.insert((record, is));
    }

    pub fn remove(&mut self, record: RecordRef, is: RecordRef) {
        self.said.remove(&(record, is));
    }

    pub fn join(&mut self, mut others: Self) {
        self.said.append(&mut others.said);
    }

    /// Whether something was said of a record.
    pub fn mentions(&self, record: RecordRef) -> bool {
        self.stands.contains_key(&record)
    }

    /// The one that stands for a record: itself, unless it was said to be another.
    pub fn whole(&self, record: RecordRef) -> RecordRef {
        self.stands.get(&record).copied().unwrap_or(record)
    }

    /// Those for which a record stands, besides itself.
    pub fn others(&self, record: RecordRef) -> &[RecordRef] {
        self.others.get(&record).map_or(&[], Vec::as_slice)
    }

    /// Every record that stands for others, with those.
    pub fn classes(&self) -> impl Iterator<Item = (RecordRef, &[RecordRef])> {
        self.others.iter().map(|(whole, others)| (*whole, others.as_slice()))
    }

    /// Finds out anew which record stands for which, after something was said, or a record came. Of records that are all the same
    /// that one stands for all which is here and was not said to be another; where there are several, or none because two people said
    /// it the other way round, it is the oldest. So every device says the same, in whatever order it heard of it.
    pub fn settle(&mut self, here: impl Fn(RecordRef) -> bool) {
        let mut beside: BTreeMap<RecordRef, Vec<RecordRef>> = BTreeMap::new();
        for (record, is) in self.said.iter().filter(|(record, is)| record != is && record.kind == is.kind) {
            beside.entry(*record).or_default().push(*is);
            beside.entry(*is).or_default().push(*record);
        }
        (self.stands, self.others) = (BTreeMap::new(), BTreeMap::new());
        for first in beside.keys() {
            if self.stands.contains_key(first) {
                continue;
            }
            let (mut class, mut next) = (BTreeSet::from([*first]), vec![*first]);
            while let Some(record) = next.pop() {
                next.extend(beside[&record].iter().filter(|other| class.insert(**other)));
            }
            let is_another = |record: RecordRef| self.said.iter().any(|(one, is)| *one == record && is != one);
            let best = class.iter().max_by_key(|record| (here(**record), !is_another(**record), Reverse(**record)));
            let whole = best.copied().unwrap_or(*first);
            self.stands.extend(class.iter().map(|record| (*record, whole)));
            self.others.insert(whole, class.into_iter().filter(|record| *record != whole).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mera_schema::{RecordId, RecordKind};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn customer(n: u128) -> RecordRef {
        RecordRef::new(RecordKind::Customer, RecordId::new(Uuid::from_u128(n)))
    }

    fn told(said: &[(u128, u128)]) -> Same {
        let mut same = Same::default();
        said.iter().for_each(|(record, is)| same.put(customer(*record), customer(*is)));
        same.settle(|_| true);
        same
    }

    #[test]
    fn one_stands_for_all_also_when_it_was_said_in_a_row_or_the_other_way_round() {
        let table = [
            (vec![], 2, 2),
            (vec![(2, 1)], 2, 1),
            (vec![(1, 2)], 1, 2),
            (vec![(1, 2), (2, 3)], 1, 3),
            (vec![(2, 1), (1, 2)], 2, 1),
            (vec![(3, 1), (3, 2)], 2, 1),
            (vec![(2, 2)], 2, 2),
        ];
        for (said, record, whole) in table {
            assert_eq!(told(&said).whole(customer(record)), customer(whole), "{said:?}");
        }
        assert_eq!(told(&[(1, 2), (2, 3)]).others(customer(3)), [customer(1), customer(2)]);
    }

    #[test]
    fn one_that_is_not_here_yet_stands_for_nobody() {
        let mut same = told(&[(2, 1)]);
        same.settle(|record| record == customer(2));
        assert_eq!(same.whole(customer(1)), customer(2));
    }

    proptest! {
        #[test]
        fn every_record_of_a_class_is_stood_for_by_the_same_one(said in proptest::collection::vec((0_u128..8, 0_u128..8), 0..12)) {
            let same = told(&said);
            for (record, is) in &said {
                prop_assert_eq!(same.whole(customer(*record)), same.whole(customer(*is)));
            }
            for record in 0..8 {
                let whole = same.whole(customer(record));
                prop_assert_eq!(same.whole(whole), whole);
                prop_assert!(whole == customer(record) || same.others(whole).contains(&customer(record)));
            }
        }
    }
}
