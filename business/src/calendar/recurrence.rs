//! What comes again: recurrence rules, as calendars of all makers exchange them (RFC 5545, 3.3.10), on whole days.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use rrule::{Frequency, RRule, RRuleSet, Tz, Unvalidated};
use std::collections::BTreeSet;
use std::fmt;

/// Times of one rule that are looked at for an answer, at most: as many days as there are in 170 years.
const TIMES: u16 = u16::MAX;
/// The years in which appointments are, as [`mera_schema::Span`] has them.
const YEARS: std::ops::Range<i32> = 1900..2200;
/// Parts of a rule that say at which hours it comes again. An appointment has its hours already.
const OF_A_DAY: [&str; 5] = ["BYHOUR", "BYMINUTE", "BYSECOND", "BYEASTER", "DTSTART"];

/// Why a rule was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceFault {
    /// Not written as the standard wants it.
    #[error("{0:?} is no recurrence rule")]
    NotARule(String),
    /// It comes again within a day.
    #[error("an appointment comes again after a day at the earliest")]
    WithinADay,
    /// The standard wants one of the two.
    #[error("a rule ends after a number of times or on a day, and not both")]
    TwoEnds,
}

/// When an appointment comes again: daily, weekly, monthly or yearly, on which days, and until when. The last day is written as a
/// day (`UNTIL=20261231`), so that it means the same in every zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    text: String,
    until: Option<NaiveDate>,
    rule: RRule<Unvalidated>,
}

impl Recurrence {
    /// Reads a rule, with or without `RRULE:` before it.
    pub fn read(text: &str) -> Result<Self, RecurrenceFault> {
        let none = || RecurrenceFault::NotARule(text.chars().take(80).collect());
        // The library takes letters apart by bytes.
        if !text.is_ascii() {
            return Err(none());
        }
        let upper = text.trim().to_ascii_uppercase();
        let upper = upper.strip_prefix("RRULE:").unwrap_or(&upper);
        let (mut parts, mut until) = (Vec::new(), None);
        for part in upper.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(none)?;
            match name {
                name if OF_A_DAY.contains(&name) => return Err(RecurrenceFault::WithinADay),
                // What other calendars write as a moment is its day here.
                "UNTIL" => until = Some(day_of(value).filter(|day| YEARS.contains(&day.year())).ok_or_else(none)?),
                _ => parts.push(part),
            }
        }
        if until.is_some() && parts.iter().any(|part| part.starts_with("COUNT=")) {
            return Err(RecurrenceFault::TwoEnds);
        }
        let rule: RRule<Unvalidated> = parts.join(";").parse().map_err(|_| none())?;
        if matches!(rule.get_freq(), Frequency::Hourly | Frequency::Minutely | Frequency::Secondly) {
            return Err(RecurrenceFault::WithinADay);
        }
        let end = until.map(|day| format!("UNTIL={}", day.format("%Y%m%d")));
        let text = parts.into_iter().map(str::to_owned).chain(end).collect::<Vec<_>>().join(";");
        let read = Self { text, until, rule };
        // What the library finds wrong only once it knows the first day, it finds wrong with any. One that never gives a day, such as that
        // of the 30th of February, would be gone through to the end of time whenever somebody looks.
        let (any, endless) = (NaiveDate::default(), Self { until: None, ..read.clone() });
        let gives =
            endless.rules(any).ok_or_else(none)?.all(1).dates.first().is_some_and(|time| YEARS.contains(&time.year()));
        if gives { Ok(read) } else { Err(none()) }
    }

    /// What began on `first`, with no time after `last`.
    #[must_use]
    pub fn ending(&self, first: NaiveDate, last: NaiveDate) -> Self {
        let counted = self.text.contains("COUNT=");
        let end = match self.until {
            Some(until) if until <= last => return self.clone(),
            _ if counted => format!("COUNT={}", self.days(first, first, last).len().max(1)),
            _ => format!("UNTIL={}", last.format("%Y%m%d")),
        };
        let goes_on = |part: &&str| !part.starts_with("COUNT=") && !part.starts_with("UNTIL=");
        let parts = self.text.split(';').filter(goes_on).chain([end.as_str()]).collect::<Vec<_>>().join(";");
        Self::read(&parts).unwrap_or_else(|_| self.clone())
    }

    /// The last day on which it comes again, where it has one.
    pub fn until(&self) -> Option<NaiveDate> {
        self.until
    }

    /// The days from `from` to `to`, both included, on which something begins that began on `first` for the first time. The first day
    /// is one of them, also where the rule alone would not give it.
    pub fn days(&self, first: NaiveDate, from: NaiveDate, to: NaiveDate) -> BTreeSet<NaiveDate> {
        let mut days = BTreeSet::new();
        if (from..=to).contains(&first) {
            days.insert(first);
        }
        if to < first || to < from {
            return days;
        }
        if let Some(rules) = self.rules(first) {
            let times = rules.after(midnight(from.max(first))).before(midnight(to)).all(TIMES);
            days.extend(times.dates.into_iter().map(|time| time.date_naive()));
        }
        days
    }

    /// Whether the rule alone gives the first day too, as the standard wants it.
    pub fn begins_on(&self, first: NaiveDate) -> bool {
        let Some(rules) = self.rules(first) else { return false };
        rules.before(midnight(first)).all(1).dates.first().is_some_and(|time| time.date_naive() == first)
    }

    /// The days are counted by themselves, as if every one had 24 hours: on which moments they begin is the zone's matter.
    fn rules(&self, first: NaiveDate) -> Option<RRuleSet> {
        let mut rule = self.rule.clone();
        if let Some(until) = self.until {
            // A rule that ended before its beginning has no times; the library takes that for a mistake.
            rule = rule.until(midnight(until.max(first)));
        }
        rule.build(midnight(first)).ok()
    }
}

