//! Those who work in the company, and what they work with. Each declaration is a row of the table of fields *and* a typed struct.

use crate::table::record;
use crate::{Desk, Field, Prose, RecordRef, Standing, TaskState};
use chrono::{DateTime, NaiveDate, Utc};

record! {
    /// A colleague.
    Employee: Employee, version 1, life None;
    fields {
        /// Full name.
        name: Field<String> [Latest],
        /// Employee number.
        number: Field<String> [Ask],
        /// Position.
        title: Field<String> [Latest],
        /// Phone.
        phone: Field<String> [Latest],
        /// E-mail.
        email: Field<String> [Latest],
        /// Where the person usually works.
        desk: Field<Desk> [Latest],
        /// Whom the person reports to.
        reports_to: Field<RecordRef> [Latest],
        /// Anything worth remembering.
        notes: Prose [Text],
    }
    items {}
}

record! {
    /// Where a colleague is. Its identity is the colleague's, so that there is one for each, whoever says it first.
    Presence: Presence, version 1, life None;
    fields {
        /// Whose it is.
        employee: Field<RecordRef> [Latest],
        /// Where, until when and at which place. The later word stands: it is an answer for the phone and no promise.
        standing: Field<Standing> [Latest],
    }
    items {}
}

record! {
    /// Something somebody must do.
    Task: Task, version 1, life Some("state");
    fields {
        /// What.
        title: Field<String> [Latest],
        /// About which record.
        about: Field<RecordRef> [Latest],
        /// Who.
        owner: Field<RecordRef> [Ask],
        /// When it should be done.
        due: Field<NaiveDate> [Ask],
        /// How far it is.
        state: Field<TaskState> [Ask],
        /// Anything worth remembering.
        notes: Prose [Text],
    }
    items {}
}

record! {
    /// A computer, phone or tablet of the company, and the person who uses it.
    Device: Device, version 1, life None;
    fields {
        /// What people call it.
        name: Field<String> [Latest],
        /// Who uses it.
        person: Field<String> [Latest],
        /// The colleague's own record, once there is one.
        employee: Field<RecordRef> [Latest],
        /// Which desk it stands on.
        desk: Field<Desk> [Latest],
        /// The letters that start the numbers it gives out.
        series: Field<String> [Ask],
        /// When it joined.
        joined: Field<DateTime<Utc>> [Latest],
    }
    items {}
}

record! {
    /// A room, a car or another thing of the company's that only one can have at a time.
    Resource: Resource, version 1, life None;
    fields {
        /// What it is called.
        name: Field<String> [Latest],
        /// Where it is.
        place: Field<String> [Latest],
        /// No longer there.
        discontinued: Field<bool> [Ask],
        /// Anything worth knowing.
        notes: Prose [Text],
    }
    items {}
}
