//! Drafts from foreign files become records: many in one entry, so that a thousand orders are a few dozen writes.
//!
//! A source is treated as a colleague who looks in now and then (`mera_schema::document::seen_by_source`): what it tells
//! anew is written at the heads it saw last, so importing twice writes nothing twice and overwrites nobody.

use super::{Engine, Open, edit};
use crate::DeviceFault;
use mera_business::change;
use mera_import::{Draft, Part, Refused};
use mera_schema::document::{self, Document, Moment, WriteFault};
use mera_schema::{Edit, FieldPath, Heads, LIFE, Node, Place, RecordDef, RecordKind, RecordRef, RecordTree};
use serde::Serialize;
use std::collections::BTreeMap;

/// Bytes of changes after which an entry is closed: a colleague on a slow line sees the import arrive in pieces.
const ENTRY_BYTES: usize = 128 * 1024;

/// Drafts that are written between two looks at who else wants something: a few hundredths of a second.
pub const IMPORTED_AT_A_TIME: usize = 25;

/// What became of drafts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Records that were not there before.
    pub created: BTreeMap<RecordKind, usize>,
    /// Records of which the source says something new.
    pub changed: BTreeMap<RecordKind, usize>,
    /// Records of which it says what it said before.
    pub unchanged: BTreeMap<RecordKind, usize>,
    /// Rows that the rules of the trade refuse.
    pub refused: Vec<Refused>,
}

enum Outcome {
    Created(Vec<u8>),
    Changed(Vec<u8>),
    Unchanged,
    Refused(Vec<Refused>),
}

impl Imported {
    /// Adds what became of other drafts.
    pub fn add(&mut self, other: Self) {
        for (sum, more) in [
            (&mut self.created, other.created),
            (&mut self.changed, other.changed),
            (&mut self.unchanged, other.unchanged),
        ] {
            for (kind, count) in more {
                *sum.entry(kind).or_default() += count;
            }
        }
        self.refused.extend(other.refused);
    }
}

impl Engine {
    /// Whether the device has a record.
    pub fn knows(&self, record: RecordRef) -> bool {
        self.views.listed(record).is_some()
    }

    /// Writes drafts of a source. What it returns is durable; whoever stops between two calls and starts over with all
    /// drafts loses nothing and doubles nothing.
    pub fn import(&mut self, source: &str, drafts: &[Draft]) -> Result<Imported, DeviceFault> {
        let imported = self.try_import(source, drafts);
        if imported.is_err() {
            // Documents may have taken what was not committed.
            self.open.clear();
        }
        imported
    }

    fn try_import(&mut self, source: &str, drafts: &[Draft]) -> Result<Imported, DeviceFault> {
        let mut imported = Imported::default();
        let mut chunks = Vec::new();
        let mut bytes = 0;
        for draft in drafts {
            let kind = draft.record.kind;
            let chunk = match self.write_draft(source, draft)? {
                Outcome::Created(chunk) => {
                    *imported.created.entry(kind).or_default() += 1;
                    chunk
                }
                Outcome::Changed(chunk) => {
                    *imported.changed.entry(kind).or_default() += 1;
                    chunk
                }
                Outcome::Unchanged => {
                    *imported.unchanged.entry(kind).or_default() += 1;
                    continue;
                }
                Outcome::Refused(faults) => {
                    imported.refused.extend(faults);
                    continue;
                }
            };
            bytes += chunk.len();
            chunks.push((draft.record, chunk));
            if bytes > ENTRY_BYTES {
                self.commit(std::mem::take(&mut chunks))?;
                self.close_some();
                bytes = 0;
            }
        }
        if !chunks.is_empty() {
            self.commit(chunks)?;
        }
        self.close_some();
        Ok(imported)
    }

