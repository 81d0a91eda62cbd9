//! The table of fields: one declaration per kind of record gives its typed struct, its fields' forms
//! and its clash policies. There is no second place where a field's policy could be looked up.

use crate::{ClashPolicy, Form, RecordKind};

/// One field of a record or item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldDef {
    /// Its stable name in documents and in the contract.
    pub name: &'static str,
    /// How it is written.
    pub form: Form,
    /// What happens when two people change it.
    pub policy: ClashPolicy,
    /// The permitted words, when it is a choice.
    pub words: &'static [&'static str],
}

/// A collection of items inside a record: quote lines, contacts, addresses.
#[derive(Debug, Clone, Copy)]
pub struct CollectionDef {
    /// Its stable name.
    pub name: &'static str,
    /// The fields of each item.
    pub fields: &'static [FieldDef],
}

/// A kind of record.
#[derive(Debug, Clone, Copy)]
pub struct RecordDef {
    /// The kind.
    pub kind: RecordKind,
    /// The schema version this program writes.
    pub version: u32,
    /// The field that says whether the record is still open, re-asserted by every edit (see [`crate::Life`]).
    pub life: Option<&'static str>,
    /// Collections, and fields of items, in which somebody writes without saying anew that the record stands.
    pub beside: &'static [&'static str],
    /// Its own fields.
    pub fields: &'static [FieldDef],
    /// Its collections.
    pub collections: &'static [CollectionDef],
}

impl RecordDef {
    /// The fields of a place: of the record itself, or of the items of a collection.
    pub fn fields_at(&self, collection: Option<&str>) -> Option<&'static [FieldDef]> {
        match collection {
            None => Some(self.fields),
            Some(name) => self.collections.iter().find(|c| c.name == name).map(|c| c.fields),
        }
    }

    /// Whether a record of this kind can be another one that was made twice.
    pub fn may_be_another(&self) -> bool {
        self.field(None, SAME_AS).is_some()
    }

    /// One field by place and name.
    pub fn field(&self, collection: Option<&str>, name: &str) -> Option<&'static FieldDef> {
        self.fields_at(collection)?.iter().find(|field| field.name == name)
    }
}

/// The field that says which other record this one is, where somebody found that it is in the records twice.
pub const SAME_AS: &str = "same_as";
/// The field every item has: whether it is still there.
pub const LIFE: &str = "life";
/// The field every item has: its fractional order key.
pub const ORDER: &str = "order";

/// Declares a typed record, its items and its row of the table.
macro_rules! record {
    (
        $(#[$doc:meta])* $name:ident: $kind:ident, version $version:literal, life $life:expr$(, beside [$($beside:literal),*])?;
        fields { $($(#[$fdoc:meta])* $field:ident: $type:ty [$policy:ident],)* }
        items { $($(#[$cdoc:meta])* $collection:ident: $item:ident,)* }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct $name {
            /// Which record it is.
            pub record: $crate::RecordRef,
            $($(#[$fdoc])* pub $field: $type,)*
            $($(#[$cdoc])* pub $collection: std::collections::BTreeMap<$crate::ItemId, $item>,)*
        }

        impl $name {
            /// The row of the table of fields.
            pub const DEF: $crate::RecordDef = $crate::RecordDef {
                kind: $crate::RecordKind::$kind,
                version: $version,
                life: $life,
                beside: &[$($($beside),*)?],
                fields: &[$($crate::table::field_def!($field: $type [$policy])),*],
                collections: &[$($crate::CollectionDef { name: stringify!($collection), fields: $item::FIELDS }),*],
            };

            /// Reads the record from its plain values.
            pub fn read(tree: &$crate::RecordTree) -> Self {
                Self {
                    record: tree.record,
                    $($field: $crate::ReadField::read(&tree.root, stringify!($field), $crate::ClashPolicy::$policy),)*
                    $($collection: tree.items.get(stringify!($collection)).into_iter().flatten()
                        .map(|(id, node)| (*id, $item::read(node))).collect(),)*
                }
            }
        }
    };
}

/// Declares the items of a collection.
macro_rules! item {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty [$policy:ident],)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct $name {
            /// Whether it is still there; a clash here is a removal against an edit.
            pub life: $crate::Field<$crate::Life>,
            /// Its place among the others: a fractional key, compared as text.
            pub order: $crate::Field<String>,
            $($(#[$fdoc])* pub $field: $type,)*
        }

        impl $name {
            /// The fields of each item.
            pub const FIELDS: &'static [$crate::FieldDef] = &[
                $crate::table::field_def!(life: $crate::Field<$crate::Life> [Ask]),
                $crate::table::field_def!(order: $crate::Field<String> [Latest]),
                $($crate::table::field_def!($field: $type [$policy])),*
            ];

            /// Reads the item from its plain values.
            pub fn read(node: &$crate::Node) -> Self {
                Self {
                    life: $crate::ReadField::read(node, "life", $crate::ClashPolicy::Ask),
                    order: $crate::ReadField::read(node, "order", $crate::ClashPolicy::Latest),
                    $($field: $crate::ReadField::read(node, stringify!($field), $crate::ClashPolicy::$policy),)*
                }
            }

            /// Whether it counts: not removed, or somebody says it should stay.
            pub fn is_live(&self) -> bool { self.life.agreed() != Some(&$crate::Life::Removed) }
        }
    };
}

macro_rules! field_def {
    ($field:ident: $type:ty [$policy:ident]) => {
        $crate::FieldDef {
            name: stringify!($field),
            form: <$type as $crate::ReadField>::FORM,
            policy: $crate::ClashPolicy::$policy,
            words: <$type as $crate::ReadField>::WORDS,
        }
    };
}
pub(crate) use {field_def, item, record};
