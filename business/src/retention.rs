//! How long the law wants documents kept. The Danish bookkeeping act (bogføringsloven, lov nr. 700 af 24/05/2022), § 12:
//! five years from the end of the financial year that the material concerns, also when the company ends before.

use chrono::{Datelike, Months, NaiveDate};
use mera_schema::{AnyRecord, Field, Quote, Stage};
use rust_decimal::Decimal;

/// Years for which documents are kept after their financial year.
const YEARS: u32 = 5;

/// When a company's financial year ends: always with a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinancialYear {
    /// Its last month, 1 to 12.
    last_month: u32,
}

impl FinancialYear {
    /// From January to December.
    pub const CALENDAR: Self = Self { last_month: 12 };

    /// A year whose last month is this; nothing for a month that there is not.
    pub fn ending_with(last_month: u32) -> Option<Self> {
        (1..=12).contains(&last_month).then_some(Self { last_month })
    }

    /// The last day of the financial year that a day lies in.
    fn end_of(self, day: NaiveDate) -> NaiveDate {
        let year = day.year() + i32::from(day.month() > self.last_month);
        last_day(year, self.last_month).unwrap_or(NaiveDate::MAX)
    }
}

fn last_day(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// The last day on which a document of this day must still be there.
pub fn keep_until(posted: NaiveDate, year: FinancialYear) -> NaiveDate {
    let end = year.end_of(posted);
    // From the last day of a February to that of another, leap year or not.
    i32::try_from(YEARS).ok().and_then(|years| last_day(end.year() + years, end.month())).unwrap_or(NaiveDate::MAX)
}

/// A document that has left the house, or that others rely on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// What people call it.
    pub number: String,
    /// Its day; nothing where nobody has written one, or people disagree about it.
    pub date: Option<NaiveDate>,
}

impl Posted {
    /// The document that a record is; nothing if it is none, or was never posted.
    pub fn of(record: &AnyRecord) -> Option<Self> {
        let (number, date) = match record {
            AnyRecord::Quote(quote) if was_sent(quote) => (&quote.number, &quote.date),
            AnyRecord::Order(order) => (&order.number, &order.date),
            _ => return None,
        };
        let number = number.provisional().cloned().unwrap_or_default();
        Some(Self { number, date: date.agreed().copied() })
    }

    /// The last day on which it must still be there; nothing where that cannot be told, and it is kept until it can.
    pub fn keep_until(&self, year: FinancialYear) -> Option<NaiveDate> {
        self.date.map(|date| keep_until(date, year))
    }
}

/// A quote that is being revised was sent before. One that people disagree about counts as sent, too.
fn was_sent(quote: &Quote) -> bool {
    let draft = matches!(quote.stage, Field::Empty | Field::One(Stage::Draft));
    !draft || quote.revision.provisional().is_some_and(|revision| *revision > Decimal::ONE)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_kept_five_years_from_the_end_of_their_financial_year() {
        let table = [
            (12, "2026-01-01", "2031-12-31"),
            (12, "2026-12-31", "2031-12-31"),
            (12, "2027-01-01", "2032-12-31"),
            (6, "2026-06-30", "2031-06-30"),
            (6, "2026-07-01", "2032-06-30"),
            // The last day of February is not the same each year.
            (2, "2023-02-28", "2028-02-29"),
            (2, "2024-02-29", "2029-02-28"),
        ];
        for (month, posted, until) in table {
            let year = FinancialYear::ending_with(month).unwrap();
            assert_eq!(keep_until(posted.parse().unwrap(), year).to_string(), until, "posted {posted}");
        }
        assert_eq!(FinancialYear::ending_with(13), None);
    }
}
