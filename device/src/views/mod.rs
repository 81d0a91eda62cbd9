//! The views: lists and search, links, clashes, tasks, quote stock. They live in memory, are fed with facts one record
//! at a time, and are equal to what a rebuild from all facts would give; the doctor and every story check that.

mod list;
mod stock;

pub(crate) use list::Listed;
pub(crate) use stock::{Stock, StockKey};

use chrono::NaiveDate;
use mera_business::facts::Fact;
use mera_schema::{Candidate, FieldPath, Form, RecordKind, RecordRef};
use std::collections::{BTreeMap, BTreeSet};

/// A clash as it stands in the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenClash {
    pub path: FieldPath,
    pub form: Form,
    pub candidates: Vec<Candidate<String>>,
}

/// A task as it stands in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenTask {
    pub due: Option<NaiveDate>,
    pub done: bool,
    pub about: Option<RecordRef>,
}

/// All views of a device.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Views {
    lists: list::Lists,
    /// (pointed at, pointing).
    links: BTreeSet<(RecordRef, RecordRef)>,
    clashes: BTreeMap<RecordRef, Vec<OpenClash>>,
    tasks: BTreeMap<RecordRef, OpenTask>,
    stock: Stock,
}

impl Views {
    /// Puts a record's new facts in the place of its old ones.
    pub fn replace(&mut self, record: RecordRef, old: &[Fact], new: &[Fact]) {
        self.remove(record, old);
        let mut clashes = Vec::new();
        for fact in new {
            match fact {
                Fact::Search { number, title, detail, state, about, amount, words } => {
                    let listed = Listed {
                        number: number.as_str().into(),
                        title: title.as_str().into(),
                        detail: detail.as_str().into(),
                        state: state.as_str().into(),
                        about: *about,
                        amount: *amount,
                        words: words.as_str().into(),
                    };
                    self.lists.put(record, listed);
                }
                Fact::Link { to } => {
                    self.links.insert((*to, record));
                }
                Fact::Clash { path, form, candidates } => {
                    clashes.push(OpenClash { path: path.clone(), form: *form, candidates: candidates.clone() });
                }
                Fact::QuoteStock { stage, salesperson, net } => self.stock.add((*stage, *salesperson), *net),
                Fact::Task { due, done, about } => {
                    self.tasks.insert(record, OpenTask { due: *due, done: *done, about: *about });
                }
            }
        }
        if !clashes.is_empty() {
            self.clashes.insert(record, clashes);
        }
    }

    fn remove(&mut self, record: RecordRef, old: &[Fact]) {
        self.clashes.remove(&record);
        for fact in old {
            match fact {
                Fact::Search { .. } => self.lists.remove(record),
                Fact::Link { to } => {
                    self.links.remove(&(*to, record));
                }
                Fact::QuoteStock { stage, salesperson, net } => self.stock.subtract((*stage, *salesperson), *net),
                Fact::Task { .. } => {
                    self.tasks.remove(&record);
                }
                Fact::Clash { .. } => {}
            }
        }
    }

    /// How many records there are.
    pub fn records(&self) -> usize {
        self.lists.len()
    }

    /// The records of a kind, in the order of their identities.
    pub fn of_kind(&self, kind: RecordKind) -> Vec<RecordRef> {
        self.lists.of_kind(kind)
    }

    /// How a record stands in lists.
    pub fn listed(&self, record: RecordRef) -> Option<&Listed> {
        self.lists.get(record)
    }

    /// What people call a record: its title, else its number.
    pub fn title(&self, record: RecordRef) -> String {
        let listed = self.lists.get(record);
        listed
            .map(|row| if row.title.is_empty() { &row.number } else { &row.title })
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    /// How many match a search, and the rows of one page of them.
    pub fn search(&mut self, kind: RecordKind, query: &str, offset: usize, limit: usize) -> (usize, Vec<RecordRef>) {
        self.lists.search(kind, query, offset, limit)
    }

    /// The records that point at this one.
    pub fn pointing_at(&self, record: RecordRef) -> impl Iterator<Item = RecordRef> {
        let everything = RecordRef::new(RecordKind::ALL[0], mera_schema::RecordId::new(uuid::Uuid::nil()));
        self.links.range((record, everything)..).take_while(move |(to, _)| *to == record).map(|(_, from)| *from)
    }

    /// The open clashes of a record.
    pub fn clashes_of(&self, record: RecordRef) -> &[OpenClash] {
        self.clashes.get(&record).map_or(&[], Vec::as_slice)
    }

    /// Every open clash.
    pub fn clashes(&self) -> impl Iterator<Item = (RecordRef, &OpenClash)> {
        self.clashes.iter().flat_map(|(record, clashes)| clashes.iter().map(|clash| (*record, clash)))
    }

    /// Tasks, the most urgent first; those without a day last.
    pub fn tasks(&self, with_done: bool) -> Vec<(RecordRef, &OpenTask)> {
        let mut tasks: Vec<_> = self
            .tasks
            .iter()
            .filter(|(_, task)| with_done || !task.done)
            .map(|(record, task)| (*record, task))
            .collect();
        tasks.sort_by_key(|(record, task)| (task.done, task.due.is_none(), task.due, *record));
        tasks
    }

    /// Quotes by stage and salesperson.
    pub fn stock(&self) -> &Stock {
        &self.stock
    }
}

#[cfg(test)]
mod tests;