fn midnight(day: NaiveDate) -> DateTime<Tz> {
    DateTime::<Utc>::from_naive_utc_and_offset(day.and_time(NaiveTime::MIN), Utc).with_timezone(&Tz::UTC)
}

fn day_of(text: &str) -> Option<NaiveDate> {
    let day = text.get(..8)?;
    let rest = text.get(8..)?;
    let moment = rest.is_empty() || (rest.starts_with('T') && rest.len() <= 8);
    NaiveDate::parse_from_str(day, "%Y%m%d").ok().filter(|_| moment)
}

impl fmt::Display for Recurrence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use chrono::Days;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_rule_gives_the_days_that_the_standard_says() {
        // Those of RFC 5545, 3.8.5.3, with days that Danish offices have.
        let table = [
            ("FREQ=DAILY;COUNT=3", "2026-11-30", vec!["2026-11-30", "2026-12-01", "2026-12-02"]),
            ("FREQ=WEEKLY", "2026-12-07", vec!["2026-12-07", "2026-12-14", "2026-12-21", "2026-12-28"]),
            ("FREQ=WEEKLY;INTERVAL=2;UNTIL=20261221", "2026-12-07", vec!["2026-12-07", "2026-12-21"]),
            ("RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=3", "2026-12-07", vec!["2026-12-07", "2026-12-10", "2026-12-14"]),
            ("FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27", vec!["2026-11-27", "2026-12-25"]),
            ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-10-31", vec!["2026-10-31", "2026-12-31"]),
            ("FREQ=WEEKLY;UNTIL=20261214T085959Z", "2026-12-07", vec!["2026-12-07", "2026-12-14"]),
            // One that begins where the rule has no time begins all the same.
            ("FREQ=WEEKLY;BYDAY=TU;COUNT=2", "2026-12-07", vec!["2026-12-07", "2026-12-08", "2026-12-15"]),
            ("FREQ=WEEKLY;UNTIL=20261101", "2026-12-07", vec!["2026-12-07"]),
        ];
        for (rule, first, expected) in table {
            let days = Recurrence::read(rule).unwrap().days(day(first), day("2026-10-01"), day("2026-12-31"));
            let days: Vec<String> = days.iter().map(ToString::to_string).collect();
            assert_eq!(days, expected, "{rule}");
        }
    }

    #[test]
    fn what_is_no_rule_is_refused_with_a_reason() {
        let none = |text: &str| RecurrenceFault::NotARule(text.to_owned());
        let table = [
            ("", none("")),
            ("every Monday", none("every Monday")),
            ("FREQ=SOMETIMES", none("FREQ=SOMETIMES")),
            ("FREQ=WEEKLY;BYDAY=LØR", none("FREQ=WEEKLY;BYDAY=LØR")),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", none("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")),
            ("FREQ=WEEKLY;UNTIL=99991231", none("FREQ=WEEKLY;UNTIL=99991231")),
            ("FREQ=WEEKLY;BYDAY=XX", none("FREQ=WEEKLY;BYDAY=XX")),
            ("FREQ=MONTHLY;BYMONTHDAY=32", none("FREQ=MONTHLY;BYMONTHDAY=32")),
            ("FREQ=WEEKLY;UNTIL=soon", none("FREQ=WEEKLY;UNTIL=soon")),
            ("FREQ=HOURLY", RecurrenceFault::WithinADay),
            ("FREQ=DAILY;BYHOUR=9,15", RecurrenceFault::WithinADay),
            ("FREQ=DAILY;COUNT=2;UNTIL=20261231", RecurrenceFault::TwoEnds),
        ];
        for (rule, expected) in table {
            assert_eq!(Recurrence::read(rule).map(|rule| rule.to_string()), Err(expected), "{rule}");
        }
    }

    #[test]
    fn a_rule_is_written_in_one_way() {
        let table = [
            ("rrule:freq=weekly;byday=mo", "FREQ=WEEKLY;BYDAY=MO"),
            ("FREQ=WEEKLY;UNTIL=20261214T085959Z", "FREQ=WEEKLY;UNTIL=20261214"),
            ("UNTIL=20261214;FREQ=WEEKLY;", "FREQ=WEEKLY;UNTIL=20261214"),
        ];
        for (rule, expected) in table {
            let read = Recurrence::read(rule).unwrap();
            assert_eq!(read.to_string(), expected);
            assert_eq!(Recurrence::read(expected), Ok(read));
        }
    }

    proptest! {
        /// What a library finds is what somebody who goes through the days one by one finds.
        #[test]
        fn weekdays_are_those_that_a_person_would_count(first in 0..3_000_u64, interval in 1..5_u16, weekdays in proptest::collection::btree_set(0..7_u8, 1..4), from in 0..400_u64, length in 0..120_u64) {
            let start = day("2020-01-01") + Days::new(first);
            let names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
            let by: Vec<&str> = weekdays.iter().map(|weekday| names[usize::from(*weekday)]).collect();
            let rule = Recurrence::read(&format!("FREQ=WEEKLY;INTERVAL={interval};BYDAY={}", by.join(","))).unwrap();
            let from = start + Days::new(from);
            let to = from + Days::new(length);
            let monday = start - Days::new(u64::from(start.weekday().num_days_from_monday()));
            let counted: BTreeSet<NaiveDate> = from.iter_days().take_while(|day| *day <= to).filter(|day| {
                let weeks = day.signed_duration_since(monday).num_days() / 7;
                let weekday = u8::try_from(day.weekday().num_days_from_monday()).unwrap();
                *day == start || (weeks % i64::from(interval) == 0 && weekdays.contains(&weekday))
            }).collect();
            prop_assert_eq!(rule.days(start, from, to), counted);
        }

        /// No text brings it down, and what is read is read again.
        #[test]
        fn any_text_is_a_rule_or_none(text in "(FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY))(;(COUNT|INTERVAL|BYDAY|BYMONTH|BYMONTHDAY|BYYEARDAY|BYWEEKNO|BYSETPOS|WKST)=[-0-9A-ZØÅ,]{0,6}){0,3}|\\PC{0,40}") {
            if let Ok(rule) = Recurrence::read(&text) {
                prop_assert_eq!(Recurrence::read(&rule.to_string()), Ok(rule.clone()));
                rule.days(day("2026-11-30"), day("2026-11-30"), day("2027-03-01"));
            }
        }
    }
}
