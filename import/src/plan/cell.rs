//! One cell, or several that belong together, becomes the written value of a field.

use crate::figure::{day, figure};
use crate::profile::{FieldRule, From, Profile};
use mera_schema::{Form, Money, Quantity, RecordId, RecordRef};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::HashMap;

/// Why a cell cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The sentences say what the fields are.
pub enum CellFault {
    #[error("{0:?} is not a figure that this profile reads; see its `decimal`")]
    Figure(String),
    #[error("{0:?} is not a day that this profile reads; see its `days`")]
    Day(String),
    #[error("{0:?} is neither yes nor no; see the field's `words`")]
    Flag(String),
    #[error("{given:?} is none of the words that the profile knows: {known}")]
    Word { given: String, known: String },
}

impl CellFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Figure(_) => "row.no_figure",
            Self::Day(_) => "row.no_day",
            Self::Flag(_) => "row.no_flag",
            Self::Word { .. } => "row.no_word",
        }
    }
}

/// Another sheet's cells by key, for looking up: sheet, key column, taken column.
pub type LookedUp = HashMap<(String, String, String), HashMap<String, String>>;

/// What a cell is read with.
pub struct Reader<'a> {
    pub profile: &'a Profile,
    pub looked_up: LookedUp,
}

impl Reader<'_> {
    /// The written value; nothing when the cells are empty.
    pub fn value(&self, rule: &FieldRule, cell: impl Fn(&str) -> String) -> Result<Option<String>, CellFault> {
        let text = match &rule.from {
            From::Value(value) => value.clone(),
            From::Columns(columns) => {
                let filled = columns.iter().map(|column| self.trimmed(rule, &cell(column))).filter(|t| !t.is_empty());
                filled.collect::<Vec<_>>().join(if rule.link.is_some() { KEY_JOINT } else { &rule.join })
            }
        };
        let text = match &rule.lookup {
            Some(lookup) => {
                let place = (lookup.sheet.to_lowercase(), lookup.key.clone(), lookup.take.clone());
                self.looked_up.get(&place).and_then(|rows| rows.get(&text)).cloned().unwrap_or_default()
            }
            None => text,
        };
        if text.is_empty() {
            return Ok(None);
        }
        self.written(rule, word(rule, text)?).map(Some)
    }

    fn trimmed(&self, rule: &FieldRule, text: &str) -> String {
        let text = match &self.profile.newline {
            Some(newline) => text.replace(newline.as_str(), if rule.def.form == Form::Prose { "\n" } else { ", " }),
            None => text.to_owned(),
        };
        let around = rule.trim.as_deref().unwrap_or_default();
        text.trim_matches(|c: char| c.is_whitespace() || around.contains(c)).to_owned()
    }

    fn written(&self, rule: &FieldRule, text: String) -> Result<String, CellFault> {
        Ok(match rule.def.form {
            Form::Number | Form::Percent => self.figure(rule, text)?.to_string(),
            Form::Money => match rule.currency {
                Some(currency) => Money::new(self.figure(rule, text)?, currency).to_string(),
                None => text,
            },
            Form::Quantity => {
                Quantity::new(self.figure(rule, text)?, rule.unit.clone().unwrap_or_default()).to_string()
            }
            Form::Day => day(&text, &self.profile.days).ok_or(CellFault::Day(text))?.to_string(),
            Form::Flag => flag(&text).ok_or(CellFault::Flag(text))?.to_string(),
            Form::Link => match rule.link {
                Some(kind) => RecordRef::new(kind, RecordId::derived(kind, &self.profile.name, &text)).to_string(),
                None => text,
            },
            Form::Currency => text.to_uppercase(),
            Form::Word | Form::Moment | Form::Choice | Form::Prose | Form::Members | Form::Standing | Form::Span => {
                text
            }
        })
    }

    fn figure(&self, rule: &FieldRule, text: String) -> Result<Decimal, CellFault> {
        let figure = figure(&text, self.profile.decimal);
        let figure = figure.and_then(|figure| figure.checked_mul(rule.times.unwrap_or(Decimal::ONE)));
        let figure = figure.ok_or(CellFault::Figure(text))?;
        let rounded =
            rule.round.map_or(figure, |to| figure.round_dp_with_strategy(to, RoundingStrategy::MidpointAwayFromZero));
        Ok(rounded.normalize())
    }
}

/// Between the columns of a key that has several.
pub const KEY_JOINT: &str = "\u{1f}";

fn word(rule: &FieldRule, text: String) -> Result<String, CellFault> {
    if rule.words.is_empty() {
        return Ok(text);
    }
    rule.words.get(&text).cloned().ok_or_else(|| {
        let known = rule.words.keys().cloned().collect::<Vec<_>>().join(", ");
        CellFault::Word { given: text, known }
    })
}

fn flag(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "ja" | "x" | "1" => Some(true),
        "false" | "no" | "nej" | "0" => Some(false),
        _ => None,
    }
}
