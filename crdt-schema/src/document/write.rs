//! Makes edits in a document, at the heads the person saw.

use super::{Document, SCHEMA, read};
use crate::{DeviceId, Edit, FieldPath, Heads, LIFE, Life, ORDER, Place, RecordDef};
use automerge::{
    ActorId, AutoCommit, AutomergeError, ObjId, ObjType, ROOT, ReadDoc, Value, transaction::CommitOptions,
    transaction::Transactable,
};
use std::collections::BTreeSet;

/// Who edits, and when: passed in, since this room has no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The device that edits.
    pub device: DeviceId,
    /// Milliseconds since 1970 by that device's clock.
    pub millis: i64,
}

/// Why edits could not be made.
#[derive(Debug, thiserror::Error)]
pub enum WriteFault {
    /// The heads are not from this document.
    #[error("the edit was made on a state that this device has never seen")]
    UnknownHeads,
    /// Changes of this device's to the record wait for others which have not arrived.
    #[error("a part of this record is still under way; synchronise, then change it again")]
    Incomplete,
    /// The record was last written by a newer program.
    #[error("the record has schema version {found}; this program knows {known}")]
    NewerSchema {
        /// The version in the document.
        found: u32,
        /// The version this program writes.
        known: u32,
    },
    /// The item edited does not exist at those heads.
    #[error("there is no item {0}")]
    NoSuchItem(String),
    /// Automerge refused.
    #[error("the document refused the edit: {0}")]
    Refused(#[from] AutomergeError),
}

/// Makes the edits at the heads the person saw and returns the new change chunk (empty if nothing changed).
pub fn apply(
    doc: &mut Document,
    def: &RecordDef,
    seen: &Heads,
    edits: &[Edit],
    moment: Moment,
) -> Result<Vec<u8>, WriteFault> {
    apply_as(doc, def, seen, edits, moment, None)
}

/// The same, with a word on the change that says what it was made for.
pub(super) fn apply_as(
    doc: &mut Document,
    def: &RecordDef,
    seen: &Heads,
    edits: &[Edit],
    moment: Moment,
    purpose: Option<String>,
) -> Result<Vec<u8>, WriteFault> {
    // A change of this device that waits may come into its own, fetched again after a loss.
    if doc.has_waiting(moment.device) {
        return Err(WriteFault::Incomplete);
    }
    let actor = doc.goes_on_as(moment.device);
    apply_by(doc, def, seen, edits, moment, (actor, purpose))
}

/// The same, by an author of its own.
pub(super) fn apply_by(
    doc: &mut Document,
    def: &RecordDef,
    seen: &Heads,
    edits: &[Edit],
    moment: Moment,
    (actor, purpose): (ActorId, Option<String>),
) -> Result<Vec<u8>, WriteFault> {
    let doc = &mut doc.0;
    if !read::knows(doc, seen) {
        return Err(WriteFault::UnknownHeads);
    }
    let before = doc.get_heads();
    doc.set_actor(actor);
    doc.isolate(&read::hashes(seen));
    let result = Writer { doc, def }.write(edits);
    if result.is_err() {
        doc.rollback();
    } else {
        let options = CommitOptions::default().with_time(moment.millis);
        doc.commit_with(match purpose {
            Some(purpose) => options.with_message(purpose),
            None => options,
        });
    }
    doc.integrate();
    result?;
    Ok(doc.save_after(&before))
}

struct Writer<'a> {
    doc: &'a mut AutoCommit,
    def: &'a RecordDef,
}

