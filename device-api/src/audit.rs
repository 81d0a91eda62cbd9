//! The audit trail: who did what, when, on which device, and whether that is proved.

use crate::PersonOn;
use chrono::{DateTime, Utc};
use mera_schema::{DeviceId, FieldPath, PersonId, RecordRef};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which rows of the trail are asked for; everything that is left out is not asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AuditFilter {
    /// By this person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// On this device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// About this record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordRef>,
    /// What was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<AuditKind>,
    /// Claimed to be done at this moment or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Claimed to be done before this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// What is done in a company, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// Records are written.
    Changes,
    /// Records are erased for good.
    Erasures,
    /// Devices, roles and keys change.
    Members,
    /// Work that was set aside is taken over or left out.
    Judgements,
    /// Records are repeated whole, so that the entries before may go.
    Checkpoints,
}

/// How far the trail was told: what is not told yet. Where it stands new entries do not move it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AuditPlace {
    /// Statements of the members' chain, up to this one.
    pub statements: u32,
    /// Entries of each device's log, up to this one.
    pub logs: BTreeMap<DeviceId, u64>,
}

/// A part of the trail, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditPage {
    /// What was done.
    pub rows: Vec<AuditRow>,
    /// Where to go on; nothing at the end. A page may be short, or empty, and the trail go on all the same: a device looks
    /// through so many entries at a time and no more.
    pub next: Option<AuditPlace>,
    /// What the links in it are called.
    pub names: BTreeMap<String, String>,
}

/// One thing that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditRow {
    /// On which device; nothing for the recovery code, which is paper.
    pub device: Option<DeviceId>,
    /// Whose device it is.
    pub person: Option<PersonId>,
    /// What person and device are called.
    pub by: PersonOn,
    /// Its number in the device's log, or in the members' chain.
    pub number: u64,
    /// When, by the device's clock. That is what it claims; the order of rows does not rest on it alone.
    pub at: DateTime<Utc>,
    /// Whether the claim cannot be true: it is more than a day ahead of the clock here.
    pub ahead: bool,
    /// Whether it is proved, and whether it counts.
    pub standing: AuditStanding,
    /// What was done.
    pub act: AuditAct,
    /// What it is proved by.
    pub proof: AuditProof,
}

/// Whether something is proved, and whether it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditStanding {
    /// Its author signed exactly this at exactly this place, and had the right to.
    Verified,
    /// It, or the entry before it, is not what its hash says: it was altered after it was signed.
    Altered,
    /// No signature that fits covers it: its author cannot be shown to have written it.
    Unsigned,
    /// Its author had no right to do this; it does not count and is set aside.
    NoRight,
    /// Written after its author was taken out; it does not count and is set aside.
    Revoked,
    /// What it said was erased; that it was said, and by whom, is still proved.
    Erased,
    /// What it says is sealed with keys that this device does not have; by whom it was said is proved.
    Locked,
    /// It cannot be read from the disk.
    Damaged,
}

impl AuditStanding {
    /// Whether somebody must look into it: what stands there is not what was signed.
    pub fn is_broken(self) -> bool {
        matches!(self, Self::Altered | Self::Unsigned | Self::Damaged)
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "did", rename_all = "snake_case")]
pub enum AuditAct {
    /// Records were written.
    Changed {
        /// The first of them (at most 25).
        records: Vec<AuditRecord>,
        /// How many more.
        more: usize,
    },
    /// Records were erased for good.
    Erased {
        /// The first of them (at most 25).
        records: Vec<AuditRecord>,
        /// How many more.
        more: usize,
    },
    /// The company was founded.
    Founded,
    /// A device came in.
    Admitted {
        /// What its person and it are called.
        who: PersonOn,
        /// Which.
        device: DeviceId,
        /// What the person does.
        roles: Vec<String>,
    },
    /// A person does something else from then on.
    RolesSet {
        /// Who.
        person: PersonId,
        /// What they are called.
        name: String,
        /// What they do.
        roles: Vec<String>,
        /// Whether everybody got new keys with it.
        new_keys: bool,
    },
    /// Devices were taken out, and everybody else got new keys.
    Revoked {
        /// Which, and the last entry of each that counts.
        devices: BTreeMap<DeviceId, u64>,
        /// What their people and they are called.
        who: Vec<PersonOn>,
    },
    /// Everybody got new keys as a precaution.
    KeysRenewed {
        /// Of which epoch.
        epoch: u32,
    },
    /// The recovery code made a device administrator.
    Recovered {
        /// What its person and it are called.
        who: PersonOn,
        /// Which.
        device: DeviceId,
    },
    /// A recovery code took the place of the one before, and everybody got new keys.
    RecoveryCodeReplaced {
        /// Of which epoch.
        epoch: u32,
    },
    /// A device goes on under a second identity.
    Branched {
        /// What its person and it are called.
        who: PersonOn,
        /// The new identity.
        device: DeviceId,
    },
    /// Work that was set aside was taken over, or left out.
    Judged {
        /// On which device it was written; nothing where that cannot be read here.
        device: Option<DeviceId>,
        /// What its person and it are called.
        who: PersonOn,
        /// Its number in that device's log.
        number: u64,
        /// Whether it was taken over.
        taken: bool,
        /// Why it was left out.
        note: String,
    },
    /// Records were repeated whole in this log, for a checkpoint.
    Repeated {
        /// How many.
        records: usize,
    },
    /// A checkpoint: who made it vouches for all entries before it, of which devices may let go.
    Checkpoint {
        /// How many records it holds.
        records: u64,
    },
    /// Something that only a newer program understands.
    Unknown {
        /// The number of its kind.
        kind: u8,
    },
}

