//! Reports of visits: begun from the visit, told to those concerned once their author is done.

use crate::rank;
use chrono::{DateTime, SecondsFormat, Utc};
use mera_schema::{Appointment, Edit, Field, FieldPath, ItemId, LIFE, Life, ORDER, RecordRef, Report, ReportCopy};
use serde::{Deserialize, Serialize};

/// What the views know of a report that was filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFact {
    /// What it is about.
    pub subject: String,
    /// The customer or supplier.
    pub party: Option<RecordRef>,
    /// Who wrote it.
    pub author: Option<RecordRef>,
    /// The visit.
    pub appointment: Option<RecordRef>,
    /// When its author was done with it; nothing of one that is being written.
    pub filed: Option<DateTime<Utc>>,
    /// Who gets a copy and has not read it.
    pub unread_by: Vec<RecordRef>,
}

/// One thing that somebody does with a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Its author is done with it.
    File,
    /// A colleague who got a copy has read it.
    Read {
        /// Who.
        colleague: RecordRef,
    },
    /// A colleague gets a copy.
    Copy {
        /// Who.
        colleague: RecordRef,
    },
    /// A colleague gets none after all.
    NoCopy {
        /// Who.
        colleague: RecordRef,
    },
}

/// What a new report of a visit writes: whom it was with is who was there, as far as anybody knows, and everybody on its list gets a
/// copy but its author.
pub fn begun(report: RecordRef, of: &Appointment, author: RecordRef, present: &str) -> Vec<Edit> {
    let text = |field: &Field<String>| field.provisional().cloned().filter(|text| !text.is_empty());
    let mut edits = vec![Edit::set("appointment", of.record), Edit::set("author", author)];
    edits.extend(text(&of.subject).map(|subject| Edit::set("subject", subject)));
    edits.extend(of.party.provisional().map(|party| Edit::set("party", party)));
    if !present.is_empty() {
        edits.push(Edit::Write { path: FieldPath::root("present"), text: present.to_owned() });
    }
    let mut order = None;
    let listed = crate::appointment::people(of).filter_map(|one| one.who.provisional().copied());
    for colleague in listed.filter(|who| *who != author) {
        let key = rank::after(order.as_deref());
        edits.push(copy(report, colleague, key.clone()));
        order = Some(key);
    }
    edits
}

/// What a step writes; nothing where it was taken already.
pub fn step(report: &Report, step: Step, now: DateTime<Utc>) -> Vec<Edit> {
    let at = || now.to_rfc3339_opts(SecondsFormat::Millis, true);
    let of = |colleague: RecordRef| {
        let item = copy_of(report.record, colleague);
        report.copies.get(&item).map(|copy| (item, copy))
    };
    match step {
        Step::File if report.filed.provisional().is_none() => vec![Edit::set("filed", at())],
        Step::File => Vec::new(),
        Step::Read { colleague } => {
            let unread = of(colleague).filter(|(_, copy)| copy.seen.provisional().is_none());
            unread.map(|(item, _)| Edit::set_in("copies", item, "seen", at())).into_iter().collect()
        }
        Step::Copy { colleague } => match of(colleague) {
            Some((_, copy)) if copy.life.agreed() == Some(&Life::Live) => Vec::new(),
            Some((item, _)) => vec![Edit::set_in("copies", item, LIFE, Life::Live)],
            None => {
                let orders = report.copies.values().filter_map(|copy| copy.order.provisional().map(String::as_str));
                vec![copy(report.record, colleague, rank::after(orders.max()))]
            }
        },
        Step::NoCopy { colleague } => {
            let there = of(colleague).filter(|(_, copy)| copy.life.agreed() != Some(&Life::Removed));
            there.map(|(item, _)| Edit::set_in("copies", item, LIFE, Life::Removed)).into_iter().collect()
        }
    }
}

