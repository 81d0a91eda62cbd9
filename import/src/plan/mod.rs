//! Rows become drafts of records. A record is drafted whole or not at all: a row at fault holds back the record it
//! belongs to, since an order without one of its lines would be a wrong order.

mod cell;
mod drafting;
mod links;

use crate::profile::{Profile, Rows, SheetRule};
use crate::sheet::Dialect;
use crate::{Refused, Sheet, SheetFault, Sheets};
use drafting::Drafting;
use mera_schema::{Edit, RecordRef};
use serde::Serialize;

/// What an import would write.
#[derive(Debug)]
pub struct Plan {
    /// The records, in the order of the profile's sheets and their rows.
    pub drafts: Vec<Draft>,
    /// What is not taken.
    pub refused: Vec<Refused>,
    /// What was read.
    pub read: Vec<SheetRead>,
    /// Sheets that the profile speaks of and nobody gave.
    pub missing: Vec<String>,
    /// Sheets that were given and the profile does not speak of.
    pub unused: Vec<String>,
}

/// One sheet that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SheetRead {
    /// Which.
    pub sheet: String,
    /// How it was written.
    pub dialect: Dialect,
    /// Its rows without the heading, also those at fault.
    pub rows: usize,
}

/// A record as the sheets tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Which; derived from the profile's name and the row's key, so that every device names it alike.
    pub record: RecordRef,
    /// Its parts: first its own fields, then its items.
    pub parts: Vec<Part>,
}

/// What one row gives to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The edits, all of them checked against the table of fields.
    pub edits: Vec<Edit>,
    /// From which sheet.
    pub sheet: String,
    /// From which line of it.
    pub line: u64,
    /// From which column each field came.
    pub columns: Vec<(&'static str, String)>,
    /// The records it points at, and from which column.
    pub links: Vec<(RecordRef, String)>,
}

impl Draft {
    /// Says that the record is held back since one of its rows is refused; nothing when that row is its own.
    pub fn held_back_by(&self, row: &Part) -> Option<Refused> {
        links::held_back(self, &(row.sheet.clone(), row.line))
    }
}

impl Part {
    /// A refusal of this part, at the column of the field when it is about one.
    pub fn refused(&self, field: Option<&str>, code: &str, says: String) -> Refused {
        let name = field.and_then(|path| path.rsplit('/').next());
        let column = name.and_then(|name| self.columns.iter().find(|(known, _)| *known == name));
        let (sheet, line, code) = (self.sheet.clone(), self.line, code.to_owned());
        Refused { sheet, line, column: column.map(|(_, column)| column.clone()), code, says }
    }
}

/// Why nothing can be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFault {
    /// None of the files is one that the profile speaks of.
    #[error("none of the files fits the profile {profile}; it wants {wants}, and there are {there}")]
    NothingFits {
        /// Which profile.
        profile: String,
        /// The sheets it speaks of.
        wants: String,
        /// The sheets that were given.
        there: String,
    },
    /// A sheet is of another kind.
    #[error("the sheet {sheet} has no column {column}; it has {there}. Is it another kind of sheet?")]
    NoColumn {
        /// Which sheet.
        sheet: String,
        /// Which column.
        column: String,
        /// The columns that it has.
        there: String,
    },
    /// A sheet cannot be read.
    #[error("{sheet}: {fault}")]
    Sheet {
        /// Which.
        sheet: String,
        /// Why.
        fault: SheetFault,
    },
}

impl PlanFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NothingFits { .. } => "import.nothing_fits",
            Self::NoColumn { .. } => "import.no_column",
            Self::Sheet { fault, .. } => fault.code(),
        }
    }
}

/// Makes drafts of what the profile takes from the sheets. `known` says which records the device has already, so that
/// orders can be imported after their customers.
pub fn plan(profile: &Profile, sheets: &Sheets, known: impl Fn(RecordRef) -> bool) -> Result<Plan, PlanFault> {
    let reads = profile.reads();
    let mut plan =
        Plan { drafts: Vec::new(), refused: Vec::new(), read: Vec::new(), missing: Vec::new(), unused: Vec::new() };
    for name in &reads {
        match sheets.get(name) {
            None => plan.missing.push((*name).to_owned()),
            Some(Err(fault)) => return Err(PlanFault::Sheet { sheet: (*name).to_owned(), fault: fault.clone() }),
            Some(Ok(_)) => {}
        }
    }
    plan.unused =
        sheets.names().filter(|name| !reads.iter().any(|r| r.eq_ignore_ascii_case(name))).map(str::to_owned).collect();
    if profile.wants().all(|name| sheets.get(name).is_none()) {
        let there = sheets.names().collect::<Vec<_>>().join(", ");
        let wants = profile.wants().collect::<Vec<_>>().join(", ");
        return Err(PlanFault::NothingFits { profile: profile.name.clone(), wants, there });
    }
    let mut drafting = Drafting::of(profile, sheets, &known);
    for rule in in_order(profile) {
        let Some(Ok(sheet)) = sheets.get(&rule.name) else { continue };
        columns_are_there(rule, sheet, sheets)?;
        plan.read.push(SheetRead {
            sheet: rule.name.clone(),
            dialect: sheet.dialect.clone(),
            rows: sheet.rows.len() + sheet.refused.len(),
        });
        drafting.sheet(rule, sheet);
    }
    (plan.drafts, plan.refused) = drafting.settle();
    let place = |refused: &Refused| profile.wants().position(|name| name == refused.sheet);
    plan.refused.sort_by_key(|refused| (place(refused), refused.line));
    Ok(plan)
}

/// Records before the items of other sheets, which look for their owners among them.
fn in_order(profile: &Profile) -> impl Iterator<Item = &SheetRule> {
    let of_records = |sheet: &&SheetRule| matches!(sheet.rows, Rows::Records { .. });
    profile.sheets.iter().filter(of_records).chain(profile.sheets.iter().filter(move |sheet| !of_records(sheet)))
}

fn columns_are_there(rule: &SheetRule, sheet: &Sheet, sheets: &Sheets) -> Result<(), PlanFault> {
    let mut wanted: Vec<&str> =
        rule.key.iter().chain(rule.items.iter().flat_map(|item| &item.key)).map(|c| &**c).collect();
    if let Rows::Items { owner, .. } = &rule.rows {
        wanted.push(owner);
    }
    for (_, field) in rule.all_fields() {
        if let crate::profile::From::Columns(columns) = &field.from {
            wanted.extend(columns.iter().map(String::as_str));
        }
        if let Some(lookup) = &field.lookup
            && let Some(Ok(other)) = sheets.get(&lookup.sheet)
        {
            [&lookup.key, &lookup.take].iter().try_for_each(|column| column_is_there(&lookup.sheet, other, column))?;
        }
    }
    wanted.into_iter().try_for_each(|column| column_is_there(&rule.name, sheet, column))
}

fn column_is_there(name: &str, sheet: &Sheet, column: &str) -> Result<(), PlanFault> {
    if sheet.heading.iter().any(|heading| heading == column) {
        return Ok(());
    }
    let there = sheet.heading.join(", ");
    Err(PlanFault::NoColumn { sheet: name.to_owned(), column: column.to_owned(), there })
}

#[cfg(test)]
mod tests;
