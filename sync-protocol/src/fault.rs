//! What can go wrong between replicas, in words a person can act on.

use mera_schema::DeviceId;
use mera_trust::{Collection, TrustFault};

/// The code of [`SyncFault::StandsOnVoid`].
pub const STANDS_ON_VOID: &str = "record.stands_on_void";

/// Why a frame, a run or a session was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The sentences say what the fields are.
pub enum SyncFault {
    #[error("a frame of {bytes} bytes is larger than the {limit} that are allowed; update both programs")]
    FrameTooLarge { bytes: usize, limit: usize },
    #[error("a frame cannot be read; it was cut short, or the other side is not MERA")]
    FrameUnreadable,
    #[error("a frame came at the wrong moment of the conversation")]
    OutOfTurn,
    #[error("the other side speaks version {theirs} of the protocol, this one {ours}; update the older program")]
    OtherVersion { ours: u16, theirs: u16 },
    #[error(transparent)]
    Trust(#[from] TrustFault),
    #[error(
        "entry {seq} of device {device} writes in collection {} without the right to; it was not taken in",
        .collection.kind().map_or("unknown", mera_schema::RecordKind::as_str)
    )]
    NoRight { device: DeviceId, seq: u64, collection: Collection },
    #[error(
        "entry {seq} of device {device} was made on work that counts no more, and that device was taken out of the company \
         before it had made it again; nobody sees what it says"
    )]
    StandsOnVoid { device: DeviceId, seq: u64 },
    #[error("entry {seq} of device {device} is not sealed; update that device's program")]
    Unsealed { device: DeviceId, seq: u64 },
    #[error("the log of device {device} does not continue where it should, at entry {seq}")]
    BrokenChain { device: DeviceId, seq: u64 },
    #[error(
        "the log of device {device} exists in two versions from entry {seq}: the device was copied or restored \
         from a backup"
    )]
    Fork { device: DeviceId, seq: u64 },
    #[error("entries of device {device} are missing between {have} and {got}")]
    Gap { device: DeviceId, have: u64, got: u64 },
    #[error("a run holds {what}, more than allowed")]
    TooMuch { what: &'static str },
    #[error("the relay refused: {says}")]
    Refused { code: String, says: String },
    #[error(
        "the records on device {0} differ from those here although both hold the same changes; those here are what the \
         signed changes say: connect that device, and it mends itself"
    )]
    Diverged(DeviceId),
    #[error("the store failed: {0}")]
    Store(String),
    #[error(
        "this relay does not serve this company; ask whoever runs the relay to admit it, or enter the address of \
         another relay"
    )]
    NotAdmitted,
}

impl SyncFault {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::FrameTooLarge { .. } => "sync.frame_too_large",
            Self::FrameUnreadable => "sync.frame_unreadable",
            Self::OutOfTurn => "sync.out_of_turn",
            Self::OtherVersion { .. } => "sync.other_version",
            Self::Trust(fault) => fault.code(),
            Self::NoRight { .. } => "sync.no_right",
            Self::StandsOnVoid { .. } => STANDS_ON_VOID,
            Self::Unsealed { .. } => "sync.unsealed",
            Self::BrokenChain { .. } => "sync.broken_chain",
            Self::Fork { .. } => "sync.fork",
            Self::Gap { .. } => "sync.gap",
            Self::TooMuch { .. } => "sync.too_much",
            Self::Refused { code, .. } => code,
            Self::Diverged(_) => "sync.diverged",
            Self::Store(_) => "sync.store",
            Self::NotAdmitted => "relay.not_admitted",
        }
    }
}
