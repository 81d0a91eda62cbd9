//! What every record of the company looks like: identities, money, quantities, the fields of each
//! kind of record, and how two people's edits of one field meet.
//!
//! This room does no IO, reads no clock and makes no randomness. The Automerge mapping is behind
//! the feature `automerge`; without it only plain values are left, which is what screens carry.

pub mod amount;
mod call;
#[cfg(feature = "automerge")]
pub mod document;
pub mod edit;
pub mod field;
pub mod ids;
pub mod migration;
pub mod record;
pub mod span;
pub mod standing;
pub mod table;
pub mod tree;
mod written;

pub use amount::{AmountFault, Currency, Money, Percent, Quantity};
pub use edit::{Edit, EditFault, FieldPath, Place};
pub use field::{
    AppointmentSort, AppointmentState, Authorship, CallState, Candidate, ClashPolicy, Desk, Field, FieldValue, Form,
    Life, Part, Stage, TaskState, Urgency, Whereabouts,
};
pub use ids::{DeviceId, ItemId, NotAnId, PersonId, RecordId, RecordKind, RecordRef, WorkspaceId};
pub use record::{
    Address, Addressee, AnyRecord, Appointment, Attendee, Call, CallCopy, Comment, Contact, Customer, Device, Employee,
    Guest, KeptFor, Order, OrderLine, Presence, Product, Quote, QuoteLine, Report, ReportCopy, Resource, Supplier,
    Task,
};
pub use span::{Span, SpanFault, SpanOf, Zone};
pub use standing::{Standing, StandingFault};
pub use table::{CollectionDef, FieldDef, LIFE, ORDER, RecordDef, SAME_AS};
pub use tree::{Heads, Members, Node, Prose, ReadField, RecordTree};
