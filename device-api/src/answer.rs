//! What a device answers.

use crate::Refused;
use chrono::{DateTime, NaiveDate, Utc};
use mera_schema::{
    AnyRecord, Authorship, Candidate, DeviceId, FieldPath, Form, Heads, ItemId, Money, Percent, RecordKind, RecordRef,
    Stage, WorkspaceId,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Done, and this is the reply.
    Ok(Reply),
    /// Not done, and this is why. Nothing was changed.
    Refused(Refused),
}

/// The reply to a request that was not refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each variant carries the struct that says what it is.
pub enum Reply {
    About(Box<About>),
    Page(Page),
    Record(Box<RecordPage>),
    Done(Done),
    BeforeErasing(BeforeErasing),
    Erased(Erased),
    History(Vec<HistoryRow>),
    Clashes(Vec<ClashRow>),
    Figures(QuoteFigures),
    Tasks(Vec<TaskRow>),
    QuoteStock(Vec<StockRow>),
    Presence(crate::PresenceBoard),
    Calls(crate::CallsPage),
    Calendar(Box<crate::CalendarPage>),
    News(Vec<crate::NewsRow>),
    CalendarFile(crate::CalendarFile),
    CalendarFeed(crate::CalendarFeed),
    SyncStatus(SyncStatus),
    Members(crate::MembersPage),
    Invitation(crate::InvitationRow),
    RecoveryCode(crate::RecoverySheet),
    ImportProfiles(Vec<crate::ProfileRow>),
    Import(crate::ImportReport),
    Audit(crate::AuditPage),
    AuditChecked(crate::AuditReport),
    AuditText(crate::AuditText),
    Judging(crate::JudgingPage),
    HandedIn(crate::HandedIn),
    HandedInOpened { changes: u64 },
    Stopping,
    BackedUp { file: String, entries: u64 },
    Exported { to: String, count: u64 },
    Doctor { records: usize, views_equal: bool, digest: String, complaints: Vec<String> },
}

/// Who and where a device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct About {
    /// The contract it speaks.
    pub contract: u32,
    /// The program's version.
    pub version: String,
    /// The device.
    pub device: DeviceId,
    /// What people call the device.
    pub name: String,
    /// Who uses it.
    pub person: String,
    /// `sales`, `office` or `warehouse`.
    pub desk: String,
    /// The company.
    pub workspace: WorkspaceId,
    /// How many records it holds.
    pub records: usize,
    /// Today at this device, for forms.
    pub today: NaiveDate,
    /// The time zone in which the device is, as the IANA database names it.
    pub zone: String,
    /// What the person does in the company.
    pub roles: Vec<String>,
    /// The kinds of record that these roles let the person write.
    pub may_write: Vec<RecordKind>,
    /// The kinds of record that these roles let the person read; of the others the device holds nothing that it could
    /// open.
    pub may_read: Vec<RecordKind>,
    /// The kinds of record that these roles let the person erase for good.
    pub may_erase: Vec<RecordKind>,
    /// The recovery code of a company that was just founded. It is told once: whoever has it and the address of a relay can
    /// bring the company back when its last administrator is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_code: Option<String>,
    /// Where the device's key is kept: `keyring`, `passphrase`, `key_file`, or `in_folder`, which is in plain.
    pub key: String,
    /// The day on which the last backup of this device was taken. Nothing where there has been none since it was made,
    /// restored, or had to build its store anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_backup: Option<NaiveDate>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Page {
    /// How many match in all.
    pub total: usize,
    /// The rows asked for.
    pub rows: Vec<Row>,
}

/// A record in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Row {
    /// Which.
    pub record: RecordRef,
    /// Number for people, if it has one.
    pub number: String,
    /// What it is called.
    pub title: String,
    /// One more line: city, group, customer.
    pub detail: String,
    /// How far it is, as a stable word that screens translate: a quote's stage.
    pub state: String,
    /// A figure worth showing: price, total.
    pub amount: Option<Money>,
    /// How many of its fields are disputed.
    pub clashes: usize,
}

/// Who stands behind a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonOn {
    /// The person.
    pub person: String,
    /// The device.
    pub device: String,
}

/// Everything that belongs on a record's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordPage {
    /// The record.
    pub record: AnyRecord,
    /// The heads it was read at: send them with an edit.
    pub heads: Heads,
    /// Whether it is an earlier state, which cannot be edited.
    pub earlier: bool,
    /// Whether a newer program wrote it, so that this one only shows it.
    pub newer: bool,
    /// Whether the person's roles let them write this kind of record.
    pub may_write: bool,
    /// Figures, when it is a quote.
    pub figures: Option<QuoteFigures>,
    /// What the links in it are called.
    pub names: BTreeMap<String, String>,
    /// The people behind the devices named in it.
    pub people: BTreeMap<String, PersonOn>,
    /// The records that point here: a customer's quotes and orders.
    pub linked: Vec<Row>,
    /// The record that stands for this one, where it is in the records twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<crate::Named>,
    /// The records for which this one stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub same: Vec<Row>,
    /// Its open clashes.
    pub clashes: Vec<ClashRow>,
    /// Where it is safe.
    pub sync: SyncState,
}

impl RecordPage {
    /// Whether it can only be looked at: it is an earlier state, a newer program wrote it, or the person may not write it.
    pub fn locked(&self) -> bool {
        self.earlier || self.newer || !self.may_write
    }
}

