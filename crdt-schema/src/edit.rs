//! An edit: the smallest thing a person changes. A command becomes a list of these; nothing else writes in a document.

use crate::table::RecordDef;
use crate::{ClashPolicy, Currency, FieldDef, Form, ItemId, Money, Percent, Quantity, RecordRef, Span, Standing};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Where in a record: the record itself, or one of its items.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The record's own fields.
    Root,
    /// One line, contact, address.
    Item {
        /// The collection's name.
        collection: String,
        /// Which item.
        item: ItemId,
    },
}

impl Place {
    /// The collection's name, when it is an item.
    pub fn collection(&self) -> Option<&str> {
        match self {
            Self::Root => None,
            Self::Item { collection, .. } => Some(collection),
        }
    }
}

/// A field's address inside a record, written `valid_until` or `lines/0192…/unit_price`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath {
    /// Where.
    pub place: Place,
    /// The field's name.
    pub field: String,
}

impl FieldPath {
    /// A field of the record itself.
    pub fn root(field: &str) -> Self {
        Self { place: Place::Root, field: field.to_owned() }
    }
    /// A field of an item.
    pub fn item(collection: &str, item: ItemId, field: &str) -> Self {
        Self { place: Place::Item { collection: collection.to_owned(), item }, field: field.to_owned() }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Root => f.write_str(&self.field),
            Place::Item { collection, item } => write!(f, "{collection}/{item}/{}", self.field),
        }
    }
}

impl FromStr for FieldPath {
    type Err = crate::NotAnId;
    fn from_str(text: &str) -> Result<Self, crate::NotAnId> {
        let parts: Vec<&str> = text.split('/').collect();
        match parts[..] {
            [field] if !field.is_empty() => Ok(Self::root(field)),
            [collection, item, field] => Ok(Self::item(collection, item.parse()?, field)),
            _ => Err(crate::NotAnId(text.to_owned())),
        }
    }
}

impl Serialize for FieldPath {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for FieldPath {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}
#[cfg(feature = "schema")]
impl schemars::JsonSchema for FieldPath {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FieldPath".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "description": "field, or collection/item-uuid/field"})
    }
}

/// One change inside one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum Edit {
    /// Gives a single-valued field a value; with several candidates, this settles the clash.
    Set {
        /// Which field.
        path: FieldPath,
        /// The value in its written form; nothing empties the field.
        value: Option<String>,
    },
    /// Rewrites a merged text; only the difference to what was seen is recorded.
    Write {
        /// Which field.
        path: FieldPath,
        /// The whole new text.
        text: String,
    },
    /// Puts a word into a set.
    Include {
        /// Which field.
        path: FieldPath,
        /// The word.
        member: String,
    },
    /// Takes a word out of a set.
    Exclude {
        /// Which field.
        path: FieldPath,
        /// The word.
        member: String,
    },
    /// Adds an item to a collection.
    Add {
        /// The collection's name.
        collection: String,
        /// The new item.
        item: ItemId,
        /// Its fields.
        values: Vec<(String, String)>,
    },
}

/// Why a value does not fit its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditFault {
    /// The record has no such field.
    #[error("there is no field {0}")]
    NoSuchField(String),
    /// The value cannot be read as what the field holds.
    #[error("{value:?} does not fit the field {field}")]
    DoesNotFit {
        /// Which field.
        field: String,
        /// What was given.
        value: String,
        /// What is expected.
        form: Form,
    },
    /// The value is longer than a field may be.
    #[error("the field {field} takes at most {limit} characters")]
    TooLong {
        /// Which field.
        field: String,
        /// Characters.
        limit: usize,
    },
}

/// Characters in one short field: more is a text, or a mistake such as a whole file in one cell.
pub const WORD_LIMIT: usize = 2_000;
/// Characters in one merged text: a long report, and still quick to merge.
pub const PROSE_LIMIT: usize = 100_000;

impl Edit {
    /// Sets a field of the record itself.
    pub fn set(field: &str, value: impl fmt::Display) -> Self {
        Self::Set { path: FieldPath::root(field), value: Some(value.to_string()) }
    }

    /// Sets a field of an item.
    pub fn set_in(collection: &str, item: ItemId, field: &str, value: impl fmt::Display) -> Self {
        Self::Set { path: FieldPath::item(collection, item, field), value: Some(value.to_string()) }
    }

    /// Checks the edit against the table of fields.
    pub fn check(&self, def: &RecordDef) -> Result<(), EditFault> {
        match self {
            Self::Set { path, value } => {
                let field = field_of(def, path)?;
                value.as_deref().map_or(Ok(()), |value| check_value(field, value))
            }
            Self::Write { path, text } => {
                let field = field_of(def, path)?;
                must_be(field, Form::Prose, text)?;
                check_length(field, text, PROSE_LIMIT)
            }
            Self::Include { path, member } | Self::Exclude { path, member } => {
                let field = field_of(def, path)?;
                must_be(field, Form::Members, member)?;
                check_length(field, member, WORD_LIMIT)
            }
            Self::Add { collection, values, .. } => values.iter().try_for_each(|(name, value)| {
                let field = def
                    .field(Some(collection), name)
                    .ok_or_else(|| EditFault::NoSuchField(format!("{collection}/{name}")))?;
                check_value(field, value)
            }),
        }
    }
}

fn field_of(def: &RecordDef, path: &FieldPath) -> Result<&'static FieldDef, EditFault> {
    def.field(path.place.collection(), &path.field).ok_or_else(|| EditFault::NoSuchField(path.to_string()))
}

fn must_be(field: &FieldDef, form: Form, value: &str) -> Result<(), EditFault> {
    if field.form == form { Ok(()) } else { Err(does_not_fit(field, value)) }
}

fn does_not_fit(field: &FieldDef, value: &str) -> EditFault {
    EditFault::DoesNotFit { field: field.name.into(), value: value.chars().take(80).collect(), form: field.form }
}

fn check_length(field: &FieldDef, value: &str, limit: usize) -> Result<(), EditFault> {
    if value.chars().count() > limit { Err(EditFault::TooLong { field: field.name.into(), limit }) } else { Ok(()) }
}

fn check_value(field: &FieldDef, value: &str) -> Result<(), EditFault> {
    check_length(field, value, WORD_LIMIT)?;
    let fits = match field.form {
        Form::Word => true,
        Form::Number => crate::amount::decimal(value).is_ok(),
        Form::Money => value.parse::<Money>().is_ok(),
        Form::Quantity => value.parse::<Quantity>().is_ok(),
        Form::Percent => value.parse::<Percent>().is_ok(),
        Form::Currency => value.parse::<Currency>().is_ok(),
        Form::Day => value.parse::<NaiveDate>().is_ok(),
        Form::Moment => value.parse::<DateTime<Utc>>().is_ok(),
        Form::Link => value.parse::<RecordRef>().is_ok(),
        Form::Flag => value.parse::<bool>().is_ok(),
        Form::Choice => field.words.contains(&value),
        Form::Standing => value.parse::<Standing>().is_ok(),
        Form::Span => value.parse::<Span>().is_ok(),
        Form::Prose | Form::Members => false,
    };
    if fits { Ok(()) } else { Err(does_not_fit(field, value)) }
}

/// Whether a field's disagreements are put before a person.
pub fn asks(def: &RecordDef, path: &FieldPath) -> bool {
    def.field(path.place.collection(), &path.field).is_some_and(|field| field.policy == ClashPolicy::Ask)
}
