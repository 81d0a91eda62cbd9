//! Appointments: who is there, who is told, what is news to whom, and what each step writes.

mod agreed;
mod step;

pub use agreed::{Plan, agreed, occurrence};
pub use step::{Step, step};

use crate::Refusal;
use crate::calendar::{Recurrence, zone_of};
use chrono::NaiveDate;
use mera_schema::{
    Appointment, AppointmentSort, AppointmentState, Attendee, Edit, Field, FieldPath, Part, RecordRef, Span, SpanOf,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the views know of an appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentFact {
    /// What it is about.
    pub subject: String,
    /// What it is.
    pub sort: AppointmentSort,
    /// From when until when; more than one while people disagree about it, and then it stands at each of them.
    pub when: Vec<Span>,
    /// When it comes again, as a rule is written.
    pub repeats: Option<String>,
    /// Where.
    pub place: String,
    /// Whether everybody says that it does not take place.
    pub cancelled: bool,
    /// Whose it is.
    pub organizer: Option<RecordRef>,
    /// The customer or supplier.
    pub party: Option<RecordRef>,
    /// Who is there, and who is told.
    pub people: Vec<Listed>,
    /// Whose time it is that is not as the others', and on which day it would begin.
    pub instead: Option<(RecordRef, NaiveDate)>,
    /// What is to be known of it.
    pub knows: Knows,
}

/// A colleague on the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Who, or which thing of the company's.
    pub who: RecordRef,
    /// To be there, or to be told.
    pub part: Part,
    /// What that one knows.
    pub knows: Option<Knows>,
}

/// What somebody knows of an appointment: how much was said of it, and when and where it is. Two that know the same write the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knows {
    /// How many comments there are.
    pub comments: usize,
    /// Stands for when and where it is, and whether it holds.
    pub digest: String,
}

/// What is news of an appointment to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    /// It is new to that one.
    pub new: bool,
    /// It is at another time or place, or does not take place.
    pub changed: bool,
    /// So many comments were written since.
    pub comments: usize,
}

impl Knows {
    fn written(&self) -> String {
        format!("{}:{}", self.comments, self.digest)
    }

    fn read(text: &str) -> Option<Self> {
        let (comments, digest) = text.split_once(':')?;
        Some(Self { comments: comments.parse().ok()?, digest: digest.to_owned() })
    }
}

impl AppointmentFact {
    /// What is news to a colleague on the list; nothing to anybody else.
    pub fn news(&self, who: RecordRef) -> Option<News> {
        let listed = self.people.iter().find(|one| one.who == who)?;
        let Some(known) = &listed.knows else {
            // What never took place as far as that one knows is no news.
            let news = News { new: true, changed: false, comments: self.knows.comments };
            return Some(news).filter(|_| !self.cancelled);
        };
        let comments = self.knows.comments.saturating_sub(known.comments);
        let changed = self.knows.digest != known.digest;
        Some(News { new: false, changed, comments }).filter(|_| changed || comments > 0)
    }

    /// Whether somebody, or a thing of the company's, is taken by it.
    pub fn takes(&self, who: RecordRef) -> bool {
        let there = |one: &Listed| one.who == who && one.part == Part::Present;
        !self.cancelled && self.sort != AppointmentSort::Note && self.people.iter().any(there)
    }

    /// The rule by which it comes again, where it is one.
    pub fn rule(&self) -> Option<Recurrence> {
        Recurrence::read(self.repeats.as_deref()?).ok()
    }
}

/// What everybody on the list should know of it.
pub fn known(appointment: &Appointment) -> Knows {
    let text = |field: &Field<String>| candidates(field).into_iter().cloned().collect::<Vec<_>>().join("|");
    let when = candidates(&appointment.when).into_iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
    let states = candidates(&appointment.state).into_iter().map(|state| state.as_str()).collect::<Vec<_>>().join("|");
    let all = [when, text(&appointment.repeats), text(&appointment.place), states].join("\u{1f}");
    let digest = Uuid::new_v5(&Uuid::NAMESPACE_OID, all.as_bytes()).simple().to_string();
    Knows { comments: appointment.comments.len(), digest: digest[..12].to_owned() }
}

