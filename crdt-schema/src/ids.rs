//! Typed identities. A record is named by its kind and a UUID; nothing in the house passes a bare UUID around.

use crate::written::written;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// An identity that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an identity of this kind")]
pub struct NotAnId(pub String);

macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes an identity made elsewhere; this room makes none itself.
            pub const fn new(uuid: Uuid) -> Self { Self(uuid) }
            /// The bare UUID, for storage and the wire.
            pub const fn uuid(self) -> Uuid { self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::parse_str(text).map(Self).map_err(|_| NotAnId(text.to_owned()))
            }
        }
    )*};
}

typed_id! {
    /// A company's shared body of records.
    WorkspaceId;
    /// One device; derived from its signing key, so that nobody else can write its log.
    DeviceId;
    /// One person of a company, on however many devices.
    PersonId;
    /// One record of any kind.
    RecordId;
    /// One line, contact or address inside a record.
    ItemId;
}

impl RecordId {
    /// The identity of what is kept of an erased contact: whoever erases it writes the same record.
    pub fn addressee_of(contact: Self) -> Self {
        Self(Uuid::new_v5(&contact.uuid(), b"addressee"))
    }

    /// The identity of one time of an appointment that comes again: that of the day on which it would begin.
    pub fn occurrence_of(appointment: Self, day: chrono::NaiveDate) -> Self {
        Self(Uuid::new_v5(&appointment.uuid(), day.to_string().as_bytes()))
    }

    /// The identity that every device derives for a record imported from `source` under `key`:
    /// importing the same file on two devices yields one record, not two.
    pub fn derived(kind: RecordKind, source: &str, key: &str) -> Self {
        Self(Uuid::new_v5(&MERA_NAMESPACE, format!("{}\u{1f}{source}\u{1f}{key}", kind.as_str()).as_bytes()))
    }
}

impl ItemId {
    /// Whether it follows from something else, so that two devices may make the same item apart (RFC 9562, version 5).
    pub fn is_derived(self) -> bool {
        self.0.get_version_num() == 5
    }

    /// The identity that every device derives for an item imported from `source` under `key`.
    pub fn derived(owner: RecordId, key: &str) -> Self {
        Self(Uuid::new_v5(&owner.uuid(), key.as_bytes()))
    }
}

/// The namespace of MERA's derived identities (RFC 9562, version 5).
const MERA_NAMESPACE: Uuid = Uuid::from_u128(0x6d65_7261_0000_5000_8000_0000_0000_0001);

macro_rules! record_kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What a record is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum RecordKind { $($(#[$doc])* $name,)* }

        impl RecordKind {
            /// Every kind, in the order in which a reader would list them.
            pub const ALL: &'static [RecordKind] = &[$(RecordKind::$name),*];
            /// The kind's stable name in storage, on the wire and in the contract.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $text),* } }
        }
        impl FromStr for RecordKind {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                match text { $($text => Ok(Self::$name),)* other => Err(NotAnId(other.to_owned())) }
            }
        }
    };
}

record_kinds! {
    /// A company that buys.
    Customer = "customer";
    /// A thing that is sold.
    Product = "product";
    /// A company that is bought from.
    Supplier = "supplier";
    /// A colleague.
    Employee = "employee";
    /// An offer to a customer.
    Quote = "quote";
    /// A sales order.
    Order = "order";
    /// Something somebody must do.
    Task = "task";
    /// A computer, phone or tablet of the company, and the person who uses it.
    Device = "device";
    /// A person at a customer or supplier.
    Contact = "contact";
    /// What the law wants kept of a contact who was erased.
    Addressee = "addressee";
    /// Where a colleague is.
    Presence = "presence";
    /// A telephone call that a colleague is told of.
    Call = "call";
    /// Something that is agreed for a time: a visit, a meeting, a holiday.
    Appointment = "appointment";
    /// What somebody brought home from a visit.
    Report = "report";
    /// A room, a car or another thing of the company's that only one can have at a time.
    Resource = "resource";
}

impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A record's full name: kind and identity, written `quote/0192…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordRef {
    /// What the record is about.
    pub kind: RecordKind,
    /// Which one it is.
    pub id: RecordId,
}

impl RecordRef {
    /// Names a record.
    pub const fn new(kind: RecordKind, id: RecordId) -> Self {
        Self { kind, id }
    }

    /// Where the record stands that says where a colleague is.
    pub const fn presence_of(employee: RecordId) -> Self {
        Self::new(RecordKind::Presence, employee)
    }
}

impl fmt::Display for RecordRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.id)
    }
}

impl FromStr for RecordRef {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let (kind, id) = text.split_once('/').ok_or_else(|| NotAnId(text.to_owned()))?;
        Ok(Self { kind: kind.parse()?, id: id.parse()? })
    }
}

written! {
    RecordRef: "^[a-z]+/[0-9a-f-]{36}$", "kind/uuid";
}
