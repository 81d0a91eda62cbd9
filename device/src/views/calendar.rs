//! The calendar: which appointments there are between two days, those that come again at each of their times.

use chrono::{Days, NaiveDate};
use mera_business::appointment::AppointmentFact;
use mera_business::calendar::Recurrence;
use mera_schema::{RecordId, RecordKind, RecordRef, Span, SpanOf};
use std::collections::{BTreeMap, BTreeSet};

/// How many days a time can be off where the clocks of two zones differ: from Pago Pago to Kiritimati it is a day and an hour.
const ZONES_APART: Days = Days::new(2);

/// All appointments.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Calendar {
    all: BTreeMap<RecordRef, AppointmentFact>,
    /// Those that are at one time, by the first day of it.
    once: BTreeSet<(NaiveDate, RecordRef)>,
    /// How many of them last so many days.
    lasting: BTreeMap<i64, usize>,
    /// Those that come again, and when, where this program understands it.
    again: BTreeMap<RecordRef, Option<Recurrence>>,
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
            self.again.insert(record, fact.rule());
        } else {
            for when in &fact.when {
                if self.once.insert((when.day(), record)) {
                    *self.lasting.entry(longest(&fact, when.day())).or_default() += 1;
                }
            }
        }
        if let Some(instead) = instead(record, &fact) {
            self.instead.insert(instead, record);
        }
        self.all.insert(record, fact);
    }

    pub fn remove(&mut self, record: RecordRef) {
        let Some(fact) = self.all.remove(&record) else { return };
        self.again.remove(&record);
        for when in &fact.when {
            if self.once.remove(&(when.day(), record)) {
                let days = longest(&fact, when.day());
                let left = self.lasting.get(&days).map_or(0, |count| count.saturating_sub(1));
                if left == 0 {
                    self.lasting.remove(&days)
                } else {
                    self.lasting.insert(days, left)
                };
            }
        }
        if let Some(instead) = instead(record, &fact) {
            self.instead.remove(&instead);
        }
    }

    pub fn join(&mut self, mut others: Self) {
        self.all.append(&mut others.all);
        self.once.append(&mut others.once);
        for (days, count) in others.lasting {
            *self.lasting.entry(days).or_default() += count;
        }
        self.again.append(&mut others.again);
        self.instead.append(&mut others.instead);
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = (RecordRef, &AppointmentFact)> {
        self.all.iter().map(|(record, fact)| (*record, fact))
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
        let lasting = self.lasting.keys().next_back().copied().unwrap_or(0);
        let began = before(from, lasting);
        for (first, record) in self.once.range((began, LOWEST)..).take_while(|(first, _)| *first <= to) {
            let Some(fact) = self.all.get(record) else { continue };
            let touching = fact.when.iter().filter(|when| when.day() == *first && last_day(when) >= from);
            times.extend(touching.map(|when| Time { record: *record, fact, day: None, when: when.clone() }));
        }
        for (record, rule) in &self.again {
            if let Some(fact) = self.all.get(record) {
                self.times_of((*record, fact, rule.as_ref()), from, to, &mut times);
            }
        }
        times
    }

    fn times_of<'a>(
        &'a self,
        (record, fact, rule): (RecordRef, &'a AppointmentFact, Option<&Recurrence>),
        from: NaiveDate,
        to: NaiveDate,
        into: &mut Vec<Time<'a>>,
    ) {
        for when in &fact.when {
            let began = before(from, days_of(when));
            let days = match rule {
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

/// Before every record.
const LOWEST: RecordRef = RecordRef::new(RecordKind::ALL[0], RecordId::new(uuid::Uuid::nil()));

fn before(day: NaiveDate, days: i64) -> NaiveDate {
    day.checked_sub_days(Days::new(u64::try_from(days).unwrap_or(0))).unwrap_or(day)
}

/// How many days after its first day it is over.
fn days_of(when: &Span) -> i64 {
    last_day(when).signed_duration_since(when.day()).num_days()
}

/// The longest of the times that begin on a day.
fn longest(fact: &AppointmentFact, day: NaiveDate) -> i64 {
    fact.when.iter().filter(|when| when.day() == day).map(days_of).max().unwrap_or(0)
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
