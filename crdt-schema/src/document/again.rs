//! Changes written again: what somebody wrote that was not taken in when it came, and what one wrote oneself on changes
//! that count no more.
//!
//! A change that counts nowhere is in no document of the company, and must not come into one as it is: its author may
//! have gone on writing, and Automerge numbers the changes of one author. It is read beside what it was made on, and its
//! edits are made anew at the same heads, by an author of its own that ends with the device who wrote it. Everything in
//! that change follows from the first one, so that two people who take it over at once make one change.
//!
//! A change that counts, and was made on one that counts no more, is in every document and waits there for ever. Whoever
//! wrote it makes its edits anew at what is left of the heads that were seen.

use super::spliced::spliced;
use super::write::apply_by;
use super::{Document, Moment, WriteFault, authors, chunk, read};
use crate::{DeviceId, Edit, FieldPath, Heads, ItemId, LIFE, Life, Node, Place, RecordDef, RecordRef, RecordTree};
use automerge::transaction::CommitOptions;
use automerge::{ActorId, Change, ChangeHash};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What a change says that was written again, before the hash of the first one.
pub(super) const PURPOSE: &str = "taken over ";

/// Changes that were written again, and what each has become.
pub(super) struct Superseded(HashMap<ChangeHash, ChangeHash>);

impl Superseded {
    /// As the changes of a document tell, those that wait among them.
    pub fn of(doc: &mut Document, waiting: &[Change]) -> Self {
        let first = |message: Option<&str>| message?.strip_prefix(PURPOSE)?.parse().ok();
        let metas = doc.0.get_changes_meta(&[]);
        let shown = metas.iter().filter_map(|meta| Some((first(meta.message.as_deref())?, meta.hash)));
        let waits =
            waiting.iter().filter_map(|change| Some((first(change.message().map(AsRef::as_ref))?, change.hash())));
        Self(waits.chain(shown).collect())
    }

    pub fn has(&self, change: &ChangeHash) -> bool {
        self.0.contains_key(change)
    }

    /// What has become of a change: itself if it was never written again.
    fn last(&self, change: &ChangeHash) -> ChangeHash {
        let mut last = *change;
        while let Some(next) = self.0.get(&last) {
            last = *next;
        }
        last
    }
}

/// What one's own changes have become that were made on what counts no more.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct WrittenAgain {
    /// The chunk of what is new; empty if there was nothing to write.
    pub chunk: Vec<u8>,
    /// Whether some could not be written again, since not all that they were made on is known.
    pub left: bool,
}

/// What a change that is written again is made on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basis {
    /// All that it was made on first, or it is not written.
    All,
    /// What is left of that.
    WhatStands,
}

impl Document {
    /// Writes again what the changes of a chunk said. `beside` is a document that holds them and all that they were made on.
    /// Gives the chunk of what is new here; empty if it was written again before.
    pub fn write_again(&mut self, record: RecordRef, beside: &mut Self, bytes: &[u8]) -> Result<Vec<u8>, WriteFault> {
        self.chunk_again(record, beside, bytes, Basis::All)
    }

    /// The same for changes that count, and were made on others that do not: on what is left of those.
    pub fn write_again_on_what_stands(
        &mut self,
        record: RecordRef,
        beside: &mut Self,
        bytes: &[u8],
    ) -> Result<Vec<u8>, WriteFault> {
        self.chunk_again(record, beside, bytes, Basis::WhatStands)
    }

    fn chunk_again(
        &mut self,
        record: RecordRef,
        beside: &mut Self,
        bytes: &[u8],
        basis: Basis,
    ) -> Result<Vec<u8>, WriteFault> {
        let unreadable = |_| WriteFault::UnknownHeads;
        let changes = chunk::changes(bytes).map_err(unreadable)?;
        let before = read::heads(self);
        self.begin(record)?;
        for change in changes {
            self.one_again(record, beside, &change, basis)?;
        }
        Ok(self.chunks_since(&before))
    }

    /// Writes again what a device wrote here itself on changes that count no more. `beside` is a document that holds those, too.
    pub fn write_own_again(
        &mut self,
        record: RecordRef,
        beside: &mut Self,
        device: DeviceId,
    ) -> Result<WrittenAgain, WriteFault> {
        let own: HashSet<ChangeHash> = self.own_waiting(device).iter().map(Change::hash).collect();
        if own.is_empty() {
            return Ok(WrittenAgain::default());
        }
        let changes: Vec<Change> =
            beside.0.get_changes(&[]).into_iter().filter(|change| own.contains(&change.hash())).collect();
        if changes.is_empty() {
            return Ok(WrittenAgain { chunk: Vec::new(), left: true });
        }
        let before = read::heads(self);
        self.begin(record)?;
        for change in &changes {
            self.one_again(record, beside, change, Basis::WhatStands)?;
        }
        Ok(WrittenAgain { chunk: self.chunks_since(&before), left: changes.len() < own.len() })
    }

    /// The record's first change, where nothing of it is here.
    fn begin(&mut self, record: RecordRef) -> Result<(), WriteFault> {
        if read::heads(self).is_empty() {
            self.merge(&Self::found(RecordDef::of(record.kind)).save()).map_err(|_| WriteFault::UnknownHeads)?;
        }
        Ok(())
    }

