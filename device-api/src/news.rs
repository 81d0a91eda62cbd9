//! What is new to a colleague, and reports that tell it.

use crate::Named;
use chrono::NaiveDateTime;
use mera_schema::RecordRef;
use serde::{Deserialize, Serialize};

/// What is new to the colleague who uses this device: an appointment that he or she is on the list of, or a report of which he or she
/// got a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewsRow {
    /// Which.
    pub record: RecordRef,
    /// What it is about; the company's name where nobody said.
    pub subject: String,
    /// When it is, the next time where it comes again, by the clock on the wall where the device is. Of a report, when it was filed.
    pub from: NaiveDateTime,
    /// Whether it is whole days.
    pub whole_days: bool,
    /// Where.
    pub place: String,
    /// Whose it is.
    pub by: Option<Named>,
    /// It is new.
    pub new: bool,
    /// It is at another time or place.
    pub changed: bool,
    /// It does not take place.
    pub cancelled: bool,
    /// So many comments were written since.
    pub comments: usize,
}

/// What somebody does with a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReportStep {
    /// Its author is done: those who get a copy are told, and what the customer is interested in stands with the customer.
    File,
    /// The colleague who uses this device has read it.
    Read,
    /// A colleague gets a copy.
    Copy {
        /// Who.
        colleague: RecordRef,
    },
    /// A colleague gets none after all.
    NoCopy {
        /// Who.
        colleague: RecordRef,
    },
}
