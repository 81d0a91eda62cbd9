//! When something comes again, as a person chooses it and as a calendar writes it (RFC 5545, 3.3.10).

use crate::words::Words;
use crate::written;
use chrono::{Datelike, NaiveDate, Weekday};

/// What a person can choose; whoever wants more writes the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Repeat {
    #[default]
    Never,
    Daily,
    Workdays,
    Weekly,
    Fortnightly,
    /// On the same day of the month.
    Monthly,
    /// On the same weekday of the month, such as the second Tuesday.
    MonthlyWeekday,
    Yearly,
}

impl Repeat {
    pub const ALL: [Self; 8] = [
        Self::Never,
        Self::Daily,
        Self::Workdays,
        Self::Weekly,
        Self::Fortnightly,
        Self::Monthly,
        Self::MonthlyWeekday,
        Self::Yearly,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Daily => "daily",
            Self::Workdays => "workdays",
            Self::Weekly => "weekly",
            Self::Fortnightly => "fortnightly",
            Self::Monthly => "monthly",
            Self::MonthlyWeekday => "monthly-weekday",
            Self::Yearly => "yearly",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|repeat| repeat.as_str() == name)
    }

    /// The rule for something that begins on a day, until another if there is one; empty for never.
    pub fn rule(self, first: NaiveDate, until: Option<NaiveDate>) -> String {
        let rule = match self {
            Self::Never => return String::new(),
            Self::Daily => "FREQ=DAILY".to_owned(),
            Self::Workdays => WORKDAYS.to_owned(),
            Self::Weekly => "FREQ=WEEKLY".to_owned(),
            Self::Fortnightly => "FREQ=WEEKLY;INTERVAL=2".to_owned(),
            Self::Monthly => "FREQ=MONTHLY".to_owned(),
            Self::MonthlyWeekday => format!("FREQ=MONTHLY;BYDAY={}{}", place(first), code(first.weekday())),
            Self::Yearly => "FREQ=YEARLY".to_owned(),
        };
        match until {
            Some(until) => format!("{rule};UNTIL={}", until.format("%Y%m%d")),
            None => rule,
        }
    }
}

const WORKDAYS: &str = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR";

/// A rule in a person's words; one that nobody could choose here is shown as it is written.
pub fn says(rule: &str, words: &Words) -> String {
    let (parts, ends): (Vec<&str>, Vec<&str>) =
        rule.split(';').partition(|part| !part.starts_with("UNTIL=") && !part.starts_with("COUNT="));
    let kind = match parts.join(";").as_str() {
        "FREQ=DAILY" => "daily",
        WORKDAYS => "workdays",
        "FREQ=WEEKLY" => "weekly",
        "FREQ=WEEKLY;INTERVAL=2" => "fortnightly",
        "FREQ=MONTHLY" => "monthly",
        "FREQ=YEARLY" => "yearly",
        other if other.starts_with("FREQ=MONTHLY;BYDAY=") => "monthly-weekday",
        _ => return rule.to_owned(),
    };
    let says = words.say(&format!("repeat-{kind}"));
    let end = ends.first().and_then(|end| end.split_once('='));
    match end {
        Some(("UNTIL", day)) => match NaiveDate::parse_from_str(day, "%Y%m%d") {
            Ok(day) => {
                format!("{says}, {}", words.with("repeat-until", &[("day", &written::day(day, words.language))]))
            }
            Err(_) => says,
        },
        Some(("COUNT", times)) => format!("{says}, {}", words.with("repeat-times", &[("times", times)])),
        _ => says,
    }
}

/// Which of its weekdays a day is in its month: the fifth, which not every month has, is the last.
fn place(day: NaiveDate) -> i32 {
    let place = i32::try_from((day.day() - 1) / 7 + 1).unwrap_or(1);
    if place > 4 { -1 } else { place }
}

fn code(weekday: Weekday) -> &'static str {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][weekday.num_days_from_monday() as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn what_is_chosen_is_written_as_calendars_write_it_and_said_again() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap_or_default();
        let words = Words::of(Language::English);
        let until = Some(day("2026-12-31"));
        let table = [
            (Repeat::Never, "2026-11-30", None, "", ""),
            (Repeat::Weekly, "2026-11-30", None, "FREQ=WEEKLY", "Every week"),
            (
                Repeat::Workdays,
                "2026-11-30",
                until,
                "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261231",
                "Every working day, until 31 Dec 2026",
            ),
            (Repeat::MonthlyWeekday, "2026-12-08", None, "FREQ=MONTHLY;BYDAY=2TU", "Every month, same weekday"),
            (Repeat::MonthlyWeekday, "2026-11-30", None, "FREQ=MONTHLY;BYDAY=-1MO", "Every month, same weekday"),
        ];
        for (repeat, first, until, rule, said) in table {
            assert_eq!(repeat.rule(day(first), until), rule);
            assert_eq!(says(rule, &words), said);
        }
        assert_eq!(says("FREQ=WEEKLY;INTERVAL=3", &words), "FREQ=WEEKLY;INTERVAL=3");
        for repeat in Repeat::ALL {
            assert_eq!(Repeat::named(repeat.as_str()), Some(repeat));
        }
    }
}
