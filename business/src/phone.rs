//! Telephone numbers: read however they are written, compared as the networks write them (ITU-T E.164).

use phonenumber::Mode;
use phonenumber::country::Id;
use std::fmt;

/// Whose numbers are meant where no country is written.
const HOME: Id = Id::DK;
/// What the networks dial for [`HOME`].
const HOME_CODE: u64 = 45;
/// Digits at most, the country's among them (E.164, 6.1).
const LONGEST: u32 = 15;
/// What is shorter is no number of the public network but an extension or a mistake.
const SHORTEST: u32 = 5;

/// A number with its country, without signs: `4598123456`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct E164(u64);

/// Unpacks the numbering plans, which takes some 50 ms once: before somebody waits for the first number.
pub fn ready() {
    E164::read("98 12 34 56");
}

impl E164 {
    /// Reads a number as people write it: `98 12 34 56`, `+45 98123456`, `0045-98-12-34-56 lok. 4`. Nothing where there is
    /// none. A number without a country is one of Denmark.
    pub fn read(text: &str) -> Option<Self> {
        // An extension is dialled when somebody has answered; a zero in brackets is not dialled from abroad.
        let number = text.split(char::is_alphabetic).next().unwrap_or_default().replace("(0)", "");
        let read = phonenumber::parse(Some(HOME), number.trim()).ok()?;
        let digits = read.format().mode(Mode::E164).to_string().trim_start_matches('+').parse().ok()?;
        (10_u64.pow(SHORTEST)..10_u64.pow(LONGEST)).contains(&digits).then_some(Self(digits))
    }

    /// The number after this one, so that a range holds just one.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// As one says it to somebody abroad: `+45 98 12 34 56`.
    pub fn spoken(self) -> String {
        let read = phonenumber::parse(None, self.to_string());
        read.map_or_else(|_| self.to_string(), |read| read.format().mode(Mode::International).to_string())
    }
}

/// As it is dialled: `+4598123456`.
impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

/// The numbers that begin as this does, in rising order: of every length that a number may have, with and without the country.
/// Nothing where what is typed is no beginning of a number.
pub fn begun(text: &str) -> Vec<std::ops::Range<E164>> {
    let signs = text.trim().trim_start_matches('+').replace("(0)", "");
    let digits: String = signs.chars().filter(char::is_ascii_digit).collect();
    let strange = signs.chars().any(|sign| !sign.is_ascii_digit() && !" -./()\u{a0}".contains(sign));
    if strange || digits.len() < 3 {
        return Vec::new();
    }
    let abroad = text.trim().starts_with('+').then_some(digits.as_str()).or(digits.strip_prefix("00"));
    let mut ranges: Vec<_> = match abroad {
        Some(whole) => of_every_length(whole.parse().ok()),
        None => {
            let home = of_every_length(format!("{HOME_CODE}{digits}").parse().ok());
            home.into_iter().chain(of_every_length(digits.parse().ok())).collect()
        }
    };
    ranges.sort_by_key(|range| range.start);
    ranges
}

fn of_every_length(start: Option<u64>) -> Vec<std::ops::Range<E164>> {
    let Some(start) = start.filter(|start| *start > 0) else { return Vec::new() };
    let more = 0..LONGEST.saturating_sub(start.ilog10());
    more.map(|more| 10_u64.pow(more)).map(|unit| E164(start * unit)..E164((start + 1) * unit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_is_the_same_however_it_is_written() {
        let table = [
            ("98 12 34 56", Some("+4598123456")),
            ("98-12-34-56", Some("+4598123456")),
            ("+45 98 12 34 56", Some("+4598123456")),
            ("0045 98123456", Some("+4598123456")),
            ("  98123456 lok. 14", Some("+4598123456")),
            ("+49 (0)30 901820", Some("+4930901820")),
            ("0049 30 901820", Some("+4930901820")),
            ("+1 (171) 555-7788", Some("+11715557788")),
            ("14", None),
            ("lok. 14", None),
            ("", None),
            ("ring efter kl. 12", None),
            ("+999999999999999999999", None),
        ];
        for (written, read) in table {
            assert_eq!(E164::read(written).map(|read| read.to_string()).as_deref(), read, "{written}");
        }
        assert_eq!(E164::read("98123456").unwrap().spoken(), "+45 98 12 34 56");
    }

    #[test]
    fn a_number_is_found_by_every_beginning_of_it_with_and_without_its_country() {
        let found = |typed: &str, number: &str| {
            let number = E164::read(number).unwrap();
            begun(typed).iter().any(|range| range.contains(&number))
        };
        for typed in ["981", "98 12", "98-12 34 5", "98 12 34 56", "459", "+45 98", "0045981", "4598123456"] {
            assert!(found(typed, "98 12 34 56"), "{typed}");
        }
        for typed in ["982", "+4698", "0046", "12 34 56", "98 12 34 567"] {
            assert!(!found(typed, "98 12 34 56"), "{typed}");
        }
        assert!(found("030 90", "+49 30 901820") || found("+49 30 90", "+49 30 901820"));
        for nothing in ["", "98", "aalborg", "9220 Aalborg", "+", "00", "000"] {
            assert!(begun(nothing).is_empty(), "{nothing}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_typed_is_read_or_not_and_breaks_nothing(text in "[0-9+() ./a-z-]{0,40}") {
            if let Some(read) = E164::read(&text) {
                proptest::prop_assert_eq!(E164::read(&read.to_string()), Some(read));
                proptest::prop_assert!(begun(&read.to_string()).iter().any(|range| range.contains(&read)));
            }
            begun(&text);
        }
    }
}
