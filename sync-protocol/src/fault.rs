//! What can go wrong between replicas, in words a person can act on.

use mera_schema::DeviceId;

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
    #[error("this belongs to another company")]
    OtherCompany,
    #[error("a signature is wrong: what it covers was changed on the way, or was not written by that device")]
    BadSignature,
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
    #[error("the records on device {0} differ from those here although both hold the same changes; run the doctor")]
    Diverged(DeviceId),
    #[error("the store failed: {0}")]
    Store(String),
}

impl SyncFault {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::FrameTooLarge { .. } => "sync.frame_too_large",
            Self::FrameUnreadable => "sync.frame_unreadable",
            Self::OutOfTurn => "sync.out_of_turn",
            Self::OtherVersion { .. } => "sync.other_version",
            Self::OtherCompany => "sync.other_company",
            Self::BadSignature => "sync.bad_signature",
            Self::BrokenChain { .. } => "sync.broken_chain",
            Self::Fork { .. } => "sync.fork",
            Self::Gap { .. } => "sync.gap",
            Self::TooMuch { .. } => "sync.too_much",
            Self::Refused { code, .. } => code,
            Self::Diverged(_) => "sync.diverged",
            Self::Store(_) => "sync.store",
        }
    }
}
