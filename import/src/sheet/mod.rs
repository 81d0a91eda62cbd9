//! A sheet: a heading and rows of cells, read from comma-separated text and workbooks as the world writes them.

mod files;
mod sniff;
mod workbook;

pub use files::Sheets;

/// How a sheet was written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// As comma-separated text.
    Text {
        /// The encoding's name in the WHATWG Encoding Standard.
        encoding: &'static str,
        /// What stands between cells.
        separator: char,
    },
    /// As a leaf of a workbook.
    Workbook {
        /// The leaf's name.
        leaf: String,
    },
}

/// A sheet of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// How the file was written.
    pub dialect: Dialect,
    /// The names of the columns, without surrounding blanks.
    pub heading: Vec<String>,
    /// The rows that could be read.
    pub rows: Vec<SheetRow>,
    /// The rows that could not, and why.
    pub refused: Vec<RefusedRow>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRow {
    /// On which line of the file it begins; the heading is on line 1.
    pub line: u64,
    /// As many cells as the heading has.
    pub cells: Vec<String>,
}

/// A row that was not taken, and where and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// On which line of the file it begins.
    pub line: u64,
    /// In which column, by its heading; nothing when the row as a whole is at fault.
    pub column: Option<String>,
    /// Why.
    pub reason: RowFault,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// It has more or fewer cells than the heading.
    #[error("the row has {found} cells, the heading has {expected}; is a quotation mark missing?")]
    OtherLength {
        /// Cells in the row.
        found: usize,
        /// Cells in the heading.
        expected: usize,
    },
    /// A formula in it has no value.
    #[error("the cell shows {shown} in the place of a value; mend the formula")]
    CellError {
        /// What Excel shows.
        shown: String,
    },
    /// A cell is longer than anything a record holds.
    #[error("the cell has {bytes} bytes; at most {CELL_LIMIT} are taken")]
    CellTooLong {
        /// How long it is.
        bytes: usize,
    },
}

impl RowFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherLength { .. } => "row.other_length",
            Self::CellError { .. } => "row.cell_error",
            Self::CellTooLong { .. } => "row.cell_too_long",
        }
    }
}

/// Why a file is not a sheet at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetFault {
    /// There is nothing in it.
    #[error("the file is empty; export it again with its heading")]
    Empty,
    /// It is a picture, a program, a spreadsheet: anything but text.
    #[error("the file is not text; save the sheet as CSV, and try again")]
    NotText,
    /// It is larger than one import takes.
    #[error("the file has {bytes} bytes, more than the {FILE_LIMIT} that are taken at once; split it")]
    TooLarge {
        /// How large it is.
        bytes: usize,
    },
    /// A column has no name, or two have the same one.
    #[error("the heading {heading:?} is empty or occurs twice; every column needs a name of its own on the first line")]
    Heading {
        /// Which.
        heading: String,
    },
    /// It begins like a workbook and is none.
    #[error("the workbook cannot be read: {says}; open it, save it as .xlsx or as CSV, and try again")]
    NoWorkbook {
        /// Why, in the words of the reader.
        says: String,
    },
    /// Two sheets have one name.
    #[error(
        "two files or leaves are called {name:?}; give them names of their own, or import them one after the other"
    )]
    Twice {
        /// Which.
        name: String,
    },
    /// The text is not comma-separated values.
    #[error("line {line} cannot be read: {says}")]
    Unreadable {
        /// Where.
        line: u64,
        /// Why, in the words of the reader.
        says: String,
    },
}

impl SheetFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "sheet.empty",
            Self::NotText => "sheet.not_text",
            Self::TooLarge { .. } => "sheet.too_large",
            Self::Heading { .. } => "sheet.heading",
            Self::NoWorkbook { .. } => "sheet.no_workbook",
            Self::Twice { .. } => "sheet.twice",
            Self::Unreadable { .. } => "sheet.unreadable",
        }
    }
}

/// Bytes in one file: a million order lines take less, and the whole file is held in memory.
pub const FILE_LIMIT: usize = 256 * 1024 * 1024;
/// Bytes in one cell: the longest text a record holds (100,000 characters) in its widest encoding.
pub const CELL_LIMIT: usize = 400_000;

/// Whether a line ends at this byte. The reader itself counts only lines that end as on Unix and Windows.
fn ends_line(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        Some(b'\r') => true,
        Some(b'\n') => at == 0 || text[at - 1] != b'\r',
        _ => false,
    }
}

impl Sheet {
    /// Reads a file. Rows at fault are set aside with their reason; the others are taken.
    pub fn read(file: &[u8]) -> Result<Self, SheetFault> {
        if file.len() > FILE_LIMIT {
            return Err(SheetFault::TooLarge { bytes: file.len() });
        }
        let (text, encoding) = sniff::text(file)?;
        let separator = sniff::separator(&text);
        let mut reader = sniff::reader(&text, separator);
        let mut sheet = Self {
            dialect: Dialect::Text { encoding: encoding.name(), separator: char::from(separator) },
            heading: Vec::new(),
            rows: Vec::new(),
            refused: Vec::new(),
        };
        let (mut read, mut line) = (0, 1);
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            let begins = record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(read);
            line += (read..begins).filter(|at| ends_line(text.as_bytes(), *at)).count() as u64;
            read = begins;
            if sheet.heading.is_empty() {
                sheet.heading = heading(record.iter())?;
            } else {
                sheet.take(line, &record);
            }
        }
        if sheet.heading.is_empty() { Err(SheetFault::Empty) } else { Ok(sheet) }
    }

    fn take(&mut self, line: u64, record: &csv::StringRecord) {
        // Spreadsheets write the empty rows at the end of a sheet as separators without cells.
        if record.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let (found, expected) = (record.len(), self.heading.len());
        if found != expected {
            let reason = RowFault::OtherLength { found, expected };
            self.refused.push(RefusedRow { line, column: None, reason });
            return;
        }
        if let Some((column, cell)) = self.heading.iter().zip(record).find(|(_, cell)| cell.len() > CELL_LIMIT) {
            let reason = RowFault::CellTooLong { bytes: cell.len() };
            self.refused.push(RefusedRow { line, column: Some(column.clone()), reason });
            return;
        }
        self.rows.push(SheetRow { line, cells: record.iter().map(|cell| cell.trim().to_owned()).collect() });
    }
}

fn heading<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Vec<String>, SheetFault> {
    let names: Vec<String> = cells.map(|name| name.trim().to_owned()).collect();
    let wrong = names.iter().enumerate().find(|(at, name)| name.is_empty() || names[..*at].contains(name));
    match wrong {
        Some((_, name)) => Err(SheetFault::Heading { heading: name.clone() }),
        None => Ok(names),
    }
}

fn unreadable(error: csv::Error) -> SheetFault {
    let line = error.position().map_or(0, csv::Position::line);
    SheetFault::Unreadable { line, says: error.to_string() }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod workbook_tests;
