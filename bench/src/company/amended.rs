//! Single changes of records that are there already, as a day at the office brings them.

use super::{Colleague, Plan, Step};
use anyhow::Result;
use mera_schema::document::{self, Document, Moment};
use mera_schema::{RecordDef, RecordRef};
use std::collections::HashMap;

/// Records that were changed, and the bare Automerge chunk of each change: what no protocol can do without.
pub fn amended(records: usize) -> Result<Vec<(RecordRef, Vec<u8>)>> {
    let (mut plan, mut docs, mut chunks) = (Plan::of(records), HashMap::<RecordRef, Document>::new(), Vec::new());
    loop {
        let part = plan.next_part();
        if part.is_empty() {
            return Ok(chunks);
        }
        for Step { record, edits, millis, again } in part {
            let moment = Moment { device: Colleague::key().public().device(), millis: i64::try_from(millis)? };
            let def = RecordDef::of(record.kind);
            let before = docs.remove(&record);
            let is_change = before.is_some();
            let mut doc = before.unwrap_or_else(|| Document::found(def));
            let seen = document::heads(&mut doc);
            let chunk = document::apply(&mut doc, def, &seen, &edits, moment)?;
            if is_change {
                chunks.push((record, chunk));
            }
            if again {
                docs.insert(record, doc);
            }
        }
    }
}
