//! How something is refused.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A refusal: a stable code that screens translate, and what the sentence speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refused {
    /// Stable, dotted: `quote.not_open`. Screens translate it; nobody matches the sentence.
    pub code: String,
    /// The field it is about, when it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What a translated sentence may speak of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
    /// The sentence in English, for scripts and logs: what happened and what to do.
    pub says: String,
}

impl Refused {
    /// A refusal with its code and sentence.
    pub fn new(code: &str, says: impl Into<String>) -> Self {
        Self { code: code.into(), field: None, args: BTreeMap::new(), says: says.into() }
    }

    /// The same, about a field.
    #[must_use]
    pub fn at(self, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..self }
    }
}
