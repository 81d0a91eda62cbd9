//! Reads a document into plain values, now or as it was at earlier heads.

use super::{Document, SCHEMA, authors::Authors};
use crate::{Candidate, Heads, ItemId, Node, RecordDef, RecordRef, RecordTree};
use automerge::{AutoCommit, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value};
use std::collections::BTreeMap;

/// The record as it stands.
pub fn read(doc: &mut Document, record: RecordRef) -> RecordTree {
    let heads = doc.0.get_heads();
    read_hashes(&mut doc.0, record, &heads)
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
    let authors = Authors::of(doc);
    let reader = Reader { doc, authors: &authors, at };
    let mut tree = RecordTree::empty(record, reader.schema());
    tree.root = reader.node(&ROOT);
    for collection in RecordDef::of(record.kind).collections {
        tree.items.insert(collection.name.to_owned(), reader.items(collection.name));
    }
    crate::migration::complete(&mut tree);
    tree
}

struct Reader<'a> {
    doc: &'a AutoCommit,
    authors: &'a Authors,
    at: &'a [ChangeHash],
}

impl Reader<'_> {
    fn schema(&self) -> u32 {
        match self.doc.get_at(ROOT, SCHEMA, self.at) {
            Ok(Some((Value::Scalar(version), _))) => version.as_i64().and_then(|v| v.try_into().ok()).unwrap_or(1),
            _ => 1,
        }
    }

    fn items(&self, collection: &str) -> BTreeMap<ItemId, Node> {
        let Ok(Some((Value::Object(ObjType::Map), map))) = self.doc.get_at(ROOT, collection, self.at) else {
            return BTreeMap::new();
        };
        let keys: Vec<String> = self.doc.keys_at(&map, self.at).collect();
        keys.into_iter()
            .filter_map(|key| {
                let (_, item) = self.doc.get_at(&map, key.as_str(), self.at).ok()??;
                Some((key.parse().ok()?, self.node(&item)))
            })
            .collect()
    }

    fn node(&self, object: &ObjId) -> Node {
        let mut node = Node::default();
        let keys: Vec<String> = self.doc.keys_at(object, self.at).collect();
        for key in keys {
            match self.doc.get_at(object, key.as_str(), self.at) {
                Ok(Some((Value::Object(ObjType::Text), text))) => {
                    node.texts.insert(key, self.doc.text_at(&text, self.at).unwrap_or_default());
                }
                Ok(Some((Value::Object(ObjType::Map), set))) if object != &ROOT || is_set(&key) => {
                    node.sets.insert(member_field(&key), self.doc.keys_at(&set, self.at).collect());
                }
                Ok(Some((Value::Scalar(_), _))) if key != SCHEMA => {
                    node.values.insert(key.clone(), self.candidates(object, &key));
                }
                _ => {}
            }
        }
        node
    }

    /// The values of a field, the provisional one first. People who independently wrote the same agree.
    fn candidates(&self, object: &ObjId, key: &str) -> Vec<Candidate<String>> {
        let mut candidates: Vec<Candidate<String>> = Vec::new();
        let all = self.doc.get_all_at(object, key, self.at).unwrap_or_default();
        // Automerge lists the winner last.
        for (value, id) in all.iter().rev() {
            let Some(value) = written(value) else { continue };
            if !candidates.iter().any(|known| known.value == value) {
                candidates.push(Candidate { value, by: self.authors.wrote(id) });
            }
        }
        candidates
    }
}

fn written(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Scalar(scalar) => match scalar.as_ref() {
            ScalarValue::Str(text) => Some(text.to_string()),
            ScalarValue::Int(number) => Some(number.to_string()),
            ScalarValue::Boolean(flag) => Some(flag.to_string()),
            _ => None,
        },
        Value::Object(_) => None,
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