/// What was done to one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditRecord {
    /// Which; nothing for a kind that only a newer program knows.
    pub record: Option<RecordRef>,
    /// What it is called now; empty when it is not here any more.
    pub title: String,
    /// How much of it can be told.
    pub says: AuditSays,
    /// Whether the record began with it.
    pub created: bool,
    /// What it changed.
    pub fields: Vec<AuditField>,
}

/// How much of a change can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditSays {
    /// All.
    Told,
    /// Nothing any more: it was erased.
    Erased,
    /// Nothing here: the keys are not on this device.
    Locked,
    /// Nothing: it does not open, or the record does not hold it.
    Unreadable,
}

/// A field before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditField {
    /// Which.
    pub path: FieldPath,
    /// What the line, contact or address is called, when it is in one.
    pub part: String,
    /// What stood there, in written form.
    pub before: Option<String>,
    /// What stands there since.
    pub after: Option<String>,
}

/// What a row is proved by; `docs/audit.md` tells how to check it without this program. Bytes are in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditProof {
    /// The public key of who signed it (Ed25519).
    pub key: String,
    /// The hash of what stands before it; zeroes at the beginning.
    pub previous: String,
    /// Its hash.
    pub hash: String,
    /// The signature; nothing where that of a later entry covers this one.
    pub signature: Option<String>,
    /// The number of the entry whose signature covers it, if there is one.
    pub signed_at: Option<u64>,
    /// What a signature of this place is over.
    pub message: String,
    /// What the hash is over.
    pub over: AuditOver,
}

/// What a hash is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum AuditOver {
    /// An entry of a log.
    Entry {
        /// The company.
        company: String,
        /// Milliseconds since 1970, as claimed.
        millis: u64,
        /// What distinguishes moments within one millisecond.
        counter: u32,
        /// What kind of entry.
        kind: u8,
        /// The epoch of the keys that it is sealed with.
        epoch: u32,
        /// Collection and identity of each record.
        subjects: Vec<(u8, String)>,
        /// Hash and length of what it says of each.
        parts: Vec<(String, u64)>,
    },
    /// A statement of the members' chain, as it is encoded.
    Statement {
        /// The encoding.
        bytes: String,
    },
}

/// In what form the trail is carried out of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditForm {
    /// A row for each field, for a spreadsheet.
    Csv,
    /// A JSON object a line, with everything that proves it.
    JsonLines,
}

/// A part of an exported trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditText {
    /// Whole lines; the heading of a sheet stands in the first part.
    pub text: String,
    /// How many things that were done they tell of.
    pub rows: usize,
    /// Where to go on; nothing at the end.
    pub next: Option<AuditPlace>,
}

/// What became of a check of everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditReport {
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// How many entries were read from the disk and checked.
    pub entries: u64,
    /// In how many logs.
    pub logs: usize,
    /// How many statements of the members' chain.
    pub statements: u32,
    /// How many signatures were checked.
    pub signatures: u64,
    /// How many entries and statements are not what was signed, or cannot be read.
    pub broken: u64,
    /// The first of them (at most 100).
    pub rows: Vec<AuditBreach>,
}

/// Something that is not what was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditBreach {
    /// In whose log; nothing for the members' chain.
    pub device: Option<DeviceId>,
    /// What its person and it are called.
    pub by: PersonOn,
    /// Which entry or statement.
    pub number: u64,
    /// What is wrong.
    pub standing: AuditStanding,
}
