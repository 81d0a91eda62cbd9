//! Whether a record may be erased for good, as far as the documents that name it are concerned. Who may is another question:
//! `mera_trust` answers it.

use crate::Refusal;
use crate::retention::{Needing, needing, retained};
use chrono::NaiveDate;
use mera_schema::{AnyRecord, RecordRef};

/// What erasing a record takes along, and what has to be kept of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erasing {
    /// What nobody needs without it: tasks about it, calls from it, appointments with it and reports of them, and where a colleague is.
    pub with_it: Vec<RecordRef>,
    /// The documents for which a copy of its name and address is kept; only contacts have one.
    pub kept_for: Vec<Needing>,
}

/// What erasing a record means today, which these records name; or why it may not be erased. What the law wants kept
/// outweighs the right to be forgotten (GDPR, article 17, 3 b): a company or colleague whom a posted document names stays
/// until nobody needs the document, and of a contact a copy stays.
pub fn decide(
    which: RecordRef,
    record: &AnyRecord,
    named_by: &[AnyRecord],
    today: NaiveDate,
) -> Result<Erasing, Refusal> {
    let about_it = |one: &AnyRecord| match one {
        AnyRecord::Task(task) => (task.about.agreed() == Some(&which)).then_some(task.record),
        AnyRecord::Presence(presence) => (presence.employee.agreed() == Some(&which)).then_some(presence.record),
        // A message says what somebody there wanted. Whom of us it was for does not make it that colleague's own.
        AnyRecord::Call(call) => {
            (call.party.agreed() == Some(&which) || call.contact.agreed() == Some(&which)).then_some(call.record)
        }
        // So does an appointment with a company; and a time that is not as the others goes with these.
        AnyRecord::Appointment(one) => {
            (one.party.agreed() == Some(&which) || one.one_of.agreed() == Some(&which)).then_some(one.record)
        }
        // What was brought home from a visit is about whoever was visited.
        AnyRecord::Report(report) => {
            let about = report.party.agreed() == Some(&which) || report.appointment.agreed() == Some(&which);
            about.then_some(report.record)
        }
        _ => None,
    };
    let mut erasing = Erasing { with_it: named_by.iter().filter_map(about_it).collect(), kept_for: Vec::new() };
    match record {
        AnyRecord::Task(_)
        | AnyRecord::Presence(_)
        | AnyRecord::Call(_)
        | AnyRecord::Appointment(_)
        | AnyRecord::Report(_)
        | AnyRecord::Resource(_) => {}
        AnyRecord::Contact(_) => erasing.kept_for = needing(named_by, today)?,
        AnyRecord::Customer(_) | AnyRecord::Supplier(_) | AnyRecord::Employee(_) => {
            if let Some(Needing { number, until, .. }) = needing(named_by, today)?.pop() {
                return Err(Refusal::NeededByDocument { number, until });
            }
        }
        AnyRecord::Addressee(kept) => {
            if let Some(until) = retained(kept).filter(|until| *until >= today) {
                return Err(Refusal::KeptByLaw { until });
            }
        }
        AnyRecord::Product(_) | AnyRecord::Quote(_) | AnyRecord::Order(_) | AnyRecord::Device(_) => {
            return Err(Refusal::NeverErased { kind: which.kind });
        }
    }
    Ok(erasing)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use mera_schema::{
        Authorship, Candidate, DeviceId, Field, ItemId, Node, Order, Quote, RecordId, RecordKind, RecordTree, Stage,
        Task,
    };

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

    fn decided(kind: RecordKind, named_by: &[AnyRecord], today: &str) -> Result<Erasing, Refusal> {
        let tree = nothing(kind);
        decide(tree.record, &AnyRecord::read(&tree), named_by, today.parse().unwrap())
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
        for kind in [RecordKind::Customer, RecordKind::Supplier, RecordKind::Employee] {
            for (what, named_by, expected) in &table {
                let found = match decided(kind, named_by, "2026-09-22") {
                    Ok(_) => None,
                    Err(Refusal::NeededByDocument { until, .. }) => Some(Some(until)),
                    Err(Refusal::NeededByUndated { .. }) => Some(None),
                    Err(other) => panic!("{other}"),
                };
                assert_eq!(found, *expected, "{what}");
            }
        }
        for (what, named_by, expected) in &table {
            let erasing = decided(RecordKind::Contact, named_by, "2026-09-22");
            let until = erasing.map(|erasing| erasing.kept_for.last().map(|needing| needing.until));
            match expected {
                Some(None) => assert!(matches!(until, Err(Refusal::NeededByUndated { .. })), "{what}"),
                Some(Some(day)) => assert_eq!(until, Ok(Some(*day)), "of a contact a copy stays: {what}"),
                None => assert_eq!(until, Ok(None), "{what}"),
            }
        }
    }

    #[test]
    fn figures_are_never_erased_tasks_always_and_what_is_about_a_record_goes_with_it() {
        let decided = |kind, named_by: &[AnyRecord]| decided(kind, named_by, "2026-09-22");
        let sent = [quote(Stage::Sent, 1, "2026-09-22")];
        assert_eq!(decided(RecordKind::Task, &sent), Ok(Erasing::default()));
        for kind in [RecordKind::Quote, RecordKind::Order, RecordKind::Product, RecordKind::Device] {
            assert_eq!(decided(kind, &[]), Err(Refusal::NeverErased { kind }));
        }
        let mut task = Task::read(&nothing(RecordKind::Task));
        let (contact, colleague) = (nothing(RecordKind::Contact).record, nothing(RecordKind::Employee).record);
        (task.about, task.owner) = (Field::One(contact), Field::One(colleague));
        let named_by = [AnyRecord::Task(task.clone())];
        assert_eq!(decided(RecordKind::Contact, &named_by).unwrap().with_it, [task.record]);
        assert_eq!(decided(RecordKind::Employee, &named_by).unwrap().with_it, [], "work of a colleague stays");
    }

    #[test]
    fn what_is_kept_of_a_contact_is_not_erased_before_its_day() {
        let mut kept = nothing(RecordKind::Addressee);
        let by = Authorship { device: DeviceId::new(uuid::Uuid::nil()), at: chrono::DateTime::default() };
        let mut node = Node::default();
        node.values.insert("until".into(), vec![Candidate { value: "2026-12-31".into(), by }]);
        kept.items.entry("documents".into()).or_default().insert(ItemId::new(uuid::Uuid::nil()), node);
        let decided = |today: &str| decide(kept.record, &AnyRecord::read(&kept), &[], today.parse().unwrap());
        let until = "2026-12-31".parse().unwrap();
        assert_eq!(decided("2026-12-31"), Err(Refusal::KeptByLaw { until }));
        assert_eq!(decided("2027-01-01"), Ok(Erasing::default()));
    }
}
