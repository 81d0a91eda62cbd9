//! Reads a document into plain values, now or as it was at earlier heads.

use super::{Document, SCHEMA, authors::Authors};
use crate::{Candidate, Heads, ItemId, Node, RecordDef, RecordRef, RecordTree};
use automerge::iter::MapRangeItem;
use automerge::{AutoCommit, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValueRef, Value, ValueRef};
use std::collections::BTreeMap;

/// The record as it stands.
pub fn read(doc: &mut Document, record: RecordRef) -> RecordTree {
    read_state(&mut doc.0, record, None)
}

/// The record as it stood at `heads`.
pub fn read_at(doc: &mut Document, record: RecordRef, heads: &Heads) -> RecordTree {
    read_hashes(&mut doc.0, record, &hashes(heads))
}

/// The document's newest changes.
pub fn heads(doc: &mut Document) -> Heads {
    let mut heads: Heads = doc.0.get_heads().iter().map(ToString::to_string).collect();
    heads.sort();
    heads
}

/// Whether the document has all of these heads: whether this device has ever seen that state.
pub fn has(doc: &mut Document, heads: &Heads) -> bool {
    knows(&mut doc.0, heads)
}

/// Heads as Automerge takes them. What is not a hash is not a head and is left out.
pub(super) fn hashes(heads: &Heads) -> Vec<ChangeHash> {
    heads.iter().filter_map(|head| head.parse().ok()).collect()
}

/// Whether the document knows all of these heads.
pub(super) fn knows(doc: &mut AutoCommit, heads: &Heads) -> bool {
    let hashes = hashes(heads);
    hashes.len() == heads.len() && hashes.iter().all(|hash| doc.get_change_meta_by_hash(hash).is_some())
}

pub(super) fn read_hashes(doc: &mut AutoCommit, record: RecordRef, at: &[ChangeHash]) -> RecordTree {
    read_state(doc, record, Some(at))
}

fn read_state(doc: &mut AutoCommit, record: RecordRef, at: Option<&[ChangeHash]>) -> RecordTree {
    let authors = Authors::of(doc);
    let reader = Reader { doc, authors: &authors, at };
    let mut root = reader.map(&ROOT);
    let mut tree = RecordTree::empty(record, schema(&root));
    for collection in RecordDef::of(record.kind).collections {
        tree.items.insert(collection.name.to_owned(), reader.items(root.remove(collection.name)));
    }
    root.retain(|key, held| is_set(key) || !matches!(held.value, ValueRef::Object(ObjType::Map)));
    tree.root = reader.node(&ROOT, root);
    crate::migration::complete(&mut tree);
    tree
}

fn schema(root: &BTreeMap<String, Held<'_>>) -> u32 {
    let version = match root.get(SCHEMA).map(|held| &held.value) {
        Some(ValueRef::Scalar(ScalarValueRef::Int(version))) => u32::try_from(*version).ok(),
        Some(ValueRef::Scalar(ScalarValueRef::Uint(version))) => u32::try_from(*version).ok(),
        _ => None,
    };
    version.unwrap_or(1)
}

/// What a map holds under a key.
struct Held<'a> {
    value: ValueRef<'a>,
    id: ObjId,
    /// Whether several were written side by side.
    contested: bool,
}

/// Reads a document map by map: a look-up for each key, and what was known at some heads computed for each look-up, cost
/// several times as much as everything else that is done with a record.
struct Reader<'a> {
    doc: &'a AutoCommit,
    authors: &'a Authors,
    /// The heads at which it is read; nothing for now.
    at: Option<&'a [ChangeHash]>,
}

impl<'a> Reader<'a> {
    fn map(&self, object: &ObjId) -> BTreeMap<String, Held<'a>> {
        let range = match self.at {
            None => self.doc.map_range(object, ..),
            Some(heads) => self.doc.map_range_at(object, .., heads),
        };
        let held = |item: MapRangeItem<'a>| {
            let id = item.id();
            (item.key.into_owned(), Held { value: item.value, id, contested: item.conflict })
        };
        range.map(held).collect()
    }

    fn items(&self, collection: Option<Held<'_>>) -> BTreeMap<ItemId, Node> {
        let Some(Held { value: ValueRef::Object(ObjType::Map), id, .. }) = collection else { return BTreeMap::new() };
        let read = |(key, held): (String, Held<'_>)| Some((key.parse().ok()?, self.node(&held.id, self.map(&held.id))));
        self.map(&id).into_iter().filter_map(read).collect()
    }

    fn node(&self, object: &ObjId, fields: BTreeMap<String, Held<'_>>) -> Node {
        let mut node = Node::default();
        for (key, held) in fields {
            match held.value {
                ValueRef::Object(ObjType::Text) => {
                    node.texts.insert(key, self.text(&held.id));
                }
                ValueRef::Object(ObjType::Map) => {
                    node.sets.insert(member_field(&key), self.map(&held.id).into_keys().collect());
                }
                ValueRef::Object(_) => {}
                ValueRef::Scalar(_) if key == SCHEMA => {}
                ValueRef::Scalar(_) if held.contested => {
                    let candidates = self.candidates(object, &key);
                    node.values.insert(key, candidates);
                }
                ValueRef::Scalar(value) => {
                    let one = written(&value).map(|value| Candidate { value, by: self.authors.wrote(&held.id) });
                    node.values.insert(key, one.into_iter().collect());
                }
            }
        }
        node
    }

    fn text(&self, text: &ObjId) -> String {
        let read = match self.at {
            None => self.doc.text(text),
            Some(heads) => self.doc.text_at(text, heads),
        };
        read.unwrap_or_default()
    }

    /// The values of a field, the provisional one first. People who independently wrote the same agree.
    fn candidates(&self, object: &ObjId, key: &str) -> Vec<Candidate<String>> {
        let mut candidates: Vec<Candidate<String>> = Vec::new();
        let all = match self.at {
            None => self.doc.get_all(object, key),
            Some(heads) => self.doc.get_all_at(object, key, heads),
        };
        let all = all.unwrap_or_default();
        // Automerge lists the winner last.
        for (value, id) in all.into_iter().rev() {
            let Value::Scalar(value) = value else { continue };
            let Some(value) = written(&value.into_owned().into()) else { continue };
            if !candidates.iter().any(|known| known.value == value) {
                candidates.push(Candidate { value, by: self.authors.wrote(&id) });
            }
        }
        candidates
    }
}

fn written(value: &ScalarValueRef<'_>) -> Option<String> {
    match value {
        ScalarValueRef::Str(text) => Some(text.to_string()),
        ScalarValueRef::Int(number) => Some(number.to_string()),
        ScalarValueRef::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Sets stand at the root under `set:<field>`, apart from the collections.
pub(super) fn set_key(field: &str) -> String {
    format!("set:{field}")
}
fn is_set(key: &str) -> bool {
    key.starts_with("set:")
}
fn member_field(key: &str) -> String {
    key.trim_start_matches("set:").to_owned()
}
