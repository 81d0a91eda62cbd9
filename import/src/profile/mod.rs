//! A mapping profile: which column of which sheet is which field. `docs/import.md` says how one is written.

mod check;
mod written;

pub use crate::figure::DecimalMark;
use mera_schema::{Currency, FieldDef, RecordKind};
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Decimals that a figure is rounded to, half away from zero.
pub type Rounding = u32;

/// A profile that fits the records of this program.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The source's name. Identities are derived from it: two profiles of one name write the same records.
    pub name: String,
    /// What it is for, in a sentence.
    pub says: String,
    pub(crate) decimal: DecimalMark,
    pub(crate) newline: Option<String>,
    pub(crate) days: Vec<String>,
    pub(crate) sheets: Vec<SheetRule>,
}

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileFault {
    /// It is not TOML, or has words that profiles do not have.
    #[error("the profile cannot be read: {0}")]
    Unreadable(String),
    /// A sheet says neither or both of what its rows are.
    #[error("the sheet {sheet} needs either `record`, or all of `of`, `owner` and `into`")]
    Rows {
        /// Which.
        sheet: String,
    },
    /// A field does not exist.
    #[error("{sheet}: there is no {what}; there are {there}")]
    Unknown {
        /// Where.
        sheet: String,
        /// What was named.
        what: String,
        /// What could have been.
        there: String,
    },
    /// A rule lacks what its field needs, or has what it cannot use.
    #[error("{sheet}, {field}: {says}")]
    Rule {
        /// Where.
        sheet: String,
        /// Which field.
        field: String,
        /// What is wrong.
        says: &'static str,
    },
}

impl ProfileFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "profile.unreadable",
            Self::Rows { .. } => "profile.rows",
            Self::Unknown { .. } => "profile.unknown",
            Self::Rule { .. } => "profile.rule",
        }
    }
}

/// What the rows of one sheet are.
#[derive(Debug, Clone)]
pub(crate) struct SheetRule {
    pub name: String,
    pub rows: Rows,
    /// The columns that name the record, or the item among those of its owner.
    pub key: Vec<String>,
    pub fields: Vec<FieldRule>,
    /// Items that stand in the same row as their record.
    pub items: Vec<ItemRule>,
    /// Records of their own that stand in the same row.
    pub beside: Vec<BesideRule>,
}

#[derive(Debug, Clone)]
pub(crate) enum Rows {
    /// Each row is a record, or, where they repeat, the rows of one key are one record.
    Records { kind: RecordKind, repeats: bool },
    /// Each row is an item of a record named in another sheet.
    Items { kind: RecordKind, owner: String, into: &'static str },
}

/// A record that stands in the row of another, and points at it.
#[derive(Debug, Clone)]
pub(crate) struct BesideRule {
    pub kind: RecordKind,
    pub link: &'static str,
    pub fields: Vec<FieldRule>,
}

#[derive(Debug, Clone)]
pub(crate) struct ItemRule {
    pub into: &'static str,
    pub key: Vec<String>,
    pub fields: Vec<FieldRule>,
}

/// Where one field's value comes from.
#[derive(Debug, Clone)]
pub(crate) struct FieldRule {
    pub def: FieldDef,
    pub from: From,
    /// Between the cells of several columns.
    pub join: String,
    /// Characters that are taken off both ends.
    pub trim: Option<String>,
    /// Between the members of a set.
    pub split: String,
    pub currency: Option<Currency>,
    pub unit: Option<String>,
    pub round: Option<Rounding>,
    pub times: Option<Decimal>,
    pub link: Option<RecordKind>,
    /// The sheet's word to ours.
    pub words: BTreeMap<String, String>,
    pub lookup: Option<Lookup>,
}

#[derive(Debug, Clone)]
pub(crate) enum From {
    Columns(Vec<String>),
    Value(String),
}

/// The cell names a row of another sheet, and the value stands there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lookup {
    pub sheet: String,
    pub key: String,
    pub take: String,
}

/// Profiles that come with the program: name and text.
const SHIPPED: [(&str, &str); 1] = [("northwind", include_str!("../../profiles/northwind.toml"))];

impl Profile {
    /// Reads a profile and checks it against the table of fields.
    pub fn read(toml: &str) -> Result<Self, ProfileFault> {
        let written: written::Profile =
            toml::from_str(toml).map_err(|fault| ProfileFault::Unreadable(fault.to_string()))?;
        check::profile(written)
    }

    /// A profile that comes with the program, if there is one of this name.
    pub fn shipped(name: &str) -> Option<&'static str> {
        SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, toml)| *toml)
    }

    /// The names of those.
    pub fn all_shipped() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// The sheets it has rules for.
    pub fn wants(&self) -> impl Iterator<Item = &str> {
        self.sheets.iter().map(|sheet| sheet.name.as_str())
    }

    /// Every sheet it reads: those it has rules for, and those that cells are looked up in.
    pub fn reads(&self) -> Vec<&str> {
        let fields = self.sheets.iter().flat_map(SheetRule::all_fields);
        let looked_up = fields.filter_map(|(_, field)| field.lookup.as_ref()).map(|lookup| lookup.sheet.as_str());
        let mut all: Vec<&str> = self.wants().chain(looked_up).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl SheetRule {
    /// Every field with the collection it is written into.
    pub fn all_fields(&self) -> impl Iterator<Item = (Option<&'static str>, &FieldRule)> {
        let own = match self.rows {
            Rows::Records { .. } => None,
            Rows::Items { into, .. } => Some(into),
        };
        let items = self.items.iter().flat_map(|item| item.fields.iter().map(|field| (Some(item.into), field)));
        let beside = self.beside.iter().flat_map(|beside| beside.fields.iter().map(|field| (None, field)));
        self.fields.iter().map(move |field| (own, field)).chain(items).chain(beside)
    }
}

#[cfg(test)]
mod tests;
