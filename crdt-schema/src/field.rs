//! A field as a person meets it: empty, one value, or several values that nobody has chosen between.

use crate::{Currency, DeviceId, Money, Percent, Quantity, RecordRef};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{fmt::Display, str::FromStr};

/// What happens when two people change one field without having seen each other's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClashPolicy {
    /// The later value stands; both remain in the history. For labels and descriptions.
    Latest,
    /// Both texts are merged letter by letter.
    Text,
    /// Both members stay in the set.
    Union,
    /// Both values are kept and a person is asked. For everything that costs money or breaks a promise.
    Ask,
}

/// How a field is written in a document, and what a value must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A short text.
    Word,
    /// A number without a unit.
    Number,
    /// An amount of money.
    Money,
    /// A quantity with its unit.
    Quantity,
    /// 0 to 100.
    Percent,
    /// A currency code.
    Currency,
    /// A calendar day, ISO 8601.
    Day,
    /// A moment in UTC, RFC 3339.
    Moment,
    /// Another record.
    Link,
    /// `true` or `false`.
    Flag,
    /// One word out of a fixed list.
    Choice,
    /// Text that several people may write in.
    Prose,
    /// A set of words.
    Members,
    /// Where a colleague is, until when, and at which place.
    Standing,
    /// From when until when.
    Span,
}

/// Who wrote a value, on what, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Authorship {
    /// The device that wrote it; the device's record says whose it is.
    pub device: DeviceId,
    /// When, by that device's clock.
    pub at: DateTime<Utc>,
}

/// One of several values of a field, and who gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Candidate<T> {
    /// The value.
    pub value: T,
    /// Who gave it.
    pub by: Authorship,
}

/// A field's value. A clash is a value too: a reader has to say what it does about one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Field<T> {
    /// People disagree; at least two candidates, the provisional one first.
    Clash {
        /// The values to choose between.
        clash: Vec<Candidate<T>>,
    },
    /// Everybody agrees.
    One(T),
    /// Nobody has filled it in.
    #[default]
    Empty,
}

impl<T> Field<T> {
    /// The agreed value; nothing when it is empty *or* disputed.
    pub fn agreed(&self) -> Option<&T> {
        match self {
            Self::One(value) => Some(value),
            Self::Clash { .. } | Self::Empty => None,
        }
    }

    /// The value to go on with meanwhile: the agreed one, else the first candidate (the same on every device).
    pub fn provisional(&self) -> Option<&T> {
        match self {
            Self::One(value) => Some(value),
            Self::Clash { clash } => clash.first().map(|candidate| &candidate.value),
            Self::Empty => None,
        }
    }

    /// Whether a person has to choose.
    pub fn is_clash(&self) -> bool {
        matches!(self, Self::Clash { .. })
    }
}

/// A type that can stand in a field.
pub trait FieldValue: FromStr + Display {
    /// How it is written.
    const FORM: Form;
    /// The permitted words of a choice.
    const WORDS: &'static [&'static str] = &[];
}

macro_rules! field_values { ($($type:ty => $form:ident),* $(,)?) => { $(impl FieldValue for $type { const FORM: Form = Form::$form; })* } }
field_values! {
    String => Word, Decimal => Number, Money => Money, Quantity => Quantity, Percent => Percent, Currency => Currency,
    NaiveDate => Day, DateTime<Utc> => Moment, RecordRef => Link, bool => Flag,
}

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }
        impl $name {
            /// Every choice, in the order in which a person would meet them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The stable word.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),* } }
        }
        impl Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text { $($text => Ok(Self::$variant),)* other => Err(other.to_owned()) }
            }
        }
        impl FieldValue for $name {
            const FORM: Form = Form::Choice;
            const WORDS: &'static [&'static str] = &[$($text),*];
        }
    )*};
}

choices! {
    /// Whether a part of a record is in use. Every edit inside a part re-asserts `Live`, so that a
    /// concurrent removal shows up as a clash instead of swallowing the edit.
    Life {
        /// In use.
        Live = "live",
        /// Taken out; kept, so that it can be asked about and put back.
        Removed = "removed",
    }
    /// What has been decided about a quote.
    Stage {
        /// Being written or revised.
        Draft = "draft",
        /// In the customer's hands.
        Sent = "sent",
        /// The customer said yes.
        Won = "won",
        /// The customer said no.
        Lost = "lost",
    }
    /// The desk somebody works at; decides the first page, never what exists.
    Desk {
        /// Out with customers.
        Sales = "sales",
        /// By the phone.
        Office = "office",
        /// At the dock.
        Warehouse = "warehouse",
    }
    /// Where a colleague is.
    Whereabouts {
        /// At work, and free to speak.
        In = "in",
        /// Out of the house.
        Out = "out",
        /// In a meeting.
        Meeting = "meeting",
        /// On the phone.
        Phone = "phone",
        /// On holiday.
        Holiday = "holiday",
        /// Sick. Nothing is kept of why (GDPR, article 9).
        Sick = "sick",
    }
    /// How soon somebody wants to be called back.
    Urgency {
        /// When there is time.
        Normal = "normal",
        /// At once.
        Urgent = "urgent",
    }
    /// How far a call that a colleague was told of is. It follows from what has happened, and is written nowhere.
    CallState {
        /// Nobody whom it is for has seen it.
        New = "new",
        /// It was seen.
        Seen = "seen",
        /// Somebody has called back.
        CalledBack = "called_back",
        /// There is nothing more to do.
        Closed = "closed",
    }
    /// What an appointment is, and so where whoever takes part is meanwhile.
    AppointmentSort {
        /// At a customer's or supplier's.
        Visit = "visit",
        /// In the house, or on the telephone.
        Meeting = "meeting",
        /// Out of the house for another reason: a course, a fair, a journey.
        Away = "away",
        /// On holiday.
        Holiday = "holiday",
        /// Something to know of a day; it takes nobody's time.
        Note = "note",
    }
    /// Whether an appointment holds.
    AppointmentState {
        /// It takes place.
        Agreed = "agreed",
        /// It does not.
        Cancelled = "cancelled",
    }
    /// What a colleague has to do with an appointment.
    Part {
        /// Is there.
        Present = "present",
        /// Is told of it.
        Told = "told",
    }
    /// How far a task is.
    TaskState {
        /// To be done.
        Open = "open",
        /// Done.
        Done = "done",
    }
}
