//! How figures and days are written for a person, and what a person typed in the form of the contract.

use crate::words::Language;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use mera_schema::{Currency, Form, Money, Span, SpanOf};

/// How a browser's field for a moment writes it (HTML, local date and time).
const TYPED: &str = "%Y-%m-%dT%H:%M";

/// `1.234,50` in Danish, `1,234.50` in English; `plain` is a decimal with a point.
pub fn figure(plain: &str, language: Language) -> String {
    let (group, point) = match language {
        Language::Danish | Language::German => ('.', ','),
        Language::English => (',', '.'),
    };
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain), |digits| ("−", digits));
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(group);
        }
        text.push(digit);
    }
    if let Some(rest) = rest {
        text.push(point);
        text.push_str(rest);
    }
    text
}

/// `1.234,50 kr.` or `1.234,50 EUR`.
pub fn money(money: &Money, language: Language) -> String {
    shown(Form::Money, &money.to_string(), language)
}

/// `23.11.2026` or `23 Nov 2026`.
pub fn day(day: NaiveDate, language: Language) -> String {
    match language {
        Language::Danish | Language::German => day.format("%d.%m.%Y").to_string(),
        Language::English => day.format("%-d %b %Y").to_string(),
    }
}

/// Day and time where the person is.
pub fn moment(at: DateTime<Utc>, language: Language) -> String {
    format!("{} {}", day(local(at).date(), language), clock(at))
}

/// The hour alone of what is today, else the day too.
pub fn lately(at: DateTime<Utc>, now: DateTime<Utc>, language: Language) -> String {
    if day_of(at) == day_of(now) { clock(at) } else { moment(at, language) }
}

/// The day of a moment where the person is.
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    local(at).date()
}

/// When a day begins where the person is.
pub fn begins(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
    midnight + (midnight.naive_utc() - local(midnight))
}

/// A moment as a person types it into a field for one, where the person is.
pub fn moment_typed(text: &str) -> Option<DateTime<Utc>> {
    let there = NaiveDateTime::parse_from_str(text, TYPED).ok()?.and_utc();
    Some(there + (there.naive_utc() - local(there)))
}

/// The same, as such a field shows it.
pub fn moment_to_type(at: DateTime<Utc>) -> String {
    local(at).format(TYPED).to_string()
}

/// Hour and minute where the person is.
pub fn clock(at: DateTime<Utc>) -> String {
    local(at).format("%H:%M").to_string()
}

fn local(at: DateTime<Utc>) -> NaiveDateTime {
    let minutes = js_sys::Date::new_0().get_timezone_offset();
    at.naive_utc() - chrono::Duration::minutes(minutes as i64)
}

/// From when until when, by the clock there; each day as somebody wants to read it.
pub fn span(when: &Span, day: impl Fn(NaiveDate) -> String) -> String {
    match when.of() {
        SpanOf::Days { first, last } if first == last => day(first),
        SpanOf::Days { first, last } => format!("{} – {}", day(first), day(last)),
        SpanOf::Hours { from, to, .. } if from.date() == to.date() => {
            format!("{} {}–{}", day(from.date()), from.format("%-H:%M"), to.format("%-H:%M"))
        }
        SpanOf::Hours { from, to, .. } => {
            format!("{} {} – {} {}", day(from.date()), from.format("%-H:%M"), day(to.date()), to.format("%-H:%M"))
        }
    }
}

/// A written value as a person reads it in a field.
pub fn shown(form: Form, written: &str, language: Language) -> String {
    match form {
        Form::Money | Form::Quantity => {
            let unit = written.split_once(' ').map_or("", |(_, unit)| unit);
            let amount = amount_of(form, written, language);
            let unit = if form == Form::Quantity { unit_shown(unit, language) } else { unit };
            if unit == "DKK" { format!("{amount} kr.") } else { format!("{amount} {unit}").trim_end().to_owned() }
        }
        Form::Percent => format!("{} %", figure(written, language)),
        Form::Number => figure(written, language),
        Form::Day => written.parse().map_or_else(|_| written.to_owned(), |found| day(found, language)),
        Form::Moment => written.parse().map_or_else(|_| written.to_owned(), |found| moment(found, language)),
        Form::Span => written.parse().map_or_else(|_| written.to_owned(), |found| span(&found, |at| day(at, language))),
        _ => written.to_owned(),
    }
}

