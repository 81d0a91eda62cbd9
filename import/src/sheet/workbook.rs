//! Excel's workbooks. Cells are read one after the other and rows are only as wide as their heading, so that a leaf with
//! one cell in its last corner takes no more memory than that cell.

use super::{CELL_LIMIT, Dialect, FILE_LIMIT, Sheet, SheetFault, heading};
use calamine::{CellErrorType, Data, DataRef, Reader, Xls, Xlsx};
use std::io::Cursor;

/// How a file of Office Open XML begins, and one of the format before it.
const ZIP: &[u8] = b"PK\x03\x04";
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// Columns that a heading may span; Excel itself has no more.
const WIDEST: usize = 16_384;

/// Leaves by name.
type Leaves = Vec<(String, Result<Sheet, SheetFault>)>;

/// Whether the bytes are a workbook's.
pub fn is_one(file: &[u8]) -> bool {
    file.starts_with(ZIP) || file.starts_with(COMPOUND)
}

/// The leaves that are not empty.
pub fn leaves(file: &[u8]) -> Result<Leaves, SheetFault> {
    let leaves = if file.starts_with(COMPOUND) { old(file)? } else { new(file)? };
    let filled: Leaves = leaves.into_iter().filter(|(_, leaf)| !matches!(leaf, Err(SheetFault::Empty))).collect();
    if filled.is_empty() { Err(SheetFault::Empty) } else { Ok(filled) }
}

fn new(file: &[u8]) -> Result<Leaves, SheetFault> {
    unpacks_to_a_fair_size(file)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(|fault| unreadable(&fault))?;
    let names = book.sheet_names();
    let mut leaves = Leaves::new();
    for name in names {
        // A leaf that is a chart has no cells.
        let Ok(mut cells) = book.worksheet_cells_reader(&name) else { continue };
        let mut rows = Rows::of(&name);
        let leaf = loop {
            match cells.next_cell() {
                Ok(Some(cell)) => {
                    let (row, column) = cell.get_position();
                    if let Err(fault) = rows.cell(row, column, written(cell.get_value())) {
                        break Err(fault);
                    }
                }
                Ok(None) => break rows.sheet(),
                Err(fault) => break Err(unreadable(&fault)),
            }
        };
        leaves.push((name, leaf));
    }
    Ok(leaves)
}

fn old(file: &[u8]) -> Result<Leaves, SheetFault> {
    let mut book: Xls<_> = Xls::new(Cursor::new(file)).map_err(|fault| unreadable(&fault))?;
    let mut leaves = Leaves::new();
    for name in book.sheet_names() {
        let Ok(range) = book.worksheet_range(&name) else { continue };
        let (top, left) = range.start().unwrap_or_default();
        let mut rows = Rows::of(&name);
        let filled = range.used_cells().try_for_each(|(row, column, value)| {
            let at = |place: usize, start: u32| u32::try_from(place).unwrap_or(u32::MAX).saturating_add(start);
            rows.cell(at(row, top), at(column, left), written(&borrowed(value)))
        });
        leaves.push((name, filled.and_then(|()| rows.sheet())));
    }
    Ok(leaves)
}

/// A few kilobytes can unpack to more than a machine holds.
fn unpacks_to_a_fair_size(file: &[u8]) -> Result<(), SheetFault> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).map_err(|fault| unreadable(&fault))?;
    let mut bytes = 0_usize;
    for part in 0..archive.len() {
        let size = archive.by_index_raw(part).map_err(|fault| unreadable(&fault))?.size();
        bytes = bytes.saturating_add(usize::try_from(size).unwrap_or(usize::MAX));
    }
    if bytes > 4 * FILE_LIMIT { Err(SheetFault::TooLarge { bytes }) } else { Ok(()) }
}

fn unreadable(fault: &dyn std::fmt::Display) -> SheetFault {
    SheetFault::NoWorkbook { says: fault.to_string() }
}

