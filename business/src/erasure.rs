//! Whether a record may be erased for good, as far as the documents that name it are concerned. Who may is another question:
//! `mera_trust` answers it.

use crate::Refusal;
use crate::retention::{FinancialYear, Posted};
use chrono::NaiveDate;
use mera_schema::{AnyRecord, RecordKind};

/// Whether a record of this kind, which these records name, may be erased today. What the law wants kept outweighs the
/// right to be forgotten (GDPR, article 17, 3 b): whom a posted document names stays until nobody needs the document.
pub fn allowed(kind: RecordKind, named_by: &[AnyRecord], today: NaiveDate) -> Result<(), Refusal> {
    match kind {
        RecordKind::Task => return Ok(()),
        RecordKind::Customer | RecordKind::Supplier | RecordKind::Employee => {}
        RecordKind::Product | RecordKind::Quote | RecordKind::Order | RecordKind::Device => {
            return Err(Refusal::NeverErased { kind });
        }
    }
    let kept = |document: Posted| (document.keep_until(FinancialYear::CALENDAR), document.number);
    let needing = named_by.iter().filter_map(Posted::of).map(kept);
    let needing = needing.filter(|(until, _)| until.is_none_or(|until| until >= today));
    // One whose day cannot be told is kept longest.
    match needing.max_by_key(|(until, _)| until.unwrap_or(NaiveDate::MAX)) {
        Some((Some(until), number)) => Err(Refusal::NeededByDocument { number, until }),
        Some((None, number)) => Err(Refusal::NeededByUndated { number }),
        None => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use mera_schema::{Field, Order, Quote, RecordId, RecordRef, RecordTree, Stage, Task};

    fn nothing(kind: RecordKind) -> RecordTree {
        RecordTree::empty(RecordRef::new(kind, RecordId::new(uuid::Uuid::nil())), 1)
    }

    fn quote(stage: Stage, revision: u32, date: &str) -> AnyRecord {
        let number = Field::One(format!("T-A1-{revision}"));
        let (stage, revision, date) =
            (Field::One(stage), Field::One(revision.into()), Field::One(date.parse().unwrap()));
        AnyRecord::Quote(Quote { number, stage, revision, date, ..Quote::read(&nothing(RecordKind::Quote)) })
    }

    fn order(date: Option<&str>) -> AnyRecord {
        let date = date.map_or(Field::Empty, |date| Field::One(date.parse().unwrap()));
        AnyRecord::Order(Order { number: Field::One("O-1".into()), date, ..Order::read(&nothing(RecordKind::Order)) })
    }

    #[test]
    fn whom_a_posted_document_names_stays_until_the_law_needs_it_no_more() {
        let until = |day: &str| Some(Some(day.parse::<NaiveDate>().unwrap()));
        let table = [
            ("nobody names it", vec![], None),
            ("a task about it", vec![AnyRecord::Task(Task::read(&nothing(RecordKind::Task)))], None),
            ("a draft", vec![quote(Stage::Draft, 1, "2026-09-22")], None),
            ("a draft that was sent before", vec![quote(Stage::Draft, 2, "2026-09-22")], until("2031-12-31")),
            ("a sent quote", vec![quote(Stage::Sent, 1, "2026-09-22")], until("2031-12-31")),
            ("one of long ago", vec![quote(Stage::Won, 1, "2020-12-31")], None),
            ("on the last day", vec![quote(Stage::Won, 1, "2021-09-22")], until("2026-12-31")),
            ("the later of two", vec![order(Some("2025-01-01")), order(Some("2026-01-01"))], until("2031-12-31")),
            ("an order without a day", vec![order(None), order(Some("2026-01-01"))], Some(None)),
        ];
        let today = "2026-09-22".parse().unwrap();
        for kind in [RecordKind::Customer, RecordKind::Supplier, RecordKind::Employee] {
            for (what, named_by, expected) in &table {
                let found = match allowed(kind, named_by, today) {
                    Ok(()) => None,
                    Err(Refusal::NeededByDocument { until, .. }) => Some(Some(until)),
                    Err(Refusal::NeededByUndated { .. }) => Some(None),
                    Err(other) => panic!("{other}"),
                };
                assert_eq!(found, *expected, "{what}");
            }
        }
        let sent = [quote(Stage::Sent, 1, "2026-09-22")];
        assert_eq!(allowed(RecordKind::Task, &sent, today), Ok(()));
        assert_eq!(allowed(RecordKind::Quote, &[], today), Err(Refusal::NeverErased { kind: RecordKind::Quote }));
    }
}