/// The figure of an amount without its unit or currency.
pub fn amount_of(form: Form, written: &str, language: Language) -> String {
    let (amount, unit) = written.split_once(' ').unwrap_or((written, ""));
    if form == Form::Money { figure(&with_coins(amount, unit), language) } else { figure(amount, language) }
}

/// Pieces are called `stk.` in Danish and `Stk.` in German; other units are written the same everywhere.
pub fn unit_shown(unit: &str, language: Language) -> &str {
    match (unit, language) {
        ("pcs", Language::Danish) => "stk.",
        ("pcs", Language::German) => "Stk.",
        _ => unit,
    }
}

/// The unit a person means.
pub fn unit_typed(unit: &str) -> &str {
    match unit {
        "stk" | "stk." | "Stk" | "Stk." | "pc" | "pc." | "pcs." => "pcs",
        _ => unit,
    }
}

/// As many decimals as the currency has coins, at least: prices stand under each other.
fn with_coins(amount: &str, currency: &str) -> String {
    let digits = currency.parse().map_or(2, |currency: Currency| currency.minor_digits()) as usize;
    let missing = digits.saturating_sub(amount.split_once('.').map_or(0, |(_, coins)| coins.len()));
    let point = if amount.contains('.') { "" } else { "." };
    if missing == 0 { amount.to_owned() } else { format!("{amount}{point}{}", "0".repeat(missing)) }
}

/// What a person typed, in the written form. `unit` completes a bare figure. Nothing is judged here: the device refuses.
pub fn typed(form: Form, text: &str, unit: &str, language: Language) -> String {
    let text = text.trim();
    match form {
        Form::Money | Form::Quantity => {
            let (amount, given) = apart(text);
            let given = if given.is_empty() { unit } else { given };
            let given = match form {
                Form::Money if ["kr", "kr."].contains(&given.to_lowercase().as_str()) => "DKK".to_owned(),
                Form::Money => given.to_uppercase(),
                _ => unit_typed(given).to_owned(),
            };
            format!("{} {given}", plain(&amount, language)).trim().to_owned()
        }
        Form::Percent => plain(text.trim_end_matches('%').trim(), language),
        Form::Number => plain(text, language),
        Form::Day => day_typed(text),
        _ => text.to_owned(),
    }
}

/// The figure and the word before or behind it: `12 EUR`, `kr. 1.234,50`, `1 234,50`.
fn apart(text: &str) -> (String, &str) {
    let of_figure = |letter: char| letter.is_ascii_digit() || "-−.,".contains(letter) || letter.is_whitespace();
    let first = text.find(|letter: char| letter.is_ascii_digit() || "-−".contains(letter)).unwrap_or(0);
    let (before, rest) = text.split_at(first);
    let end = rest.find(|letter: char| !of_figure(letter)).unwrap_or(rest.len());
    let (amount, behind) = rest.split_at(end);
    let amount = amount.chars().filter(|letter| !letter.is_whitespace()).collect();
    (amount, if behind.trim().is_empty() { before.trim() } else { behind.trim() })
}

/// `23.11.2026`, `23/11-26`, `23 Nov 2026` and `2026-11-23` are one day. What is none of them is left as it is.
fn day_typed(text: &str) -> String {
    let parts: Vec<&str> =
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let [first, month, last] = parts.as_slice() else { return text.to_owned() };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    let found = (|| {
        let year: i32 = year.parse().ok()?;
        let year = if year < 100 { year + 2000 } else { year };
        let month = month.parse().ok().or_else(|| month_named(month))?;
        NaiveDate::from_ymd_opt(year, month, day.parse().ok()?)
    })();
    found.map_or_else(|| text.to_owned(), |day| day.to_string())
}

/// By its first three letters, in Danish, English and German.
fn month_named(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar mär", "apr", "maj may mai", "jun", "jul", "aug", "sep", "okt oct", "nov", "dec dez"];
    let short: String = word.to_lowercase().chars().take(3).collect();
    let place = MONTHS.iter().position(|names| names.split(' ').any(|name| name == short))?;
    u32::try_from(place + 1).ok()
}