/// A cell as text, or what Excel shows in the place of a value it could not compute.
fn written(value: &DataRef<'_>) -> Result<String, CellErrorType> {
    Ok(match value {
        DataRef::Int(number) => number.to_string(),
        // The shortest text that reads back as the same number: what the person typed.
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(moment) => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            let time = if (hour, minute, second) == (0, 0, 0) {
                String::new()
            } else {
                format!("T{hour:02}:{minute:02}:{second:02}")
            };
            format!("{year:04}-{month:02}-{day:02}{time}")
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => return Err(error.clone()),
        DataRef::Empty => String::new(),
    })
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(flag) => DataRef::Bool(*flag),
        Data::DateTime(moment) => DataRef::DateTime(*moment),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

/// Gathers cells into rows; the first row that is not empty is the heading.
struct Rows {
    sheet: Sheet,
    line: u32,
    first_column: u32,
    cells: Vec<String>,
    fault: Option<super::RefusedRow>,
}

impl Rows {
    fn of(leaf: &str) -> Self {
        let dialect = Dialect::Workbook { leaf: leaf.to_owned() };
        let sheet = Sheet { dialect, heading: Vec::new(), rows: Vec::new(), refused: Vec::new() };
        Self { sheet, line: 0, first_column: 0, cells: Vec::new(), fault: None }
    }

    fn cell(&mut self, row: u32, column: u32, value: Result<String, CellErrorType>) -> Result<(), SheetFault> {
        if value.as_ref().is_ok_and(|text| text.trim().is_empty()) {
            return Ok(());
        }
        if row + 1 != self.line {
            self.end_of_row()?;
            self.line = row + 1;
        }
        if self.sheet.heading.is_empty() {
            return self.name(column, value);
        }
        let Some(place) = column.checked_sub(self.first_column).map(|place| place as usize) else { return Ok(()) };
        if place >= self.sheet.heading.len() {
            let reason = super::RowFault::OtherLength { found: place + 1, expected: self.sheet.heading.len() };
            self.refuse(None, reason);
            return Ok(());
        }
        let name = || Some(self.sheet.heading[place].clone());
        match value {
            Err(error) => self.refuse(name(), super::RowFault::CellError { shown: error.to_string() }),
            Ok(text) if text.len() > CELL_LIMIT => {
                self.refuse(name(), super::RowFault::CellTooLong { bytes: text.len() });
            }
            Ok(text) => {
                self.cells.resize(self.cells.len().max(place + 1), String::new());
                text.trim().clone_into(&mut self.cells[place]);
            }
        }
        Ok(())
    }

    fn name(&mut self, column: u32, value: Result<String, CellErrorType>) -> Result<(), SheetFault> {
        if self.cells.is_empty() {
            self.first_column = column;
        }
        // A gap in the heading is a column without a name, and told as such at the end of the row.
        let place = (column - self.first_column) as usize;
        if place > WIDEST {
            return Err(SheetFault::Heading { heading: String::new() });
        }
        self.cells.resize(place, String::new());
        self.cells.push(value.unwrap_or_else(|error| error.to_string()));
        Ok(())
    }

    fn refuse(&mut self, column: Option<String>, reason: super::RowFault) {
        self.fault.get_or_insert(super::RefusedRow { line: self.line.into(), column, reason });
    }

    fn end_of_row(&mut self) -> Result<(), SheetFault> {
        let mut cells = std::mem::take(&mut self.cells);
        if self.line == 0 {
            return Ok(());
        }
        if self.sheet.heading.is_empty() {
            self.sheet.heading = heading(cells.iter().map(String::as_str))?;
            return Ok(());
        }
        match self.fault.take() {
            Some(fault) => self.sheet.refused.push(fault),
            None => {
                cells.resize(self.sheet.heading.len(), String::new());
                self.sheet.rows.push(super::SheetRow { line: self.line.into(), cells });
            }
        }
        Ok(())
    }

    fn sheet(mut self) -> Result<Sheet, SheetFault> {
        self.end_of_row()?;
        if self.sheet.heading.is_empty() { Err(SheetFault::Empty) } else { Ok(self.sheet) }
    }
}
