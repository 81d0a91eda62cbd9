//! A profile as its TOML writes it.

use super::{DecimalMark, Rounding};
use mera_schema::{Currency, RecordKind};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub name: String,
    #[serde(default)]
    pub says: String,
    pub currency: Option<Currency>,
    #[serde(default)]
    pub decimal: DecimalMark,
    pub newline: Option<String>,
    #[serde(default)]
    pub days: Vec<String>,
    pub sheets: Vec<Sheet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    pub name: String,
    /// Each row is a record of this kind …
    pub record: Option<RecordKind>,
    /// … or an item of a record of this kind, …
    pub of: Option<RecordKind>,
    /// … whose key stands in this column, …
    pub owner: Option<String>,
    /// … in this collection.
    pub into: Option<String>,
    pub key: Columns,
    #[serde(default)]
    pub repeats: bool,
    #[serde(default)]
    pub fields: BTreeMap<String, Source>,
    #[serde(default)]
    pub items: Vec<Item>,
    #[serde(default)]
    pub beside: Vec<Beside>,
}

/// A record of its own that stands in the same row.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    pub record: RecordKind,
    /// Its field that points at the row's record.
    pub link: String,
    pub fields: BTreeMap<String, Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub into: String,
    /// Tells the items of one record apart; nothing when a row holds one.
    pub key: Option<Columns>,
    pub fields: BTreeMap<String, Source>,
}

/// One column, or several whose cells belong together.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Columns {
    One(String),
    Several(Vec<String>),
}

impl Columns {
    pub fn all(self) -> Vec<String> {
        match self {
            Self::One(column) => vec![column],
            Self::Several(columns) => columns,
        }
    }
}

/// Where a field's value comes from: a column's name, or a rule.
pub struct Source(pub Rule);

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub column: Option<Columns>,
    pub value: Option<String>,
    pub join: Option<String>,
    pub trim: Option<String>,
    pub split: Option<String>,
    pub currency: Option<Currency>,
    pub unit: Option<String>,
    pub round: Option<Rounding>,
    pub times: Option<Decimal>,
    pub link: Option<RecordKind>,
    #[serde(default)]
    pub words: BTreeMap<String, String>,
    pub lookup: Option<super::Lookup>,
}

/// serde's own untagged choice would answer a misspelt word in a rule with "did not match any variant".
impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Source;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a column's name, or a table such as { column = \"…\" }")
            }
            fn visit_str<E>(self, column: &str) -> Result<Source, E> {
                Ok(Source(Rule { column: Some(Columns::One(column.to_owned())), ..Rule::default() }))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Source, A::Error> {
                Rule::deserialize(MapAccessDeserializer::new(map)).map(Source)
            }
        }
        d.deserialize_any(Either)
    }
}