/// A decimal with a point. A separator followed by anything but groups of three digits is the decimal separator,
/// whichever it is: a person who types `95.50` in Danish means ninety-five and a half.
fn plain(text: &str, language: Language) -> String {
    let (group, point) = match language {
        Language::Danish | Language::German => ('.', ','),
        Language::English => (',', '.'),
    };
    let text = text.replace('−', "-");
    let grouped = text.split(group).skip(1).all(|part| part.split(point).next().is_some_and(|part| part.len() == 3));
    if grouped { text.replace(group, "").replace(point, ".") } else { text.replace([point, group], ".") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_and_understood_as_people_write_them() {
        use Form::{Day, Money, Percent, Quantity};
        use Language::{Danish, English};
        assert_eq!(figure("1234567.5", Danish), "1.234.567,5");
        assert_eq!(figure("-999.00", English), "−999.00");
        assert_eq!(shown(Money, "1250.00 DKK", Danish), "1.250,00 kr.");
        assert_eq!(shown(Money, "395 EUR", English), "395.00 EUR");
        assert_eq!(shown(Money, "0.125 DKK", Danish), "0,125 kr.");
        assert_eq!(shown(Money, "1234 ISK", Danish), "1.234 ISK");
        let price: mera_schema::Money = "210 DKK".parse().expect("a price");
        assert_eq!(money(&price, Danish), "210,00 kr.");
        assert_eq!(shown(Quantity, "24 pcs", Danish), "24 stk.");
        let nine = "2026-11-30T09:00/2026-11-30T10:30[Europe/Copenhagen]";
        assert_eq!(shown(Form::Span, nine, Danish), "30.11.2026 9:00–10:30");
        let night = "2026-11-30T22:00/2026-12-01T01:00[Europe/Copenhagen]";
        assert_eq!(shown(Form::Span, night, English), "30 Nov 2026 22:00 – 1 Dec 2026 1:00");
        assert_eq!(shown(Form::Span, "2026-12-24/2026-12-26", English), "24 Dec 2026 – 26 Dec 2026");
        for (form, text, unit, language, written) in [
            (Money, "1.250,00 kr.", "DKK", Danish, "1250.00 DKK"),
            (Money, "95.50", "DKK", Danish, "95.50 DKK"),
            (Money, "1.250", "DKK", Danish, "1250 DKK"),
            (Money, "1,250.5", "EUR", English, "1250.5 EUR"),
            (Money, "12 EUR", "DKK", Danish, "12 EUR"),
            (Quantity, "4", "pcs", Danish, "4 pcs"),
            (Quantity, "4 stk.", "m", Danish, "4 pcs"),
            (Quantity, "2,5 m", "pcs", Danish, "2.5 m"),
            (Percent, "12,5 %", "", Danish, "12.5"),
            (Money, "kr. 1.234,50", "EUR", Danish, "1234.50 DKK"),
            (Money, "1\u{a0}234,50", "EUR", Danish, "1234.50 EUR"),
            (Money, "12 eur", "DKK", English, "12 EUR"),
            (Money, "hundrede", "DKK", Danish, "HUNDREDE"),
            (Day, "23.11.2026", "", Danish, "2026-11-23"),
            (Day, "1/2-27", "", Danish, "2027-02-01"),
            (Day, "23 Nov 2026", "", English, "2026-11-23"),
            (Day, "2. maj 2026", "", Danish, "2026-05-02"),
            (Day, "2026-11-23", "", English, "2026-11-23"),
            (Day, "2. März 2026", "", Language::German, "2026-03-02"),
            (Money, "1.250,00", "EUR", Language::German, "1250.00 EUR"),
            (Quantity, "4 Stk.", "m", Language::German, "4 pcs"),
            (Day, "31.02.2026", "", Danish, "31.02.2026"),
            (Day, "snart", "", Danish, "snart"),
        ] {
            assert_eq!(typed(form, text, unit, language), written, "{text}");
        }
    }
}
