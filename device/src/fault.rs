//! Why a device could not be opened or could not do its work.

use crate::founding::FoundingFault;
use crate::outbox::OutboxFault;
use crate::vault::VaultFault;
use mera_device_api::Refused;
use mera_disk::{DiskFault, is_read_only};
use mera_schema::RecordKind;
use mera_sync_protocol::SyncFault;
use mera_trust::TrustFault;
use std::io;
use std::path::{Path, PathBuf};

/// What a person is told when a device fails. Nothing that was called saved is lost.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // The sentences say what the fields are.
pub enum DeviceFault {
    #[error("there is no device in {0}; make one with `mera device init`")]
    NoDevice(PathBuf),
    #[error(transparent)]
    Founding(#[from] FoundingFault),
    #[error(transparent)]
    Vault(#[from] VaultFault),
    #[error("there is a device in {0} already; choose another folder, or go on with that one")]
    DeviceExists(PathBuf),
    #[error("the device in {0} is in use by another program; close that one first")]
    InUse(PathBuf),
    #[error("{path} cannot be read as a device's identity: {says}; restore it from a backup")]
    IdentityUnreadable { path: PathBuf, says: String },
    #[error("there are records in {0}, but the file device.json, which says whose, is gone; restore it from a backup")]
    NoIdentity(PathBuf),
    #[error("the records in {0} belong to another company or another device; each needs a folder of its own")]
    OtherOwner(PathBuf),
    #[error(
        "the records in {0} were sealed with another key than this device's; restore the folder from one backup, as a \
         whole"
    )]
    OtherKey(PathBuf),
    #[error(
        "the disk of this device can only be read ({0}): nothing new can be saved, and everything that was saved is there; \
         make the disk writable, then start the program again"
    )]
    ReadOnly(io::Error),
    #[error("{path}: {cause}")]
    Folder { path: PathBuf, cause: io::Error },
    #[error("the list of the company's members {path} cannot be read: {says}; restore the device from a backup")]
    MembersUnreadable { path: PathBuf, says: String },
    #[error("changing the members takes the relay's word; connect this device, then try again")]
    MembersOffline,
    #[error("the relay did not answer in time; look at the list of members whether it was done, then try again")]
    MembersLate,
    #[error(
        "the relay did not answer in time, so it is not known whether the recovery code that you have still holds; make a new \
         one once the device is connected, and keep that"
    )]
    NewCodeLate,
    #[error("your roles do not let you change this kind of record; ask an administrator of your company")]
    NoRight(RecordKind),
    #[error("your roles do not let you erase this kind of record; ask the office or an administrator of your company")]
    NoRightToErase(RecordKind),
    #[error("the operating system gave no randomness: {0}")]
    NoRandomness(String),
    #[error(transparent)]
    Outbox(#[from] OutboxFault),
    #[error(
        "the device's records are damaged on this disk ({0}); start the program again: they are put aside then, and built \
         anew from the outbox and the relay"
    )]
    Damaged(DiskFault),
    #[error(
        "the device's records cannot be reached: {0}; what you saved is in the outbox; free some space and start again"
    )]
    Disk(DiskFault),
    #[error(
        "this change is saved, but the records cannot be written: {0}; free some space and start the program again: the \
         change will be there, do not enter it twice"
    )]
    SavedNotShown(String),
    #[error("an earlier write failed; start the program again: what you saved is in the outbox and will be there")]
    MustRestart,
    #[error(
        "the records of this device were lost and are fetched again; connect it to the relay, then go on: what you saved \
         will be there"
    )]
    Recovering,
    #[error(
        "the record {0} is damaged on this disk; start the program again: the damaged records are put aside then, and built \
         anew from the outbox and the relay"
    )]
    RecordDamaged(String),
    #[error(
        "the roles of this device's person were changed, and the device was interrupted while it followed: the record {0} is \
         sealed with a key that is no more here; the device follows by itself within a minute, or when the program is started \
         again; look then"
    )]
    KeyMissing(String),
    #[error(
        "a checkpoint would lose something that this device cannot read; update this program, or make the checkpoint on a \
         device with a newer one"
    )]
    CheckpointNewer,
    #[error("the relay has not said yet whether the checkpoint stands; it is tried again as long as this device runs")]
    CheckpointLate,
    #[error("this device goes on under a second identity and calls the relay again")]
    CallsAnew,
    #[error("the changes that this device and the relay hold of it are one version; the device calls again")]
    OneVersion,
    #[error("one change of {bytes} bytes is more than an entry takes; do it in smaller steps")]
    TooLarge { bytes: usize },
    #[error(transparent)]
    Trust(#[from] TrustFault),
    #[error(transparent)]
    Sync(#[from] SyncFault),
}

impl DeviceFault {
    /// The codes of faults that tell of damage.
    pub(crate) const DAMAGE: [&str; 2] = ["device.disk_damaged", "device.record_damaged"];

    /// Whether what is on the disk is wrong. The device puts such a store aside when it opens again.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::RecordDamaged(_))
    }

    /// Something in the device's folder could not be written or read.
    pub(crate) fn folder(path: &Path, cause: io::Error) -> Self {
        if is_read_only(&cause) { Self::ReadOnly(cause) } else { Self::Folder { path: path.to_owned(), cause } }
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::NoDevice(_) => "device.none",
            Self::Founding(fault) => fault.code(),
            Self::Vault(fault) => fault.code(),
            Self::DeviceExists(_) => "device.exists",
            Self::InUse(_) => "device.in_use",
            Self::IdentityUnreadable { .. } => "device.identity_unreadable",
            Self::NoIdentity(_) => "device.no_identity",
            Self::OtherOwner(_) => "device.other_owner",
            Self::OtherKey(_) => "device.other_key",
            Self::ReadOnly(_) => "device.read_only",
            Self::Folder { .. } => "device.folder",
            Self::MembersUnreadable { .. } => "device.members_unreadable",
            Self::MembersOffline => "membership.offline",
            Self::MembersLate => "membership.late",
            Self::NewCodeLate => "recovery.new_late",
            Self::NoRight(_) => "right.none",
            Self::NoRightToErase(_) => "right.erase",
            Self::Trust(fault) => fault.code(),
            Self::NoRandomness(_) => "device.no_randomness",
            Self::Outbox(fault) => fault.code(),
            Self::Damaged(_) => "device.disk_damaged",
            Self::Disk(_) => "device.disk_closed",
            Self::SavedNotShown(_) => "device.saved_not_shown",
            Self::MustRestart => "device.must_restart",
            Self::Recovering => "device.recovering",
            Self::RecordDamaged(_) => "device.record_damaged",
            Self::KeyMissing(_) => "device.key_missing",
            Self::CheckpointNewer => "checkpoint.newer",
            Self::CheckpointLate => "checkpoint.late",
            Self::CallsAnew => "device.calls_anew",
            Self::OneVersion => "device.one_version",
            Self::TooLarge { .. } => "device.too_large",
            Self::Sync(fault) => fault.code(),
        }
    }
}

