//! The sheets of all files that are imported together, by name.

use super::{FILE_LIMIT, Sheet, SheetFault, workbook};
use std::collections::BTreeMap;

/// Sheets by name, lower case: a CSV file's is the file's own, a workbook's are those of its leaves.
#[derive(Debug, Default)]
pub struct Sheets(BTreeMap<String, Result<Sheet, SheetFault>>);

impl Sheets {
    /// Takes in a file by its name without a folder, and gives the names of its sheets. A leaf of a workbook that is no
    /// sheet is kept with its fault: it only matters to whoever wants that leaf.
    pub fn add(&mut self, file: &str, bytes: &[u8]) -> Result<Vec<String>, SheetFault> {
        if bytes.len() > FILE_LIMIT {
            return Err(SheetFault::TooLarge { bytes: bytes.len() });
        }
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_lowercase();
        let mut leaves = if workbook::is_one(bytes) {
            workbook::leaves(bytes)?
        } else {
            vec![(stem.clone(), Ok(Sheet::read(bytes)?))]
        };
        // A workbook with one leaf is known by its file: nobody renames "Sheet1".
        if let [(name, _)] = leaves.as_mut_slice() {
            *name = stem;
        }
        let mut names = Vec::new();
        for (name, sheet) in leaves {
            let name = name.trim().to_lowercase();
            if self.0.contains_key(&name) {
                return Err(SheetFault::Twice { name });
            }
            self.0.insert(name.clone(), sheet);
            names.push(name);
        }
        Ok(names)
    }

    /// A sheet by its name, if there is one.
    pub fn get(&self, name: &str) -> Option<&Result<Sheet, SheetFault>> {
        self.0.get(&name.to_lowercase())
    }

    /// The names of all sheets.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
