//! The views: lists and search, links, clashes, tasks, quote stock. They live in memory, are fed with facts one record
//! at a time, and are equal to what a rebuild from all facts would give; the doctor and every story check that.

mod calendar;
mod list;
mod same;
mod stock;
mod words;

pub(crate) use calendar::{Calendar, Time};
pub(crate) use list::{Listed, Query};
pub(crate) use stock::{Stock, StockKey};

use chrono::NaiveDate;
use mera_business::call::CallFact;
use mera_business::facts::Fact;
use mera_business::phone::E164;
use mera_business::report::ReportFact;
use mera_schema::{CallState, Candidate, DeviceId, FieldPath, Form, RecordKind, RecordRef, Standing};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

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

/// Where a colleague was said to be, and on which device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub standing: Standing,
    pub by: DeviceId,
}

/// All views of a device.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Views {
    lists: list::Lists,
    /// (pointed at, pointing).
    links: BTreeSet<(RecordRef, RecordRef)>,
    clashes: BTreeMap<RecordRef, Vec<OpenClash>>,
    tasks: BTreeMap<RecordRef, OpenTask>,
    /// By the record that says it.
    presence: BTreeMap<RecordRef, Said>,
    /// Those that are not settled; the others are in the lists.
    calls: BTreeMap<RecordRef, CallFact>,
    calendar: Calendar,
    reports: BTreeMap<RecordRef, ReportFact>,
    /// Who is reached by which number.
    numbers: BTreeSet<(E164, RecordRef)>,
    same: same::Same,
    stock: Stock,
}

impl Views {
    /// Puts a record's new facts in the place of its old ones.
    pub fn replace(&mut self, record: RecordRef, old: &[Fact], new: Vec<Fact>) {
        let says_which = |facts: &[Fact]| facts.iter().any(|fact| matches!(fact, Fact::Same { .. }));
        let unsettled = says_which(old) || says_which(&new) || self.same.mentions(record);
        self.remove(record, old);
        let mut links = Vec::new();
        self.put(record, new, &mut links);
        self.links.extend(links);
        if unsettled {
            self.settle_same();
        }
    }

    /// After something was said of which records are the same, or one of them came.
    fn settle_same(&mut self) {
        let lists = &self.lists;
        self.same.settle(|record| lists.get(record).is_some());
        self.lists.put_together(self.same.classes());
    }

    /// Takes in records that it does not hold yet, as when a device starts. Links are put in order once for all of
    /// them, which takes a fraction of the time.
    pub fn take_in<E>(&mut self, records: impl Iterator<Item = Result<(RecordRef, Vec<Fact>), E>>) -> Result<(), E> {
        let mut links = Vec::new();
        for row in records {
            let (record, facts) = row?;
            self.put(record, facts, &mut links);
        }
        self.links.append(&mut links.into_iter().collect());
        self.settle_same();
        Ok(())
    }

    /// Takes in the views of records of other kinds.
    pub fn join(&mut self, mut others: Self) {
        self.lists.join(others.lists);
        self.links.append(&mut others.links);
        self.clashes.append(&mut others.clashes);
        self.tasks.append(&mut others.tasks);
        self.presence.append(&mut others.presence);
        self.calls.append(&mut others.calls);
        self.calendar.join(others.calendar);
        self.reports.append(&mut others.reports);
        self.numbers.append(&mut others.numbers);
        self.same.join(others.same);
        self.stock.join(others.stock);
        self.settle_same();
    }

