//! Who is in: the board beside the phone.

use crate::{Named, PersonOn};
use chrono::{DateTime, Utc};
use mera_schema::{RecordRef, Whereabouts};
use serde::{Deserialize, Serialize};

/// Every colleague, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PresenceBoard {
    /// The colleague who uses this device, once somebody has said who that is.
    pub me: Option<RecordRef>,
    /// When this was answered, by the device's clock: what lies before it is past.
    pub now: DateTime<Utc>,
    /// A row for each colleague.
    pub rows: Vec<PresenceRow>,
}

/// A colleague.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PresenceRow {
    /// Who.
    pub employee: RecordRef,
    /// What the colleague is called.
    pub name: String,
    /// What the colleague does.
    pub title: String,
    /// The number by which the colleague is reached, as it is written in the country; empty where nobody has written one.
    pub phone: String,
    /// The same as it is dialled (E.164), where it is a number.
    pub dial: Option<String>,
    /// What was said last; nothing where nobody has said anything yet.
    pub said: Option<PresenceSaid>,
}

/// What was said of a colleague.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PresenceSaid {
    /// Where the colleague is.
    pub state: Whereabouts,
    /// When that was said, by the clock of the device on which it was.
    pub since: DateTime<Utc>,
    /// When the colleague is expected back, where that is known.
    pub until: Option<DateTime<Utc>>,
    /// Whether that is past: it was said that the colleague would be back by now.
    pub overdue: bool,
    /// At which place, in the words of whoever said it.
    pub place: String,
    /// Who said it; nobody where it stands in the calendar.
    pub by: Option<PersonOn>,
    /// The appointment that says it.
    pub appointment: Option<Named>,
}