    /// One draft: the document takes it, and the caller commits the chunk.
    fn write_draft(&mut self, source: &str, draft: &Draft) -> Result<Outcome, DeviceFault> {
        let (record, def) = (draft.record, RecordDef::of(draft.record.kind));
        let new = !self.knows(record);
        if new && let Err(erased) = self.may_be_made(record) {
            let first = draft.parts.first().map(|part| part.refused(None, &erased.code, erased.says));
            return Ok(Outcome::Refused(first.into_iter().collect()));
        }
        if new {
            self.open.insert(record, Open::new(Document::found(def)));
        }
        let moment = self.moment();
        let doc = &mut self.document(record)?.doc;
        let before = if new { Heads::new() } else { document::heads(doc) };
        let seen = document::seen_by_source(doc, source).unwrap_or_else(|| Document::founding(def));
        let tree = document::read_at(doc, record, &seen);
        let mut edits = Vec::new();
        for part in &draft.parts {
            let told = news(&tree, part);
            if let Err(refusal) = change::allowed(&tree, &told) {
                if new {
                    self.open.remove(&record);
                }
                return Ok(Outcome::Refused(refused(draft, part, &refusal)));
            }
            edits.extend(told);
        }
        if edits.is_empty() && !new {
            return Ok(Outcome::Unchanged);
        }
        if let Err(fault) = write(doc, def, seen, &edits, moment, source) {
            // The document may have taken a part of it.
            self.open.remove(&record);
            let refused = edit::unwritten(&fault);
            let first = draft.parts.first().map(|part| part.refused(None, &refused.code, refused.says));
            return Ok(Outcome::Refused(first.into_iter().collect()));
        }
        let chunk = doc.chunks_since(&before);
        Ok(if new { Outcome::Created(chunk) } else { Outcome::Changed(chunk) })
    }
}

/// Makes the edits at the heads that the source has seen, and at the places of items and texts that it brings.
fn write(
    doc: &mut Document,
    def: &RecordDef,
    mut seen: Heads,
    edits: &[Edit],
    moment: Moment,
    source: &str,
) -> Result<(), WriteFault> {
    let saw = seen.clone();
    let mut others = Vec::new();
    for edit in edits {
        match edit {
            Edit::Add { collection, item, .. } => {
                seen.extend(doc.found_item(def, collection, *item)?);
                others.push(edit.clone());
            }
            Edit::Write { path, text } => seen.extend(doc.found_text(&path.field, text, &saw, source)?),
            _ => others.push(edit.clone()),
        }
    }
    document::apply_from(doc, def, &seen, &others, moment, source)?;
    Ok(())
}

/// What a part says that the source has not said before.
fn news(tree: &RecordTree, part: &Part) -> Vec<Edit> {
    let mut news = Vec::new();
    for edit in &part.edits {
        match edit {
            Edit::Set { path, value } => {
                let stands = tree.node(&path.place).and_then(|node| node.value(&path.field));
                if stands != value.as_deref() {
                    news.push(edit.clone());
                }
            }
            Edit::Write { path, text } => {
                let stands = tree.node(&path.place).and_then(|node| node.texts.get(&path.field));
                if stands.map_or("", String::as_str) != text {
                    news.push(edit.clone());
                }
            }
            Edit::Include { path, member } | Edit::Exclude { path, member } => {
                let stands = tree.node(&path.place).and_then(|node| node.sets.get(&path.field));
                if stands.is_some_and(|members| members.contains(member)) != matches!(edit, Edit::Include { .. }) {
                    news.push(edit.clone());
                }
            }
            Edit::Add { collection, item, values } => {
                let place = Place::Item { collection: collection.clone(), item: *item };
                match tree.node(&place).filter(|node| node.value(LIFE).is_some()) {
                    None => news.push(edit.clone()),
                    Some(node) => news.extend(of_item(node, &place, values)),
                }
            }
        }
    }
    news
}

fn of_item(node: &Node, place: &Place, values: &[(String, String)]) -> Vec<Edit> {
    let other = values.iter().filter(|(field, value)| node.value(field) != Some(value.as_str()));
    let set = |(field, value): &(String, String)| Edit::Set {
        path: FieldPath { place: place.clone(), field: field.clone() },
        value: Some(value.clone()),
    };
    other.map(set).collect()
}

fn refused(draft: &Draft, part: &Part, refusal: &mera_business::Refusal) -> Vec<Refused> {
    let mut refused = vec![part.refused(refusal.field(), refusal.code(), refusal.to_string())];
    refused.extend(draft.held_back_by(part));
    refused
}

#[cfg(test)]
mod tests;
