//! Sheets that a screen or script hands to a device.

use mera_schema::RecordKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A file as it was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportFile {
    /// Its name without a folder; a CSV file's sheet is called by it.
    pub name: String,
    /// Its bytes in base64 (RFC 4648 §4).
    pub content: String,
}

/// Which column is which field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportProfile {
    /// A profile that comes with the program, by its name.
    Shipped(String),
    /// A profile of one's own, as TOML.
    Own(String),
}

/// A profile that comes with the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProfileRow {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub says: String,
    /// The sheets that it reads.
    pub reads: Vec<String>,
}

/// What became of an import, or would become of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportReport {
    /// Whether nothing was to be written.
    pub checked: bool,
    /// Whether it was stopped before its end; another import of the same files goes on.
    pub stopped: bool,
    /// How many records the sheets give.
    pub records: usize,
    /// The sheets that were read, with their rows.
    pub read: Vec<(String, usize)>,
    /// Sheets that the profile speaks of and nobody gave.
    pub missing: Vec<String>,
    /// Sheets that were given and the profile does not speak of.
    pub unused: Vec<String>,
    /// Records that were not there before.
    pub created: BTreeMap<RecordKind, usize>,
    /// Records of which the sheets say something new.
    pub changed: BTreeMap<RecordKind, usize>,
    /// Records of which they say what they said before.
    pub unchanged: BTreeMap<RecordKind, usize>,
    /// How many rows were refused.
    pub refused: usize,
    /// The first of them (at most 500).
    pub rows: Vec<RefusedRow>,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusedRow {
    /// In which sheet.
    pub sheet: String,
    /// On which line; the heading is on line 1.
    pub line: u64,
    /// In which column; nothing when the row as a whole is at fault.
    pub column: Option<String>,
    /// The stable code.
    pub code: String,
    /// The sentence in English: why, and what to do.
    pub says: String,
}
