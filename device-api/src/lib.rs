//! The contract between screens and a device: what can be asked, what is answered, what is announced, and
//! how something is refused. The same JSON travels over Tauri IPC and over HTTP + WebSocket on loopback.
//!
//! A screen sends one [`Request`] and gets one [`Answer`]. When something changed, the device announces a
//! [`Notice`] and the screen asks again. There are no business rules here.

mod answer;
mod appointment;
mod audit;
mod call;
mod carried;
mod import;
mod judging;
mod members;
mod news;
mod presence;
mod refused;
mod request;

pub use answer::{
    About, Answer, BeforeErasing, CheckpointRow, ClashRow, Done, Erased, HistoryRow, Kept, LineFigures, Loading,
    NearbyRow, Page, PersonOn, QuoteFigures, RecordPage, Reply, Row, StockRow, SyncState, SyncStatus, TaskRow, VatRow,
    Waiting,
};
pub use appointment::{
    AppointmentStep, CalendarEntry, CalendarFeed, CalendarFile, CalendarOf, CalendarPage, CalendarPerson,
    NewAppointment,
};
pub use audit::{
    AuditAct, AuditBreach, AuditField, AuditFilter, AuditForm, AuditKind, AuditOver, AuditPage, AuditPlace, AuditProof,
    AuditRecord, AuditReport, AuditRow, AuditSays, AuditStanding, AuditText,
};
pub use call::{CallRow, CallStep, CallsPage, Named, NewCall};
pub use carried::{ExportOf, NewItem, Verb};
pub use import::{ImportFile, ImportProfile, ImportReport, ProfileRow, RefusedRow};
pub use judging::{HandedIn, JudgedRow, JudgingPage, JudgingRow};
pub use members::{InvitationRow, MemberDevice, MemberRow, MembersPage, RecoverySheet, RoleRow};
pub use news::{NewsRow, ReportStep};
pub use presence::{PresenceBoard, PresenceRow, PresenceSaid};
pub use refused::Refused;
pub use request::Request;

use serde::{Deserialize, Serialize};

/// The version of this contract; a screen and a device of different versions say so at once.
pub const CONTRACT_VERSION: u32 = 4;

/// Something changed; a screen that shows it asks again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// These records changed, by whomever.
    Changed {
        /// Which; empty means "more than are worth listing".
        records: Vec<mera_schema::RecordRef>,
    },
    /// The state of synchronisation changed.
    Sync,
    /// The company's members changed, or somebody came with an invitation.
    Members,
    /// An import went a step further.
    Importing {
        /// So many records are written, or were refused or as before.
        done: usize,
        /// Of so many.
        of: usize,
    },
    /// A backup or export went a step further.
    Saving {
        /// So many entries or records are written.
        done: u64,
        /// Of so many.
        of: u64,
    },
    /// A check of every signature went a step further.
    Auditing {
        /// So many entries are checked.
        done: u64,
        /// Of so many.
        of: u64,
    },
}
