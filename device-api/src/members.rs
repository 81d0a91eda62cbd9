//! Who belongs to the company, and who is invited.

use chrono::{DateTime, Utc};
use mera_schema::{DeviceId, PersonId, RecordKind, WorkspaceId};
use serde::{Deserialize, Serialize};

/// The company's members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MembersPage {
    /// Whether this device may admit, revoke and give roles.
    pub administrator: bool,
    /// Whose this device is.
    pub me: PersonId,
    /// The people, with those who are gone.
    pub people: Vec<MemberRow>,
    /// Invitations of this device that nobody has come with.
    pub invitations: Vec<InvitationRow>,
    /// Every role that can be given, and what it allows.
    pub roles: Vec<RoleRow>,
    /// How many statements the members' chain has: equal on devices that have read the same.
    pub statements: u32,
    /// The newest epoch of keys.
    pub epoch: u32,
}

/// A role, and what it allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoleRow {
    /// Its stable name: `sales`, `office`, `warehouse`, `finance`, `administrator`.
    pub role: String,
    /// The kinds of record that it lets a person write.
    pub may_write: Vec<RecordKind>,
    /// The kinds of record that it lets a person read.
    pub may_read: Vec<RecordKind>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberRow {
    /// Who.
    pub person: PersonId,
    /// What they are called; empty until a device of theirs has told.
    pub name: String,
    /// What they do: `sales`, `office`, `warehouse`, `finance`, `administrator`.
    pub roles: Vec<String>,
    /// Their devices.
    pub devices: Vec<MemberDevice>,
}

/// A device of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberDevice {
    /// Which.
    pub device: DeviceId,
    /// What it is called.
    pub name: String,
    /// When it came in.
    pub since: DateTime<Utc>,
    /// Whether it is out.
    pub revoked: bool,
    /// Whether it is this one.
    pub this: bool,
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvitationRow {
    /// Who is invited.
    pub name: String,
    /// What they will do.
    pub roles: Vec<String>,
    /// What the new device scans or its person types: a secret that brings one device in.
    pub code: String,
    /// Until when it holds.
    pub expires: DateTime<Utc>,
}

/// What a company keeps on paper: by it a new device brings the company back when its last administrator is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecoverySheet {
    /// The recovery code: a secret, told once.
    pub code: String,
    /// The company, which the code names too.
    pub company: WorkspaceId,
    /// The relay that has the company's records, if there is one.
    pub relay: Option<String>,
}
