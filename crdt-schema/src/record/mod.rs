//! The records. Each declaration is a row of the table of fields *and* a typed struct.

mod appointment;
mod call;
mod colleague;
mod party;
mod sale;

pub use appointment::{Appointment, Attendee, Comment, Guest, Report, ReportCopy};
pub use call::{Call, CallCopy};
pub use colleague::{Device, Employee, Presence, Resource, Task};
pub use party::{Address, Addressee, Contact, Customer, KeptFor, Supplier};
pub use sale::{Order, OrderLine, Product, Quote, QuoteLine};

use crate::{RecordDef, RecordKind};

impl RecordDef {
    /// The row of the table for a kind.
    pub const fn of(kind: RecordKind) -> &'static RecordDef {
        match kind {
            RecordKind::Customer => &Customer::DEF,
            RecordKind::Product => &Product::DEF,
            RecordKind::Supplier => &Supplier::DEF,
            RecordKind::Employee => &Employee::DEF,
            RecordKind::Quote => &Quote::DEF,
            RecordKind::Order => &Order::DEF,
            RecordKind::Task => &Task::DEF,
            RecordKind::Device => &Device::DEF,
            RecordKind::Contact => &Contact::DEF,
            RecordKind::Addressee => &Addressee::DEF,
            RecordKind::Presence => &Presence::DEF,
            RecordKind::Call => &Call::DEF,
            RecordKind::Appointment => &Appointment::DEF,
            RecordKind::Report => &Report::DEF,
            RecordKind::Resource => &Resource::DEF,
        }
    }
}

/// A record of any kind, typed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each variant is the struct of its name.
pub enum AnyRecord {
    Customer(Customer),
    Product(Product),
    Supplier(Supplier),
    Employee(Employee),
    Quote(Quote),
    Order(Order),
    Task(Task),
    Device(Device),
    Contact(Contact),
    Addressee(Addressee),
    Presence(Presence),
    Call(Call),
    Appointment(Appointment),
    Report(Report),
    Resource(Resource),
}

impl AnyRecord {
    /// Reads a record of whatever kind it is.
    pub fn read(tree: &crate::RecordTree) -> Self {
        match tree.record.kind {
            RecordKind::Customer => Self::Customer(Customer::read(tree)),
            RecordKind::Product => Self::Product(Product::read(tree)),
            RecordKind::Supplier => Self::Supplier(Supplier::read(tree)),
            RecordKind::Employee => Self::Employee(Employee::read(tree)),
            RecordKind::Quote => Self::Quote(Quote::read(tree)),
            RecordKind::Order => Self::Order(Order::read(tree)),
            RecordKind::Task => Self::Task(Task::read(tree)),
            RecordKind::Device => Self::Device(Device::read(tree)),
            RecordKind::Contact => Self::Contact(Contact::read(tree)),
            RecordKind::Addressee => Self::Addressee(Addressee::read(tree)),
            RecordKind::Presence => Self::Presence(Presence::read(tree)),
            RecordKind::Call => Self::Call(Call::read(tree)),
            RecordKind::Appointment => Self::Appointment(Appointment::read(tree)),
            RecordKind::Report => Self::Report(Report::read(tree)),
            RecordKind::Resource => Self::Resource(Resource::read(tree)),
        }
    }
}
