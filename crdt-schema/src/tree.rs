//! A record as plain values: what the Automerge mapping reads and what typed records are made from.

use crate::{Authorship, Candidate, ClashPolicy, Field, FieldValue, ItemId, RecordRef};
use std::collections::{BTreeMap, BTreeSet};

/// The heads of a document: the hashes of its newest changes, in hexadecimal, sorted.
pub type Heads = Vec<String>;

/// A whole record in plain values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordTree {
    /// Which record.
    pub record: RecordRef,
    /// The schema version it was last written with.
    pub schema: u32,
    /// The fields of the record itself.
    pub root: Node,
    /// Lines, contacts, addresses: collection name to items.
    pub items: BTreeMap<String, BTreeMap<ItemId, Node>>,
}

impl RecordTree {
    /// A record nobody has written in yet.
    pub fn empty(record: RecordRef, schema: u32) -> Self {
        Self { record, schema, root: Node::default(), items: BTreeMap::new() }
    }

    /// The fields at a place.
    pub fn node(&self, place: &crate::Place) -> Option<&Node> {
        match place {
            crate::Place::Root => Some(&self.root),
            crate::Place::Item { collection, item } => self.items.get(collection)?.get(item),
        }
    }
}

/// The fields of one record or item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// Single values; more than one candidate is a disagreement, the provisional one first.
    pub values: BTreeMap<String, Vec<Candidate<String>>>,
    /// Merged texts.
    pub texts: BTreeMap<String, String>,
    /// Sets.
    pub sets: BTreeMap<String, BTreeSet<String>>,
}

impl Node {
    /// The provisional written value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.first().map(|candidate| candidate.value.as_str())
    }

    /// Who wrote a field's provisional value.
    pub fn author(&self, name: &str) -> Option<Authorship> {
        self.values.get(name)?.first().map(|c| c.by)
    }
}

/// How a typed field takes itself out of a node.
pub trait ReadField: Sized {
    /// How the field is written.
    const FORM: crate::Form;
    /// The permitted words of a choice.
    const WORDS: &'static [&'static str] = &[];
    /// Reads the field `name`. A value this program cannot read (written by a newer one) counts as empty:
    /// it stays in the document untouched.
    fn read(node: &Node, name: &str, policy: ClashPolicy) -> Self;
}

impl<T: FieldValue> ReadField for Field<T> {
    const FORM: crate::Form = T::FORM;
    const WORDS: &'static [&'static str] = T::WORDS;

    fn read(node: &Node, name: &str, policy: ClashPolicy) -> Self {
        let mut readable = node.values.get(name).into_iter().flatten().filter_map(|candidate| {
            let value = candidate.value.parse().ok()?;
            Some(Candidate { value, by: candidate.by })
        });
        let Some(first) = readable.next() else { return Self::Empty };
        let mut clash = vec![first];
        if policy == ClashPolicy::Ask {
            clash.extend(readable);
        }
        if clash.len() > 1 { Self::Clash { clash } } else { Self::One(clash.remove(0).value) }
    }
}

/// Text that several people may write in.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Prose(pub String);

impl ReadField for Prose {
    const FORM: crate::Form = crate::Form::Prose;
    fn read(node: &Node, name: &str, _: ClashPolicy) -> Self {
        Self(node.texts.get(name).cloned().unwrap_or_default())
    }
}

/// A set of words, such as areas of interest.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Members(pub BTreeSet<String>);

impl ReadField for Members {
    const FORM: crate::Form = crate::Form::Members;
    fn read(node: &Node, name: &str, _: ClashPolicy) -> Self {
        Self(node.sets.get(name).cloned().unwrap_or_default())
    }
}