impl From<DiskFault> for DeviceFault {
    fn from(fault: DiskFault) -> Self {
        match fault {
            DiskFault::ReadOnly(cause) => Self::ReadOnly(cause),
            fault if fault.is_damage() => Self::Damaged(fault),
            fault => Self::Disk(fault),
        }
    }
}

impl From<DeviceFault> for Refused {
    fn from(fault: DeviceFault) -> Self {
        Self::from(&fault)
    }
}

impl From<&DeviceFault> for Refused {
    fn from(fault: &DeviceFault) -> Self {
        let mut refused = Refused::new(fault.code(), fault.to_string());
        match fault {
            DeviceFault::Founding(founding) => refused.field = Some(founding.field().into()),
            DeviceFault::Vault(fault) => {
                refused.field = fault.field().map(str::to_owned);
                if let Some(path) = fault.path() {
                    refused.args.insert("folder".into(), path.display().to_string());
                }
            }
            DeviceFault::NoDevice(folder)
            | DeviceFault::DeviceExists(folder)
            | DeviceFault::InUse(folder)
            | DeviceFault::NoIdentity(folder)
            | DeviceFault::OtherOwner(folder)
            | DeviceFault::OtherKey(folder)
            | DeviceFault::IdentityUnreadable { path: folder, .. } => {
                refused.args.insert("folder".into(), folder.display().to_string());
            }
            DeviceFault::NoRight(kind) | DeviceFault::NoRightToErase(kind) => {
                refused.args.insert("kind".into(), kind.as_str().into());
            }
            DeviceFault::Folder { path, cause } => {
                refused.args.insert("folder".into(), path.display().to_string());
                refused.args.insert("cause".into(), cause.to_string());
            }
            _ => {}
        }
        refused
    }
}

impl From<DeviceFault> for SyncFault {
    fn from(fault: DeviceFault) -> Self {
        match fault {
            DeviceFault::Sync(fault) => fault,
            DeviceFault::Trust(fault) => fault.into(),
            other => Self::Store(other.to_string()),
        }
    }
}
