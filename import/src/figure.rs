//! Figures and days as sheets write them.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

/// What stands before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum DecimalMark {
    /// `1,250.50`
    #[default]
    #[serde(rename = ".")]
    Point,
    /// `1.250,50`
    #[serde(rename = ",")]
    Comma,
}

/// Reads a figure. The other mark, blanks and apostrophes may group digits in threes; anything else is no figure, so
/// that `1.250` is never taken for one and a quarter in a sheet that writes `1.250,50`.
pub fn figure(text: &str, mark: DecimalMark) -> Option<Decimal> {
    let (decimal, group) = if mark == DecimalMark::Point { ('.', ',') } else { (',', '.') };
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, decimals) = digits.split_once(decimal).unwrap_or((digits, ""));
    let whole: String =
        whole.chars().map(|c| if matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'') { group } else { c }).collect();
    let groups: Vec<&str> = whole.split(group).collect();
    let grouped_in_threes =
        groups.len() == 1 || (matches!(groups[0].len(), 1..=3) && groups[1..].iter().all(|digits| digits.len() == 3));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = groups.concat();
    if !grouped_in_threes || !all_digits(&whole) || !all_digits(decimals) || (whole.is_empty() && decimals.is_empty()) {
        return None;
    }
    // A sheet's single-precision noise may be longer than a decimal holds; rounding is what it is there for.
    format!("{sign}{whole}.{decimals}0").parse().ok()
}

/// Reads a day in one of the patterns, or as ISO 8601 with or without a time behind it.
pub fn day(text: &str, patterns: &[String]) -> Option<NaiveDate> {
    let text = text.trim();
    let pattern = patterns.iter().find_map(|pattern| NaiveDate::parse_from_str(text, pattern).ok());
    pattern.or_else(|| {
        let (day, time) = text.split_at_checked(10).unwrap_or((text, ""));
        day.parse().ok().filter(|_| time.is_empty() || time.starts_with([' ', 'T']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_as_the_sheet_writes_them_and_never_guessed() {
        use DecimalMark::{Comma, Point};
        for (text, mark, read) in [
            ("9.80000019", Point, Some("9.80000019")),
            ("1,250.50", Point, Some("1250.50")),
            ("1.250,50", Comma, Some("1250.50")),
            ("1 250,5", Comma, Some("1250.5")),
            ("1.250", Comma, Some("1250")),
            ("-12", Point, Some("-12")),
            (".5", Point, Some("0.5")),
            ("1.25", Comma, None),
            ("1,2,3", Point, None),
            ("12 kr.", Comma, None),
            ("1e5", Point, None),
            ("NaN", Point, None),
            ("-", Point, None),
            ("", Point, None),
        ] {
            let expected = read.and_then(|read| read.parse::<Decimal>().ok());
            assert_eq!(figure(text, mark), expected, "{text:?} with {mark:?}");
        }
    }

    #[test]
    fn days_are_iso_or_as_the_profile_says() {
        let danish = ["%d.%m.%Y".to_owned()];
        for (text, patterns, read) in [
            ("1996-07-04", [].as_slice(), true),
            ("1996-07-04 00:00:00.000", &[], true),
            ("1996-07-04T00:00:00", &[], true),
            ("04.07.1996", &danish, true),
            ("04.07.1996", &[], false),
            ("1996-02-30", &[], false),
            ("1996-07-044", &[], false),
            ("ærø 1996-07", &[], false),
        ] {
            let expected = read.then(|| NaiveDate::from_ymd_opt(1996, 7, 4)).flatten();
            assert_eq!(day(text, patterns), expected, "{text:?}");
        }
    }
}
