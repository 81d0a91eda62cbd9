//! Why the house says no, in the words of the trade.

use crate::calendar::RecurrenceFault;
use chrono::NaiveDate;
use mera_schema::{AmountFault, Currency, EditFault, RecordKind, Stage};

/// A refused command. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The sentences say what the fields are.
pub enum Refusal {
    #[error("the quote is {stage}; begin a new revision before changing it")]
    QuoteNotOpen { stage: Stage },
    #[error("the quote is {stage}; this step does not follow from there")]
    StepDoesNotFollow { stage: Stage },
    #[error("people disagree about {field}; choose first")]
    Disputed { field: String },
    #[error("{field} is not filled in")]
    Missing { field: &'static str },
    #[error("the quote has no lines; add what is offered")]
    NothingOffered,
    #[error("the quote was valid until {until}; give it a new date")]
    Expired { until: NaiveDate },
    #[error("a quantity must be more than nothing")]
    QuantityNotPositive { field: String },
    #[error("the price is in {given}, the quote in {quote}")]
    OtherCurrency { field: String, given: Currency, quote: Currency },
    #[error("records of the kind {kind} are not erased; the company's figures need them")]
    NeverErased { kind: RecordKind },
    #[error("{number} names it, and the law wants that document kept until {until}; erase it afterwards")]
    NeededByDocument { number: String, until: NaiveDate },
    #[error("the law wants this kept until {until}; it goes by itself afterwards")]
    KeptByLaw { until: NaiveDate },
    #[error("what the law wants kept of an erased person is not changed")]
    KeptAsItIs,
    #[error("{number} names it and has no date, so that nobody can tell until when the law wants it kept; give it one")]
    NeededByUndated { number: String },
    #[error("only two customers, two suppliers or two contacts can be the same")]
    NotTheSame,
    #[error("one is registered as {theirs}, the other as {ours}: these are two companies")]
    OtherRegistration { ours: String, theirs: String },
    #[error("it does not take place; put it back first")]
    AppointmentCancelled,
    #[error("a colleague has moved it meanwhile; look where it is now")]
    MovedMeanwhile,
    #[error("there is no time zone {zone}")]
    NoSuchZone { zone: String },
    #[error("it begins on {day}, which is none of the days on which it is to come again")]
    FirstNotInRule { day: NaiveDate },
    #[error(transparent)]
    NotARule(#[from] RecurrenceFault),
    #[error(transparent)]
    Figure(#[from] AmountFault),
    #[error(transparent)]
    DoesNotFit(#[from] EditFault),
}

impl Refusal {
    /// The stable code, for translation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::QuoteNotOpen { .. } => "quote.not_open",
            Self::StepDoesNotFollow { .. } => "quote.step_does_not_follow",
            Self::Disputed { .. } => "record.disputed",
            Self::Missing { .. } => "record.missing",
            Self::NothingOffered => "quote.nothing_offered",
            Self::Expired { .. } => "quote.expired",
            Self::QuantityNotPositive { .. } => "line.quantity_not_positive",
            Self::OtherCurrency { .. } => "line.other_currency",
            Self::NeverErased { .. } => "erasure.never",
            Self::NeededByDocument { .. } => "erasure.needed_by_document",
            Self::KeptByLaw { .. } => "erasure.kept_by_law",
            Self::KeptAsItIs => "erasure.kept_as_it_is",
            Self::NeededByUndated { .. } => "erasure.needed_by_undated",
            Self::NotTheSame => "same.not",
            Self::OtherRegistration { .. } => "same.other_registration",
            Self::AppointmentCancelled => "appointment.cancelled",
            Self::MovedMeanwhile => "appointment.moved_meanwhile",
            Self::NoSuchZone { .. } => "appointment.no_such_zone",
            Self::FirstNotInRule { .. } => "appointment.first_not_in_rule",
            Self::NotARule(RecurrenceFault::NotARule(_)) => "appointment.not_a_rule",
            Self::NotARule(RecurrenceFault::WithinADay) => "appointment.within_a_day",
            Self::NotARule(RecurrenceFault::TwoEnds) => "appointment.two_ends",
            Self::Figure(_) => "figure.refused",
            Self::DoesNotFit(EditFault::NoSuchField(_)) => "field.unknown",
            Self::DoesNotFit(EditFault::DoesNotFit { .. }) => "field.does_not_fit",
            Self::DoesNotFit(EditFault::TooLong { .. }) => "field.too_long",
        }
    }

    /// The field it is about, when it is about one.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Disputed { field } | Self::QuantityNotPositive { field } | Self::OtherCurrency { field, .. } => {
                Some(field)
            }
            Self::Missing { field } => Some(field),
            Self::OtherRegistration { .. } => Some("vat_number"),
            Self::NoSuchZone { .. } => Some("when"),
            Self::FirstNotInRule { .. } | Self::NotARule(_) => Some("repeats"),
            Self::DoesNotFit(
                EditFault::NoSuchField(field) | EditFault::DoesNotFit { field, .. } | EditFault::TooLong { field, .. },
            ) => Some(field),
            _ => None,
        }
    }
}
