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
    tree(record, &Reader { doc, authors: &authors, at })
}

/// Where objects stand that a record is read from: a document, or the changes that would make one.
pub(super) trait Objects {
    /// How an object is called.
    type Id;
    /// The record's own fields.
    fn root(&self) -> Self::Id;
    /// What a map holds.
    fn map(&self, object: &Self::Id) -> BTreeMap<String, Held<Self::Id>>;
    /// What a text says.
    fn text(&self, object: &Self::Id) -> String;
}

/// What a map holds under a key.
pub(super) enum Held<Id> {
    Map(Id),
    Text(Id),
    /// An object of which this program knows nothing.
    Other,
    /// A value, or the values that were written side by side; none if it cannot be read.
    Said(Vec<Candidate<String>>),
}

/// The record that objects make.
pub(super) fn tree<O: Objects>(record: RecordRef, objects: &O) -> RecordTree {
    let mut root = objects.map(&objects.root());
    let mut tree = RecordTree::empty(record, schema(&root));
    for collection in RecordDef::of(record.kind).collections {
        tree.items.insert(collection.name.to_owned(), items(objects, root.remove(collection.name)));
    }
    root.retain(|key, held| is_set(key) || !matches!(held, Held::Map(_)));
    tree.root = node(objects, root);
    crate::migration::complete(&mut tree);
    tree
}

fn schema<Id>(root: &BTreeMap<String, Held<Id>>) -> u32 {
    let said = root.get(SCHEMA).and_then(|held| if let Held::Said(said) = held { said.first() } else { None });
    said.and_then(|version| version.value.parse().ok()).unwrap_or(1)
}

fn items<O: Objects>(objects: &O, collection: Option<Held<O::Id>>) -> BTreeMap<ItemId, Node> {
    let Some(Held::Map(id)) = collection else { return BTreeMap::new() };
    let read = |(key, held): (String, Held<O::Id>)| {
        let fields = if let Held::Map(id) = held { objects.map(&id) } else { BTreeMap::new() };
        Some((key.parse().ok()?, node(objects, fields)))
    };
    objects.map(&id).into_iter().filter_map(read).collect()
}

fn node<O: Objects>(objects: &O, fields: BTreeMap<String, Held<O::Id>>) -> Node {
    let mut node = Node::default();
    for (key, held) in fields {
        match held {
            Held::Text(id) => drop(node.texts.insert(key, objects.text(&id))),
            Held::Map(id) => drop(node.sets.insert(member_field(&key), objects.map(&id).into_keys().collect())),
            Held::Said(_) if key == SCHEMA => {}
            Held::Said(candidates) => drop(node.values.insert(key, candidates)),
            Held::Other => {}
        }
    }
    node
}

/// Reads a document map by map: a look-up for each key, and what was known at some heads computed for each look-up, cost
/// several times as much as everything else that is done with a record.
struct Reader<'a> {
    doc: &'a AutoCommit,
    authors: &'a Authors,
    /// The heads at which it is read; nothing for now.
    at: Option<&'a [ChangeHash]>,
}

impl Objects for Reader<'_> {
    type Id = ObjId;

    fn root(&self) -> ObjId {
        ROOT
    }

    fn map(&self, object: &ObjId) -> BTreeMap<String, Held<ObjId>> {
        let range = match self.at {
            None => self.doc.map_range(object, ..),
            Some(heads) => self.doc.map_range_at(object, .., heads),
        };
        range.map(|item| (item.key.to_string(), self.held(object, &item))).collect()
    }

    fn text(&self, text: &ObjId) -> String {
        let read = match self.at {
            None => self.doc.text(text),
            Some(heads) => self.doc.text_at(text, heads),
        };
        read.unwrap_or_default()
    }
}

impl Reader<'_> {
    fn held(&self, object: &ObjId, item: &MapRangeItem<'_>) -> Held<ObjId> {
        match &item.value {
            ValueRef::Object(ObjType::Map) => Held::Map(item.id()),
            ValueRef::Object(ObjType::Text) => Held::Text(item.id()),
            ValueRef::Object(_) => Held::Other,
            ValueRef::Scalar(_) if item.conflict => Held::Said(self.candidates(object, &item.key)),
            ValueRef::Scalar(value) => {
                let one = written(value).map(|value| Candidate { value, by: self.authors.wrote(&item.id()) });
                Held::Said(one.into_iter().collect())
            }
        }
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

pub(super) fn written(value: &ScalarValueRef<'_>) -> Option<String> {
    match value {
        ScalarValueRef::Str(text) => Some(text.to_string()),
        ScalarValueRef::Int(number) => Some(number.to_string()),
        ScalarValueRef::Uint(number) => Some(number.to_string()),
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
