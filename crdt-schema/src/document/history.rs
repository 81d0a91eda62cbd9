//! The history of a record: every change, who made it, when, and what it changed.

use super::{Document, Unreadable, authors, chunk, read};
use crate::{Authorship, FieldPath, Heads, Node, RecordRef, RecordTree};
use automerge::{AutoCommit, ChangeHash};
use std::collections::{BTreeMap, HashMap};

/// Field, before, after, in written form.
pub type Difference = (FieldPath, Option<String>, Option<String>);

/// One change in a record's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The heads right after it: what to ask for to see the record as its author saw it.
    pub heads: Heads,
    /// Who and when.
    pub by: Authorship,
    /// Which fields it changed: before and after, in written form.
    pub fields: Vec<Difference>,
}

/// What the changes of a chunk did to a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Whether the record began with them.
    pub created: bool,
    /// Which fields they changed, one change after the other.
    pub fields: Vec<Difference>,
}

/// Every change that changed something a person can see, oldest first. A change stands behind all that its author had seen,
/// however wrong the clock of one of them was; the rest is ordered by their clocks, and at one moment alike on every device. Changes that are alike on every device have no
/// author and no time; what they changed is told with the change that follows them.
pub fn history(doc: &mut Document, record: RecordRef) -> Vec<Change> {
    let metas: Vec<_> = doc.0.get_changes_meta(&[]).into_iter().map(automerge::ChangeMetadata::into_owned).collect();
    let nobodys: HashMap<ChangeHash, Vec<ChangeHash>> =
        metas.iter().filter(|meta| meta.timestamp == 0).map(|meta| (meta.hash, meta.deps.clone())).collect();
    // Changes come after what they went on from, so that one look at each is enough.
    let mut places: HashMap<ChangeHash, (i64, u32)> = HashMap::new();
    for meta in &metas {
        let seen = || meta.deps.iter().filter_map(|dep| places.get(dep));
        let not_before = seen().map(|(time, _)| *time).max().unwrap_or(i64::MIN).max(meta.timestamp);
        let depth = seen().map(|(_, depth)| depth + 1).max().unwrap_or_default();
        places.insert(meta.hash, (not_before, depth));
    }
    // What came to this device first says nothing: of two changes of one moment that did not see each other the hash decides.
    let mut changes: Vec<((i64, u32), ChangeHash, Change)> = metas
        .into_iter()
        .filter(|meta| !nobodys.contains_key(&meta.hash))
        .map(|meta| {
            let before = read::read_hashes(&mut doc.0, record, &before_nobodys(&meta.deps, &nobodys));
            let after = read::read_hashes(&mut doc.0, record, &[meta.hash]);
            let change = Change {
                heads: vec![meta.hash.to_string()],
                by: Authorship { device: authors::device_of(&meta.actor), at: authors::moment(meta.timestamp) },
                fields: differences(&before, &after),
            };
            (places[&meta.hash], meta.hash, change)
        })
        .filter(|(_, _, change)| !change.fields.is_empty())
        .collect();
    changes.sort_by_key(|(place, hash, _)| (*place, *hash));
    changes.into_iter().map(|(_, _, change)| change).collect()
}

/// What the changes of a chunk did, each at its place in the record's history; nothing if the document does not hold them.
/// A chunk that cannot be read is a fault.
pub fn told(doc: &mut Document, record: RecordRef, bytes: &[u8]) -> Result<Option<Told>, Unreadable> {
    let mut told = Told::default();
    for change in chunk::changes(bytes)? {
        let hash = change.hash();
        if doc.0.get_change_meta_by_hash(&hash).is_none() {
            return Ok(None);
        }
        told.created |= change.deps().is_empty();
        if change.timestamp() == 0 {
            continue;
        }
        let nobodys = nobodys_among(&mut doc.0, change.deps());
        let before = read::read_hashes(&mut doc.0, record, &before_nobodys(change.deps(), &nobodys));
        let after = read::read_hashes(&mut doc.0, record, &[hash]);
        told.fields.extend(differences(&before, &after));
    }
    Ok(Some(told))
}

/// The changes without an author among these, with what each went on from.
fn nobodys_among(doc: &mut AutoCommit, hashes: &[ChangeHash]) -> HashMap<ChangeHash, Vec<ChangeHash>> {
    let deps_of_nobodys = |hash: &ChangeHash| {
        let meta = doc.get_change_meta_by_hash(hash).filter(|meta| meta.timestamp == 0)?;
        Some((*hash, meta.deps.to_vec()))
    };
    hashes.iter().filter_map(deps_of_nobodys).collect()
}

/// The heads from which somebody went on: in the place of a change without an author stands what it went on from.
fn before_nobodys(deps: &[ChangeHash], nobodys: &HashMap<ChangeHash, Vec<ChangeHash>>) -> Vec<ChangeHash> {
    let step =
        |dep: &ChangeHash| nobodys.get(dep).filter(|deps| !deps.is_empty()).cloned().unwrap_or_else(|| vec![*dep]);
    deps.iter().flat_map(step).collect()
}

/// The fields in which two states of a record differ. A clash that was settled differs too, also where the chosen value
/// stood first before: what is told as "before" is then the value that was set aside.
pub(super) fn differences(before: &RecordTree, after: &RecordTree) -> Vec<Difference> {
    let (old, new) = (flat(before), flat(after));
    let mut paths: Vec<&FieldPath> = old.keys().chain(new.keys()).collect();
    paths.sort();
    paths.dedup();
    let values = |state: &BTreeMap<FieldPath, Vec<String>>, path| state.get(path).cloned().unwrap_or_default();
    let mut differences = Vec::new();
    for path in paths {
        let (old, new) = (values(&old, path), values(&new, path));
        let after = new.first().cloned();
        let settled = old.len() > 1 && new.len() == 1;
        if settled || old.first() != after.as_ref() {
            let before = old.iter().find(|value| Some(*value) != after.as_ref()).or(old.first()).cloned();
            differences.push((path.clone(), before, after));
        }
    }
    differences
}

/// Every field with its values; several where people disagree.
fn flat(tree: &RecordTree) -> BTreeMap<FieldPath, Vec<String>> {
    let mut fields = BTreeMap::new();
    flatten(&tree.root, FieldPath::root, &mut fields);
    for (collection, items) in &tree.items {
        for (item, node) in items {
            flatten(node, |field| FieldPath::item(collection, *item, field), &mut fields);
        }
    }
    fields
}

fn flatten(node: &Node, path: impl Fn(&str) -> FieldPath, into: &mut BTreeMap<FieldPath, Vec<String>>) {
    for (field, candidates) in &node.values {
        into.insert(path(field), candidates.iter().map(|candidate| candidate.value.clone()).collect());
    }
    for (field, text) in node.texts.iter().filter(|(_, text)| !text.is_empty()) {
        into.insert(path(field), vec![text.clone()]);
    }
    for (field, members) in node.sets.iter().filter(|(_, members)| !members.is_empty()) {
        into.insert(path(field), vec![members.iter().cloned().collect::<Vec<_>>().join(", ")]);
    }
}
