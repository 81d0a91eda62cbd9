//! One record a line, as the contract gives it, and in a second file the history of each.

use super::ExportFault;
use crate::engine::Carried;
use mera_schema::{AnyRecord, RecordRef};
use serde_json::json;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

pub(super) struct Lines {
    records: BufWriter<File>,
    histories: BufWriter<File>,
}

impl Lines {
    pub fn begin(folder: &Path) -> Result<Self, ExportFault> {
        let file = |name| Ok::<_, io::Error>(BufWriter::new(File::create(folder.join(name))?));
        Ok(Self { records: file("records.jsonl")?, histories: file("history.jsonl")? })
    }

    pub fn put(&mut self, record: RecordRef, carried: &Carried) -> Result<(), ExportFault> {
        write(&mut self.records, &AnyRecord::read(&carried.values))?;
        write(&mut self.histories, &json!({ "record": record, "changes": carried.history }))
    }

    /// Waits until they are on disk.
    pub fn close(self) -> Result<(), ExportFault> {
        for file in [self.records, self.histories] {
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        }
        Ok(())
    }
}

fn write(file: &mut BufWriter<File>, what: &impl serde::Serialize) -> Result<(), ExportFault> {
    serde_json::to_writer(&mut *file, what).map_err(io::Error::from)?;
    Ok(file.write_all(b"\n")?)
}
