//! What can be asked of a device.

use crate::{AppointmentStep, CalendarOf, CallStep, ExportOf, NewAppointment, NewCall, NewItem, ReportStep, Verb};
use chrono::{DateTime, NaiveDate, Utc};
use mera_schema::{Desk, DeviceId, Edit, FieldPath, Heads, PersonId, RecordKind, RecordRef, Whereabouts};
use serde::{Deserialize, Serialize};

/// One thing asked of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Who and where am I? Refused with `device.none` where no device has been made yet.
    About,
    /// Makes the first device of a new company. Answered like [`Request::About`]; a device that is there already is never
    /// replaced.
    Found {
        /// Who uses it.
        person: String,
        /// What people call it.
        name: String,
        /// The desk it stands on.
        #[serde(default = "sales")]
        desk: Desk,
        /// Starts the numbers it gives out, such as `A1`: one to four capital letters or digits of its own.
        series: String,
        /// The relay's address, `ws://host:port/sync`; it can be set later.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        relay: Option<String>,
        /// Seals the device's key; without it the key goes into the operating system's keyring.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passphrase: Option<String>,
    },
    /// Opens a device that is refused with `device.locked`. Answered like [`Request::About`].
    Unlock {
        /// What its key is sealed with.
        passphrase: String,
    },
    /// Keeps the device's key in another way from now on. Answered like [`Request::About`].
    KeepKey {
        /// Sealed with this passphrase; without it in the operating system's keyring.
        #[serde(default)]
        passphrase: Option<String>,
        /// The passphrase that opens the device now, where one does: whoever finds a device open does not shut its person out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        former: Option<String>,
    },
    /// Makes a device that comes with an invitation: whose it is the invitation says. Answered like [`Request::About`].
    Join {
        /// The invitation, as it was scanned or typed.
        invitation: String,
        /// What people call the device.
        name: String,
        /// The desk it stands on.
        #[serde(default = "sales")]
        desk: Desk,
        /// Starts the numbers it gives out.
        series: String,
        /// Seals its key; without it the key goes into the operating system's keyring.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passphrase: Option<String>,
    },
    /// Makes a device that brings a company back with its recovery code, when the last administrator is gone: its person
    /// becomes administrator. Answered like [`Request::About`].
    Recover {
        /// The recovery code, as it was scanned or typed.
        code: String,
        /// The company's id, for a code that does not say it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        company: Option<String>,
        /// The address of a relay that has the company's records.
        relay: String,
        /// Who uses the device.
        person: String,
        /// What people call it.
        name: String,
        /// The desk it stands on.
        #[serde(default = "sales")]
        desk: Desk,
        /// Starts the numbers it gives out.
        series: String,
        /// Seals its key; without it the key goes into the operating system's keyring.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passphrase: Option<String>,
    },
    /// Who belongs to the company.
    Members,
    /// Invites a device of a person who is there already, or of a new one. Only for administrators.
    Invite {
        /// A person who is there already; without it a new one comes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PersonId>,
        /// What a new person is called.
        #[serde(default)]
        name: String,
        /// What a new person does.
        #[serde(default)]
        roles: Vec<String>,
        /// For how many hours it holds: 1 to 168.
        #[serde(default = "a_day")]
        hours: u32,
    },
    /// Takes back an invitation that nobody has come with.
    Withdraw {
        /// The invitation.
        code: String,
    },
    /// Gives a person other roles. Only for administrators, and only while the relay answers.
    SetRoles {
        /// Who.
        person: PersonId,
        /// What they do from now on.
        roles: Vec<String>,
    },
    /// Takes a device out of the company: it is cut off at once, and everybody else gets new keys. Only for
    /// administrators, and only while the relay answers.
    Revoke {
        /// Which.
        device: DeviceId,
    },
    /// Gives everybody new keys, as a precaution. Only for administrators, and only while the relay answers.
    RotateKeys,
    /// Makes a new recovery code, which is told once in the answer; the one before opens nothing from then on, and everybody
    /// gets new keys. Only for administrators, and only while the relay answers.
    NewRecoveryCode,
    /// Changes members at a relay that is new or was set back without waiting for devices that have not called there since
    /// (`membership.roll`). If one of them knows of a change that the relay has lost, it will not fit in any more. Only for
    /// administrators, and only while the relay answers. Answered like [`Request::Members`].
    GoOnWithoutOthers,
    /// The records of a kind that match a search, a page at a time.
    List {
        /// Which kind.
        kind: RecordKind,
        /// Words that must all occur; empty for all.
        #[serde(default)]
        query: String,
        /// How many rows to pass over.
        #[serde(default)]
        offset: usize,
        /// How many rows at most (the device gives at most 500).
        #[serde(default = "fifty")]
        limit: usize,
    },
    /// Search over every kind at once.
    Find {
        /// Words that must all occur.
        query: String,
    },
    /// One record with everything that belongs on its page.
    Open {
        /// Which.
        record: RecordRef,
        /// Earlier heads, to see it as it was then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Heads>,
    },
    /// Creates a record; the device gives it its identity and number.
    Create {
        /// Which kind.
        kind: RecordKind,
        /// Its first fields, by name, in written form.
        values: Vec<(String, String)>,
    },
    /// Changes fields of a record, at the heads the person saw. Setting a disputed field settles the clash.
    Change {
        /// Which.
        record: RecordRef,
        /// The heads on the screen.
        seen: Heads,
        /// What the person changed, and nothing else.
        edits: Vec<Edit>,
    },
    /// Adds a line, contact or address; the device gives it its identity and place.
    AddItem {
        /// To which record.
        record: RecordRef,
        /// The heads on the screen.
        seen: Heads,
        /// What.
        item: NewItem,
    },
    /// Takes a quote a step further.
    Quote {
        /// Which.
        record: RecordRef,
        /// The heads on the screen.
        seen: Heads,
        /// Which step.
        verb: Verb,
        /// Why, in the person's words.
        #[serde(default)]
        reason: String,
    },
    /// Says that a record is another one of its kind that was made twice: the other stands for both from then on, takes over what
    /// only this one says, and is meant by whatever names this one. Customers, suppliers and contacts.
    Merge {
        /// Which.
        record: RecordRef,
        /// Which it is.
        into: RecordRef,
    },
    /// Says that a record is no other one after all.
    TakeApart {
        /// Which.
        record: RecordRef,
    },
    /// The records of its kind that may be the same: with its number, or its name. Answered like [`Request::List`].
    Duplicates {
        /// Of which.
        record: RecordRef,
    },
    /// What erasing a record for good would take along, and what the law wants kept of it; refused where it may not be erased.
    BeforeErasing {
        /// Which.
        record: RecordRef,
    },
    /// Erases a record for good, on every device and the relay. It cannot be undone, and what comes later of it is not taken
    /// in. Refused where the law wants a document kept that names it; of a contact a copy of name and address is kept then.
    Erase {
        /// Which.
        record: RecordRef,
    },
    /// Every change of a record, newest first.
    History {
        /// Which.
        record: RecordRef,
    },
    /// Every open clash, oldest first.
    Clashes,
    /// What a figure of a quote would be if a clash were settled so.
    Preview {
        /// Which quote.
        record: RecordRef,
        /// Which field.
        path: FieldPath,
        /// The value to try.
        value: String,
    },
    /// Tasks, the most urgent first.
    Tasks {
        /// With those that are done.
        #[serde(default)]
        done: bool,
    },
    /// Quotes by stage and salesperson.
    QuoteStock,
    /// Where every colleague is.
    Presence,
    /// Says which colleague uses this device. Answered like [`Request::Presence`].
    IAm {
        /// Which.
        employee: RecordRef,
    },
    /// Says where a colleague is; the later word stands. Answered like [`Request::Presence`].
    SayPresence {
        /// Who; without it the colleague who uses this device.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        employee: Option<RecordRef>,
        /// Where.
        state: Whereabouts,
        /// When the colleague is expected back, which is not past yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
        /// At which place: one line of 120 letters at most.
        #[serde(default)]
        place: String,
    },
    /// The telephone calls that are not settled.
    Calls,
    /// Takes a call for a colleague. Answered like [`Request::Calls`].
    TakeCall {
        /// What was said.
        call: Box<NewCall>,
    },
    /// Takes a step with a call; one that somebody has taken already changes nothing. Answered like [`Request::Calls`].
    HandleCall {
        /// Which call.
        record: RecordRef,
        /// Which step.
        step: CallStep,
    },
    /// Customers, suppliers and their contacts who may be calling: found by the beginning of a number, however it is written, or by
    /// words of the name. Answered like [`Request::Find`]; the number of a row is the telephone's.
    Callers {
        /// What was typed so far.
        text: String,
    },
    /// The calendar from one day to another, both included: 100 days at most.
    Calendar {
        /// The first day.
        from: NaiveDate,
        /// The last day.
        to: NaiveDate,
    },
    /// What is new to the colleague who uses this device, in appointments and reports; what comes first first.
    News,
    /// Begins the report of a visit by the colleague who uses this device. One that that colleague has begun is gone on with.
    BeginReport {
        /// The visit.
        appointment: RecordRef,
    },
    /// Takes a step with a report; one that was taken already changes nothing.
    Report {
        /// Which.
        record: RecordRef,
        /// Which step.
        step: ReportStep,
    },
    /// Puts an appointment into the calendar of everybody on its list.
    Agree {
        /// What is agreed.
        appointment: Box<NewAppointment>,
    },
    /// Takes a step with an appointment, or with one time of one that comes again; that time has a record of its own from then on,
    /// which the answer names.
    Appointment {
        /// Which.
        record: RecordRef,
        /// Of one that comes again, the day on which the time would begin; without it all times are meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        day: Option<NaiveDate>,
        /// Which step.
        step: AppointmentStep,
    },
    /// A calendar as other programs read it (iCalendar, RFC 5545).
    CalendarFile {
        /// Whose.
        of: CalendarOf,
    },
    /// What names this device's calendars to programs on this machine: see [`crate::CalendarFeed`].
    CalendarFeed,
    /// The state of synchronisation in full.
    SyncStatus,
    /// Speak to the relay now.
    SyncNow,
    /// Pull or plug in the network cable (for demonstrations and tests).
    SetOnline {
        /// Plugged in?
        online: bool,
    },
    /// Gives the device another relay, or none; it calls there at once.
    SetRelay {
        /// The address, `ws://host:port/sync`; without it the device keeps to itself.
        #[serde(default)]
        relay: Option<String>,
    },
    /// The profiles that come with the program, by which sheets are imported.
    ImportProfiles,
    /// Takes records in from sheets of CSV and Excel; [`crate::Notice::Importing`] tells how far it is.
    Import {
        /// Which column is which field.
        profile: crate::ImportProfile,
        /// The files.
        files: Vec<crate::ImportFile>,
        /// Only says what would be taken and what refused.
        #[serde(default)]
        check: bool,
    },
    /// Stops an import that is under way after its next step; what it has taken stays.
    StopImport,
    /// Writes one sealed file with everything that cannot be made again, while people go on working;
    /// [`crate::Notice::Saving`] tells how far it is. Whoever leaves before it is answered leaves no file behind.
    Backup {
        /// A new file on the device's machine; without it one beside what the person downloads.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        /// What it is sealed with.
        passphrase: String,
    },
    /// Writes something into new files that other programs read, while people go on working; [`crate::Notice::Saving`] tells
    /// how far it is. Whoever leaves before it is answered leaves nothing behind.
    Export {
        /// What.
        what: ExportOf,
        /// A new file, or folder for records, on the device's machine; without it one beside what the person downloads.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// Stops a backup or export that is under way after its next step; nothing of it is left.
    StopSaving,
    /// Makes a checkpoint: administrators only. Answered once it stands.
    Checkpoint,
    /// Who did what, when, on which device, newest first, each with what proves it. All of it for administrators and
    /// finance; others ask about a record that they may read.
    Audit {
        /// Which part of it.
        #[serde(default)]
        filter: crate::AuditFilter,
        /// Where the page before ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<crate::AuditPlace>,
        /// How many rows at most (the device gives at most 100).
        #[serde(default = "fifty")]
        limit: usize,
    },
    /// Reads everything from the disk and checks every hash and every signature again, while people go on working;
    /// [`crate::Notice::Auditing`] tells how far it is. For administrators and finance.
    AuditCheck,
    /// Stops a check of signatures that is under way after its next step.
    StopAuditCheck,
    /// The whole trail as text, a part at a time. For administrators and finance.
    AuditExport {
        /// As a sheet or as lines of JSON.
        form: crate::AuditForm,
        /// Where the part before ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<crate::AuditPlace>,
    },
    /// What was set aside because its author had no right, or had been taken out. For the office and administrators.
    Judging,
    /// Writes what an entry that was set aside says, in one's own log; it says whose it was. Answered like
    /// [`Request::Judging`].
    TakeOver {
        /// In whose log it stood, or should have stood.
        device: DeviceId,
        /// Its number there.
        number: u64,
    },
    /// Closes an entry that was set aside without taking it over. Answered like [`Request::Judging`].
    LeaveOut {
        /// In whose log it stood, or should have stood.
        device: DeviceId,
        /// Its number there.
        number: u64,
        /// Why.
        note: String,
    },
    /// What this device wrote that nobody took in, as a file that only the company's administrators can open. A device that
    /// was taken out answers this too.
    HandIn,
    /// Opens a file that another device handed in; what is in it waits to be judged.
    OpenHandedIn {
        /// Its text.
        file: String,
    },
    /// Checks that the views are what a rebuild from nothing would give.
    Doctor,
}

fn sales() -> Desk {
    Desk::Sales
}

fn a_day() -> u32 {
    24
}

fn fifty() -> usize {
    50
}
