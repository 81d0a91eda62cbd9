//! A record that nobody wrote in beside anybody, read from its changes alone: no document is built, which is most of the work of
//! whoever takes in many records. Where two wrote side by side, where changes wait for others, and where anything else is met that
//! a document would have to say, there is no such reading, and the document is asked.
//!
//! What is read here is what the document would show (`tests/uncontested.rs` beside this file holds both against each other, and
//! so does the fuzz target `document`). Operations: <https://automerge.org/automerge-binary-format-spec>, "Operation Semantics".

use super::authors::{device_of, moment};
use super::read::{Held, Objects, tree, written};
use super::{Document, chunk};
use crate::{Authorship, Candidate, Heads, RecordDef, RecordId, RecordKind, RecordRef, RecordTree};
use automerge::legacy::{ElementId, Key, ObjectId, Op, OpType};
use automerge::{ActorId, Change, ChangeHash, ObjType, ScalarValue};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;
use uuid::Uuid;

/// Letters of one text beyond which a document is quicker.
const LETTERS: usize = 2_000;

/// An operation's name: its number, and whose.
type OpId = (u64, usize);

/// What some changes make of a record.
#[derive(Clone)]
pub struct Uncontested {
    record: RecordRef,
    heads: Vec<ChangeHash>,
    actors: Vec<Actor>,
    /// Everything that was ever made, the root first.
    objects: Vec<Object>,
    made: HashMap<OpId, usize>,
    /// The changes so far, and the last number that each has used.
    ends: HashMap<ChangeHash, u64>,
}

/// Whose changes, how many, and the last number that they used.
#[derive(Clone)]
struct Actor {
    id: ActorId,
    changes: u64,
    end: u64,
}

#[derive(Clone)]
enum Object {
    Map(BTreeMap<String, Slot>),
    Text(Vec<Letter>),
}

/// What stands under a key, and the operation that put it there.
#[derive(Clone)]
struct Slot {
    op: OpId,
    value: Value,
}

#[derive(Clone)]
enum Value {
    Object(usize),
    Said(Option<Candidate<String>>),
}

/// A letter of a text. Those that were taken out keep their place, for others were written behind them.
#[derive(Clone)]
struct Letter {
    op: OpId,
    says: Option<String>,
}

/// The first change of every kind of record, which is the same on every device, and what it makes of one.
static FOUNDED: LazyLock<HashMap<RecordKind, (Vec<u8>, Uncontested)>> = LazyLock::new(|| {
    let nobodys = |kind: RecordKind| RecordRef::new(kind, RecordId::new(Uuid::nil()));
    let founded = |kind: &RecordKind| {
        let first = Document::found(RecordDef::of(*kind)).chunks_since(&Heads::new());
        let mut made = Uncontested::of(nobodys(*kind));
        made.take_in(&first)?;
        Some((*kind, (first, made)))
    };
    RecordKind::ALL.iter().filter_map(founded).collect()
});

impl Uncontested {
    /// A record of which nothing is known yet.
    pub fn of(record: RecordRef) -> Self {
        Self {
            record,
            heads: Vec::new(),
            actors: Vec::new(),
            objects: vec![Object::Map(BTreeMap::new())],
            made: HashMap::new(),
            ends: HashMap::new(),
        }
    }

    /// Takes in chunks that follow on those before. Nothing is given where they cannot be read so; what was taken in until then is
    /// of no use either.
    pub fn follow(&mut self, chunks: &[u8]) -> Option<()> {
        if self.ends.is_empty()
            && let Some((first, made)) = FOUNDED.get(&self.record.kind)
            && let Some(rest) = chunks.strip_prefix(first.as_slice())
        {
            *self = Self { record: self.record, ..made.clone() };
            return self.take_in(rest);
        }
        self.take_in(chunks)
    }

    fn take_in(&mut self, chunks: &[u8]) -> Option<()> {
        for chunk in chunk::split(chunks).ok()? {
            let change = chunk::change(chunk).ok()?;
            if !self.ends.contains_key(&change.hash()) {
                self.change(&change)?;
            }
        }
        Some(())
    }

    /// The newest changes.
    pub fn heads(&self) -> Heads {
        let mut heads: Heads = self.heads.iter().map(ToString::to_string).collect();
        heads.sort();
        heads
    }

    /// The record as it stands.
    pub fn read(&self) -> RecordTree {
        tree(self.record, self)
    }

    fn change(&mut self, change: &Change) -> Option<()> {
        let start = change.start_op().get();
        let end = start.checked_add(u64::try_from(change.len()).ok()?)?.checked_sub(1)?;
        for dep in change.deps() {
            // One that is not here yet, or numbers that were given before.
            self.ends.get(dep).filter(|end| **end < start)?;
        }
        let whose = self.actor(change.actor_id());
        let actor = &mut self.actors[whose];
        if change.seq() != actor.changes + 1 || start <= actor.end {
            return None;
        }
        (actor.changes, actor.end) = (change.seq(), end);
        let by = Authorship { device: device_of(change.actor_id()), at: moment(change.timestamp()) };
        for (number, op) in (start..).zip(change.decode().operations) {
            self.operation((number, whose), op, by)?;
        }
        self.heads.retain(|head| !change.deps().contains(head));
        self.heads.push(change.hash());
        self.ends.insert(change.hash(), end);
        Some(())
    }

