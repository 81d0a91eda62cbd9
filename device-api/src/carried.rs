//! What requests carry along.

use serde::{Deserialize, Serialize};

/// An item to add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewItem {
    /// `lines`, `contacts`, `addresses`.
    pub collection: String,
    /// Its first fields, by name, in written form.
    pub values: Vec<(String, String)>,
}

/// What leaves the house in a form that other programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExportOf {
    /// A folder with a sheet for each kind of record and each collection of items.
    RecordsCsv,
    /// A folder with one record a line of JSON, and their histories.
    RecordsJson,
    /// The audit trail as a sheet. For administrators and finance.
    AuditCsv,
    /// The audit trail as lines of JSON, with what proves each. For administrators and finance.
    AuditLines,
    /// The calendar of the colleague who uses the device, or everybody's where it is not known who that is, as other calendars read it
    /// (iCalendar).
    Calendar,
    /// What nobody took in from this device, sealed for the company's administrators. A device that was taken out writes this
    /// too.
    Undelivered,
}

/// A step of a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// It goes to the customer.
    Send,
    /// A new revision is begun.
    Revise,
    /// The customer said yes.
    Win,
    /// The customer said no.
    Lose,
}
