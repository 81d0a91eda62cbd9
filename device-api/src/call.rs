//! Telephone calls that colleagues are told of.

use crate::PersonOn;
use chrono::{DateTime, Utc};
use mera_schema::{CallState, RecordRef, Urgency};
use serde::{Deserialize, Serialize};

/// Every call that is not settled: the colleague's own first, then the urgent ones, then the latest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallsPage {
    /// The colleague who uses this device, once somebody has said who that is.
    pub me: Option<RecordRef>,
    /// When this was answered, by the device's clock.
    pub now: DateTime<Utc>,
    /// How many of them the colleague has not seen and should.
    pub unseen: usize,
    /// The calls; the settled ones are a list of records like any other.
    pub rows: Vec<CallRow>,
}

/// A call that is not settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallRow {
    /// Which.
    pub record: RecordRef,
    /// Who called, as that one said it.
    pub caller: String,
    /// The number to call back, as it was given.
    pub phone: String,
    /// The same as it is dialled (E.164), where it is a number.
    pub dial: Option<String>,
    /// What it is about.
    pub subject: String,
    /// The customer or supplier.
    pub party: Option<Named>,
    /// The person there.
    pub contact: Option<Named>,
    /// Who is to call back; more than one while people disagree about it.
    pub for_whom: Vec<Named>,
    /// Who is told too.
    pub copies: Vec<Named>,
    /// Whether it is for the colleague who uses this device, or that one is told too.
    pub mine: bool,
    /// Whether that colleague has not seen it and should.
    pub unseen: bool,
    /// Whether it is urgent.
    pub urgent: bool,
    /// How far it is.
    pub state: CallState,
    /// When the call came.
    pub taken: DateTime<Utc>,
    /// Who took it.
    pub by: PersonOn,
}

/// A record and what it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Named {
    /// Which.
    pub record: RecordRef,
    /// What it is called.
    pub name: String,
}

/// What somebody who takes a call is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewCall {
    /// The colleague who is to call back.
    pub for_whom: RecordRef,
    /// Who called.
    #[serde(default)]
    pub caller: String,
    /// The customer or supplier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<RecordRef>,
    /// The person there; without a party it is that one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<RecordRef>,
    /// The number to call back.
    #[serde(default)]
    pub phone: String,
    /// What it is about.
    #[serde(default)]
    pub subject: String,
    /// How soon.
    #[serde(default = "normal")]
    pub urgency: Urgency,
    /// Colleagues who are told too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<RecordRef>,
    /// What was said.
    #[serde(default)]
    pub notes: String,
}

fn normal() -> Urgency {
    Urgency::Normal
}

/// What somebody does about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallStep {
    /// The colleague who uses this device has seen it.
    See,
    /// The caller was called back.
    CallBack,
    /// There is nothing more to do.
    Close,
    /// There is something to do after all.
    Reopen,
    /// Another colleague is to call back.
    PassOn {
        /// Who.
        to: RecordRef,
    },
}
