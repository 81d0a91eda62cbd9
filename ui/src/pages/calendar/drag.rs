//! An appointment in somebody's hand: how far it was drawn, and when it would be then.

use chrono::{Days, NaiveDateTime, TimeDelta};
use mera_device_api::{AppointmentStep, CalendarEntry, Request};
use mera_schema::Span;

/// Minutes to which a hand can set a time.
pub const GRAIN: i32 = 15;
/// Pixels below which somebody pointed and did not draw.
const SLACK: i32 = 5;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// All of it.
    Whole,
    /// Its end.
    End,
}

/// What is in the hand.
#[derive(Debug, Clone, PartialEq)]
pub struct Drag {
    pub entry: CalendarEntry,
    pub hold: Hold,
    /// Where it was taken, in pixels of the window.
    pub from: (i32, i32),
    /// Where the hand is.
    pub at: (i32, i32),
    /// Pixels of a day's column, and of a row of days where there are several.
    pub day: (i32, i32),
    /// Pixels of an hour; none where hours are not shown.
    pub hour: Option<i32>,
    /// Whether it was let go, and the device has not answered yet.
    pub let_go: bool,
}

impl Drag {
    /// Whether it was only pointed at.
    pub fn is_still(&self) -> bool {
        let (across, down) = (self.at.0 - self.from.0, self.at.1 - self.from.1);
        across.abs() < SLACK && down.abs() < SLACK
    }

    /// Days and minutes by which it was drawn.
    pub fn by(&self) -> (i32, i32) {
        let (across, down) = (self.at.0 - self.from.0, self.at.1 - self.from.1);
        let days = if self.day.0 > 0 { rounded(across, self.day.0) } else { 0 };
        match self.hour {
            Some(hour) if hour > 0 => (days, rounded(down * 60 / GRAIN, hour) * GRAIN),
            Some(_) => (days, 0),
            // Rows of weeks.
            None if self.day.1 > 0 => (days + 7 * rounded(down, self.day.1), 0),
            None => (days, 0),
        }
    }

    /// From when until when it would be.
    pub fn times(&self) -> (NaiveDateTime, NaiveDateTime) {
        let (days, minutes) = self.by();
        let moved = |at: NaiveDateTime| on(at, days) + TimeDelta::minutes(i64::from(minutes));
        let (from, to) = (self.entry.from, self.entry.to);
        match self.hold {
            Hold::Whole => (moved(from), moved(to)),
            Hold::End => {
                let end = to + TimeDelta::minutes(i64::from(minutes));
                (from, end.max(from + TimeDelta::minutes(i64::from(GRAIN))))
            }
        }
    }

    /// What is asked of the device; nothing where it would be as it is.
    pub fn request(&self, zone: &str) -> Option<Request> {
        let (from, to) = self.times();
        if (from, to) == (self.entry.from, self.entry.to) {
            return None;
        }
        let to = span(from, to, self.entry.whole_days, zone)?;
        let (record, day) = (self.entry.record, self.entry.day);
        Some(Request::Appointment {
            record,
            day,
            step: AppointmentStep::Move { to, was: Some(self.entry.when.clone()) },
        })
    }
}

/// A span by the clock on the wall here; of whole days, the last one ends at `to`.
pub fn span(from: NaiveDateTime, to: NaiveDateTime, whole_days: bool, zone: &str) -> Option<Span> {
    if whole_days {
        return Span::days(from.date(), to.date().pred_opt()?.max(from.date())).ok();
    }
    Span::hours(from, to, zone.parse().ok()?).ok()
}

/// Days on or back: a day is not 24 hours where clocks are changed.
fn on(at: NaiveDateTime, days: i32) -> NaiveDateTime {
    let by = Days::new(u64::from(days.unsigned_abs()));
    let moved = if days < 0 { at.checked_sub_days(by) } else { at.checked_add_days(by) };
    moved.unwrap_or(at)
}

fn rounded(part: i32, of: i32) -> i32 {
    let half = if part < 0 { -of / 2 } else { of / 2 };
    (part + half) / of
}

#[cfg(test)]
mod tests {
    use super::*;
    use mera_schema::AppointmentSort;

    fn drag(hold: Hold, drawn: (i32, i32), hour: Option<i32>) -> Drag {
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap_or_default();
        let entry = CalendarEntry {
            record: "appointment/019aadd3-0000-7000-8000-000000000001".parse().expect("a record"),
            day: None,
            subject: String::new(),
            sort: AppointmentSort::Visit,
            from: at("2026-11-30T09:00:00"),
            to: at("2026-11-30T10:00:00"),
            whole_days: false,
            when: "2026-11-30T09:00/2026-11-30T10:00[Europe/Copenhagen]".parse().expect("a span"),
            place: String::new(),
            party: None,
            present: Vec::new(),
            told: Vec::new(),
            cancelled: false,
            disputed: false,
            news: false,
            taken_twice: Vec::new(),
        };
        Drag { entry, hold, from: (500, 500), at: (500 + drawn.0, 500 + drawn.1), day: (100, 120), hour, let_go: false }
    }

    #[test]
    fn what_is_drawn_is_set_to_the_quarter_of_an_hour_and_the_day() {
        let table = [
            (Hold::Whole, (0, 0), Some(48), "2026-11-30T09:00/2026-11-30T10:00"),
            (Hold::Whole, (0, 13), Some(48), "2026-11-30T09:15/2026-11-30T10:15"),
            (Hold::Whole, (-140, -49), Some(48), "2026-11-29T08:00/2026-11-29T09:00"),
            (Hold::Whole, (260, 96), Some(48), "2026-12-03T11:00/2026-12-03T12:00"),
            (Hold::End, (260, 24), Some(48), "2026-11-30T09:00/2026-11-30T10:30"),
            (Hold::End, (0, -480), Some(48), "2026-11-30T09:00/2026-11-30T09:15"),
            (Hold::Whole, (-100, 130), None, "2026-12-06T09:00/2026-12-06T10:00"),
        ];
        for (hold, drawn, hour, expected) in table {
            let (from, to) = drag(hold, drawn, hour).times();
            let found = span(from, to, false, "Europe/Copenhagen").map(|span| span.to_string());
            assert_eq!(found, Some(format!("{expected}[Europe/Copenhagen]")), "{hold:?} {drawn:?}");
        }
        assert!(drag(Hold::Whole, (3, -4), Some(48)).is_still());
        assert_eq!(drag(Hold::Whole, (3, 2), Some(48)).request("Europe/Copenhagen"), None);
    }

    #[test]
    fn whole_days_end_at_the_last_midnight() {
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap_or_default();
        let days =
            |from: &str, to: &str| span(at(from), at(to), true, "Europe/Copenhagen").map(|span| span.to_string());
        let christmas = days("2026-12-24T00:00:00", "2026-12-27T00:00:00");
        assert_eq!(christmas.as_deref(), Some("2026-12-24/2026-12-26"));
        let one = days("2026-12-24T00:00:00", "2026-12-25T00:00:00");
        assert_eq!(one.as_deref(), Some("2026-12-24/2026-12-24"));
    }
}
