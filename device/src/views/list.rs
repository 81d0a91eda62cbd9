//! Lists and search. One short row a record, in the order in which a person reads them.

use super::words::{Slots, Words};
use mera_schema::{Money, RecordId, RecordKind, RecordRef};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How a record stands in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub number: Box<str>,
    pub title: Box<str>,
    pub detail: Box<str>,
    pub state: Box<str>,
    pub about: Option<RecordRef>,
    pub amount: Option<Money>,
}

/// Every record's row, by kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lists(BTreeMap<RecordKind, List>);

/// The records of one kind. A record keeps its slot for as long as the program runs.
#[derive(Debug, Default)]
struct List {
    slots: HashMap<RecordId, usize>,
    rows: Vec<(RecordId, Listed)>,
    words: Words,
    /// Where the record stands that each row is about, once that has been found.
    about: Vec<Option<(RecordKind, usize)>>,
    /// Slots of rows about a record that has not been looked for, or was not there yet.
    unfound: Vec<usize>,
    /// Slots of records that are the same, the one that stands for all first.
    same: Vec<Vec<usize>>,
    /// Those for which another stands: they are in no list.
    hidden: BTreeSet<usize>,
    /// Slots in reading order, once somebody has read it; what is read from the newest number, from the oldest.
    order: Vec<usize>,
    sorted: bool,
}

/// What a list says is what counts, not how it is kept.
impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        let same = |(id, slot): (&RecordId, &usize)| {
            let theirs = other.slots.get(id);
            theirs.is_some_and(|theirs| {
                self.rows[*slot] == other.rows[*theirs] && self.words.get(*slot) == other.words.get(*theirs)
            })
        };
        self.rows.len() == other.rows.len() && self.slots.iter().all(same)
    }
}
impl Eq for List {}

impl Lists {
    pub fn len(&self) -> usize {
        self.0.values().map(|list| list.rows.len()).sum()
    }

    pub fn of_kind(&self, kind: RecordKind) -> Vec<RecordRef> {
        let ids = self.0.get(&kind).into_iter().flat_map(|list| list.slots.keys());
        let mut records: Vec<RecordRef> = ids.map(|id| RecordRef::new(kind, *id)).collect();
        records.sort_unstable();
        records
    }

    pub fn get(&self, record: RecordRef) -> Option<&Listed> {
        let list = self.0.get(&record.kind)?;
        Some(&list.rows[*list.slots.get(&record.id)?].1)
    }

    /// The rows of a kind, in no order.
    pub fn of(&self, kind: RecordKind) -> impl Iterator<Item = &Listed> {
        self.0.get(&kind).into_iter().flat_map(|list| &list.rows).map(|(_, listed)| listed)
    }

    /// Takes in the lists of other kinds.
    pub fn join(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// Gives a record its row and what it is found by. A record is never taken out: whatever is done to it, it stands
    /// in a list somewhere.
    pub fn put(&mut self, record: RecordRef, listed: Listed, words: &str) {
        let list = self.0.entry(record.kind).or_default();
        let slot = list.put(record.kind, record.id, listed);
        list.words.set(slot, words);
    }

    /// Of records that are the same one stands in the lists, and is found by the words of each.
    pub fn put_together<'a>(&mut self, classes: impl Iterator<Item = (RecordRef, &'a [RecordRef])>) {
        for list in self.0.values_mut().filter(|list| !list.same.is_empty()) {
            (list.same, list.hidden) = (Vec::new(), BTreeSet::new());
        }
        for (whole, others) in classes {
            let Some(list) = self.0.get_mut(&whole.kind) else { continue };
            let slot = |record: &RecordRef| list.slots.get(&record.id).copied();
            let others: Vec<usize> = others.iter().filter_map(slot).collect();
            if let (Some(whole), false) = (slot(&whole), others.is_empty()) {
                list.hidden.extend(&others);
                list.same.push(std::iter::once(whole).chain(others).collect());
            }
        }
    }

    /// How many hold all words of a query, and the records of one page of them.
    pub fn search(
        &mut self,
        kind: RecordKind,
        query: &mut Query,
        offset: usize,
        limit: usize,
    ) -> (usize, Vec<RecordRef>) {
        self.look_for_abouts(kind);
        let Some(list) = self.0.get_mut(&kind) else { return (0, Vec::new()) };
        list.sort(kind);
        let list = &self.0[&kind];
        let record = |slot: &usize| RecordRef::new(kind, list.rows[*slot].0);
        match query.holding(kind, &self.0) {
            None => {
                let all = list.read(kind).filter(|slot| !list.hidden.contains(slot));
                (list.rows.len() - list.hidden.len(), all.skip(offset).take(limit).map(record).collect())
            }
            Some(mut slots) => {
                list.hidden.iter().for_each(|slot| slots.remove(*slot));
                let matching = list.read(kind).filter(|slot| slots.contains(**slot));
                (slots.len(), matching.skip(offset).take(limit).map(record).collect())
            }
        }
    }

    /// Finds the records that rows are about, each only once: they keep their slots.
    fn look_for_abouts(&mut self, kind: RecordKind) {
        let Some(list) = self.0.get_mut(&kind) else { return };
        let unfound = std::mem::take(&mut list.unfound);
        let list = &self.0[&kind];
        let found = unfound.into_iter().map(|slot| {
            let about = list.rows[slot].1.about;
            (slot, about, about.and_then(|about| Some((about.kind, *self.0.get(&about.kind)?.slots.get(&about.id)?))))
        });
        let found: Vec<_> = found.collect();
        let Some(list) = self.0.get_mut(&kind) else { return };
        for (slot, about, place) in found {
            list.about[slot] = place;
            if about.is_some() && place.is_none() {
                list.unfound.push(slot);
            }
        }
    }
}