/// What a report tells the views.
pub(crate) fn fact(report: &Report) -> ReportFact {
    let filed = report.filed.provisional().copied();
    let unread = live_copies(report).filter(|copy| copy.seen.provisional().is_none());
    let unread_by = unread.filter_map(|copy| copy.employee.provisional().copied()).collect();
    ReportFact {
        subject: report.subject.provisional().cloned().unwrap_or_default(),
        party: report.party.provisional().copied(),
        author: report.author.provisional().copied(),
        appointment: report.appointment.provisional().copied(),
        filed,
        unread_by: if filed.is_some() { unread_by } else { Vec::new() },
    }
}

fn live_copies(report: &Report) -> impl Iterator<Item = &ReportCopy> {
    report.copies.values().filter(|copy| copy.is_live())
}

fn copy(report: RecordRef, colleague: RecordRef, order: String) -> Edit {
    let values = vec![("employee".to_owned(), colleague.to_string()), (ORDER.to_owned(), order)];
    Edit::Add { collection: "copies".to_owned(), item: copy_of(report, colleague), values }
}

/// Two devices that give the same colleague a copy write one.
fn copy_of(report: RecordRef, colleague: RecordRef) -> ItemId {
    ItemId::derived(report.id, &colleague.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::trial::{named, write};
    use mera_schema::{RecordKind, RecordTree};

    const REPORT: RecordRef = named(RecordKind::Report, 1);
    const ANNA: RecordRef = named(RecordKind::Employee, 2);
    const BO: RecordRef = named(RecordKind::Employee, 3);
    const CARL: RecordRef = named(RecordKind::Employee, 4);

    fn visit() -> Appointment {
        let mut tree = RecordTree::empty(named(RecordKind::Appointment, 9), 1);
        let plan = crate::appointment::Plan {
            subject: "Ventiler".into(),
            sort: mera_schema::AppointmentSort::Visit,
            when: "2026-12-07/2026-12-07".parse().unwrap(),
            repeats: None,
            place: String::new(),
            organizer: None,
            party: Some(named(RecordKind::Customer, 7)),
            about: None,
            present: vec![ANNA, BO],
            told: vec![CARL],
            guests: Vec::new(),
            purpose: String::new(),
        };
        let edits = crate::appointment::agreed(tree.record, &plan, None).unwrap();
        write(&mut tree, edits);
        Appointment::read(&tree)
    }

    #[test]
    fn everybody_on_the_list_of_a_visit_is_told_of_its_report_once_its_author_is_done() {
        let mut tree = RecordTree::empty(REPORT, 1);
        write(&mut tree, begun(REPORT, &visit(), ANNA, "Mette Holm"));
        let unread = |tree: &RecordTree| {
            fact(&Report::read(tree)).unread_by.into_iter().collect::<std::collections::BTreeSet<_>>()
        };
        assert!(unread(&tree).is_empty(), "it is being written");
        let report = Report::read(&tree);
        assert_eq!(report.subject.agreed().map(String::as_str), Some("Ventiler"));
        assert_eq!(report.party.agreed(), Some(&named(RecordKind::Customer, 7)));
        let table = [
            (Step::File, vec![BO, CARL]),
            (Step::Read { colleague: BO }, vec![CARL]),
            (Step::Read { colleague: ANNA }, vec![CARL]),
            (Step::NoCopy { colleague: CARL }, vec![]),
            (Step::Copy { colleague: CARL }, vec![CARL]),
            (Step::Copy { colleague: ANNA }, vec![ANNA, CARL]),
        ];
        for (taken, expected) in table {
            let edits = step(&Report::read(&tree), taken, DateTime::UNIX_EPOCH);
            write(&mut tree, edits);
            assert_eq!(unread(&tree), expected.into_iter().collect(), "{taken:?}");
            assert_eq!(step(&Report::read(&tree), taken, DateTime::UNIX_EPOCH), [], "{taken:?} a second time");
        }
    }
}
