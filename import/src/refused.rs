//! What was not taken, and where and why.

use serde::Serialize;

/// A row, or a record as a whole, that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// In which sheet.
    pub sheet: String,
    /// On which line of it; the heading is on line 1.
    pub line: u64,
    /// In which column, by its heading; nothing when the row as a whole is at fault.
    pub column: Option<String>,
    /// The stable code.
    pub code: String,
    /// Why, and what to do.
    pub says: String,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}, line {}", self.sheet, self.line)?;
        if let Some(column) = &self.column {
            write!(out, ", column {column}")?;
        }
        write!(out, ": {}", self.says)
    }
}
