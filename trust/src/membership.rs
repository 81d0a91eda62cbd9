//! The company's members, as the chain of statements tells it. Everyone who reads the same chain comes to the same
//! verdict about every entry of every log.

mod checkpoint;
mod draft;
mod extend;

pub use checkpoint::{Base, Checkpoint, Reached};
pub use draft::Intent;

use crate::{
    Card, Collection, Group, LogEnd, PublicKey, Recovery, Right, Role, Roles, SignedStatement, StatementHash,
    TrustFault,
};
use mera_schema::{DeviceId, PersonId, WorkspaceId};
use std::collections::BTreeMap;

/// A device in the company, now or once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its keys and whose it is.
    pub card: Card,
    /// When it came in, in milliseconds since 1970 by the clock of who admitted it.
    pub since: u64,
    /// Where its log ends, when it was revoked.
    pub revoked: Option<LogEnd>,
    /// The device whose second identity it is.
    pub branch_of: Option<DeviceId>,
    /// From which entry on which roles are in force; the first begins at entry 1.
    spans: Vec<(u64, Roles)>,
}

/// What is to be thought of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It counts.
    Counts,
    /// Its author had no right to write in this collection.
    NoRight(Collection),
    /// It was written after its author was revoked.
    Revoked,
    /// Its author is no member.
    Stranger,
}

/// The members after the last statement that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    workspace: WorkspaceId,
    length: u32,
    head: StatementHash,
    recovery: Recovery,
    /// The signing keys of recovery codes that were replaced.
    replaced: Vec<PublicKey>,
    epoch: u32,
    checkpoint: Option<Reached>,
    /// Where the records of every checkpoint stand.
    records: Vec<checkpoint::Records>,
    /// The number of the last statement that called entries void.
    voided: u32,
    people: BTreeMap<PersonId, Roles>,
    devices: BTreeMap<DeviceId, Standing>,
}

impl Membership {
    /// Reads a chain from its first statement on.
    pub fn read<'a>(statements: impl IntoIterator<Item = &'a SignedStatement>) -> Result<Self, TrustFault> {
        let mut statements = statements.into_iter();
        let first = statements.next().ok_or(TrustFault::ChainUnreadable)?;
        statements.try_fold(Self::found(first)?, |mut members, next| {
            members.extend(next)?;
            Ok(members)
        })
    }

    /// The company.
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// How many statements were read.
    pub fn length(&self) -> u32 {
        self.length
    }

    /// The hash of the last one.
    pub fn head(&self) -> StatementHash {
        self.head
    }

    /// The newest epoch of keys.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The newest checkpoint.
    pub fn checkpoint(&self) -> Option<&Reached> {
        self.checkpoint.as_ref()
    }

    /// Every device that is or was a member.
    pub fn devices(&self) -> impl Iterator<Item = (DeviceId, &Standing)> {
        self.devices.iter().map(|(device, standing)| (*device, standing))
    }

    /// One device.
    pub fn device(&self, device: DeviceId) -> Option<&Standing> {
        self.devices.get(&device)
    }

    /// What a person does; nothing for a person who is not known.
    pub fn roles(&self, person: PersonId) -> Roles {
        self.people.get(&person).copied().unwrap_or_default()
    }

    /// What the person of a device does, if the device is a member now.
    pub fn roles_on(&self, device: DeviceId) -> Option<Roles> {
        self.active(device).map(|standing| self.roles(standing.card.person))
    }

    /// Whether a device is a member now; if not, why.
    pub fn admits(&self, device: DeviceId) -> Result<(), TrustFault> {
        match self.devices.get(&device) {
            None => Err(TrustFault::Stranger),
            Some(standing) if standing.revoked.is_some() => Err(TrustFault::Revoked),
            Some(_) => Ok(()),
        }
    }

    /// Whether a device may admit, revoke and give roles.
    pub fn administers(&self, device: DeviceId) -> bool {
        self.roles_on(device).is_some_and(|roles| roles.has(Role::Administrator))
    }

    /// What to think of entry `seq` of a device's log that does this in these collections.
    pub fn verdict(
        &self,
        (device, seq): (DeviceId, u64),
        right: Right,
        collections: impl IntoIterator<Item = Collection>,
    ) -> Verdict {
        let Some(standing) = self.devices.get(&device) else { return Verdict::Stranger };
        if standing.revoked.as_ref().is_some_and(|end| seq > end.last) {
            return Verdict::Revoked;
        }
        let roles = standing.roles_at(seq);
        let forbidden = collections.into_iter().find(|collection| !roles.may(right, *collection));
        forbidden.map_or(Verdict::Counts, Verdict::NoRight)
    }

    /// Who may read a group now, and the key that they are sent its key under.
    pub fn readers(&self, group: Group) -> impl Iterator<Item = (DeviceId, crate::SealingPublic)> {
        let members = self.devices.iter().filter(move |(_, standing)| {
            standing.revoked.is_none() && self.roles(standing.card.person).may_read(group)
        });
        let members = members.map(|(device, standing)| (*device, standing.card.sealing));
        members.chain([(self.recovery.signing.device(), self.recovery.sealing)])
    }

    /// The devices that administer now, and the keys that they are sent something under.
    pub fn administrators(&self) -> impl Iterator<Item = (DeviceId, crate::SealingPublic)> {
        let there = self.devices.iter().filter(|(device, _)| self.administers(**device));
        there.map(|(device, standing)| (*device, standing.card.sealing))
    }

    /// The devices of a person that are members now.
    pub fn devices_of(&self, person: PersonId) -> impl Iterator<Item = DeviceId> {
        self.devices
            .iter()
            .filter(move |(_, standing)| standing.card.person == person && standing.revoked.is_none())
            .map(|(device, _)| *device)
    }

    /// A device and the second identities it took on, and they in turn: those that go when it goes.
    pub fn with_branches(&self, device: DeviceId) -> Vec<DeviceId> {
        let mut family = vec![device];
        let mut at = 0;
        while let Some(parent) = family.get(at).copied() {
            at += 1;
            let branches = self.devices.iter().filter(|(_, standing)| standing.branch_of == Some(parent));
            family.extend(branches.filter(|(_, standing)| standing.revoked.is_none()).map(|(device, _)| *device));
        }
        family
    }

    /// The keys of the recovery code.
    pub fn recovery(&self) -> Recovery {
        self.recovery
    }

    /// Whether a key is that of the recovery code that holds now; if not, why.
    pub fn recovers(&self, key: &PublicKey) -> Result<(), TrustFault> {
        if *key == self.recovery.signing {
            Ok(())
        } else if self.replaced.contains(key) {
            Err(TrustFault::RecoveryCodeReplaced)
        } else {
            Err(TrustFault::NoRecoveryCode)
        }
    }

    fn active(&self, device: DeviceId) -> Option<&Standing> {
        self.devices.get(&device).filter(|standing| standing.revoked.is_none())
    }

    fn signer_is(&self, signer: &PublicKey) -> Option<&Standing> {
        self.active(signer.device())
    }
}

impl Standing {
    fn new(card: Card, since: u64, branch_of: Option<DeviceId>, roles: Roles) -> Self {
        Self { card, since, revoked: None, branch_of, spans: vec![(1, roles)] }
    }

    /// The roles that are in force at an entry.
    pub fn roles_at(&self, seq: u64) -> Roles {
        let span = self.spans.iter().rev().find(|(from, _)| *from <= seq);
        span.map_or_else(Roles::default, |(_, roles)| *roles)
    }
}