    fn put(&mut self, record: RecordRef, new: Vec<Fact>, links: &mut Vec<(RecordRef, RecordRef)>) {
        let mut clashes = Vec::new();
        for fact in new {
            match fact {
                Fact::Search { number, title, detail, state, about, amount, words } => {
                    let (number, title) = (number.into_boxed_str(), title.into_boxed_str());
                    let (detail, state) = (detail.into_boxed_str(), state.into_boxed_str());
                    self.lists.put(record, Listed { number, title, detail, state, about, amount }, &words);
                }
                Fact::Link { to } => links.push((to, record)),
                Fact::Clash { path, form, candidates } => clashes.push(OpenClash { path, form, candidates }),
                Fact::QuoteStock { stage, salesperson, net } => self.stock.add((stage, salesperson), net),
                Fact::Task { due, done, about } => {
                    self.tasks.insert(record, OpenTask { due, done, about });
                }
                Fact::Presence { standing, by } => {
                    self.presence.insert(record, Said { standing, by });
                }
                Fact::Phone { number } => {
                    self.numbers.insert((number, record));
                }
                Fact::Same { is } => self.same.put(record, is),
                Fact::Appointment(one) => self.calendar.put(record, *one),
                Fact::Report(one) => {
                    self.reports.insert(record, *one);
                }
                Fact::Call(call) => {
                    // What is settled is in the list of calls, and in nobody's way.
                    if call.state != CallState::Closed {
                        self.calls.insert(record, *call);
                    }
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
                Fact::Link { to } => {
                    self.links.remove(&(*to, record));
                }
                Fact::QuoteStock { stage, salesperson, net } => self.stock.subtract((*stage, *salesperson), *net),
                Fact::Task { .. } => {
                    self.tasks.remove(&record);
                }
                Fact::Presence { .. } => {
                    self.presence.remove(&record);
                }
                Fact::Phone { number } => {
                    self.numbers.remove(&(*number, record));
                }
                Fact::Same { is } => self.same.remove(record, *is),
                Fact::Appointment(_) => self.calendar.remove(record),
                Fact::Report(_) => {
                    self.reports.remove(&record);
                }
                Fact::Call(_) => {
                    self.calls.remove(&record);
                }
                // A record keeps its row until it gets a new one.
                Fact::Search { .. } | Fact::Clash { .. } => {}
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

    /// How the records of a kind stand in lists, in no order.
    pub fn listed_of(&self, kind: RecordKind) -> impl Iterator<Item = &Listed> {
        self.lists.of(kind)
    }

    /// The record that stands for one which is in the records twice; mostly itself.
    pub fn whole(&self, record: RecordRef) -> RecordRef {
        self.same.whole(record)
    }

    /// The others for which a record stands.
    pub fn others(&self, record: RecordRef) -> &[RecordRef] {
        self.same.others(record)
    }

    /// What people call a record: the title of the one that stands for it, else its number.
    pub fn title(&self, record: RecordRef) -> String {
        let listed = self.lists.get(self.whole(record));
        listed
            .map(|row| if row.title.is_empty() { &row.number } else { &row.title })
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    /// How many match a query, and the records of one page of them.
    pub fn search(
        &mut self,
        kind: RecordKind,
        query: &mut Query,
        offset: usize,
        limit: usize,
    ) -> (usize, Vec<RecordRef>) {
        self.lists.search(kind, query, offset, limit)
    }

    /// The records that point at this one, or at one for which it stands.
    pub fn pointing_at_all(&self, record: RecordRef) -> impl Iterator<Item = RecordRef> {
        let each = std::iter::once(record).chain(self.others(record).iter().copied());
        each.flat_map(|record| self.pointing_at(record))
    }

    /// The records that point at this very one.
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

    /// Where a colleague was said to be, if anybody said it.
    pub fn presence(&self, employee: RecordRef) -> Option<&Said> {
        self.presence.get(&RecordRef::presence_of(employee.id))
    }

    /// The calls that are not settled.
    pub fn calls(&self) -> impl Iterator<Item = (RecordRef, &CallFact)> {
        self.calls.iter().map(|(record, call)| (*record, call))
    }

    /// The appointments.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The reports of visits.
    pub fn reports(&self) -> impl Iterator<Item = (RecordRef, &ReportFact)> {
        self.reports.iter().map(|(record, report)| (*record, report))
    }

    /// Who is reached by one of these numbers.
    pub fn reached_by(&self, numbers: Range<E164>) -> impl Iterator<Item = RecordRef> {
        let first =
            |number| (number, RecordRef::new(RecordKind::ALL[0], mera_schema::RecordId::new(uuid::Uuid::nil())));
        self.numbers.range(first(numbers.start)..first(numbers.end)).map(|(_, record)| *record)
    }

    /// Quotes by stage and salesperson.
    pub fn stock(&self) -> &Stock {
        &self.stock
    }
}

#[cfg(test)]
mod tests;
