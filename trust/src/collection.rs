//! Collections by number, and the groups in which they are sealed.

use mera_schema::RecordKind;
use serde::{Deserialize, Serialize};

/// A collection by number, so that programs carry along collections that they do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Collection(pub u8);

impl Collection {
    /// The collection of a kind of record. The numbers are part of the format.
    pub const fn of(kind: RecordKind) -> Self {
        Self(match kind {
            RecordKind::Customer => 1,
            RecordKind::Product => 2,
            RecordKind::Supplier => 3,
            RecordKind::Employee => 4,
            RecordKind::Quote => 5,
            RecordKind::Order => 6,
            RecordKind::Task => 7,
            RecordKind::Device => 8,
            RecordKind::Contact => 9,
            RecordKind::Addressee => 10,
            RecordKind::Presence => 11,
            RecordKind::Call => 12,
            RecordKind::Appointment => 13,
            RecordKind::Report => 14,
            RecordKind::Resource => 15,
        })
    }

    /// The kind of record, if this program knows it.
    pub fn kind(self) -> Option<RecordKind> {
        RecordKind::ALL.iter().copied().find(|kind| Self::of(*kind) == self)
    }

    /// The group under whose key its contents are sealed.
    pub fn group(self) -> Group {
        match self.kind() {
            Some(RecordKind::Quote | RecordKind::Addressee) => Group::SALES,
            // A newer program may seal a collection that this one does not know elsewhere; then this one only carries it.
            _ => Group::HOUSE,
        }
    }
}

/// Collections that are sealed together: whoever may read one of them may read all. The numbers are part of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Group(pub u8);

impl Group {
    /// What everybody in the house works with: customers, products, suppliers, orders, tasks, colleagues.
    pub const HOUSE: Self = Self(1);
    /// Prices under negotiation and margins: quotes, and whom they were sent to.
    pub const SALES: Self = Self(2);
    /// The ledger and what belongs to it.
    pub const BOOKS: Self = Self(3);
    /// Every group that this program makes keys for.
    pub const ALL: [Self; 3] = [Self::HOUSE, Self::SALES, Self::BOOKS];
}
