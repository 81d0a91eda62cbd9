//! What administrators say about who belongs to the company, one signed statement after the other.

use crate::{Checkpoint, DeviceKey, Group, PublicKey, Roles, SealingPublic, Signature, TrustFault, Wrapped};
use mera_schema::{DeviceId, PersonId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// The hash of a statement and, through it, of everything before it.
pub type StatementHash = [u8; 32];

/// What a signature of a statement begins with, so that it can never be taken for a signature of something else.
const PURPOSE: &[u8] = b"MERA membership v1";

/// A device as the company knows it: its two keys and whose it is. Names stand in records, which relays cannot read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its signing key.
    pub device: PublicKey,
    /// The key that others seal to.
    pub sealing: SealingPublic,
    /// Whose it is.
    pub person: PersonId,
}

/// The keys that follow from the recovery code, which the company keeps on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// Its signing key.
    pub signing: PublicKey,
    /// The key that others seal to.
    pub sealing: SealingPublic,
}

/// The key of one group in one epoch, sealed to each who may read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupEpoch {
    /// Which group.
    pub group: Group,
    /// The key of the epoch before, sealed under this one: who can read this epoch can read the earlier ones.
    pub former: Option<Vec<u8>>,
    /// The key, for each who may read.
    pub wraps: Vec<(DeviceId, Wrapped)>,
}

/// New keys for every group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEpoch {
    /// Counts from 1.
    pub epoch: u32,
    /// One for each group.
    pub groups: Vec<GroupEpoch>,
}

/// Where the log of a device ends that was taken out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogEnd {
    /// The last entry that counts; 0 when none does.
    pub last: u64,
    /// Its author's signature of the log up to there. Whoever heard that entry in the midst of a longer run has no other, and
    /// could give the end of the log to nobody. There is none where nothing counts, or where the entries were let go of.
    pub signature: Option<Signature>,
}

/// What a statement says. Kinds can only be added at the end; the order is part of the format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// A company begins, with its first administrator.
    Found {
        /// Randomness, so that two companies are never the same.
        salt: [u8; 16],
        /// The first device; its person has every role.
        card: Card,
        /// Who may bring the company back when its last administrator is lost.
        recovery: Recovery,
        /// The first keys.
        keys: KeyEpoch,
    },
    /// A device comes in.
    Admit {
        /// Which.
        card: Card,
        /// What its person does; a person who has devices keeps the roles they have.
        roles: Roles,
        /// The newest keys of the groups it may read.
        wraps: Vec<(Group, Wrapped)>,
    },
    /// A person does something else from now on.
    SetRoles {
        /// Who.
        person: PersonId,
        /// What.
        roles: Roles,
        /// The last entry of each of the person's devices that is judged by the former roles.
        until: Vec<(DeviceId, u64)>,
        /// The newest keys of groups that the person's devices could not read before.
        wraps: Vec<(Group, DeviceId, Wrapped)>,
        /// New keys, when the person may no longer read a group.
        keys: Option<KeyEpoch>,
    },
    /// Devices go, and the keys they knew with them.
    Revoke {
        /// Which, and where the log of each ends.
        devices: Vec<(DeviceId, LogEnd)>,
        /// New keys.
        keys: KeyEpoch,
    },
    /// New keys as a precaution.
    Rotate {
        /// The keys.
        keys: KeyEpoch,
    },
    /// The recovery code makes a device administrator.
    Recover {
        /// Which.
        card: Card,
        /// New keys.
        keys: KeyEpoch,
    },
    /// A device that stands in two places, copied or restored from a backup, goes on in one of them under another
    /// identity. It goes when the first one goes.
    Branch {
        /// The new identity, of the same person.
        card: Card,
        /// The newest keys of the groups it may read.
        wraps: Vec<(Group, Wrapped)>,
    },
    /// What the logs say up to here stands once more, whole, in the signer's log; replicas may let go of the entries.
    Checkpoint(Checkpoint),
    /// A recovery code takes the place of the one before, which opens nothing from these keys on.
    NewRecovery {
        /// What the company keeps of the new code.
        recovery: Recovery,
        /// New keys.
        keys: KeyEpoch,
    },
}

/// A statement at its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Counts from 1.
    pub number: u32,
    /// The hash of the statement before; zeroes before the first.
    pub previous: StatementHash,
    /// When, in milliseconds since 1970 by the signer's clock.
    pub time: u64,
    /// Who says so.
    pub signer: PublicKey,
    /// What.
    pub act: Act,
}

impl Statement {
    /// The hash that covers it and all before it.
    pub fn hash(&self) -> StatementHash {
        let bytes = postcard::to_allocvec(self).expect("a statement is plain data in memory and always serialises");
        blake3::derive_key("MERA membership statement v1", &bytes)
    }

    /// The company that begins with this statement.
    pub fn workspace(&self) -> WorkspaceId {
        let mut bytes = [0; 16];
        let mut hash = blake3::Hasher::new_derive_key("MERA company identity v1");
        hash.update(&self.hash()).finalize_xof().fill(&mut bytes);
        WorkspaceId::new(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// What its signature is over.
    pub fn message(&self) -> Vec<u8> {
        [PURPOSE, &self.hash()].concat()
    }

    /// Signs it; the key must be the signer's.
    pub fn sign(self, key: &DeviceKey) -> SignedStatement {
        let signature = key.sign(&self.message());
        SignedStatement { statement: self, signature }
    }
}

/// A statement with its signer's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedStatement {
    /// The statement.
    pub statement: Statement,
    /// The signature.
    pub signature: Signature,
}

impl SignedStatement {
    /// Checks that the signer wrote exactly this.
    pub fn verify(&self) -> Result<(), TrustFault> {
        self.statement.signer.verify(&self.statement.message(), &self.signature)
    }

    /// Up to which entry of which log the statement lets stand what was written before it.
    pub fn counts_until(&self) -> Vec<(DeviceId, u64)> {
        match &self.statement.act {
            Act::Revoke { devices, .. } => devices.iter().map(|(device, end)| (*device, end.last)).collect(),
            Act::SetRoles { until, .. } => until.clone(),
            _ => Vec::new(),
        }
    }

    /// Roughly how many bytes it takes on the wire.
    pub fn weight(&self) -> usize {
        postcard::to_allocvec(self).map_or(usize::MAX, |bytes| bytes.len())
    }
}
