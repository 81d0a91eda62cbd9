//! Telephone calls that a colleague is told of: who is told, how far each is, and what its next step writes.

use crate::{Refusal, rank};
use chrono::{DateTime, SecondsFormat, Utc};
use mera_schema::{
    Call, CallCopy, CallState, DeviceId, Edit, Field, FieldPath, ItemId, Life, ORDER, RecordRef, RecordTree, Urgency,
};
use serde::{Deserialize, Serialize};

/// What somebody who took a call was told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Who called.
    pub caller: String,
    /// The customer or supplier.
    pub party: Option<RecordRef>,
    /// The person there.
    pub contact: Option<RecordRef>,
    /// The number to call back.
    pub phone: String,
    /// What it is about.
    pub subject: String,
    /// What was said.
    pub notes: String,
}

/// What the views know of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallFact {
    /// Who called.
    pub caller: String,
    /// The number to call back, as it was given.
    pub phone: String,
    /// What it is about.
    pub subject: String,
    /// The customer or supplier.
    pub party: Option<RecordRef>,
    /// The person there.
    pub contact: Option<RecordRef>,
    /// Who is to call back; more than one while people disagree about it.
    pub for_whom: Vec<RecordRef>,
    /// Who is told too.
    pub copies: Vec<RecordRef>,
    /// Who has not seen it and should.
    pub unseen_by: Vec<RecordRef>,
    /// Whether it is urgent.
    pub urgent: bool,
    /// How far it is.
    pub state: CallState,
    /// When the call came.
    pub taken: DateTime<Utc>,
    /// On which device it was taken.
    pub by: DeviceId,
}

/// What somebody does about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A colleague whom it is for has seen it.
    See {
        /// Who.
        colleague: RecordRef,
    },
    /// The caller was called back.
    CallBack,
    /// There is nothing more to do.
    Close,
    /// There is something to do after all.
    Reopen,
    /// Another colleague is to call back.
    PassOn {
        /// Who.
        to: RecordRef,
    },
}

/// Those who are to call back: more than one only while people disagree about it, and then each of them is told.
pub fn callers_back(call: &Call) -> Vec<RecordRef> {
    match &call.for_whom {
        Field::One(one) => vec![*one],
        Field::Clash { clash } => clash.iter().map(|candidate| candidate.value).collect(),
        Field::Empty => Vec::new(),
    }
}

/// Those who are told too.
pub fn copies(call: &Call) -> Vec<RecordRef> {
    live_copies(call).filter_map(|copy| copy.employee.provisional().copied()).collect()
}

/// Those who have not seen it and should: nobody once it is settled.
pub fn unseen_by(call: &Call) -> Vec<RecordRef> {
    let state = call.state();
    let mut unseen = if state == CallState::New { callers_back(call) } else { Vec::new() };
    if state < CallState::CalledBack {
        let waiting = live_copies(call).filter(|copy| copy.seen.provisional().is_none());
        unseen.extend(waiting.filter_map(|copy| copy.employee.provisional().copied()));
    }
    unseen
}

fn live_copies(call: &Call) -> impl Iterator<Item = &CallCopy> {
    call.copies.values().filter(|copy| copy.life.provisional() != Some(&Life::Removed))
}

/// What a list calls it: what it is about, else who called, else from which number.
pub(crate) fn title(call: &Call) -> String {
    let parts = [&call.subject, &call.caller, &call.phone];
    parts.into_iter().filter_map(Field::provisional).find(|text| !text.is_empty()).cloned().unwrap_or_default()
}

/// What a call tells the views; nothing of one that nobody took.
pub(crate) fn fact(call: &Call, tree: &RecordTree) -> Option<CallFact> {
    let text = |field: &Field<String>| field.provisional().cloned().unwrap_or_default();
    Some(CallFact {
        caller: text(&call.caller),
        phone: text(&call.phone),
        subject: text(&call.subject),
        party: call.party.provisional().copied(),
        contact: call.contact.provisional().copied(),
        for_whom: callers_back(call),
        copies: copies(call),
        unseen_by: unseen_by(call),
        urgent: call.urgency.provisional() == Some(&Urgency::Urgent),
        state: call.state(),
        taken: *call.taken.provisional()?,
        by: tree.root.values.get("taken")?.first()?.by.device,
    })
}

