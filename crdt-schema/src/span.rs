//! When something is, as one value: whoever moves its beginning moves its end, so that two people's times never mix.

use crate::written::written;
use crate::{FieldValue, Form};
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use std::{fmt, str::FromStr};

/// The years in which a company has appointments. What lies outside is a mistake of typing.
const YEARS: std::ops::Range<i32> = 1900..2200;
/// Letters of a zone's name at most.
const ZONE_LIMIT: usize = 40;
/// How a time of day on a day is written, to the minute (ISO 8601).
const MINUTE: &str = "%Y-%m-%dT%H:%M";

/// Why it was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpanFault {
    /// Neither two times with a zone nor two days.
    #[error("{0:?} does not say from when until when")]
    NotASpan(String),
    /// Not written as a time zone is.
    #[error("{0:?} is not the name of a time zone, such as Europe/Copenhagen")]
    NotAZone(String),
    /// It ends before it begins, or at once.
    #[error("it ends before it begins")]
    Backwards,
    /// No year of a living company.
    #[error("the year {0} is a mistake of typing")]
    NotAYear(i32),
}

/// The name of a time zone, as the IANA database gives it: `Europe/Copenhagen`. Whether there is one of that name, and how far it
/// is from UTC, is not known here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone(String);

impl Zone {
    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for Zone {
    type Err = SpanFault;
    fn from_str(text: &str) -> Result<Self, SpanFault> {
        let sign = |sign: u8| sign.is_ascii_alphanumeric() || b"/_+-".contains(&sign);
        let fits = (1..=ZONE_LIMIT).contains(&text.len()) && text.bytes().all(sign);
        if fits { Ok(Self(text.to_owned())) } else { Err(SpanFault::NotAZone(text.to_owned())) }
    }
}

/// From when until when: `2026-11-30T09:00/2026-11-30T10:30[Europe/Copenhagen]` by the clock on the wall there (ISO 8601, with the
/// zone as RFC 9557 writes it), or whole days, the last one included: `2026-12-24/2026-12-26`. A time is kept as it was agreed, and
/// not in UTC: where a country changes its clocks, nine stays nine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(Kind);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Hours { from: NaiveDateTime, to: NaiveDateTime, zone: Zone },
    Days { first: NaiveDate, last: NaiveDate },
}

/// What a span says, to be looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanOf<'a> {
    /// From a minute to a later one, by the clock on the wall of a zone.
    Hours {
        /// The first minute.
        from: NaiveDateTime,
        /// The minute at which it is over.
        to: NaiveDateTime,
        /// Where the clock hangs.
        zone: &'a Zone,
    },
    /// Whole days.
    Days {
        /// The first.
        first: NaiveDate,
        /// The last, which belongs to it.
        last: NaiveDate,
    },
}

impl Span {
    /// From a minute to a later one, by the clock on the wall of a zone. Seconds are left out.
    pub fn hours(from: NaiveDateTime, to: NaiveDateTime, zone: Zone) -> Result<Self, SpanFault> {
        let minute = |at: NaiveDateTime| at.with_second(0).and_then(|at| at.with_nanosecond(0)).unwrap_or(at);
        let (from, to) = (minute(from), minute(to));
        in_time(from.date())?;
        in_time(to.date())?;
        if to <= from { Err(SpanFault::Backwards) } else { Ok(Self(Kind::Hours { from, to, zone })) }
    }

    /// Whole days, the last one included.
    pub fn days(first: NaiveDate, last: NaiveDate) -> Result<Self, SpanFault> {
        in_time(first)?;
        in_time(last)?;
        if last < first { Err(SpanFault::Backwards) } else { Ok(Self(Kind::Days { first, last })) }
    }

    /// What it says.
    pub fn of(&self) -> SpanOf<'_> {
        match &self.0 {
            Kind::Hours { from, to, zone } => SpanOf::Hours { from: *from, to: *to, zone },
            Kind::Days { first, last } => SpanOf::Days { first: *first, last: *last },
        }
    }

    /// The day on which it begins, where it is.
    pub fn day(&self) -> NaiveDate {
        match self.0 {
            Kind::Hours { from, .. } => from.date(),
            Kind::Days { first, .. } => first,
        }
    }

    /// The same, as long and at the same time of day, beginning on another day; nothing where that is outside of time.
    pub fn on(&self, day: NaiveDate) -> Option<Self> {
        let by = day.signed_duration_since(self.day());
        match &self.0 {
            Kind::Hours { from, to, zone } => {
                Self::hours(from.checked_add_signed(by)?, to.checked_add_signed(by)?, zone.clone()).ok()
            }
            Kind::Days { first, last } => Self::days(first.checked_add_signed(by)?, last.checked_add_signed(by)?).ok(),
        }
    }
}

