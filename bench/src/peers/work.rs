//! The made-up company as plain records, for programs that know nothing of this house.

use crate::company::Plan;
use anyhow::Result;
use mera_schema::{Edit, RecordKind, RecordRef};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// What was written, and which quotes are changed later.
pub struct Work {
    /// In the order in which they were made.
    pub quotes: Vec<String>,
    /// All records.
    pub records: usize,
}

/// Writes so many records into a file, one JSON object a line, each as it stands in the end.
pub fn write(path: &Path, records: usize) -> Result<Work> {
    let all = self::records(records);
    let mut file = BufWriter::new(File::create(path)?);
    for record in &all {
        serde_json::to_writer(&mut file, record)?;
        writeln!(file)?;
    }
    file.flush()?;
    let names = all.iter().filter_map(|record| record["id"].as_str());
    let quotes = names.filter(|id| id.starts_with(RecordKind::Quote.as_str())).map(str::to_owned).collect();
    Ok(Work { quotes, records: all.len() })
}

/// So many records, each as it stands in the end.
pub fn records(records: usize) -> Vec<Map<String, Value>> {
    let mut plan = Plan::of(records);
    let (mut order, mut all) = (Vec::new(), HashMap::<RecordRef, Map<String, Value>>::new());
    loop {
        let part = plan.next_part();
        if part.is_empty() {
            return order.iter().filter_map(|record| all.remove(record)).collect();
        }
        for step in part {
            let record = all.entry(step.record).or_insert_with(|| {
                order.push(step.record);
                Map::from_iter([("id".to_owned(), Value::from(step.record.to_string()))])
            });
            step.edits.into_iter().for_each(|edit| say(record, edit));
        }
    }
}

fn say(record: &mut Map<String, Value>, edit: Edit) {
    match edit {
        Edit::Set { path, value } => drop(record.insert(path.field, value.into())),
        Edit::Write { path, text } => drop(record.insert(path.field, text.into())),
        Edit::Add { collection, item, values } => {
            let mut one: Map<String, Value> = values.into_iter().map(|(field, value)| (field, value.into())).collect();
            one.insert("id".to_owned(), item.to_string().into());
            if let Value::Array(items) = record.entry(collection).or_insert_with(|| Value::Array(Vec::new())) {
                items.push(Value::Object(one));
            }
        }
        // The made-up company has no sets of words.
        Edit::Include { .. } | Edit::Exclude { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_record_is_there_once_as_it_stands_in_the_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let work = write(file.path(), 300).unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        let all: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((all.len(), work.records, work.quotes.len()), (300, 300, 105));
        let quote = all.iter().find(|one| one["id"] == work.quotes[0].as_str()).unwrap();
        assert!(quote["lines"].as_array().unwrap().len() >= 3, "{quote}");
        // Every fourth record was changed again.
        let again = all.iter().filter(|one| one["reference"].is_string()).count();
        assert!((20..35).contains(&again), "{again} of 105 quotes");
    }
}