    fn actor(&mut self, id: &ActorId) -> usize {
        self.actors.iter().position(|actor| actor.id == *id).unwrap_or_else(|| {
            self.actors.push(Actor { id: id.clone(), changes: 0, end: 0 });
            self.actors.len() - 1
        })
    }

    fn name(&self, op: &automerge::legacy::OpId) -> Option<OpId> {
        let whose = self.actors.iter().position(|actor| actor.id == op.1)?;
        Some((op.0, whose))
    }

    fn operation(&mut self, id: OpId, op: Op, by: Authorship) -> Option<()> {
        let object = match &op.obj {
            ObjectId::Root => 0,
            ObjectId::Id(made) => *self.made.get(&self.name(made)?)?,
        };
        // Of what it takes the place: one operation, or none.
        let mut replaced = op.pred.iter();
        let replaces = match replaced.next() {
            Some(one) => Some(self.name(one)?),
            None => None,
        };
        if replaced.next().is_some() {
            return None;
        }
        match op.key {
            Key::Map(key) if !op.insert => self.put(object, key.to_string(), (id, replaces), op.action, by),
            Key::Map(_) => None,
            Key::Seq(letter) => {
                let letter = match letter {
                    ElementId::Head => None,
                    ElementId::Id(letter) => Some(self.name(&letter)?),
                };
                let Object::Text(letters) = &mut self.objects[object] else { return None };
                match (op.insert, op.action) {
                    (true, OpType::Put(ScalarValue::Str(says))) if replaces.is_none() => {
                        write(letters, id, letter, says.to_string())
                    }
                    (false, OpType::Delete) if replaces == letter => take_out(letters, letter?),
                    _ => None,
                }
            }
        }
    }

    /// Puts a value under a key, or takes out what stands there. An operation that does not know of what stands there was made
    /// beside it.
    fn put(
        &mut self,
        object: usize,
        key: String,
        (id, replaces): (OpId, Option<OpId>),
        action: OpType,
        by: Authorship,
    ) -> Option<()> {
        let next = self.objects.len();
        let Object::Map(map) = &mut self.objects[object] else { return None };
        if map.get(&key).map(|slot| slot.op) != replaces {
            return None;
        }
        let made = match action {
            OpType::Delete => {
                replaces?;
                map.remove(&key);
                return Some(());
            }
            OpType::Put(ScalarValue::Counter(_) | ScalarValue::Unknown { .. }) => return None,
            OpType::Put(value) => {
                let said = written(&value.into()).map(|value| Candidate { value, by });
                map.insert(key, Slot { op: id, value: Value::Said(said) });
                return Some(());
            }
            OpType::Make(ObjType::Map) => Object::Map(BTreeMap::new()),
            OpType::Make(ObjType::Text) => Object::Text(Vec::new()),
            _ => return None,
        };
        map.insert(key, Slot { op: id, value: Value::Object(next) });
        self.objects.push(made);
        self.made.insert(id, next);
        Some(())
    }
}

/// Writes a letter behind another. Its place is right behind that one, unless a letter stands there that is younger: then somebody
/// wrote beside somebody.
fn write(letters: &mut Vec<Letter>, id: OpId, behind: Option<OpId>, says: String) -> Option<()> {
    let place = match behind {
        None => 0,
        // Most are written at the end.
        Some(behind) => letters.iter().rposition(|letter| letter.op == behind)? + 1,
    };
    if letters.len() >= LETTERS || letters.get(place).is_some_and(|next| next.op.0 >= id.0) {
        return None;
    }
    letters.insert(place, Letter { op: id, says: Some(says) });
    Some(())
}

fn take_out(letters: &mut [Letter], which: OpId) -> Option<()> {
    let letter = letters.iter_mut().find(|letter| letter.op == which)?;
    letter.says.take().map(drop)
}

impl Objects for Uncontested {
    type Id = usize;

    fn root(&self) -> usize {
        0
    }

    fn map(&self, object: &usize) -> BTreeMap<String, Held<usize>> {
        let Some(Object::Map(map)) = self.objects.get(*object) else { return BTreeMap::new() };
        let held = |value: &Value| match value {
            Value::Said(said) => Held::Said(said.iter().cloned().collect()),
            Value::Object(object) => match self.objects[*object] {
                Object::Map(_) => Held::Map(*object),
                Object::Text(_) => Held::Text(*object),
            },
        };
        map.iter().map(|(key, slot)| (key.clone(), held(&slot.value))).collect()
    }

    fn text(&self, text: &usize) -> String {
        let Some(Object::Text(letters)) = self.objects.get(*text) else { return String::new() };
        letters.iter().filter_map(|letter| letter.says.as_deref()).collect()
    }
}

#[cfg(test)]
mod tests;
