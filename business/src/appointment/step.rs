//! What somebody does about an appointment.

use super::{Knows, candidates, known};
use crate::calendar::Recurrence;
use crate::{Refusal, rank};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use mera_schema::{
    Appointment, AppointmentState, Edit, Field, FieldPath, ItemId, LIFE, Life, ORDER, Part, RecordRef, Span,
};

/// One thing that somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is at another time.
    Move {
        /// From when until when.
        to: Span,
        /// When it was, as far as whoever moves it has seen.
        was: Option<Span>,
    },
    /// It does not take place.
    Cancel,
    /// One that comes again does not any more.
    End {
        /// The first day on which it does not.
        from: NaiveDate,
    },
    /// It takes place after all.
    PutBack,
    /// Somebody says something of it.
    Comment {
        /// Which comment this is.
        item: ItemId,
        /// What.
        text: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// Somebody has read it.
    Read,
    /// A colleague, or a thing of the company's, is on the list.
    Put {
        /// Who.
        who: RecordRef,
        /// To be there, or to be told.
        part: Part,
    },
    /// A colleague is on the list no more.
    Leave {
        /// Who.
        who: RecordRef,
    },
    /// Somebody of the customer or supplier comes.
    Expect {
        /// Who.
        contact: RecordRef,
    },
    /// That one does not come.
    Unexpect {
        /// Who.
        contact: RecordRef,
    },
}

/// What a step writes; nothing where it was taken already. Whoever takes it, `me`, knows of it.
pub fn step(appointment: &Appointment, step: Step, me: Option<RecordRef>) -> Result<Vec<Edit>, Refusal> {
    let mut after = appointment.clone();
    let mut edits = Vec::new();
    match step {
        Step::Move { to, was } => {
            if after.when.is_clash() {
                return Err(Refusal::Disputed { field: "when".to_owned() });
            }
            // Whoever moves what a colleague has moved meanwhile has not seen it where it is.
            if was.is_some() && after.when.agreed() != was.as_ref() && after.when.agreed() != Some(&to) {
                return Err(Refusal::MovedMeanwhile);
            }
            if after.state.agreed() == Some(&AppointmentState::Cancelled) {
                return Err(Refusal::AppointmentCancelled);
            }
            if after.when.agreed() != Some(&to) {
                edits.push(Edit::set("when", &to));
                after.when = Field::One(to);
            }
        }
        Step::End { .. } if after.repeats.is_clash() => {
            return Err(Refusal::Disputed { field: "repeats".to_owned() });
        }
        Step::End { from } => {
            let rule = after.repeats.provisional().map(|rule| Recurrence::read(rule)).transpose()?;
            match (rule, after.when.provisional().map(Span::day), from.pred_opt()) {
                (Some(rule), Some(first), Some(last)) if first <= last => {
                    let rule = rule.ending(first, last).to_string();
                    if after.repeats.agreed() != Some(&rule) {
                        edits.push(Edit::set("repeats", &rule));
                        after.repeats = Field::One(rule);
                    }
                }
                _ => return self::step(appointment, Step::Cancel, me),
            }
        }
        Step::Cancel | Step::PutBack => {
            let state = if step == Step::Cancel { AppointmentState::Cancelled } else { AppointmentState::Agreed };
            if after.state.agreed() != Some(&state) {
                edits.push(Edit::set("state", state));
                after.state = Field::One(state);
            }
        }
        Step::Comment { item, text, at } => {
            let text = text.trim();
            if text.is_empty() {
                return Err(Refusal::Missing { field: "comment" });
            }
            let mut values = vec![
                ("text".to_owned(), text.to_owned()),
                ("written".to_owned(), at.to_rfc3339_opts(SecondsFormat::Millis, true)),
                (ORDER.to_owned(), rank::after(last(after.comments.values().map(|one| &one.order)))),
            ];
            values.extend(me.map(|me| ("by".to_owned(), me.to_string())));
            edits.push(Edit::Add { collection: "comments".to_owned(), item, values });
            let mut knows = known(&after);
            knows.comments += 1;
            edits.extend(me.and_then(|me| knowing(appointment, me, &knows)));
            return Ok(edits);
        }
        Step::Read => {}
        Step::Put { who, part } => edits.extend(put(&after, who, part)),
        Step::Leave { who } => {
            let item = attendee_of(after.record, who);
            let there = after.people.get(&item).filter(|one| one.life.agreed() != Some(&Life::Removed));
            edits.extend(there.map(|_| Edit::set_in("people", item, LIFE, Life::Removed)));
        }
        Step::Expect { contact } => edits.extend(expect(&after, contact)),
        Step::Unexpect { contact } => {
            let item = guest_of(after.record, contact);
            let there = after.guests.get(&item).filter(|one| one.life.agreed() != Some(&Life::Removed));
            edits.extend(there.map(|_| Edit::set_in("guests", item, LIFE, Life::Removed)));
        }
    }
    edits.extend(me.and_then(|me| knowing(appointment, me, &known(&after))));
    Ok(edits)
}