impl List {
    fn put(&mut self, kind: RecordKind, id: RecordId, listed: Listed) -> usize {
        let Some(slot) = self.slots.get(&id).copied() else {
            let slot = self.rows.len();
            self.slots.insert(id, slot);
            if listed.about.is_some() {
                self.unfound.push(slot);
            }
            self.rows.push((id, listed));
            self.about.push(None);
            self.take_place(kind, slot);
            return slot;
        };
        if self.rows[slot].1.about != listed.about {
            self.about[slot] = None;
            self.unfound.push(slot);
        }
        let moves = reading_order(kind, &self.rows[slot].1, &listed) != Ordering::Equal;
        if moves && self.sorted {
            let place = self.place(kind, slot);
            self.order.remove(place);
        }
        self.rows[slot].1 = listed;
        if moves && self.sorted {
            self.take_place(kind, slot);
        }
        slot
    }

    /// Puts a slot where it is read; at the end, while the whole is not in order anyway.
    fn take_place(&mut self, kind: RecordKind, slot: usize) {
        let place = if self.sorted { self.place(kind, slot) } else { self.order.len() };
        self.order.insert(place, slot);
    }

    /// Where a slot is read.
    fn place(&self, kind: RecordKind, slot: usize) -> usize {
        self.order.partition_point(|other| self.compare(kind, *other, slot) == Ordering::Less)
    }

    /// Many come in at once when a device starts; they are put in order when the list is first read.
    fn sort(&mut self, kind: RecordKind) {
        if !self.sorted {
            let mut order = std::mem::take(&mut self.order);
            if by_number(kind) {
                order.sort_by(|a, b| self.compare(kind, *a, *b));
            } else {
                // Folding each title once is a fraction of folding two at each comparison.
                let read = |slot: &usize| (folded(&self.rows[*slot].1.title).collect::<String>(), self.rows[*slot].0);
                order.sort_by_cached_key(read);
            }
            (self.order, self.sorted) = (order, true);
        }
    }

    fn compare(&self, kind: RecordKind, a: usize, b: usize) -> Ordering {
        let ((a, left), (b, right)) = (&self.rows[a], &self.rows[b]);
        let read = reading_order(kind, left, right).then(a.cmp(b));
        if by_number(kind) { read.reverse() } else { read }
    }

    /// The slots as they are read. What is read from the newest number is kept from the oldest, so that the next one is put at the
    /// end: at the beginning, all of the others had to move.
    fn read(&self, kind: RecordKind) -> impl Iterator<Item = &usize> {
        let last = self.order.len();
        let place = move |read: usize| if by_number(kind) { last - 1 - read } else { read };
        (0..last).map(move |read| &self.order[place(read)])
    }
}

/// What a person looks for. Lists that are searched one after the other for the same are read once for each word.
pub(crate) struct Query(Vec<Word>);

struct Word {
    word: String,
    found: BTreeMap<RecordKind, Slots>,
}

impl Query {
    /// Words in any order, all of which must occur.
    pub fn of(text: &str) -> Self {
        let word = |word: &str| Word { word: word.to_lowercase(), found: BTreeMap::new() };
        Self(text.split_whitespace().map(word).collect())
    }

    /// The records of a kind that hold all words; nothing when there are no words.
    fn holding(&mut self, kind: RecordKind, lists: &BTreeMap<RecordKind, List>) -> Option<Slots> {
        let mut holding: Option<Slots> = None;
        for word in &mut self.0 {
            let found = word.holding_or_about(kind, lists);
            holding = Some(match holding {
                None => found,
                Some(before) => before.and(&found),
            });
        }
        holding
    }
}

impl Word {
    /// A record is found by its own words, and by those of whom it is about: a quote also by its customer's name.
    fn holding_or_about(&mut self, kind: RecordKind, lists: &BTreeMap<RecordKind, List>) -> Slots {
        let Some(list) = lists.get(&kind) else { return Slots::default() };
        let mut slots = self.holding(kind, list).clone();
        for (slot, about) in list.about.iter().enumerate() {
            if let Some((kind, about)) = about
                && let Some(list) = lists.get(kind)
                && self.holding(*kind, list).contains(*about)
            {
                slots.add(slot);
            }
        }
        slots
    }

    fn holding(&mut self, kind: RecordKind, list: &List) -> &Slots {
        self.found.entry(kind).or_insert_with(|| {
            let mut slots = list.words.holding(&self.word);
            for same in
                list.same.iter().filter(|same| same.iter().any(|slot| slots.contains(*slot))).collect::<Vec<_>>()
            {
                same.iter().for_each(|slot| slots.add(*slot));
            }
            slots
        })
    }
}

/// By title; what carries a number of ours, newest number first.
fn reading_order(kind: RecordKind, left: &Listed, right: &Listed) -> Ordering {
    if by_number(kind) { right.number.cmp(&left.number) } else { folded(&left.title).cmp(folded(&right.title)) }
}

fn by_number(kind: RecordKind) -> bool {
    matches!(kind, RecordKind::Quote | RecordKind::Order)
}

fn folded(title: &str) -> impl Iterator<Item = char> {
    title.chars().flat_map(char::to_lowercase)
}
