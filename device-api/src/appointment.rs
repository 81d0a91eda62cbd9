//! Appointments, and the calendar in which they stand.

use crate::Named;
use chrono::{NaiveDate, NaiveDateTime};
use mera_schema::{AppointmentSort, Part, RecordRef, Span};
use serde::{Deserialize, Serialize};

/// Some days of the calendar, by the clock on the wall where the device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalendarPage {
    /// The colleague who uses this device, once somebody has said who that is.
    pub me: Option<RecordRef>,
    /// Now, by that clock.
    pub now: NaiveDateTime,
    /// The time zone of all times on the page.
    pub zone: String,
    /// Public holidays among the days, by their names (`ascension_day`).
    pub holidays: Vec<(NaiveDate, String)>,
    /// Everybody and everything that can be in an appointment, by name; colleagues first.
    pub people: Vec<CalendarPerson>,
    /// What is in the calendar, by the time at which it begins.
    pub entries: Vec<CalendarEntry>,
}

/// A colleague, or a thing of the company's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalendarPerson {
    /// Who.
    pub who: RecordRef,
    /// What that one is called.
    pub name: String,
    /// What a colleague does: those of one title are a team. Things are in none.
    pub team: String,
}

/// One time of an appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalendarEntry {
    /// The appointment.
    pub record: RecordRef,
    /// Of one that comes again, the day on which this time of it begins: it names the time in [`crate::Request::Appointment`].
    pub day: Option<NaiveDate>,
    /// What it is about; the company's name where nobody said.
    pub subject: String,
    /// What it is.
    pub sort: AppointmentSort,
    /// When it begins.
    pub from: NaiveDateTime,
    /// When it is over.
    pub to: NaiveDateTime,
    /// Whether it is whole days; `to` is the last midnight then.
    pub whole_days: bool,
    /// The same as it is agreed, in its own zone: it goes with a step that moves it.
    pub when: Span,
    /// Where.
    pub place: String,
    /// The customer or supplier.
    pub party: Option<Named>,
    /// Who is there.
    pub present: Vec<Named>,
    /// Who is told.
    pub told: Vec<Named>,
    /// Whether it does not take place.
    pub cancelled: bool,
    /// Whether people disagree about when it is, and this is one of the times.
    pub disputed: bool,
    /// Whether it has news for the colleague who uses this device.
    pub news: bool,
    /// Those who are there and have something else at the same time.
    pub taken_twice: Vec<RecordRef>,
}

/// Whose calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CalendarOf {
    /// Everybody's.
    Everybody,
    /// That of the colleague who uses the device; everybody's, where it is not known who that is.
    Me,
    /// That of a colleague.
    Colleague {
        /// Who.
        who: RecordRef,
    },
}

/// A calendar as other programs read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalendarFile {
    /// Its text.
    pub text: String,
    /// How many appointments are in it, those that come again counted once.
    pub appointments: usize,
}

/// What names a device's calendars: `GET /feed/<key>/me.ics` and `/feed/<key>/everybody.ics` on the address at which it is served, on this
/// machine. Whoever has the key reads the calendars and nothing else; it stays the same for as long as the device has its own key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalendarFeed {
    /// The key.
    pub key: String,
}

/// What is agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewAppointment {
    /// What it is about.
    #[serde(default)]
    pub subject: String,
    /// What it is.
    pub sort: AppointmentSort,
    /// From when until when.
    pub when: Span,
    /// When it comes again: a recurrence rule (RFC 5545, 3.3.10).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub repeats: String,
    /// Where.
    #[serde(default)]
    pub place: String,
    /// The customer or supplier; where it came of a call or quote, that one's unless another is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<RecordRef>,
    /// What it came of: a call, a quote, an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<RecordRef>,
    /// Who is there; without anybody, the colleague who uses this device.
    #[serde(default)]
    pub present: Vec<RecordRef>,
    /// Who is told.
    #[serde(default)]
    pub told: Vec<RecordRef>,
    /// Who is there of the customer or supplier.
    #[serde(default)]
    pub guests: Vec<RecordRef>,
    /// What it is for.
    #[serde(default)]
    pub purpose: String,
}

/// What somebody does about an appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AppointmentStep {
    /// It is at another time.
    Move {
        /// From when until when.
        to: Span,
        /// When it is, as the person sees it: if a colleague has moved it meanwhile it is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Span>,
    },
    /// It does not take place.
    Cancel,
    /// One that comes again does not any more, and times that were moved are called off.
    End {
        /// The first day on which it does not.
        from: NaiveDate,
    },
    /// It takes place after all.
    PutBack,
    /// Says something of it.
    Comment {
        /// What.
        text: String,
    },
    /// The colleague who uses this device has read it.
    Read,
    /// A colleague is on the list.
    Put {
        /// Who.
        who: RecordRef,
        /// To be there, or to be told.
        part: Part,
    },
    /// A colleague is on the list no more.
    Leave {
        /// Who.
        who: RecordRef,
    },
    /// Somebody of the customer or supplier comes.
    Expect {
        /// Who.
        contact: RecordRef,
    },
    /// That one does not come.
    Unexpect {
        /// Who.
        contact: RecordRef,
    },
}
