//! Lists and search. One short row a record, in the order in which a person reads them.

use mera_schema::{Money, RecordId, RecordKind, RecordRef};
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

/// How a record stands in lists and what it is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub number: Box<str>,
    pub title: Box<str>,
    pub detail: Box<str>,
    pub state: Box<str>,
    pub about: Option<RecordRef>,
    pub amount: Option<Money>,
    pub words: Box<str>,
}

#[derive(Debug, Default)]
pub(super) struct Lists {
    rows: HashMap<RecordRef, Listed>,
    order: BTreeMap<RecordKind, Order>,
}

/// The records of one kind in reading order; put in order again before it is read if many came in at once.
#[derive(Debug, Default)]
struct Order {
    ids: Vec<RecordId>,
    sorted: bool,
}

/// What a list says is what counts, not how its order is kept.
impl PartialEq for Lists {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
    }
}
impl Eq for Lists {}

impl Lists {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn of_kind(&self, kind: RecordKind) -> Vec<RecordRef> {
        let ids = self.order.get(&kind).map_or(&[][..], |order| &order.ids);
        let mut records: Vec<RecordRef> = ids.iter().map(|id| RecordRef::new(kind, *id)).collect();
        records.sort_unstable();
        records
    }

    pub fn get(&self, record: RecordRef) -> Option<&Listed> {
        self.rows.get(&record)
    }

    pub fn put(&mut self, record: RecordRef, listed: Listed) {
        let known = self.rows.insert(record, listed).is_some();
        let order = self.order.entry(record.kind).or_default();
        order.sorted = false;
        if !known {
            order.ids.push(record.id);
        }
    }

    pub fn remove(&mut self, record: RecordRef) {
        // The place in the order stays: a record is only ever taken out to be put back with new facts.
        if let Some(row) = self.rows.get_mut(&record) {
            row.words = "".into();
        }
    }

    pub fn search(&mut self, kind: RecordKind, query: &str, offset: usize, limit: usize) -> (usize, Vec<RecordRef>) {
        let Some(order) = self.order.get_mut(&kind) else { return (0, Vec::new()) };
        if !order.sorted {
            // Nearly sorted already, as a rule: the sort is then a single pass.
            order.ids.sort_by(|a, b| reading_order(&self.rows, kind, *a, *b));
            order.sorted = true;
        }
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        if words.is_empty() {
            let page = order.ids.iter().skip(offset).take(limit).map(|id| RecordRef::new(kind, *id)).collect();
            return (order.ids.len(), page);
        }
        let (mut total, mut page) = (0, Vec::new());
        for id in &order.ids {
            let record = RecordRef::new(kind, *id);
            if self.rows.get(&record).is_some_and(|row| holds_all(&self.rows, row, &words)) {
                if total >= offset && page.len() < limit {
                    page.push(record);
                }
                total += 1;
            }
        }
        (total, page)
    }
}

/// A quote is also found by its customer's name.
fn holds_all(rows: &HashMap<RecordRef, Listed>, row: &Listed, words: &[String]) -> bool {
    let about = row.about.and_then(|about| rows.get(&about));
    words
        .iter()
        .all(|word| row.words.contains(word.as_str()) || about.is_some_and(|about| about.words.contains(word.as_str())))
}

/// By title; what carries a number of ours, newest number first.
fn reading_order(rows: &HashMap<RecordRef, Listed>, kind: RecordKind, a: RecordId, b: RecordId) -> Ordering {
    let row = |id| rows.get(&RecordRef::new(kind, id));
    let (Some(left), Some(right)) = (row(a), row(b)) else { return a.cmp(&b) };
    let order = match kind {
        RecordKind::Quote | RecordKind::Order => right.number.cmp(&left.number),
        _ => {
            let folded = |row: &'_ Listed| row.title.chars().flat_map(char::to_lowercase).collect::<String>();
            folded(left).cmp(&folded(right))
        }
    };
    order.then(a.cmp(&b))
}
