//! What a new appointment writes, and one time of an old one that is not to be as the others.

use super::step::{attendee_of, guest_of};
use super::{Knows, known, people};
use crate::calendar::Recurrence;
use crate::{Refusal, rank};
use chrono::NaiveDate;
use mera_schema::{
    Appointment, AppointmentSort, AppointmentState, Edit, Field, FieldPath, ORDER, Part, RecordId, RecordKind,
    RecordRef, RecordTree, Span,
};

/// What is agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it is about.
    pub subject: String,
    /// What it is.
    pub sort: AppointmentSort,
    /// From when until when.
    pub when: Span,
    /// When it comes again.
    pub repeats: Option<Recurrence>,
    /// Where.
    pub place: String,
    /// Whose it is.
    pub organizer: Option<RecordRef>,
    /// The customer or supplier.
    pub party: Option<RecordRef>,
    /// What it came of.
    pub about: Option<RecordRef>,
    /// Who is there.
    pub present: Vec<RecordRef>,
    /// Who is told.
    pub told: Vec<RecordRef>,
    /// Who is there of the customer or supplier.
    pub guests: Vec<RecordRef>,
    /// What it is for.
    pub purpose: String,
}

/// What a new appointment writes. `me` knows of it.
pub fn agreed(record: RecordRef, plan: &Plan, me: Option<RecordRef>) -> Result<Vec<Edit>, Refusal> {
    if plan.subject.trim().is_empty() && plan.party.is_none() && plan.sort != AppointmentSort::Holiday {
        return Err(Refusal::Missing { field: "subject" });
    }
    if plan.present.is_empty() && plan.sort != AppointmentSort::Note {
        return Err(Refusal::Missing { field: "people" });
    }
    let mut edits = head(plan);
    let knows = knows_of(record, plan, None);
    let mut order = None;
    let mut listed = Vec::new();
    let lists = [(&plan.present, Part::Present), (&plan.told, Part::Told)];
    for (who, part) in lists.into_iter().flat_map(|(all, part)| all.iter().map(move |who| (*who, part))) {
        if listed.contains(&who) {
            continue;
        }
        listed.push(who);
        let knows = (Some(who) == me).then_some(&knows);
        edits.push(attends(record, who, part, knows, &mut order));
    }
    let mut order = None;
    let mut guests = plan.guests.clone();
    guests.sort();
    guests.dedup();
    edits.extend(guests.into_iter().map(|contact| comes(record, contact, &mut order)));
    Ok(edits)
}

/// What one time of an appointment that comes again writes, where it is not to be as the others from now on: the same as all of them
/// at first. Nothing where that day is none of its days.
pub fn occurrence(series: &Appointment, day: NaiveDate) -> Option<(RecordRef, Vec<Edit>)> {
    let first = series.when.provisional()?;
    let rule = Recurrence::read(series.repeats.provisional()?).ok()?;
    if rule.days(first.day(), day, day).is_empty() {
        return None;
    }
    let record = RecordRef::new(RecordKind::Appointment, RecordId::occurrence_of(series.record.id, day));
    let text = |field: &Field<String>| field.provisional().cloned().unwrap_or_default();
    let plan = Plan {
        subject: text(&series.subject),
        sort: series.sort.provisional().copied().unwrap_or(AppointmentSort::Meeting),
        when: first.on(day)?,
        repeats: None,
        place: text(&series.place),
        organizer: series.organizer.provisional().copied(),
        party: series.party.provisional().copied(),
        about: series.about.provisional().copied(),
        present: Vec::new(),
        told: Vec::new(),
        guests: Vec::new(),
        purpose: String::new(),
    };
    let mut edits = head(&plan);
    // Whoever called all of them off called this one off, until somebody puts it back.
    if series.state.agreed() == Some(&AppointmentState::Cancelled) {
        edits.push(Edit::set("state", AppointmentState::Cancelled));
    }
    edits.push(Edit::set("one_of", series.record));
    edits.push(Edit::set("day", day));
    let knows = knows_of(record, &plan, series.state.provisional().copied());
    let mut order = None;
    for one in people(series) {
        if let Some(who) = one.who.provisional() {
            let part = one.part.provisional().copied().unwrap_or(Part::Present);
            // Whoever knows of the appointment knows of each of its times.
            let knows = one.knows.provisional().map(|_| &knows);
            edits.push(attends(record, *who, part, knows, &mut order));
        }
    }
    let mut order = None;
    let guests = series.guests.values().filter(|guest| guest.is_live());
    edits.extend(guests.filter_map(|guest| Some(comes(record, *guest.contact.provisional()?, &mut order))));
    Some((record, edits))
}

fn head(plan: &Plan) -> Vec<Edit> {
    let texts = [("subject", &plan.subject), ("place", &plan.place)];
    let texts = texts.map(|(field, text)| (field, text.trim().to_owned()));
    let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
    let links = [("organizer", plan.organizer), ("party", plan.party), ("about", plan.about)];
    let links = links.into_iter().filter_map(|(field, link)| Some((field, link?.to_string())));
    let rule = plan.repeats.iter().map(|rule| ("repeats", rule.to_string()));
    let said = [("sort", plan.sort.to_string()), ("when", plan.when.to_string())];
    let state = [("state", AppointmentState::Agreed.to_string())];
    let values = said.into_iter().chain(state).chain(texts).chain(links).chain(rule);
    let mut edits: Vec<Edit> = values.map(|(field, value)| Edit::set(field, value)).collect();
    if !plan.purpose.trim().is_empty() {
        edits.push(Edit::Write { path: FieldPath::root("purpose"), text: plan.purpose.trim().to_owned() });
    }
    edits
}

/// What is to be known of it once it is written.
fn knows_of(record: RecordRef, plan: &Plan, state: Option<AppointmentState>) -> Knows {
    let place = plan.place.trim();
    let empty = Appointment::read(&RecordTree::empty(record, Appointment::DEF.version));
    known(&Appointment {
        when: Field::One(plan.when.clone()),
        repeats: plan.repeats.as_ref().map_or(Field::Empty, |rule| Field::One(rule.to_string())),
        place: if place.is_empty() { Field::Empty } else { Field::One(place.to_owned()) },
        state: Field::One(state.unwrap_or(AppointmentState::Agreed)),
        ..empty
    })
}

fn attends(record: RecordRef, who: RecordRef, part: Part, knows: Option<&Knows>, order: &mut Option<String>) -> Edit {
    let knows = knows.map(|knows| ("knows", knows.written()));
    let values = [("who", who.to_string()), ("part", part.to_string()), (ORDER, next(order))];
    let values = values.into_iter().chain(knows).map(|(field, value)| (field.to_owned(), value)).collect();
    Edit::Add { collection: "people".to_owned(), item: attendee_of(record, who), values }
}

fn comes(record: RecordRef, contact: RecordRef, order: &mut Option<String>) -> Edit {
    let values = [("contact", contact.to_string()), (ORDER, next(order))];
    let values = values.map(|(field, value)| (field.to_owned(), value)).into();
    Edit::Add { collection: "guests".to_owned(), item: guest_of(record, contact), values }
}

fn next(order: &mut Option<String>) -> String {
    let key = rank::after(order.as_deref());
    *order = Some(key.clone());
    key
}
