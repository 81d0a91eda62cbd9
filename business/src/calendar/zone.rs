//! From the clock on a wall to moments, and back.

use chrono::{DateTime, Days, LocalResult, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use mera_schema::{Span, SpanOf, Zone};

/// The zone of the company, until it can say another.
pub const HOME: Tz = Tz::Europe__Copenhagen;

/// The zone of a name, if the IANA database knows one.
pub fn zone_of(zone: &Zone) -> Option<Tz> {
    zone.name().parse().ok()
}

/// The first moment of a span and the one at which it is over. Whole days are those of whoever asks, in the zone `here`. A zone that
/// this program does not know, because it is newer, is taken for that one too.
pub fn moments(span: &Span, here: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    match span.of() {
        SpanOf::Hours { from, to, zone } => {
            let zone = zone_of(zone).unwrap_or(here);
            let from = moment(zone, from);
            // Where clocks go on while it lasts it may be over at the moment at which it begins.
            (from, moment(zone, to).max(from))
        }
        SpanOf::Days { first, last } => {
            let end = last.checked_add_days(Days::new(1)).unwrap_or(last);
            (moment(here, first.and_time(NaiveTime::MIN)), moment(here, end.and_time(NaiveTime::MIN)))
        }
    }
}

/// A time on the wall that there are two of is the earlier one; one that there is none of is counted with the offset from UTC that
/// held before the clocks were changed (RFC 5545, 3.3.5).
fn moment(zone: Tz, at: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&at) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => moment.to_utc(),
        LocalResult::None => {
            let before = at.checked_sub_signed(TimeDelta::days(1)).unwrap_or(at);
            let passed = at.signed_duration_since(before);
            let before =
                zone.from_local_datetime(&before).earliest().map_or_else(|| before.and_utc(), |at| at.to_utc());
            before + passed
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_on_a_wall_is_a_moment_also_where_clocks_are_changed() {
        let table = [
            ("2026-11-30T09:00/2026-11-30T10:30[Europe/Copenhagen]", "2026-11-30T08:00:00Z", "2026-11-30T09:30:00Z"),
            ("2026-07-01T09:00/2026-07-01T10:30[Europe/Copenhagen]", "2026-07-01T07:00:00Z", "2026-07-01T08:30:00Z"),
            ("2026-11-30T09:00/2026-11-30T10:30[America/New_York]", "2026-11-30T14:00:00Z", "2026-11-30T15:30:00Z"),
            // There is no half past two on the last Sunday of March, and there are two on the last one of October.
            ("2026-03-29T02:30/2026-03-29T04:00[Europe/Copenhagen]", "2026-03-29T01:30:00Z", "2026-03-29T02:00:00Z"),
            ("2026-10-25T02:30/2026-10-25T04:00[Europe/Copenhagen]", "2026-10-25T00:30:00Z", "2026-10-25T03:00:00Z"),
            ("2026-12-24/2026-12-26", "2026-12-23T23:00:00Z", "2026-12-26T23:00:00Z"),
            ("2026-03-29/2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
            // A zone that is not known here.
            ("2026-11-30T09:00/2026-11-30T10:30[Moon/Tycho]", "2026-11-30T08:00:00Z", "2026-11-30T09:30:00Z"),
        ];
        for (span, from, to) in table {
            let (begins, ends) = moments(&span.parse().unwrap(), HOME);
            assert_eq!((begins, ends), (from.parse().unwrap(), to.parse().unwrap()), "{span}");
        }
    }
}
