//! Everything that a device holds, in plain files that any program reads: a folder that is there when all of it is written.

mod fault;
mod lines;
mod sheets;

pub use fault::ExportFault;

use crate::backup::Step;
use crate::engine::{Carried, Engine};
use crate::half_made::HalfFolder;
use lines::Lines;
use mera_device_api::Refused;
use mera_schema::{RecordKind, RecordRef};
use sheets::Sheets;
use std::path::Path;

/// In what form records leave the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordForm {
    /// A sheet for each kind of record and each collection of items.
    Csv,
    /// One record a line.
    Json,
}

/// Writes every record with its history into a new folder, and gives their number. `with` lends the engine for one record at
/// a time, so that people go on working meanwhile: each record stands there as it was when its turn came.
pub fn export(
    mut with: impl FnMut(&mut dyn FnMut(&mut Engine)),
    folder: &Path,
    form: RecordForm,
    mut go_on: impl FnMut(Step) -> bool,
) -> Result<u64, ExportFault> {
    if folder.exists() {
        return Err(ExportFault::Exists(folder.to_owned()));
    }
    let mut begun = None;
    with(&mut |engine| begun = Some(engine.begin_carrying()));
    let begun = begun.ok_or(ExportFault::Stopped)??;
    let half = HalfFolder::make(folder).map_err(ExportFault::writing(folder))?;
    let mut pages = match form {
        RecordForm::Csv => Pages::Sheets(Box::new(Sheets::begin(half.place())?)),
        RecordForm::Json => Pages::Lines(Lines::begin(half.place())?),
    };
    let (of, mut done) = (begun.records.len() as u64, 0);
    for kind in RecordKind::ALL {
        pages.turn_to(*kind)?;
        for record in begun.records.iter().filter(|record| record.kind == *kind) {
            if !go_on(Step { done, of }) {
                return Err(ExportFault::Stopped);
            }
            pages.put(*record, &look(&mut with, *record)?)?;
            done += 1;
        }
    }
    pages.close()?;
    let mut as_it_began = false;
    with(&mut |engine| as_it_began = engine.has_erased(begun.erased));
    if !as_it_began {
        return Err(ExportFault::ErasedMeanwhile);
    }
    half.finish().map_err(ExportFault::writing(folder))?;
    Ok(done)
}

fn look(with: &mut impl FnMut(&mut dyn FnMut(&mut Engine)), record: RecordRef) -> Result<Carried, ExportFault> {
    let mut found: Option<Result<Carried, Refused>> = None;
    with(&mut |engine| found = Some(engine.carried(record)));
    match found.ok_or(ExportFault::Stopped)? {
        Err(refused) if refused.code == "record.erased" => Err(ExportFault::ErasedMeanwhile),
        found => Ok(found?),
    }
}

/// What is being written.
enum Pages {
    Sheets(Box<Sheets>),
    Lines(Lines),
}

impl Pages {
    /// From here on come records of a kind.
    fn turn_to(&mut self, kind: RecordKind) -> Result<(), ExportFault> {
        match self {
            Self::Sheets(sheets) => sheets.turn_to(kind),
            Self::Lines(_) => Ok(()),
        }
    }

    fn put(&mut self, record: RecordRef, carried: &Carried) -> Result<(), ExportFault> {
        match self {
            Self::Sheets(sheets) => sheets.put(record, carried),
            Self::Lines(lines) => lines.put(record, carried),
        }
    }

    /// Waits until all of it is on disk.
    fn close(self) -> Result<(), ExportFault> {
        match self {
            Self::Sheets(sheets) => sheets.close(),
            Self::Lines(lines) => lines.close(),
        }
    }
}

#[cfg(test)]
mod tests;
