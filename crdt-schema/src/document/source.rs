//! Records that come from a source outside, such as a sheet of another program.
//!
//! A source is a colleague who looks in now and then: what it writes is written at the heads at which it last wrote.
//! The same sheet imported twice therefore changes nothing, not even what people have changed since; a sheet that has
//! changed meets what people have changed as one colleague's edit meets another's. How far a source has seen stands on
//! its changes, so every device knows, whichever imported last.

use super::write::apply_as;
use super::{Document, Moment, WriteFault, read};
use crate::{Edit, Heads, RecordDef};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, ChangeHash, ROOT, ReadDoc};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What a change says of the source it was taken from.
fn purpose(source: &str) -> String {
    format!("import {source}")
}

/// The heads at which a source last wrote in the record; nothing if it never did.
pub fn seen_by_source(doc: &mut Document, source: &str) -> Option<Heads> {
    let purpose = purpose(source);
    let (mut written, mut followed) = (BTreeSet::new(), BTreeSet::<ChangeHash>::new());
    for change in doc.0.get_changes_meta(&[]) {
        if change.message.as_deref() == Some(purpose.as_str()) {
            written.insert(change.hash);
            followed.extend(change.deps.iter().copied());
        }
    }
    let last: Heads = written.difference(&followed).map(ToString::to_string).collect();
    (!last.is_empty()).then_some(last)
}

/// Makes edits that come from a source at the heads it saw, and returns the new change chunk.
pub fn apply_from(
    doc: &mut Document,
    def: &RecordDef,
    seen: &Heads,
    edits: &[Edit],
    moment: Moment,
    source: &str,
) -> Result<Vec<u8>, WriteFault> {
    apply_as(doc, def, seen, edits, moment, Some(purpose(source)))
}

impl Document {
    /// Writes a text that a source brings, at the heads it saw, by a change that is byte-identical on every device:
    /// two people who import one file have one text, where two ordinary changes would be merged letter by letter into
    /// the text twice. Gives the head of that change, which whoever goes on from it has seen.
    pub fn found_text(
        &mut self,
        field: &str,
        text: &str,
        seen: &Heads,
        source: &str,
    ) -> Result<Option<String>, WriteFault> {
        let told = format!("{}\u{1f}{field}\u{1f}{text}", seen.join(","));
        let author = Uuid::new_v5(&Uuid::NAMESPACE_OID, told.as_bytes());
        let doc = &mut self.0;
        doc.set_actor(ActorId::from(author.as_bytes().as_slice()));
        doc.isolate(&read::hashes(seen));
        let written = match doc.get(ROOT, field) {
            Ok(Some((_, prose))) => doc.update_text(&prose, text),
            Ok(None) => Ok(()),
            Err(fault) => Err(fault),
        };
        let change = doc.commit_with(CommitOptions::default().with_time(0).with_message(purpose(source)));
        doc.integrate();
        written?;
        Ok(change.map(|hash| hash.to_string()))
    }

    /// The heads of a record that has its containers and nothing else: what a source has seen that never wrote in it.
    pub fn founding(def: &RecordDef) -> Heads {
        read::heads(&mut Self::found(def))
    }
}