    fn one_again(
        &mut self,
        record: RecordRef,
        beside: &mut Self,
        change: &Change,
        basis: Basis,
    ) -> Result<(), WriteFault> {
        let (first, def) = (change.hash(), RecordDef::of(record.kind));
        let waiting = self.waiting();
        let superseded = Superseded::of(self, &waiting);
        if superseded.has(&first) || self.holds(&first) {
            return Ok(());
        }
        let seen = self.stands_of(&superseded, beside, change.deps(), basis)?;
        if change.timestamp() == 0 {
            // What is alike on every device has no author whose numbers could clash.
            return self.0.apply_changes([change.clone()]).map_err(WriteFault::from);
        }
        let by = authors::device_of(change.actor_id());
        let mut edits = edits_between(
            &read::read_hashes(&mut beside.0, record, change.deps()),
            &read::read_hashes(&mut beside.0, record, &[first]),
        );
        if basis == Basis::WhatStands {
            let here = read::read_hashes(&mut self.0, record, &seen);
            let mut counts = |one: &ChangeHash| self.holds(&superseded.last(one));
            let texts = spliced(&mut beside.0, change, &here, &mut counts);
            edits = fitting(edits, &here, &texts);
        }
        let mut seen: Heads = seen.iter().map(ToString::to_string).collect();
        for edit in &edits {
            if let Edit::Add { collection, item, .. } = edit {
                seen.push(self.place(def, collection, *item)?);
            }
        }
        let actor = ActorId::from([&first.0[..16], by.uuid().as_bytes().as_slice()].concat().as_slice());
        let moment = Moment { device: by, millis: change.timestamp() };
        let purpose = format!("{PURPOSE}{first}");
        let written = apply_by(self, def, &seen, &edits, moment, (actor.clone(), Some(purpose.clone())))?;
        if written.is_empty() && basis == Basis::WhatStands {
            // Nothing is left of it, which is said, so that it does not wait for ever.
            self.0.set_actor(actor);
            self.0.empty_change(CommitOptions::default().with_time(change.timestamp()).with_message(purpose));
        }
        Ok(())
    }

    /// The heads here that a change's own stand for.
    fn stands_of(
        &mut self,
        superseded: &Superseded,
        beside: &mut Self,
        deps: &[ChangeHash],
        basis: Basis,
    ) -> Result<Vec<ChangeHash>, WriteFault> {
        let (mut stands, mut left, mut looked) = (BTreeSet::new(), deps.to_vec(), HashSet::new());
        while let Some(dep) = left.pop() {
            let last = superseded.last(&dep);
            if self.holds(&last) {
                stands.insert(last);
            } else if basis == Basis::All {
                // It was made on something that is not here: on another one that was not taken over.
                return Err(WriteFault::Incomplete);
            } else if looked.insert(dep) {
                let meta = beside.0.get_change_meta_by_hash(&dep);
                left.extend(meta.ok_or(WriteFault::Incomplete)?.deps.iter().copied());
            }
        }
        Ok(stands.into_iter().collect())
    }

    /// The place of an item, made by a change that is alike on every device: whoever takes over the change that made the item,
    /// whoever writes a change of it again, and whoever adds an item whose identity follows from something else, write in one item. Gives the head of that change.
    pub fn place(&mut self, def: &RecordDef, collection: &str, item: ItemId) -> Result<String, WriteFault> {
        let mut alone = Self::found(def);
        let head = alone.found_item(def, collection, item)?;
        let head = head.ok_or_else(|| WriteFault::NoSuchItem(format!("{collection}/{item}")))?;
        self.0.apply_changes(alone.0.get_changes(&[]))?;
        Ok(head)
    }

    fn holds(&mut self, change: &ChangeHash) -> bool {
        self.0.get_change_meta_by_hash(change).is_some()
    }
}

/// Edits as they can be made where not everything is there that they were made on. An edit of an item says that there is
/// one, and a value that stands already is said once more.
fn fitting(edits: Vec<Edit>, here: &RecordTree, texts: &BTreeMap<String, String>) -> Vec<Edit> {
    let mut fit = Vec::new();
    let mut there: BTreeSet<(String, ItemId)> = BTreeSet::new();
    for edit in edits {
        let place = match &edit {
            Edit::Set { path, .. } | Edit::Write { path, .. } => path.place.clone(),
            Edit::Include { path, .. } | Edit::Exclude { path, .. } => path.place.clone(),
            Edit::Add { collection, item, .. } => Place::Item { collection: collection.clone(), item: *item },
        };
        let node = here.node(&place);
        if let (Place::Item { collection, item }, None) = (&place, node) {
            let added = there.insert((collection.clone(), *item));
            if added && !matches!(edit, Edit::Add { .. }) {
                fit.push(Edit::Add { collection: collection.clone(), item: *item, values: Vec::new() });
            }
        }
        match &edit {
            Edit::Set { path, value } => {
                let values = node.and_then(|node| node.values.get(&path.field)).map_or(&[][..], Vec::as_slice);
                if value.is_none() && values.is_empty() {
                    continue;
                }
                // Automerge passes over a value that stands already.
                if value.is_some() && values.iter().any(|one| Some(&one.value) == value.as_ref()) {
                    fit.push(Edit::Set { path: path.clone(), value: None });
                }
            }
            Edit::Write { path, .. } if path.place == Place::Root => {
                if let Some(text) = texts.get(&path.field) {
                    fit.push(Edit::Write { path: path.clone(), text: text.clone() });
                    continue;
                }
            }
            Edit::Exclude { path, member } => {
                let members = node.and_then(|node| node.sets.get(&path.field));
                if !members.is_some_and(|members| members.contains(member)) {
                    continue;
                }
            }
            _ => {}
        }
        fit.push(edit);
    }
    fit
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