fn in_time(day: NaiveDate) -> Result<(), SpanFault> {
    if YEARS.contains(&day.year()) { Ok(()) } else { Err(SpanFault::NotAYear(day.year())) }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Hours { from, to, zone } => write!(out, "{}/{}[{zone}]", from.format(MINUTE), to.format(MINUTE)),
            Kind::Days { first, last } => write!(out, "{first}/{last}"),
        }
    }
}

impl FromStr for Span {
    type Err = SpanFault;
    fn from_str(text: &str) -> Result<Self, SpanFault> {
        let none = || SpanFault::NotASpan(text.chars().take(80).collect());
        let day = |text: &str| text.parse::<NaiveDate>().map_err(|_| none());
        let minute = |text: &str| NaiveDateTime::parse_from_str(text, MINUTE).map_err(|_| none());
        match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
            Some((times, zone)) => {
                let (from, to) = times.split_once('/').ok_or_else(none)?;
                Self::hours(minute(from)?, minute(to)?, zone.parse()?)
            }
            None => {
                let (first, last) = text.split_once('/').ok_or_else(none)?;
                Self::days(day(first)?, day(last)?)
            }
        }
    }
}

impl FieldValue for Span {
    const FORM: Form = Form::Span;
}

written! {
    Span: "^.+/.+$", "2026-11-30T09:00/2026-11-30T10:30[Europe/Copenhagen] or, in whole days, 2026-12-24/2026-12-26";
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_span_is_read_or_refused_with_a_reason() {
        let none = |text: &str| Err(SpanFault::NotASpan(text.to_owned()));
        let table = [
            ("2026-11-30T09:00/2026-11-30T10:30[Europe/Copenhagen]", Ok("2026-11-30")),
            ("2026-11-30T23:00/2026-12-01T01:00[America/Argentina/Buenos_Aires]", Ok("2026-11-30")),
            ("2026-12-24/2026-12-26", Ok("2026-12-24")),
            ("2026-12-24/2026-12-24", Ok("2026-12-24")),
            ("2026-12-26/2026-12-24", Err(SpanFault::Backwards)),
            ("2026-11-30T09:00/2026-11-30T09:00[Europe/Copenhagen]", Err(SpanFault::Backwards)),
            ("2026-11-30T09:00/2026-11-30T10:30", none("2026-11-30T09:00/2026-11-30T10:30")),
            ("2026-11-30T09:00/2026-11-30T10:30[]", Err(SpanFault::NotAZone(String::new()))),
            ("2026-11-30T09:00/2026-11-30T10:30[Vejle by]", Err(SpanFault::NotAZone("Vejle by".into()))),
            ("2026-11-30/2026-11-30[Europe/Copenhagen]", none("2026-11-30/2026-11-30[Europe/Copenhagen]")),
            ("26-11-30T09:00/26-11-30T10:00[UTC]", Err(SpanFault::NotAYear(26))),
            ("2226-12-24/2226-12-26", Err(SpanFault::NotAYear(2226))),
            ("tomorrow", none("tomorrow")),
            ("", none("")),
        ];
        for (text, expected) in table {
            let read = text.parse::<Span>();
            assert_eq!(read.clone().map(|span| span.day().to_string()), expected.map(str::to_owned), "{text}");
            assert!(read.is_err() || read.unwrap().to_string() == text, "{text}");
        }
    }

    #[test]
    fn on_another_day_it_is_as_long_and_at_the_same_time() {
        let span: Span = "2026-11-30T23:00/2026-12-01T01:00[Europe/Copenhagen]".parse().unwrap();
        let there = span.on("2027-02-28".parse().unwrap()).unwrap();
        assert_eq!(there.to_string(), "2027-02-28T23:00/2027-03-01T01:00[Europe/Copenhagen]");
        assert_eq!(span.on("2300-01-01".parse().unwrap()), None);
    }

    proptest! {
        #[test]
        fn whatever_is_agreed_is_read_as_it_was(day in 0..109_000_u64, minute in 0..1_440_i64, minutes in 1..10_000_i64, whole: bool) {
            let first = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + chrono::Days::new(day);
            let from = first.and_hms_opt(0, 0, 0).unwrap() + chrono::Duration::minutes(minute);
            let to = from + chrono::Duration::minutes(minutes);
            let span = if whole { Span::days(first, to.date()) } else { Span::hours(from, to, "Europe/Berlin".parse().unwrap()) };
            if let Ok(span) = span {
                prop_assert_eq!(span.to_string().parse::<Span>(), Ok(span));
            }
        }
    }
}
