//! What can be wrong with a statement, a seal or an invitation, in words a person can act on.

use mera_schema::DeviceId;

/// Why something was not believed, or not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The sentences say what the fields are.
pub enum TrustFault {
    #[error("a signature is wrong: what it covers was changed on the way, or was not written by that device")]
    BadSignature,
    #[error("the list of members cannot be read; was it written by a newer program?")]
    ChainUnreadable,
    #[error("the list of members does not continue where it should, at statement {number}")]
    ChainBroken { number: u32 },
    #[error("the list of members belongs to another company")]
    OtherCompany,
    #[error(
        "the list of members exists in two versions from statement {number}: two relays were extended apart from each \
         other; an administrator must choose the relay that the company goes on with"
    )]
    ChainForked { number: u32 },
    #[error(
        "the relay is new to this company or was set back, and {missing} of its devices have not called there since: one of \
         them may know of a change of members that the relay does not; wait until they have synchronised, or go on without \
         them"
    )]
    RollNotAnswered { missing: usize },
    #[error("somebody else changed the members at the same moment; look at the list, then try again")]
    Behind,
    #[error("only an administrator may do this")]
    NotAdministrator,
    #[error("this device is not one of the company's; ask an administrator for an invitation")]
    Stranger,
    #[error("this device was taken out of the company by an administrator")]
    Revoked,
    #[error("there is no such device or person in the company")]
    Unknown,
    #[error("this device is a member already")]
    MemberAlready,
    #[error("nobody would be left who may admit and revoke devices; make another person administrator first")]
    LastAdministrator,
    #[error("entries of device {device} up to {held} are here already; take them in first, then try again")]
    EntriesBeyond { device: DeviceId, held: u64 },
    #[error(
        "what the company's newest checkpoint covers counts for good, and this would call some of it void; synchronise \
         first, then try again"
    )]
    BeforeCheckpoint,
    #[error("this checkpoint does not follow from the members and the checkpoint before it")]
    CheckpointUnfit,
    #[error(
        "the relay does not hold all that this checkpoint covers yet, or not every device that works has called since it was \
         started; it is tried again"
    )]
    CheckpointEarly,
    #[error(
        "while this checkpoint was made, somebody was taken out of the company or was given other roles; begin it once more"
    )]
    CheckpointOvertaken,
    #[error("new keys are not made as they should: {0}")]
    KeysIncomplete(&'static str),
    #[error("what was sealed cannot be opened: it was changed, or belongs to another place")]
    SealBroken,
    #[error(
        "something is sealed with keys of which the list of members here does not know; the newest part of the list has \
         not come yet: synchronise again, and ask an administrator if it stays so"
    )]
    NewerKeys,
    #[error("the keys to open this are not on this device")]
    NoKey,
    #[error("this is no invitation; copy it whole, from MERA to its last sign")]
    NoInvitation,
    #[error("this invitation was made by a newer program; update this one")]
    InvitationNewer,
    #[error("this invitation has expired; ask for a new one")]
    InvitationExpired,
    #[error("the other side does not know this invitation; it was used already, or was copied wrongly")]
    InvitationRefused,
    #[error("this is no file of handed-in work; choose the file that the other device saved")]
    NoParcel,
    #[error("the work in this file belongs to another company")]
    ParcelOfOthers,
    #[error(
        "the file was sealed for the administrators there were then; one of them opens it, or it is saved once more"
    )]
    ParcelNotForMe,
    #[error("this is no recovery code of this company; copy it whole, from MERA to its last sign")]
    NoRecoveryCode,
    #[error("this recovery code was made by a newer program; update this one")]
    RecoveryCodeNewer,
    #[error("this recovery code holds no more: an administrator of the company has replaced it with a newer one")]
    RecoveryCodeReplaced,
}

impl TrustFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadSignature => "sync.bad_signature",
            Self::ChainUnreadable => "membership.unreadable",
            Self::ChainBroken { .. } => "membership.broken",
            Self::OtherCompany => "membership.other_company",
            Self::ChainForked { .. } => "membership.forked",
            Self::RollNotAnswered { .. } => "membership.roll",
            Self::Behind => "membership.behind",
            Self::NotAdministrator => "membership.not_administrator",
            Self::Stranger => "membership.stranger",
            Self::Revoked => "membership.revoked",
            Self::Unknown => "membership.unknown",
            Self::MemberAlready => "membership.member_already",
            Self::LastAdministrator => "membership.last_administrator",
            Self::EntriesBeyond { .. } => "membership.entries_beyond",
            Self::BeforeCheckpoint => "membership.before_checkpoint",
            Self::CheckpointUnfit => "checkpoint.unfit",
            Self::CheckpointEarly => "checkpoint.early",
            Self::CheckpointOvertaken => "checkpoint.overtaken",
            Self::KeysIncomplete(_) => "membership.keys_incomplete",
            Self::SealBroken => "seal.broken",
            Self::NewerKeys => "membership.newer_keys",
            Self::NoKey => "seal.no_key",
            Self::NoInvitation => "invitation.none",
            Self::InvitationNewer => "invitation.newer",
            Self::InvitationExpired => "invitation.expired",
            Self::InvitationRefused => "invitation.refused",
            Self::NoParcel => "judging.none",
            Self::ParcelOfOthers => "judging.other_company",
            Self::ParcelNotForMe => "judging.not_for_you",
            Self::NoRecoveryCode => "recovery.no_code",
            Self::RecoveryCodeNewer => "recovery.newer",
            Self::RecoveryCodeReplaced => "recovery.replaced",
        }
    }
}
