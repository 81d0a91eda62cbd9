//! Which days are shown, and how somebody gets to others.

use crate::words::{Language, Words};
use crate::written;
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// How much of the calendar is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    Day,
    Week,
    Month,
}

impl View {
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.as_str() == name)
    }

    /// What there is room for here: a day on a telephone, else a week.
    pub fn here() -> Self {
        const TELEPHONE: f64 = 600.0;
        let width = web_sys::window().and_then(|window| window.inner_width().ok()).and_then(|width| width.as_f64());
        if width.is_some_and(|width| width < TELEPHONE) { Self::Day } else { Self::Week }
    }

    /// The first and the last day that are shown when a day is among them.
    pub fn days(self, day: NaiveDate) -> (NaiveDate, NaiveDate) {
        match self {
            Self::Day => (day, day),
            Self::Week => week(day),
            Self::Month => {
                let first = day.with_day(1).unwrap_or(day);
                let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
                (week(first).0, week(next.pred_opt().unwrap_or(next)).1)
            }
        }
    }

    /// The same a step on or back.
    pub fn step(self, day: NaiveDate, on: bool) -> NaiveDate {
        let moved = match (self, on) {
            (Self::Month, true) => day.checked_add_months(Months::new(1)),
            (Self::Month, false) => day.checked_sub_months(Months::new(1)),
            (Self::Week, true) => day.checked_add_days(Days::new(7)),
            (Self::Week, false) => day.checked_sub_days(Days::new(7)),
            (Self::Day, true) => day.succ_opt(),
            (Self::Day, false) => day.pred_opt(),
        };
        moved.unwrap_or(day)
    }

    /// What stands over it.
    pub fn title(self, day: NaiveDate, words: &Words) -> String {
        match self {
            Self::Day => format!("{} {}", weekday(day, words), written::day(day, words.language)),
            Self::Week => {
                let (first, last) = week(day);
                let range = format!("{} – {}", until(first, last, words.language), written::day(last, words.language));
                words.with("cal-week-title", &[("week", &day.iso_week().week().to_string()), ("days", &range)])
            }
            Self::Month => format!("{} {}", words.say(&format!("cal-month-{}", day.month())), day.year()),
        }
    }
}

/// A day before another, without what the other one says too: `1` before `7 Mar 2027`.
fn until(first: NaiveDate, last: NaiveDate, language: Language) -> String {
    let same_month = (first.year(), first.month()) == (last.year(), last.month());
    match language {
        _ if first.year() != last.year() => written::day(first, language),
        Language::Danish | Language::German => first.format("%d.%m.").to_string(),
        Language::English if same_month => first.format("%-d").to_string(),
        Language::English => first.format("%-d %b").to_string(),
    }
}

/// Monday to Sunday (ISO 8601).
fn week(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let back = Days::new(u64::from(day.weekday().num_days_from_monday()));
    let monday = day.checked_sub_days(back).unwrap_or(day);
    (monday, monday.checked_add_days(Days::new(6)).unwrap_or(monday))
}

/// Whether nobody works: a holiday, or the end of a week.
pub fn rests(day: NaiveDate, is_holiday: bool) -> bool {
    is_holiday || matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// What a day of the week is called.
pub fn weekday(day: NaiveDate, words: &Words) -> String {
    words.say(&format!("cal-weekday-{}", day.weekday().number_from_monday()))
}

/// The first letters of what it is called, where there is little room.
pub fn weekday_short(day: NaiveDate, words: &Words) -> String {
    let letters = if words.language == Language::German { 2 } else { 3 };
    weekday(day, words).chars().take(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_shows_whole_weeks_and_steps_by_what_it_shows() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap_or_default();
        let table = [
            (View::Day, "2026-11-30", "2026-11-30", "2026-11-30", "2026-12-01", "2026-11-29"),
            (View::Week, "2026-12-03", "2026-11-30", "2026-12-06", "2026-12-10", "2026-11-26"),
            (View::Month, "2026-12-31", "2026-11-30", "2027-01-03", "2027-01-31", "2026-11-30"),
            (View::Month, "2027-02-10", "2027-02-01", "2027-02-28", "2027-03-10", "2027-01-10"),
        ];
        for (view, at, first, last, on, back) in table {
            assert_eq!(view.days(day(at)), (day(first), day(last)), "{view:?} {at}");
            assert_eq!((view.step(day(at), true), view.step(day(at), false)), (day(on), day(back)), "{view:?} {at}");
        }
    }
}