/// The figures of a quote, computed by the house's rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuoteFigures {
    /// By line.
    pub lines: BTreeMap<ItemId, LineFigures>,
    /// The sum of the lines.
    pub sum: Money,
    /// The quote's own discount, as a positive amount.
    pub discount: Money,
    /// After discount, before VAT.
    pub net: Money,
    /// VAT by rate.
    pub vat: Vec<VatRow>,
    /// What the customer pays.
    pub total: Money,
    /// Whether a disputed value went into it.
    pub provisional: bool,
}

/// The figures of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LineFigures {
    /// After the line's discount, before VAT.
    pub net: Money,
}

/// VAT at one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VatRow {
    /// The rate.
    pub rate: Percent,
    /// Of what.
    pub base: Money,
    /// How much, rounded on the sum.
    pub vat: Money,
}

/// An open clash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClashRow {
    /// In which record.
    pub record: RecordRef,
    /// What the record is called.
    pub title: String,
    /// In which field.
    pub path: FieldPath,
    /// What the part is called, when the field is in a line.
    pub part: String,
    /// How the field is written.
    pub form: Form,
    /// The values to choose between, in written form.
    pub candidates: Vec<Candidate<String>>,
    /// The people behind the candidates' devices.
    pub people: BTreeMap<String, PersonOn>,
    /// The heads it was read at: send them with the choice.
    pub heads: Heads,
}

/// A record was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Done {
    /// Which; nothing for requests that write none.
    pub record: Option<RecordRef>,
    /// Its heads now.
    pub heads: Heads,
    /// The item that was added, if any.
    pub item: Option<ItemId>,
}

/// Records were erased for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Erased {
    /// Which; the one that was asked for first.
    pub records: Vec<RecordRef>,
    /// What is kept of it for documents that need it, if any do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
}

/// What is kept of a record that was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Kept {
    /// Where it stands.
    pub record: RecordRef,
    /// The last day on which the law needs it. It is erased by itself afterwards.
    pub until: NaiveDate,
}

/// What erasing a record would mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BeforeErasing {
    /// What goes with it: tasks about it.
    pub with_it: Vec<Row>,
    /// The documents that need a copy of its name and address.
    pub kept_for: Vec<Row>,
    /// Until when that copy is kept, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// One change in a record's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HistoryRow {
    /// Who and when.
    pub by: Authorship,
    /// The person behind the device.
    pub person: PersonOn,
    /// The state right after it; send it as `at` to see it.
    pub heads: Heads,
    /// Field, before, after.
    pub fields: Vec<(FieldPath, Option<String>, Option<String>)>,
}

/// A task in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskRow {
    /// Which.
    pub record: RecordRef,
    /// What.
    pub title: String,
    /// When.
    pub due: Option<NaiveDate>,
    /// Whether it is done.
    pub done: bool,
    /// About which record.
    pub about: Option<RecordRef>,
}

/// Quotes of one salesperson at one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StockRow {
    /// The stage; nothing while it is disputed.
    pub stage: Option<Stage>,
    /// The salesperson's name.
    pub salesperson: String,
    /// How many quotes.
    pub count: usize,
    /// Their net sum, one figure for each currency.
    pub net: Vec<Money>,
}

/// Where a record is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// Only here; waits for the relay.
    Here,
    /// At the relay.
    AtRelay,
    /// At the relay and on so many other devices.
    OnDevices(u32),
}

/// The state of synchronisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncStatus {
    /// Whether the cable is plugged in.
    pub online: bool,
    /// Whether the relay answers right now.
    pub connected: bool,
    /// The relay's address, if one is set.
    pub relay: Option<String>,
    /// When the relay last answered.
    pub last_spoke: Option<DateTime<Utc>>,
    /// What waits, oldest first.
    pub waiting: Vec<Waiting>,
    /// How many changes wait.
    pub waiting_changes: u64,
    /// How many clashes are open.
    pub clashes: usize,
    /// What went wrong last, in a sentence with a stable code.
    pub trouble: Option<Refused>,
    /// Colleagues' devices on this network with which this one was in step; nothing where none are looked for.
    pub nearby: Option<Vec<NearbyRow>>,
    /// The digest over all records: equal on devices that hold the same.
    pub digest: String,
    /// How far the records of a checkpoint have come, while a device that was new or long away takes them.
    pub loading: Option<Loading>,
    /// The company's newest checkpoint.
    pub checkpoint: Option<Box<CheckpointRow>>,
}

/// Records on their way to a device; those that are here can be worked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Loading {
    /// So many have come.
    pub records: u64,
    /// Of so many.
    pub of: u64,
}

/// A checkpoint: every record whole, in the place of the entries before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckpointRow {
    /// When it was made, by the clock of the device that made it.
    pub when: DateTime<Utc>,
    /// Who vouches for it.
    pub by: PersonOn,
    /// How many records it holds.
    pub records: u64,
    /// How many entries it covers.
    pub covers: u64,
}

/// A colleague's device on the same network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NearbyRow {
    /// Which.
    pub device: DeviceId,
    /// Whose.
    pub person: String,
    /// What it is called.
    pub name: String,
    /// When each of the two last had what the other has.
    pub met: DateTime<Utc>,
}

/// A record that waits for the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Waiting {
    /// Which.
    pub record: RecordRef,
    /// What it is called.
    pub title: String,
    /// Since when.
    pub since: DateTime<Utc>,
}
