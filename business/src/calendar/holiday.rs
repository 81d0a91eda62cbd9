//! The public holidays of Denmark.

use chrono::{Datelike, Days, NaiveDate};
use std::fmt;

/// A day on which nobody works: what Danish law calls *helligdage*. Great Prayer Day is one no more since 2024 (lov nr. 214 of
/// 6 March 2023).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The names are those of the days.
pub enum Holiday {
    NewYearsDay,
    MaundyThursday,
    GoodFriday,
    EasterSunday,
    EasterMonday,
    GreatPrayerDay,
    AscensionDay,
    WhitSunday,
    WhitMonday,
    ChristmasDay,
    SecondChristmasDay,
}

/// The last year with a Great Prayer Day.
const PRAYED_UNTIL: i32 = 2023;

impl Holiday {
    /// Which one a day is, if it is one.
    pub fn on(day: NaiveDate) -> Option<Self> {
        match (day.month(), day.day()) {
            (1, 1) => return Some(Self::NewYearsDay),
            (12, 25) => return Some(Self::ChristmasDay),
            (12, 26) => return Some(Self::SecondChristmasDay),
            _ => {}
        }
        let easter = easter(day.year())?;
        let moving = [
            (-3, Self::MaundyThursday),
            (-2, Self::GoodFriday),
            (0, Self::EasterSunday),
            (1, Self::EasterMonday),
            (26, Self::GreatPrayerDay),
            (39, Self::AscensionDay),
            (49, Self::WhitSunday),
            (50, Self::WhitMonday),
        ];
        let distance = day.signed_duration_since(easter).num_days();
        let found = moving.into_iter().find(|(days, _)| *days == distance).map(|(_, holiday)| holiday);
        found.filter(|holiday| *holiday != Self::GreatPrayerDay || day.year() <= PRAYED_UNTIL)
    }

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewYearsDay => "new_years_day",
            Self::MaundyThursday => "maundy_thursday",
            Self::GoodFriday => "good_friday",
            Self::EasterSunday => "easter_sunday",
            Self::EasterMonday => "easter_monday",
            Self::GreatPrayerDay => "great_prayer_day",
            Self::AscensionDay => "ascension_day",
            Self::WhitSunday => "whit_sunday",
            Self::WhitMonday => "whit_monday",
            Self::ChristmasDay => "christmas_day",
            Self::SecondChristmasDay => "second_christmas_day",
        }
    }
}

impl fmt::Display for Holiday {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// Easter Sunday of a year of the Gregorian calendar, after Gauss in the form without exceptions that Lichtenberg gave it
/// (*Zur Interpretation der Gaußschen Osterformel*, Historia Mathematica 24, 1997): a day of March, counted on into April.
fn easter(year: i32) -> Option<NaiveDate> {
    let century = year / 100;
    let moon = 15 + (3 * century + 3) / 4 - (8 * century + 13) / 25;
    let sun = 2 - (3 * century + 3) / 4;
    let lunar = year % 19;
    let seed = (19 * lunar + moon) % 30;
    let correction = (seed + lunar / 11) / 29;
    let full_moon = 21 + seed - correction;
    let first_sunday = 7 - (year + year / 4 + sun) % 7;
    let days_on = 7 - (full_moon - first_sunday) % 7;
    let march = u64::try_from(full_moon + days_on - 1).ok()?;
    NaiveDate::from_ymd_opt(year, 3, 1)?.checked_add_days(Days::new(march))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn holidays_are_those_of_the_danish_calendar() {
        let table = [
            ("2023-05-05", Some("great_prayer_day")),
            ("2024-04-26", None),
            ("2024-03-28", Some("maundy_thursday")),
            ("2025-04-20", Some("easter_sunday")),
            ("2026-01-01", Some("new_years_day")),
            ("2026-04-02", Some("maundy_thursday")),
            ("2026-04-03", Some("good_friday")),
            ("2026-04-06", Some("easter_monday")),
            ("2026-05-14", Some("ascension_day")),
            ("2026-05-25", Some("whit_monday")),
            ("2026-12-24", None),
            ("2026-12-25", Some("christmas_day")),
            ("2026-12-26", Some("second_christmas_day")),
            // The earliest and the latest Easter there can be, and the two that the formula without corrections misses.
            ("1818-03-22", Some("easter_sunday")),
            ("2038-04-25", Some("easter_sunday")),
            ("1981-04-19", Some("easter_sunday")),
            ("1954-04-18", Some("easter_sunday")),
        ];
        for (day, expected) in table {
            assert_eq!(Holiday::on(day.parse().unwrap()).map(Holiday::as_str), expected, "{day}");
        }
    }

    #[test]
    fn easter_is_a_sunday_between_the_22nd_of_march_and_the_25th_of_april() {
        for year in 1583..4099 {
            let easter = easter(year).unwrap();
            assert_eq!(easter.weekday(), chrono::Weekday::Sun, "{easter}");
            let range = NaiveDate::from_ymd_opt(year, 3, 22).unwrap()..=NaiveDate::from_ymd_opt(year, 4, 25).unwrap();
            assert!(range.contains(&easter), "{easter}");
        }
    }
}
