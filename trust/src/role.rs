//! Roles, and what each may read and write.

use crate::{Collection, Group};
use mera_schema::RecordKind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a person does in the company. A person may do several things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Calls on customers and quotes.
    Sales,
    /// Keeps customers, products and orders in order.
    Office,
    /// Receives, picks, packs and ships.
    Warehouse,
    /// Invoices, pays and keeps the books.
    Finance,
    /// Admits and revokes devices and gives roles.
    Administrator,
}

impl Role {
    /// Every role, in the order in which a reader would list them.
    pub const ALL: [Self; 5] = [Self::Sales, Self::Office, Self::Warehouse, Self::Finance, Self::Administrator];

    /// The role's stable name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sales => "sales",
            Self::Office => "office",
            Self::Warehouse => "warehouse",
            Self::Finance => "finance",
            Self::Administrator => "administrator",
        }
    }

    /// The role of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    fn may_write(self, kind: RecordKind) -> bool {
        use Role::{Administrator, Finance, Office, Sales, Warehouse};
        match kind {
            RecordKind::Customer => matches!(self, Sales | Office | Finance),
            RecordKind::Contact => matches!(self, Sales | Office | Warehouse | Finance),
            RecordKind::Product => matches!(self, Office | Warehouse),
            RecordKind::Supplier => matches!(self, Office | Warehouse | Finance),
            RecordKind::Employee | RecordKind::Resource => matches!(self, Office | Administrator),
            // Whoever erases a contact keeps what the law wants kept of it, and whoever sent a quote of which that one had not heard.
            RecordKind::Addressee => matches!(self, Sales | Office | Administrator),
            RecordKind::Quote => matches!(self, Sales | Office),
            RecordKind::Order => matches!(self, Sales | Office | Warehouse | Finance),
            // Whoever takes the phone says for a colleague where that one is and who called, and agrees to a time.
            RecordKind::Task
            | RecordKind::Device
            | RecordKind::Presence
            | RecordKind::Call
            | RecordKind::Appointment
            | RecordKind::Report => true,
        }
    }

    /// What cannot be undone is for those who answer to the persons behind the records. A record whose bytes the law or the
    /// company's figures need is not erased by anybody: `mera_business` says which.
    fn may_erase(self, kind: RecordKind) -> bool {
        match kind {
            RecordKind::Customer
            | RecordKind::Supplier
            | RecordKind::Employee
            | RecordKind::Task
            | RecordKind::Contact
            | RecordKind::Presence
            | RecordKind::Call
            | RecordKind::Appointment
            | RecordKind::Report
            | RecordKind::Resource
            | RecordKind::Addressee => matches!(self, Self::Office | Self::Administrator),
            RecordKind::Product | RecordKind::Quote | RecordKind::Order | RecordKind::Device => false,
        }
    }

    /// Administrators hand on the keys of every group, and so hold them.
    fn may_read(self, group: Group) -> bool {
        match group {
            Group::HOUSE => true,
            Group::SALES => self != Self::Warehouse,
            Group::BOOKS => matches!(self, Self::Finance | Self::Administrator),
            _ => false,
        }
    }
}

/// What somebody does with records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Writes in them.
    Write,
    /// Has them erased for good, because a person has the right to that (GDPR, article 17).
    Erase,
    /// Says for the company what records are, whole, in the place of all that was said of them before.
    Snapshot,
    /// Decides about work that was set aside.
    Judge,
}

/// The roles of one person. Bits that this program does not know are kept, and give no right here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Roles(u8);

impl Roles {
    /// Every role at once: the person who founds a company.
    pub fn all() -> Self {
        Role::ALL.into_iter().collect()
    }

    /// Whether the person has a role.
    pub fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// The roles that this program knows.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the person may write in a collection. What a collection unknown here allows only newer programs know.
    pub fn may_write(self, collection: Collection) -> bool {
        collection.kind().is_none_or(|kind| self.iter().any(|role| role.may_write(kind)))
    }

    /// Whether the person may have records of a collection erased. Nobody may without knowing what is in it.
    pub fn may_erase(self, collection: Collection) -> bool {
        collection.kind().is_some_and(|kind| self.iter().any(|role| role.may_erase(kind)))
    }

    /// Whether the person may decide about work that was set aside.
    pub fn may_judge(self) -> bool {
        self.has(Role::Office) || self.has(Role::Administrator)
    }

    /// Whether the person may do this in a collection.
    pub fn may(self, right: Right, collection: Collection) -> bool {
        match right {
            Right::Write => self.may_write(collection),
            Right::Erase => self.may_erase(collection),
            // Who vouches for everybody's records must be able to read all of them.
            Right::Snapshot => self.has(Role::Administrator),
            Right::Judge => self.may_judge(),
        }
    }

    /// Whether the person may read the collections of a group.
    pub fn may_read(self, group: Group) -> bool {
        self.iter().any(|role| role.may_read(group))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |bits, role| bits | role.bit()))
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Role::as_str).collect();
        f.write_str(&names.join(", "))
    }
}
