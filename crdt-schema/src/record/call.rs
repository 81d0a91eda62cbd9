//! Telephone calls. Each declaration is a row of the table of fields *and* a typed struct.

use crate::table::{item, record};
use crate::{Field, Prose, RecordRef, Urgency};
use chrono::{DateTime, Utc};

record! {
    /// A telephone call that a colleague is told of. How far it is follows from what has happened: each happening is a moment
    /// of its own, so that none of them undoes another in a merge.
    Call: Call, version 1, life None;
    fields {
        /// Who called, as that one said it.
        caller: Field<String> [Latest],
        /// The customer or supplier.
        party: Field<RecordRef> [Ask],
        /// The person there.
        contact: Field<RecordRef> [Ask],
        /// The number to call back, as it was given.
        phone: Field<String> [Latest],
        /// What it is about.
        subject: Field<String> [Latest],
        /// How soon.
        urgency: Field<Urgency> [Latest],
        /// The colleague who is to call back.
        for_whom: Field<RecordRef> [Ask],
        /// When the call came.
        taken: Field<DateTime<Utc>> [Latest],
        /// When the one it is for saw it.
        seen: Field<DateTime<Utc>> [Latest],
        /// When somebody called back.
        called_back: Field<DateTime<Utc>> [Latest],
        /// When it was settled.
        closed: Field<DateTime<Utc>> [Latest],
        /// What was said.
        notes: Prose [Text],
    }
    items {
        /// Colleagues who are told too.
        copies: CallCopy,
    }
}

item! {
    /// A colleague who is told of a call too.
    CallCopy {
        /// Who.
        employee: Field<RecordRef> [Latest],
        /// When that one saw it.
        seen: Field<DateTime<Utc>> [Latest],
    }
}