/// What an appointment tells the views; nothing of one that is at no time.
pub(crate) fn fact(appointment: &Appointment) -> Option<AppointmentFact> {
    let text = |field: &Field<String>| field.provisional().cloned().unwrap_or_default();
    let when: Vec<Span> = candidates(&appointment.when).into_iter().cloned().collect();
    if when.is_empty() {
        return None;
    }
    let instead = appointment.one_of.provisional().copied().zip(appointment.day.provisional().copied());
    Some(AppointmentFact {
        subject: text(&appointment.subject),
        sort: appointment.sort.provisional().copied().unwrap_or(AppointmentSort::Meeting),
        when,
        repeats: appointment.repeats.provisional().cloned().filter(|_| instead.is_none()),
        place: text(&appointment.place),
        cancelled: appointment.state.agreed() == Some(&AppointmentState::Cancelled),
        organizer: appointment.organizer.provisional().copied(),
        party: appointment.party.provisional().copied(),
        people: people(appointment).filter_map(listed).collect(),
        instead,
        knows: known(appointment),
    })
}

/// What a list calls it.
pub(crate) fn title(appointment: &Appointment) -> String {
    let texts = [&appointment.subject, &appointment.place];
    texts.into_iter().filter_map(Field::provisional).find(|text| !text.is_empty()).cloned().unwrap_or_default()
}

/// Those on the list, in the order in which they were put on it.
pub fn people(appointment: &Appointment) -> impl Iterator<Item = &Attendee> {
    let mut people: Vec<&Attendee> = appointment.people.values().filter(|one| one.is_live()).collect();
    people.sort_by_key(|one| one.order.provisional());
    people.into_iter()
}

fn listed(one: &Attendee) -> Option<Listed> {
    let part = one.part.provisional().copied().unwrap_or(Part::Present);
    Some(Listed {
        who: *one.who.provisional()?,
        part,
        knows: one.knows.provisional().and_then(|text| Knows::read(text)),
    })
}

/// The value of a field, or all that people disagree about.
fn candidates<T>(field: &Field<T>) -> Vec<&T> {
    match field {
        Field::One(one) => vec![one],
        Field::Clash { clash } => clash.iter().map(|candidate| &candidate.value).collect(),
        Field::Empty => Vec::new(),
    }
}

/// Whether an edit may be made: its zone is one that there is, and its rule gives the day on which it begins.
pub(crate) fn allowed(appointment: &Appointment, edits: &[Edit]) -> Result<(), Refusal> {
    let set = |name: &str| {
        edits.iter().rev().find_map(|edit| match edit {
            Edit::Set { path, value } if *path == FieldPath::root(name) => Some(value.as_deref()),
            _ => None,
        })
    };
    let (when, repeats) = (set("when"), set("repeats"));
    if when.is_none() && repeats.is_none() {
        return Ok(());
    }
    if when == Some(None) {
        return Err(Refusal::Missing { field: "when" });
    }
    let span = match when {
        Some(text) => text.and_then(|text| text.parse::<Span>().ok()),
        None => appointment.when.provisional().cloned(),
    };
    if let Some(SpanOf::Hours { zone, .. }) = span.as_ref().map(Span::of)
        && zone_of(zone).is_none()
    {
        return Err(Refusal::NoSuchZone { zone: zone.to_string() });
    }
    let rule = match repeats {
        Some(text) => text.map(str::to_owned),
        None => appointment.repeats.provisional().cloned(),
    };
    let Some(rule) = rule else { return Ok(()) };
    let rule = Recurrence::read(&rule)?;
    match span {
        Some(span) if !rule.begins_on(span.day()) => Err(Refusal::FirstNotInRule { day: span.day() }),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
