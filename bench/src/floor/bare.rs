//! A record as a plain Automerge document of the same fields, and what one change of it takes: no seal, no signature, no log.

use anyhow::{Context, Result};
use automerge::transaction::Transactable;
use automerge::{AutoCommit, AutomergeError, ObjId, ObjType, ROOT};
use serde_json::{Map, Value};

/// What bare Automerge takes for the same records and changes, in bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bare {
    /// Of a whole record, saved alone.
    pub record: f64,
    /// Of the chunk of a change of one field.
    pub change: f64,
}

impl Bare {
    /// The mean over records, of each of which one field is changed.
    pub fn of(records: &[Map<String, Value>], changed: impl Fn(usize) -> (&'static str, String)) -> Result<Self> {
        let (mut whole, mut changes) = (0, 0);
        for (number, fields) in records.iter().enumerate() {
            let mut doc = AutoCommit::new();
            write(&mut doc, &ROOT, fields)?;
            whole += doc.save().len();
            let (field, value) = changed(number);
            doc.put(ROOT, field, value)?;
            changes += doc.save_incremental().len();
        }
        let count = Some(records.len() as f64).filter(|count| *count > 0.0).context("there are no records")?;
        Ok(Self { record: whole as f64 / count, change: changes as f64 / count })
    }
}

fn write(doc: &mut AutoCommit, into: &ObjId, fields: &Map<String, Value>) -> Result<(), AutomergeError> {
    for (name, value) in fields {
        match value {
            Value::Array(items) => {
                let list = doc.put_object(into, name, ObjType::List)?;
                for (at, item) in items.iter().enumerate() {
                    let map = doc.insert_object(&list, at, ObjType::Map)?;
                    item.as_object().map_or(Ok(()), |item| write(doc, &map, item))?;
                }
            }
            Value::String(text) => doc.put(into, name, text.as_str())?,
            other => doc.put(into, name, other.to_string())?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_change_is_a_chunk_of_its_own_and_smaller_than_its_record() {
        let record = serde_json::json!({ "name": "Aalborg Værft", "lines": [{ "text": "Kugleventil" }] });
        let records = vec![record.as_object().unwrap().clone(); 3];
        let bare = Bare::of(&records, |number| ("phone", format!("+45 7{number:07}"))).unwrap();
        assert!(bare.change > 60.0 && bare.change < bare.record, "{bare:?}");
        assert!(Bare::of(&[], |_| ("phone", String::new())).is_err());
    }
}
