//! What a calendar tells of a time zone: when its clocks were changed, from which offset to which (RFC 5545, 3.6.5).

use super::{text, wall};
use calcard::common::PartialDateTime;
use calcard::icalendar::{ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarValue};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

/// Each change of the clocks in these years, both included, and in the one before, so that their first hours are told of too; before them,
/// what the clocks showed then. Changes are told one by
/// one, as the IANA database has them, and not by a rule: what a country decides in the midst of a year has none.
pub fn observances(zone: Tz, first: i32, last: i32) -> Vec<ICalendarComponent> {
    let new_year =
        |year: i32| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc();
    let (mut day, end) = (new_year(first.saturating_sub(1)), new_year(last.saturating_add(1)));
    let before = offset(zone, day);
    let beginning = day.naive_utc() + TimeDelta::seconds(i64::from(before));
    let mut told = vec![observance(zone, day, beginning, before)];
    while day < end {
        let Some(next) = day.checked_add_days(Days::new(1)) else { break };
        if offset(zone, day) != offset(zone, next) {
            let (mut unchanged, mut changed) = (day, next);
            while changed - unchanged > TimeDelta::seconds(1) {
                let middle = unchanged + (changed - unchanged) / 2;
                if offset(zone, middle) == offset(zone, unchanged) { unchanged = middle } else { changed = middle }
            }
            // What the clocks showed when they were changed.
            let from = offset(zone, unchanged);
            told.push(observance(zone, changed, changed.naive_utc() + TimeDelta::seconds(i64::from(from)), from));
        }
        day = next;
    }
    told
}

fn observance(zone: Tz, at: DateTime<Utc>, shown: chrono::NaiveDateTime, from: i32) -> ICalendarComponent {
    let there = zone.offset_from_utc_datetime(&at.naive_utc());
    let summer = !there.dst_offset().is_zero();
    let kind = if summer { ICalendarComponentType::Daylight } else { ICalendarComponentType::Standard };
    let mut component = ICalendarComponent::new(kind);
    let date = |at| ICalendarValue::PartialDateTime(Box::new(at));
    component.add_property(ICalendarProperty::Dtstart, date(wall(shown)));
    component.add_property(ICalendarProperty::Tzoffsetfrom, date(east(from)));
    component.add_property(ICalendarProperty::Tzoffsetto, date(east(offset(zone, at))));
    if let Some(name) = there.abbreviation() {
        component.add_property(ICalendarProperty::Tzname, text(name));
    }
    component
}

/// Seconds east of Greenwich.
fn offset(zone: Tz, at: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
}

fn east(seconds: i32) -> PartialDateTime {
    let minutes = seconds.unsigned_abs() / 60;
    PartialDateTime {
        tz_hour: u8::try_from(minutes / 60).ok(),
        tz_minute: u8::try_from(minutes % 60).ok(),
        tz_minus: seconds < 0,
        ..PartialDateTime::default()
    }
}
