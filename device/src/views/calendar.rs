//! The calendar: which appointments there are between two days, those that come again at each of their times.

use chrono::{Days, NaiveDate};
use mera_business::appointment::AppointmentFact;
use mera_schema::{RecordId, RecordKind, RecordRef, Span, SpanOf};
use std::collections::{BTreeMap, BTreeSet};

/// How many days a time can be off where the clocks of two zones differ.
const ZONES_APART: Days = Days::new(1);

/// All appointments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Calendar {
    all: BTreeMap<RecordRef, AppointmentFact>,
    /// Those that are at one time, by the last day of it.
    once: BTreeSet<(NaiveDate, RecordRef)>,
    /// Those that come again.
    again: BTreeSet<RecordRef>,
    /// The times that are not as the others of their appointment.
    instead: BTreeMap<(RecordRef, NaiveDate), RecordRef>,
}

/// One time of an appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Time<'a> {
    pub record: RecordRef,
    pub fact: &'a AppointmentFact,
    /// Of one that comes again, on which day of it this begins.
    pub day: Option<NaiveDate>,
    pub when: Span,
}

impl Calendar {
    pub fn put(&mut self, record: RecordRef, fact: AppointmentFact) {
        if fact.repeats.is_some() {
            self.again.insert(record);
        }
        self.once.extend(fact.when.iter().map(|when| (last_day(when), record)));
        if let Some(instead) = instead(record, &fact) {
            self.instead.insert(instead, record);
        }
        self.all.insert(record, fact);
    }

    pub fn remove(&mut self, record: RecordRef) {
        let Some(fact) = self.all.remove(&record) else { return };
        self.again.remove(&record);
        for when in &fact.when {
            self.once.remove(&(last_day(when), record));
        }
        if let Some(instead) = instead(record, &fact) {
            self.instead.remove(&instead);
        }
    }

    pub fn join(&mut self, mut others: Self) {
        self.all.append(&mut others.all);
        self.once.append(&mut others.once);
        self.again.append(&mut others.again);
        self.instead.append(&mut others.instead);
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = (RecordRef, &AppointmentFact)> {
        self.all.iter().map(|(record, fact)| (*record, fact))
    }

    /// The record of one time of an appointment that is not as the others.
    pub fn instead_of(&self, series: RecordRef, day: NaiveDate) -> Option<RecordRef> {
        self.instead.get(&(series, day)).copied()
    }

    /// The times of an appointment that are not as the others, from a day on.
    pub fn times_instead(
        &self,
        series: RecordRef,
        from: NaiveDate,
    ) -> impl Iterator<Item = (RecordRef, &AppointmentFact)> {
        let times = self.instead.range((series, from)..).take_while(move |((of, _), _)| *of == series);
        times.filter_map(|(_, record)| Some((*record, self.all.get(record)?)))
    }

    /// Every time that touches one of these days in any zone, both included, in no order.
    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> Vec<Time<'_>> {
        let from = from.checked_sub_days(ZONES_APART).unwrap_or(from);
        let to = to.checked_add_days(ZONES_APART).unwrap_or(to);
        let mut times = Vec::new();
        let lowest = RecordRef::new(RecordKind::ALL[0], RecordId::new(uuid::Uuid::nil()));
        for (last, record) in self.once.range((from, lowest)..) {
            let Some(fact) = self.all.get(record).filter(|_| !self.again.contains(record)) else { continue };
            let touching = fact.when.iter().filter(|when| last_day(when) == *last && when.day() <= to);
            times.extend(touching.map(|when| Time { record: *record, fact, day: None, when: when.clone() }));
        }
        for record in &self.again {
            if let Some(fact) = self.all.get(record) {
                self.times_of(*record, fact, from, to, &mut times);
            }
        }
        times
    }

    fn times_of<'a>(
        &'a self,
        record: RecordRef,
        fact: &'a AppointmentFact,
        from: NaiveDate,
        to: NaiveDate,
        into: &mut Vec<Time<'a>>,
    ) {
        let rule = fact.rule();
        for when in &fact.when {
            let long = last_day(when).signed_duration_since(when.day()).num_days();
            let began = from.checked_sub_days(Days::new(u64::try_from(long).unwrap_or(0))).unwrap_or(from);
            let days = match &rule {
                Some(rule) => rule.days(when.day(), began, to),
                // A rule that this program does not understand: it begins once at least.
                None => BTreeSet::from([when.day()]),
            };
            for day in days.into_iter().filter(|day| (began..=to).contains(day)) {
                if self.instead.contains_key(&(record, day)) {
                    continue;
                }
                into.extend(when.on(day).map(|when| Time { record, fact, day: Some(day), when }));
            }
        }
    }
}

/// Whose time a record is, and which: only the one whose identity follows from the two, so that there are never rivals.
fn instead(record: RecordRef, fact: &AppointmentFact) -> Option<(RecordRef, NaiveDate)> {
    fact.instead.filter(|(series, day)| record.id == RecordId::occurrence_of(series.id, *day))
}

fn last_day(when: &Span) -> NaiveDate {
    match when.of() {
        SpanOf::Hours { to, .. } => to.date(),
        SpanOf::Days { last, .. } => last,
    }
}
