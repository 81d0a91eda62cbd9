//! What somebody wrote that was not taken in when it came, written again.
//!
//! A change that counts nowhere is in no document of the company, and must not come into one as it is: its author may
//! have gone on writing, and Automerge numbers the changes of one author. It is read beside what it was made on, and its
//! edits are made anew at the same heads, by an author of its own that ends with the device who wrote it. Everything in
//! that change follows from the first one, so that two people who take it over at once make one change.

use super::write::apply_by;
use super::{Document, Moment, WriteFault, authors, chunk, read};
use crate::{Edit, FieldPath, Heads, LIFE, Life, Node, Place, RecordDef, RecordRef, RecordTree};
use automerge::{ActorId, Change, ChangeHash};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a change says that was written again, before the hash of the first one.
const PURPOSE: &str = "taken over ";

impl Document {
    /// Writes again what the changes of a chunk said. `beside` is a document that holds them and all that they were made on.
    /// Gives the chunk of what is new here; empty if it was written again before.
    pub fn write_again(&mut self, record: RecordRef, beside: &mut Self, bytes: &[u8]) -> Result<Vec<u8>, WriteFault> {
        let def = RecordDef::of(record.kind);
        let unreadable = |_| WriteFault::UnknownHeads;
        let changes = chunk::changes(bytes).map_err(unreadable)?;
        let before = read::heads(self);
        if before.is_empty() {
            self.merge(&Self::found(def).save()).map_err(unreadable)?;
        }
        for change in changes {
            self.one_again(def, record, beside, change)?;
        }
        Ok(self.chunks_since(&before))
    }

    fn one_again(
        &mut self,
        def: &RecordDef,
        record: RecordRef,
        beside: &mut Self,
        change: Change,
    ) -> Result<(), WriteFault> {
        let (first, written) = (change.hash(), self.written_again());
        if written.contains_key(&first) || self.holds(&first) {
            return Ok(());
        }
        let mut here = |dep: &ChangeHash| written.get(dep).copied().or_else(|| self.holds(dep).then_some(*dep));
        let seen: Option<Heads> = change.deps().iter().map(|dep| here(dep).map(|dep| dep.to_string())).collect();
        // It was made on something that is not here: on another one of its author's that was not taken over.
        let seen = seen.ok_or(WriteFault::Incomplete)?;
        if change.timestamp() == 0 {
            // What is alike on every device has no author whose numbers could clash.
            return self.0.apply_changes([change]).map_err(WriteFault::from);
        }
        let by = authors::device_of(change.actor_id());
        let edits = edits_between(
            &read::read_hashes(&mut beside.0, record, change.deps()),
            &read::read_hashes(&mut beside.0, record, &[first]),
        );
        let actor = ActorId::from([&first.0[..16], by.uuid().as_bytes().as_slice()].concat().as_slice());
        let moment = Moment { device: by, millis: change.timestamp() };
        apply_by(self, def, &seen, &edits, moment, (actor, Some(format!("{PURPOSE}{first}"))))?;
        Ok(())
    }

    fn holds(&mut self, change: &ChangeHash) -> bool {
        self.0.get_change_meta_by_hash(change).is_some()
    }

    /// What was written again here: the first change's hash, and its own.
    fn written_again(&mut self) -> HashMap<ChangeHash, ChangeHash> {
        let metas = self.0.get_changes_meta(&[]);
        let again = metas.iter().filter_map(|meta| {
            let first = meta.message.as_ref()?.strip_prefix(PURPOSE)?.parse().ok()?;
            Some((first, meta.hash))
        });
        again.collect()
    }
}

/// The edits that make one state of a record out of another.
fn edits_between(before: &RecordTree, after: &RecordTree) -> Vec<Edit> {
    let (nothing, mut edits) = (Node::default(), Vec::new());
    between(&Place::Root, &before.root, &after.root, &mut edits);
    for (collection, items) in &after.items {
        for (item, node) in items {
            let place = Place::Item { collection: collection.clone(), item: *item };
            let old = before.node(&place);
            if old.is_none() {
                edits.push(Edit::Add { collection: collection.clone(), item: *item, values: Vec::new() });
            }
            between(&place, old.unwrap_or(&nothing), node, &mut edits);
        }
    }
    edits
}

fn between(place: &Place, before: &Node, after: &Node, edits: &mut Vec<Edit>) {
    let path = |field: &str| FieldPath { place: place.clone(), field: field.to_owned() };
    let values = |node: &Node, field: &str| -> BTreeSet<String> {
        node.values.get(field).into_iter().flatten().map(|candidate| candidate.value.clone()).collect()
    };
    let fields: BTreeSet<&String> = before.values.keys().chain(after.values.keys()).collect();
    for field in fields {
        let (old, new) = (values(before, field), values(after, field));
        // Adding an item says that it is there.
        let there = field == LIFE && old.is_empty() && new.iter().eq([Life::Live.as_str()]);
        if old != new && !there && new.len() < 2 {
            edits.push(Edit::Set { path: path(field), value: new.into_iter().next() });
        }
    }
    for (field, text) in &after.texts {
        if before.texts.get(field).map_or("", String::as_str) != text {
            edits.push(Edit::Write { path: path(field), text: text.clone() });
        }
    }
    let none = BTreeSet::new();
    let sets: BTreeMap<&String, (&BTreeSet<String>, &BTreeSet<String>)> =
        after.sets.iter().map(|(field, new)| (field, (before.sets.get(field).unwrap_or(&none), new))).collect();
    for (field, (old, new)) in sets {
        let include = |member: &String| Edit::Include { path: path(field), member: member.clone() };
        let exclude = |member: &String| Edit::Exclude { path: path(field), member: member.clone() };
        edits.extend(new.difference(old).map(include));
        edits.extend(old.difference(new).map(exclude));
    }
}
