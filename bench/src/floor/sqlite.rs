//! The same records in SQLite, a table for each thing that is asked: what the most used store in the world takes for it, without a history, a signature or a
//! colleague.

use anyhow::Result;
use rusqlite::{Connection, params};
use serde_json::{Map, Value};
use std::path::Path;

/// Rows written under one commit: as many as a device takes in at a time.
const ROWS: usize = 500;

/// A store in one file, with a journal that is synced at each commit.
pub struct Sqlite(Connection);

impl Sqlite {
    /// Opens the file, or makes it.
    pub fn open(path: &Path) -> Result<Self> {
        let store = Connection::open(path)?;
        store.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE IF NOT EXISTS records (id TEXT PRIMARY KEY, kind TEXT NOT NULL, whole TEXT NOT NULL) WITHOUT ROWID;
             CREATE INDEX IF NOT EXISTS by_kind ON records (kind, id DESC);
             CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (id UNINDEXED, whole);",
        )?;
        Ok(Self(store))
    }

    /// Takes in records with their words, so many under one commit.
    pub fn fill(&mut self, records: &[Map<String, Value>]) -> Result<()> {
        for some in records.chunks(ROWS) {
            let batch = self.0.transaction()?;
            {
                let mut record = batch.prepare_cached("INSERT OR REPLACE INTO records VALUES (?1, ?2, ?3)")?;
                let mut words = batch.prepare_cached("INSERT INTO words VALUES (?1, ?2)")?;
                for fields in some {
                    let id = fields.get("id").and_then(Value::as_str).unwrap_or_default();
                    let kind = id.split_once('/').map_or("", |(kind, _)| kind);
                    record.execute(params![id, kind, serde_json::to_string(fields)?])?;
                    words.execute(params![id, said(fields)])?;
                }
            }
            batch.commit()?;
        }
        Ok(())
    }

    /// Changes a record, and waits for the disk.
    pub fn save(&self, id: &str, whole: &str) -> Result<()> {
        self.0.prepare_cached("UPDATE records SET whole = ?2 WHERE id = ?1")?.execute(params![id, whole])?;
        Ok(())
    }

    /// The first rows of a list, the newest first; how many came.
    pub fn list(&self, kind: &str, rows: usize) -> Result<usize> {
        let mut query = self.0.prepare_cached("SELECT whole FROM records WHERE kind = ?1 ORDER BY id DESC LIMIT ?2")?;
        let found = query.query_map(params![kind, rows as i64], |row| row.get::<_, String>(0))?;
        Ok(found.collect::<Result<Vec<_>, _>>()?.len())
    }

    /// Records with words that begin so; how many came.
    pub fn find(&self, typed: &str, rows: usize) -> Result<usize> {
        let words: Vec<String> =
            typed.split_whitespace().map(|word| format!("\"{}\"*", word.replace('"', ""))).collect();
        let mut query = self.0.prepare_cached("SELECT id FROM words WHERE whole MATCH ?1 LIMIT ?2")?;
        let found = query.query_map(params![words.join(" "), rows as i64], |row| row.get::<_, String>(0))?;
        Ok(found.collect::<Result<Vec<_>, _>>()?.len())
    }
}

/// Everything that is said in a record, in lines too.
fn said(fields: &Map<String, Value>) -> String {
    let mut all = String::new();
    for value in fields.values() {
        match value {
            Value::String(text) => all.extend([text, " "]),
            Value::Array(items) => items.iter().filter_map(Value::as_object).for_each(|item| all.push_str(&said(item))),
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn records_are_saved_listed_and_found_also_by_what_their_lines_say() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Sqlite::open(&folder.path().join("store")).unwrap();
        let record = |id: &str, line: &str| {
            let record = serde_json::json!({ "id": id, "name": "Aalborg Værft", "lines": [{ "text": line }] });
            record.as_object().unwrap().clone()
        };
        store
            .fill(&[record("quote/1", "Kugleventil"), record("quote/2", "Pumpe"), record("order/3", "Kugleventil")])
            .unwrap();
        store.save("quote/1", "{}").unwrap();
        let store = Sqlite::open(&folder.path().join("store")).unwrap();
        assert_eq!((store.list("quote", 80).unwrap(), store.list("quote", 1).unwrap()), (2, 1));
        assert_eq!(["kugle", "aal vær", "intet"].map(|typed| store.find(typed, 80).unwrap()), [2, 3, 0]);
    }
}