/// That somebody on the list knows it; nothing where that is said already.
fn knowing(appointment: &Appointment, me: RecordRef, knows: &Knows) -> Option<Edit> {
    let item = attendee_of(appointment.record, me);
    let one = appointment.people.get(&item).filter(|one| one.is_live())?;
    let knows = knows.written();
    let said = candidates(&one.knows).into_iter().any(|said| *said == knows);
    (!said).then(|| Edit::set_in("people", item, "knows", knows))
}

fn put(appointment: &Appointment, who: RecordRef, part: Part) -> Vec<Edit> {
    let item = attendee_of(appointment.record, who);
    let Some(one) = appointment.people.get(&item) else {
        let order = rank::after(last(appointment.people.values().map(|one| &one.order)));
        let values = [("who", who.to_string()), ("part", part.to_string()), (ORDER, order)];
        let values = values.map(|(field, value)| (field.to_owned(), value)).into();
        return vec![Edit::Add { collection: "people".to_owned(), item, values }];
    };
    let mut edits = Vec::new();
    if one.part.agreed() != Some(&part) {
        edits.push(Edit::set_in("people", item, "part", part));
    }
    if one.life.agreed() != Some(&Life::Live) {
        edits.push(Edit::set_in("people", item, LIFE, Life::Live));
        // What that one knew when it was taken off the list may be long ago.
        edits.push(Edit::Set { path: FieldPath::item("people", item, "knows"), value: None });
    }
    edits
}

fn expect(appointment: &Appointment, contact: RecordRef) -> Option<Edit> {
    let item = guest_of(appointment.record, contact);
    match appointment.guests.get(&item) {
        Some(one) if one.life.agreed() == Some(&Life::Live) => None,
        Some(_) => Some(Edit::set_in("guests", item, LIFE, Life::Live)),
        None => {
            let order = rank::after(last(appointment.guests.values().map(|one| &one.order)));
            let values = [("contact", contact.to_string()), (ORDER, order)];
            let values = values.map(|(field, value)| (field.to_owned(), value)).into();
            Some(Edit::Add { collection: "guests".to_owned(), item, values })
        }
    }
}

fn last<'a>(orders: impl Iterator<Item = &'a Field<String>>) -> Option<&'a str> {
    orders.filter_map(|order| order.provisional().map(String::as_str)).max()
}

/// Two devices that put the same colleague on one list write one item.
pub(super) fn attendee_of(appointment: RecordRef, who: RecordRef) -> ItemId {
    ItemId::derived(appointment.id, &who.to_string())
}

/// Two devices that expect the same guest write one item.
pub(super) fn guest_of(appointment: RecordRef, contact: RecordRef) -> ItemId {
    ItemId::derived(appointment.id, &format!("guest {contact}"))
}