/// What a new call writes: in `call`, for a colleague, told to others too.
pub fn taken(
    call: RecordRef,
    told: &Told,
    urgency: Urgency,
    for_whom: RecordRef,
    copies: &[RecordRef],
    now: DateTime<Utc>,
) -> Result<Vec<Edit>, Refusal> {
    let nobody = [&told.caller, &told.phone].iter().all(|text| text.trim().is_empty());
    if nobody && told.party.is_none() && told.contact.is_none() {
        return Err(Refusal::Missing { field: "caller" });
    }
    let texts = [("caller", &told.caller), ("phone", &told.phone), ("subject", &told.subject)];
    let texts = texts.map(|(field, text)| (field, text.trim().to_owned()));
    let links = [("party", told.party), ("contact", told.contact)];
    let links = links.into_iter().filter_map(|(field, link)| Some((field, link?.to_string())));
    let values = texts.into_iter().filter(|(_, text)| !text.is_empty()).chain(links);
    let mut edits: Vec<Edit> = values.map(|(field, value)| Edit::set(field, value)).collect();
    edits.push(Edit::set("urgency", urgency));
    edits.push(Edit::set("for_whom", for_whom));
    edits.push(Edit::set("taken", written(now)));
    if !told.notes.trim().is_empty() {
        edits.push(Edit::Write { path: FieldPath::root("notes"), text: told.notes.trim().to_owned() });
    }
    let mut others: Vec<RecordRef> = copies.iter().copied().filter(|copy| *copy != for_whom).collect();
    others.sort();
    others.dedup();
    let mut order = None;
    for employee in others {
        let key = rank::after(order.as_deref());
        let values = vec![("employee".to_owned(), employee.to_string()), (ORDER.to_owned(), key.clone())];
        edits.push(Edit::Add { collection: "copies".to_owned(), item: copy_of(call, employee), values });
        order = Some(key);
    }
    Ok(edits)
}

/// What a step writes; nothing where somebody has taken it already.
pub fn step(call: &Call, step: Step, now: DateTime<Utc>) -> Vec<Edit> {
    let state = call.state();
    let happens = |field: &str| Edit::set(field, written(now));
    let clear = |field: &str| Edit::Set { path: FieldPath::root(field), value: None };
    match step {
        Step::See { colleague } => {
            let mut edits = Vec::new();
            if state == CallState::New && callers_back(call).contains(&colleague) {
                edits.push(happens("seen"));
            }
            let copies = call.copies.iter().filter(|(_, copy)| copy.employee.provisional() == Some(&colleague));
            let unseen = copies.filter(|(_, copy)| copy.seen.provisional().is_none());
            edits.extend(unseen.map(|(item, _)| Edit::set_in("copies", *item, "seen", written(now))));
            edits
        }
        Step::CallBack if state < CallState::CalledBack => vec![happens("called_back")],
        Step::Close if state < CallState::Closed => vec![happens("closed")],
        Step::Reopen => {
            let settled = [("closed", &call.closed), ("called_back", &call.called_back)];
            let settled = settled.into_iter().filter(|(_, happened)| happened.provisional().is_some());
            settled.map(|(field, _)| clear(field)).collect()
        }
        Step::PassOn { to } if callers_back(call) != [to] => {
            let mut edits = vec![Edit::set("for_whom", to)];
            // Whoever is to call back now has not seen it.
            edits.extend(call.seen.provisional().map(|_| clear("seen")));
            edits
        }
        Step::CallBack | Step::Close | Step::PassOn { .. } => Vec::new(),
    }
}

/// Two devices that tell the same colleague of one call write one copy.
fn copy_of(call: RecordRef, employee: RecordRef) -> ItemId {
    ItemId::derived(call.id, &employee.to_string())
}

fn written(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
