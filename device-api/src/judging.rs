//! Work that was set aside, and what was decided about it.

use crate::{AuditAct, AuditStanding, PersonOn};
use chrono::{DateTime, Utc};
use mera_schema::DeviceId;
use serde::{Deserialize, Serialize};

/// What was set aside: what waits for a decision first, oldest first, then what was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JudgingPage {
    /// One for each entry.
    pub rows: Vec<JudgingRow>,
}

/// An entry that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JudgingRow {
    /// On which device it was written.
    pub device: DeviceId,
    /// What its person and it are called.
    pub by: PersonOn,
    /// Its number in the device's log.
    pub number: u64,
    /// When, by the device's clock.
    pub at: DateTime<Utc>,
    /// Why it was set aside: `no_right` or `revoked`.
    pub standing: AuditStanding,
    /// What it would change.
    pub act: AuditAct,
    /// What was decided, once it was.
    pub closed: Option<JudgedRow>,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JudgedRow {
    /// Who decided.
    pub by: PersonOn,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it was taken over; otherwise it was left out.
    pub taken: bool,
    /// Why it was left out.
    pub note: String,
}

/// Work that is handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HandedIn {
    /// A text that only the company's administrators can open.
    pub file: String,
    /// How many changes are in it.
    pub changes: u64,
}