impl Writer<'_> {
    fn write(&mut self, edits: &[Edit]) -> Result<(), WriteFault> {
        self.stamp_schema()?;
        for edit in edits {
            self.edit(edit)?;
        }
        self.assert_alive(edits)
    }

    fn stamp_schema(&mut self) -> Result<(), WriteFault> {
        let found = match self.doc.get(ROOT, SCHEMA)? {
            Some((Value::Scalar(version), _)) => version.as_i64().and_then(|v| u32::try_from(v).ok()).unwrap_or(1),
            _ => 0,
        };
        let known = self.def.version;
        if found > known {
            return Err(WriteFault::NewerSchema { found, known });
        }
        if found < known {
            self.doc.put(ROOT, SCHEMA, i64::from(known))?;
        }
        Ok(())
    }

    fn edit(&mut self, edit: &Edit) -> Result<(), WriteFault> {
        match edit {
            Edit::Set { path, value } => {
                let object = self.place(&path.place)?;
                match value {
                    Some(value) => self.doc.put(&object, path.field.as_str(), value.as_str())?,
                    None => self.doc.delete(&object, path.field.as_str())?,
                }
            }
            Edit::Write { path, text } => {
                let object = self.place(&path.place)?;
                let prose = self.object(&object, &path.field, ObjType::Text)?;
                self.doc.update_text(&prose, text)?;
            }
            Edit::Include { path, member } => {
                let set = self.set(path)?;
                self.doc.put(&set, member.as_str(), true)?;
            }
            Edit::Exclude { path, member } => {
                let set = self.set(path)?;
                self.doc.delete(&set, member.as_str())?;
            }
            Edit::Add { collection, item, values } => {
                let map = self.object(&ROOT, collection, ObjType::Map)?;
                let object = self.object(&map, &item.to_string(), ObjType::Map)?;
                self.doc.put(&object, LIFE, Life::Live.as_str())?;
                for (field, value) in values {
                    self.doc.put(&object, field.as_str(), value.as_str())?;
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, path: &FieldPath) -> Result<ObjId, WriteFault> {
        let object = self.place(&path.place)?;
        self.object(&object, &read::set_key(&path.field), ObjType::Map)
    }

    fn place(&mut self, place: &Place) -> Result<ObjId, WriteFault> {
        let Place::Item { collection, item } = place else { return Ok(ROOT) };
        let missing = || WriteFault::NoSuchItem(format!("{collection}/{item}"));
        let (_, map) = self.doc.get(ROOT, collection.as_str())?.ok_or_else(missing)?;
        let (_, object) = self.doc.get(&map, item.to_string())?.ok_or_else(missing)?;
        Ok(object)
    }

    /// The container under a key. Every record is created with all of its containers (see [`Document::found`]),
    /// so two devices never make rivals of one container; here only a missing one is made.
    fn object(&mut self, parent: &ObjId, key: &str, of: ObjType) -> Result<ObjId, WriteFault> {
        match self.doc.get(parent, key)? {
            Some((Value::Object(found), object)) if found == of => Ok(object),
            _ => Ok(self.doc.put_object(parent, key, of)?),
        }
    }

    /// Re-asserts that what was edited is alive, unless it is disputed or the edit itself decides it.
    fn assert_alive(&mut self, edits: &[Edit]) -> Result<(), WriteFault> {
        let mut touched: BTreeSet<Place> = BTreeSet::new();
        let mut decided: BTreeSet<Place> = BTreeSet::new();
        for edit in edits {
            let path = match edit {
                Edit::Set { path, .. }
                | Edit::Write { path, .. }
                | Edit::Include { path, .. }
                | Edit::Exclude { path, .. } => path,
                Edit::Add { collection, .. } if self.beside(collection) => continue,
                Edit::Add { .. } => {
                    touched.insert(Place::Root);
                    continue;
                }
            };
            let life = if path.place == Place::Root { self.def.life } else { Some(LIFE) };
            let beside = self.beside(&path.field) || path.place.collection().is_some_and(|name| self.beside(name));
            if life == Some(path.field.as_str()) {
                decided.insert(path.place.clone());
            } else if path.field != ORDER && !beside {
                touched.insert(path.place.clone());
            }
            if !beside {
                touched.insert(Place::Root);
            }
        }
        for place in touched.difference(&decided) {
            let life = if *place == Place::Root { self.def.life } else { Some(LIFE) };
            if let Some(life) = life {
                let object = self.place(place)?;
                self.repeat(&object, life)?;
            }
        }
        Ok(())
    }

    /// Whether it is a collection or an item's field in which somebody writes without saying that the record stands.
    fn beside(&self, name: &str) -> bool {
        self.def.beside.contains(&name)
    }

    /// Writes the same value again as a new operation. Automerge skips a `put` of an equal value, hence the deletion.
    fn repeat(&mut self, object: &ObjId, key: &str) -> Result<(), WriteFault> {
        let values = self.doc.get_all(object, key)?;
        let written: BTreeSet<String> =
            values.iter().filter_map(|(value, _)| value.as_str().map(str::to_owned)).collect();
        if let (Some(value), 1) = (written.first(), written.len()) {
            self.doc.delete(object, key)?;
            self.doc.put(object, key, value.as_str())?;
        }
        Ok(())
    }
}

impl Document {
    /// A record's document with all its containers, made by a change that is byte-identical on every device:
    /// whoever creates or imports the same record starts from the same first change.
    pub fn found(def: &RecordDef) -> Self {
        let mut doc = Self::empty();
        let founder = ActorId::from([0_u8; 16].as_slice());
        doc.0.set_actor(founder);
        let mut make = |key: &str, of: ObjType| {
            let made = doc.0.put_object(ROOT, key, of);
            debug_assert!(made.is_ok(), "an empty document takes any container");
        };
        for field in def.fields {
            match field.form {
                crate::Form::Prose => make(field.name, ObjType::Text),
                crate::Form::Members => make(&read::set_key(field.name), ObjType::Map),
                _ => {}
            }
        }
        for collection in def.collections {
            make(collection.name, ObjType::Map);
        }
        doc.0.commit_with(CommitOptions::default().with_time(0));
        doc
    }

    /// Makes the place of an item that was derived from a source, by a change that is byte-identical on every device:
    /// whoever imports the same file writes in the same item, not in a rival of it. The record must have been founded.
    /// Gives the head of that change, which whoever writes in the item has seen.
    pub fn found_item(
        &mut self,
        def: &RecordDef,
        collection: &str,
        item: crate::ItemId,
    ) -> Result<Option<String>, WriteFault> {
        let founded = Self::found(def).0.get_heads();
        let doc = &mut self.0;
        let missing = || WriteFault::NoSuchItem(collection.to_owned());
        let (_, map) = doc.get(ROOT, collection)?.ok_or_else(missing)?;
        if doc.get(&map, item.to_string())?.is_some() {
            return Ok(None);
        }
        doc.set_actor(ActorId::from(item.uuid().as_bytes().as_slice()));
        doc.isolate(&founded);
        let made = doc.put_object(&map, item.to_string(), ObjType::Map);
        let change = doc.commit_with(CommitOptions::default().with_time(0));
        doc.integrate();
        made?;
        Ok(change.map(|hash| hash.to_string()))
    }
}
