//! How long the law wants documents kept. The Danish bookkeeping act (bogføringsloven, lov nr. 700 af 24/05/2022), § 12:
//! five years from the end of the financial year that the material concerns, also when the company ends before.

use crate::Refusal;
use chrono::{Datelike, Months, NaiveDate};
use mera_schema::{
    Addressee, AnyRecord, Contact, Edit, Field, ItemId, ORDER, Quote, RecordId, RecordKind, RecordRef, Stage,
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

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
    /// Which.
    pub record: RecordRef,
    /// What people call it.
    pub number: String,
    /// Its day; nothing where nobody has written one, or people disagree about it.
    pub date: Option<NaiveDate>,
}

impl Posted {
    /// The document that a record is; nothing if it is none, or was never posted.
    pub fn of(record: &AnyRecord) -> Option<Self> {
        let (record, number, date) = match record {
            AnyRecord::Quote(quote) if was_sent(quote) => (quote.record, &quote.number, &quote.date),
            AnyRecord::Order(order) => (order.record, &order.number, &order.date),
            _ => return None,
        };
        let number = number.provisional().cloned().unwrap_or_default();
        Some(Self { record, number, date: date.agreed().copied() })
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

/// A document that needs to be kept today, and with it whom it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needing {
    /// Which.
    pub document: RecordRef,
    /// What people call it.
    pub number: String,
    /// The last day on which it must still be there.
    pub until: NaiveDate,
}

/// Those of some records that are documents which the law wants kept today, the one that is kept longest last. One whose
/// day nobody has written is refused: nobody could tell when it may go.
pub fn needing(records: &[AnyRecord], today: NaiveDate) -> Result<Vec<Needing>, Refusal> {
    let mut needing = Vec::new();
    for document in records.iter().filter_map(Posted::of) {
        match document.keep_until(FinancialYear::CALENDAR) {
            None => return Err(Refusal::NeededByUndated { number: document.number }),
            Some(until) if until >= today => {
                needing.push(Needing { document: document.record, number: document.number, until });
            }
            Some(_) => {}
        }
    }
    needing.sort_by_key(|one| (one.until, one.document));
    Ok(needing)
}

/// The record that is kept of a contact: the same for everybody who erases it.
pub fn addressee_of(contact: RecordRef) -> RecordRef {
    RecordRef::new(RecordKind::Addressee, RecordId::addressee_of(contact.id))
}

/// What is kept of a contact for the documents that need it: name and address as they stand on them, and nothing by which
/// the person could be reached otherwise.
pub fn copy(contact: &Contact, party: Option<&AnyRecord>, needing: &[Needing]) -> Vec<Edit> {
    let kept = addressee_of(contact.record);
    let (company, addresses) = match party {
        Some(AnyRecord::Customer(customer)) => (&customer.name, &customer.addresses),
        Some(AnyRecord::Supplier(supplier)) => (&supplier.name, &supplier.addresses),
        _ => (&Field::Empty, &BTreeMap::new()),
    };
    let address = addresses.values().find(|address| address.is_live());
    let word = |field: &Field<String>| field.provisional().cloned();
    let mut values = vec![
        ("name", word(&contact.name)),
        ("title", word(&contact.title)),
        ("party", contact.party.provisional().map(ToString::to_string)),
        ("company", word(company)),
        ("contact", Some(contact.record.to_string())),
    ];
    if let Some(address) = address {
        values.extend([
            ("street", word(&address.street)),
            ("postal_code", word(&address.postal_code)),
            ("city", word(&address.city)),
            ("country", word(&address.country)),
        ]);
    }
    let mut edits: Vec<Edit> = values.into_iter().filter_map(|(field, value)| Some(Edit::set(field, value?))).collect();
    edits.extend(needing.iter().map(|one| kept_for(kept.id, one)));
    edits
}

fn kept_for(kept: RecordId, needing: &Needing) -> Edit {
    let document = needing.document.to_string();
    let item = ItemId::derived(kept, &document);
    let values = [(ORDER, needing.until.to_string()), ("document", document), ("until", needing.until.to_string())];
    let values = values.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
    Edit::Add { collection: "documents".into(), item, values }
}

/// The last day on which an addressee must still be there; nothing if no document needs it.
pub fn retained(addressee: &Addressee) -> Option<NaiveDate> {
    let live = addressee.documents.values().filter(|document| document.is_live());
    live.filter_map(|document| document.until.provisional().copied()).max()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use mera_schema::{Authorship, Candidate, Customer, DeviceId, RecordTree};

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

    fn record(kind: RecordKind, n: u128) -> RecordRef {
        RecordRef::new(kind, RecordId::new(uuid::Uuid::from_u128(n)))
    }

    fn tree(record: RecordRef, values: &[(&str, &str)]) -> RecordTree {
        let mut tree = RecordTree::empty(record, 1);
        let by = Authorship { device: DeviceId::new(uuid::Uuid::nil()), at: chrono::DateTime::default() };
        for (field, value) in values {
            tree.root.values.insert((*field).into(), vec![Candidate { value: (*value).into(), by }]);
        }
        tree
    }

    #[test]
    fn of_a_contact_name_and_address_are_kept_and_nothing_else() {
        let (customer, contact) = (record(RecordKind::Customer, 1), record(RecordKind::Contact, 2));
        let written = [
            ("name", "Karen Blixen"),
            ("title", "Indkøber"),
            ("phone", "45 12 34 56"),
            ("email", "karen@rungstedlund.dk"),
            ("party", &customer.to_string()),
        ];
        let contact = Contact::read(&tree(contact, &written));
        let party = AnyRecord::Customer(Customer::read(&tree(customer, &[("name", "Rungstedlund A/S")])));
        let until = "2031-12-31".parse().unwrap();
        let needing = [Needing { document: record(RecordKind::Order, 3), number: "10".into(), until }];
        let edits = copy(&contact, Some(&party), &needing);
        let told = format!("{edits:?}");
        for kept in ["Karen Blixen", "Indkøber", "Rungstedlund A/S", "order/", "2031-12-31"] {
            assert!(told.contains(kept), "{kept} in {told}");
        }
        for lost in ["45 12 34 56", "karen@"] {
            assert!(!told.contains(lost), "{lost}");
        }
        assert!(edits.iter().all(|edit| edit.check(&Addressee::DEF).is_ok()));
    }

    #[test]
    fn an_addressee_is_kept_as_long_as_the_last_of_its_documents() {
        let mut kept = tree(record(RecordKind::Addressee, 1), &[]);
        assert_eq!(retained(&Addressee::read(&kept)), None);
        for (n, until) in ["2031-12-31", "2033-12-31", "2030-12-31"].into_iter().enumerate() {
            let item = ItemId::new(uuid::Uuid::from_u128(n as u128));
            let node = tree(record(RecordKind::Task, 1), &[("until", until)]).root;
            kept.items.entry("documents".into()).or_default().insert(item, node);
        }
        assert_eq!(retained(&Addressee::read(&kept)).unwrap().to_string(), "2033-12-31");
    }
}
