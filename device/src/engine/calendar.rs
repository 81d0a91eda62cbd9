//! The calendar as a person reads it: days by the clock on the wall, whose time is taken twice, and what is news.

use super::Engine;
use crate::views::Time;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Utc};
use mera_business::appointment::AppointmentFact;
use mera_business::calendar::{Holiday, moments};
use mera_device_api::{CalendarEntry, CalendarPage, CalendarPerson, Named, Refused};
use mera_schema::AppointmentSort;
use mera_schema::{Part, RecordKind, RecordRef, SpanOf, Whereabouts};
use std::collections::{BTreeMap, BTreeSet};

/// Days of one answer.
const DAYS_LIMIT: i64 = 100;
/// How a list says that a thing is no longer there.
const GONE: &str = "gone";

impl Engine {
    /// The calendar from one day to another.
    pub(super) fn calendar(&mut self, from: NaiveDate, to: NaiveDate) -> Result<CalendarPage, Refused> {
        let days = to.signed_duration_since(from).num_days();
        if !(0..DAYS_LIMIT).contains(&days) {
            let says = format!("a calendar shows from one day to a later one, {DAYS_LIMIT} days at most");
            return Err(Refused::new("calendar.days", says).at("to"));
        }
        let (me, zone) = (self.colleague()?, self.world.zone());
        let wall = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
        let end = to.checked_add_days(Days::new(1)).unwrap_or(to);
        let mut entries = Vec::new();
        for time in self.views.calendar().between(from, to) {
            let (begins, ends) = moments(&time.when, zone);
            let (begins, ends) = (wall(begins), wall(ends));
            if begins.date() <= to && ends > from.into() && begins < end.into() {
                entries.push(self.entry(&time, begins, ends, me));
            }
        }
        entries.sort_by_key(|entry| (entry.from, entry.to, entry.record, entry.day));
        tell_taken_twice(&mut entries);
        let holidays = from.iter_days().take_while(|day| *day <= to);
        let holidays = holidays.filter_map(|day| Some((day, Holiday::on(day)?.to_string()))).collect();
        let people = self.listable();
        Ok(CalendarPage { me, now: wall(self.now()), zone: zone.name().into(), holidays, people, entries })
    }

    /// Where the calendar says that colleagues are now: each in what began last.
    pub(super) fn by_calendar(&self, now: DateTime<Utc>) -> BTreeMap<RecordRef, ByCalendar> {
        let zone = self.world.zone();
        let today = now.with_timezone(&zone).date_naive();
        let mut found: BTreeMap<RecordRef, ByCalendar> = BTreeMap::new();
        for time in self.views.calendar().between(today, today) {
            let (since, until) = moments(&time.when, zone);
            if now < since || until <= now {
                continue;
            }
            for who in time.fact.people.iter().map(|one| one.who).filter(|who| time.fact.takes(*who)) {
                let later =
                    found.get(&who).is_none_or(|known| (known.since, known.appointment.record) < (since, time.record));
                if later {
                    found.insert(who, self.says(&time, since, until));
                }
            }
        }
        found
    }

    fn says(&self, time: &Time<'_>, since: DateTime<Utc>, until: DateTime<Utc>) -> ByCalendar {
        let state = match time.fact.sort {
            AppointmentSort::Visit | AppointmentSort::Away => Whereabouts::Out,
            AppointmentSort::Meeting | AppointmentSort::Note => Whereabouts::Meeting,
            AppointmentSort::Holiday => Whereabouts::Holiday,
        };
        let place = match (&time.fact.place, time.fact.party) {
            (place, Some(party)) if place.is_empty() => self.views.title(party),
            (place, _) => place.clone(),
        };
        let appointment = Named { record: time.record, name: self.subject(time.fact) };
        ByCalendar { state, since, until, place, appointment }
    }

    fn entry(&self, time: &Time<'_>, from: NaiveDateTime, to: NaiveDateTime, me: Option<RecordRef>) -> CalendarEntry {
        let fact = time.fact;
        let named = |part: Part| {
            let of_part = fact.people.iter().filter(move |one| one.part == part);
            of_part.map(|one| self.named(one.who)).collect()
        };
        CalendarEntry {
            record: time.record,
            day: time.day,
            subject: self.subject(fact),
            sort: fact.sort,
            from,
            to,
            whole_days: matches!(time.when.of(), SpanOf::Days { .. }),
            when: time.when.clone(),
            place: fact.place.clone(),
            party: fact.party.map(|party| self.named(self.views.whole(party))),
            present: named(Part::Present),
            told: named(Part::Told),
            cancelled: fact.cancelled,
            disputed: fact.when.len() > 1,
            news: me.is_some_and(|me| fact.news(me).is_some()),
            taken_twice: Vec::new(),
        }
    }

    /// What it is about; else whom it is with, else whose it is.
    pub(super) fn subject(&self, fact: &AppointmentFact) -> String {
        if !fact.subject.is_empty() {
            return fact.subject.clone();
        }
        let present = fact.people.iter().filter(|one| one.part == Part::Present).map(|one| one.who);
        let whose = fact.party.map_or_else(|| present.collect(), |party| vec![party]);
        whose.into_iter().map(|who| self.views.title(who)).collect::<Vec<_>>().join(", ")
    }

    /// Everybody who can be in an appointment, and then the things.
    fn listable(&self) -> Vec<CalendarPerson> {
        let of_kind = |kind: RecordKind| {
            let there = self.views.of_kind(kind).into_iter().filter_map(|who| {
                let listed = self.views.listed(who).filter(|listed| &*listed.state != GONE)?;
                let team = if kind == RecordKind::Employee { listed.detail.to_string() } else { String::new() };
                Some(CalendarPerson { who, name: listed.title.to_string(), team })
            });
            let mut there: Vec<CalendarPerson> = there.collect();
            there.sort_by_cached_key(|one| (one.name.to_lowercase(), one.who));
            there
        };
        [of_kind(RecordKind::Employee), of_kind(RecordKind::Resource)].concat()
    }
}

/// Where the calendar says that somebody is.
pub(super) struct ByCalendar {
    pub state: Whereabouts,
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub place: String,
    pub appointment: Named,
}

/// Whoever is there and has something else at the same time is told on both.
fn tell_taken_twice(entries: &mut [CalendarEntry]) {
    let takes = |entry: &CalendarEntry| !entry.cancelled && entry.sort != AppointmentSort::Note;
    let mut of_each: BTreeMap<RecordRef, Vec<usize>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| takes(entry)) {
        for one in &entry.present {
            of_each.entry(one.record).or_default().push(at);
        }
    }
    for (who, all) in of_each {
        let mut twice = BTreeSet::new();
        for (place, one) in all.iter().enumerate() {
            // They are in the order in which they begin: what begins after this one's end does not touch it.
            for other in all[place + 1..].iter().take_while(|other| entries[**other].from < entries[*one].to) {
                // Two times of which people have to choose one do not take anybody twice.
                if entries[*one].record != entries[*other].record {
                    twice.extend([*one, *other]);
                }
            }
        }
        for at in twice {
            entries[at].taken_twice.push(who);
        }
    }
}
