//! What points at nothing is refused, and what points at what was refused.

use super::Draft;
use crate::Refused;
use mera_schema::RecordRef;
use std::collections::HashSet;

/// Says of a record that it was not taken since one of its rows was not; nothing when the row is its own.
pub fn held_back(draft: &Draft, (sheet, line): &(String, u64)) -> Option<Refused> {
    let own = draft.parts.first()?;
    if (&own.sheet, &own.line) == (sheet, line) {
        return None;
    }
    let says = format!(
        "the {} was held back, since line {line} of {sheet} belongs to it and was refused; mend that and import again",
        draft.record.kind
    );
    Some(own.refused(None, "record.held_back", says))
}

/// The drafts of which every link leads to another draft or to a record that is known, and the refusals of the others.
/// Refusing one may leave another's link dangling, hence the repetition.
pub fn resolved(mut drafts: Vec<Draft>, known: &dyn Fn(RecordRef) -> bool) -> (Vec<Draft>, Vec<Refused>) {
    let mut refused = Vec::new();
    loop {
        let here: HashSet<RecordRef> = drafts.iter().map(|draft| draft.record).collect();
        let before = drafts.len();
        drafts.retain(|draft| {
            let faults = dangling(draft, &|to| here.contains(&to) || known(to));
            let whole = faults.is_empty();
            refused.extend(faults);
            whole
        });
        if drafts.len() == before {
            return (drafts, refused);
        }
    }
}

fn dangling(draft: &Draft, there: &dyn Fn(RecordRef) -> bool) -> Vec<Refused> {
    let mut faults = Vec::new();
    for part in &draft.parts {
        for (to, column) in part.links.iter().filter(|(to, _)| !there(*to)) {
            let says = format!("there is no such {}, neither in the sheets nor on this device", to.kind);
            let mut fault = part.refused(None, "row.unknown_link", says);
            fault.column = Some(column.clone());
            if let Some(held) = held_back(draft, &(part.sheet.clone(), part.line))
                && !faults.contains(&held)
            {
                faults.push(held);
            }
            faults.push(fault);
        }
    }
    faults
}
