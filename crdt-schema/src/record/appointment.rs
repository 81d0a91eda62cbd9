//! What is agreed for a time, and what was brought home from it. Each declaration is a row of the table of fields *and* a typed struct.

use crate::table::{item, record};
use crate::{AppointmentSort, AppointmentState, Field, Members, Part, Prose, RecordRef, Span};
use chrono::{DateTime, NaiveDate, Utc};

record! {
    /// Something that is agreed for a time. That it takes place is said again by whoever changes it, and not by whoever has only
    /// read it or says something beside it.
    Appointment: Appointment, version 1, life Some("state"), beside ["comments", "knows"];
    fields {
        /// What it is about.
        subject: Field<String> [Latest],
        /// What it is.
        sort: Field<AppointmentSort> [Latest],
        /// From when until when; of one that comes again, the first time.
        when: Field<Span> [Ask],
        /// When it comes again: a recurrence rule (RFC 5545, 3.3.10) without `DTSTART`, whose `UNTIL` is a day.
        repeats: Field<String> [Ask],
        /// Where. People go there, so they are asked.
        place: Field<String> [Ask],
        /// Whether it holds.
        state: Field<AppointmentState> [Ask],
        /// Whose it is.
        organizer: Field<RecordRef> [Ask],
        /// The customer or supplier.
        party: Field<RecordRef> [Ask],
        /// What it came of: a call, a quote, an order.
        about: Field<RecordRef> [Latest],
        /// Of one time of an appointment that comes again, which is not as the others: that appointment. The identity of such a
        /// record follows from the two, so that whoever moves one time moves the same record.
        one_of: Field<RecordRef> [Latest],
        /// Of such a one, the day on which it would begin.
        day: Field<NaiveDate> [Latest],
        /// What it is for.
        purpose: Prose [Text],
    }
    items {
        /// Colleagues, those who are there and those who are told.
        people: Attendee,
        /// People of the customer or supplier.
        guests: Guest,
        /// What colleagues say of it.
        comments: Comment,
    }
}

item! {
    /// A colleague on an appointment's list.
    Attendee {
        /// Who: a colleague, or a thing of the company's.
        who: Field<RecordRef> [Latest],
        /// To be there, or to be told.
        part: Field<Part> [Latest],
        /// What that one knows of it: the number of comments, and a digest of when and where it is. What differs is news. No
        /// clock says what somebody has read, since clocks differ.
        knows: Field<String> [Latest],
    }
}

item! {
    /// Somebody of the customer or supplier who is there.
    Guest {
        /// Who.
        contact: Field<RecordRef> [Latest],
    }
}

item! {
    /// What a colleague says of an appointment.
    Comment {
        /// Who.
        by: Field<RecordRef> [Latest],
        /// What.
        text: Field<String> [Latest],
        /// When, by that one's clock.
        written: Field<DateTime<Utc>> [Latest],
    }
}

record! {
    /// What somebody brought home from a visit. Each who was there writes one of their own; tasks are about it.
    Report: Report, version 1, life None;
    fields {
        /// What it is about.
        subject: Field<String> [Latest],
        /// The visit.
        appointment: Field<RecordRef> [Latest],
        /// Who wrote it.
        author: Field<RecordRef> [Latest],
        /// The customer or supplier.
        party: Field<RecordRef> [Ask],
        /// When its author was done with it, and those concerned were told.
        filed: Field<DateTime<Utc>> [Latest],
        /// What the customer is interested in; it becomes an area of interest of the customer.
        interests: Members [Union],
        /// Who was there.
        present: Prose [Text],
        /// What the customer needs.
        needs: Prose [Text],
        /// Who else offers it.
        competitors: Prose [Text],
        /// What was decided.
        decisions: Prose [Text],
    }
    items {
        /// Colleagues who get a copy.
        copies: ReportCopy,
    }
}

item! {
    /// A colleague who gets a copy of a report.
    ReportCopy {
        /// Who.
        employee: Field<RecordRef> [Latest],
        /// When that one read it.
        seen: Field<DateTime<Utc>> [Latest],
    }
}
