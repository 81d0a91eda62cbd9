//! Statements as an administrator's device writes them.

use super::{Membership, Standing};
use crate::{
    Act, Card, Checkpoint, DeviceKey, Entropy, Group, GroupKeys, LogEnd, Recovery, Roles, SealingPublic,
    SignedStatement, Statement, TrustFault,
};
use mera_schema::{DeviceId, PersonId};

/// What somebody wants to be said. It is written anew when somebody else said something in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// A device comes in; a person who is there already keeps their roles.
    Admit {
        /// Which.
        card: Card,
        /// What its person does.
        roles: Roles,
    },
    /// A person does something else from now on.
    SetRoles {
        /// Who.
        person: PersonId,
        /// What.
        roles: Roles,
    },
    /// A device goes, with the second identities that it took on.
    Revoke {
        /// Which.
        device: DeviceId,
    },
    /// New keys as a precaution.
    Rotate,
    /// A device that stands in two places goes on under this identity.
    Branch {
        /// The new identity.
        card: Card,
    },
    /// What the logs say up to here stands once more, whole, in this device's log.
    Checkpoint(Checkpoint),
    /// A recovery code takes the place of the one before.
    NewRecovery {
        /// What the company keeps of it.
        recovery: Recovery,
    },
}

impl Membership {
    /// The first statement of a new company, and thereby the company.
    pub fn begin(
        card: Card,
        recovery: Recovery,
        key: &DeviceKey,
        time: u64,
        entropy: &mut Entropy,
    ) -> Result<SignedStatement, TrustFault> {
        let readers = [(card.device.device(), card.sealing), (recovery.signing.device(), recovery.sealing)];
        let act = Act::Found { salt: entropy.bytes(), card, recovery, keys: GroupKeys::first(&readers, entropy)? };
        Ok(Statement { number: 1, previous: [0; 32], time, signer: key.public(), act }.sign(key))
    }

    /// Writes what is wanted as the next statement. `held` tells how far every log is held here, and its signature there. What
    /// may not be said is refused before it is signed.
    pub fn draft(
        &self,
        intent: &Intent,
        (key, keys): (&DeviceKey, &GroupKeys),
        held: impl Fn(DeviceId) -> LogEnd,
        time: u64,
        entropy: &mut Entropy,
    ) -> Result<SignedStatement, TrustFault> {
        // Said before a key is missed that only administrators have.
        if !matches!(intent, Intent::Branch { .. }) && !self.administers(key.public().device()) {
            return Err(self.admits(key.public().device()).err().unwrap_or(TrustFault::NotAdministrator));
        }
        let act = match intent {
            Intent::Admit { card, roles } => {
                let known = self.people.get(&card.person).copied();
                let roles = known.unwrap_or(*roles);
                Act::Admit { card: *card, roles, wraps: self.handed_to(card, roles, keys, entropy)? }
            }
            Intent::Branch { card } => {
                let roles = self.roles(card.person);
                Act::Branch { card: *card, wraps: self.handed_to(card, roles, keys, entropy)? }
            }
            Intent::SetRoles { person, roles } => self.draft_roles(*person, *roles, keys, held, entropy)?,
            Intent::Revoke { device } => {
                self.admits(*device).map_err(|_| TrustFault::Unknown)?;
                let mut after = self.clone();
                let family = self.with_branches(*device);
                for device in &family {
                    after.devices.entry(*device).and_modify(|one| one.revoked = Some(LogEnd::default()));
                }
                let devices = family.iter().map(|device| (*device, held(*device))).collect();
                Act::Revoke { devices, keys: keys.renew(&after, entropy)? }
            }
            Intent::Checkpoint(checkpoint) => Act::Checkpoint(checkpoint.clone()),
            Intent::Rotate => Act::Rotate { keys: keys.renew(self, entropy)? },
            Intent::NewRecovery { recovery } => {
                let after = Self { recovery: *recovery, ..self.clone() };
                Act::NewRecovery { recovery: *recovery, keys: keys.renew(&after, entropy)? }
            }
        };
        self.written(act, key, time)
    }

    /// The recovery code makes a device administrator; `keys` are those that the code opens. A code that does not hold is
    /// refused before a key is missed that it never had.
    pub fn draft_recovery(
        &self,
        card: Card,
        (key, keys): (&DeviceKey, &GroupKeys),
        time: u64,
        entropy: &mut Entropy,
    ) -> Result<SignedStatement, TrustFault> {
        self.recovers(&key.public())?;
        let mut after = self.clone();
        after.people.insert(card.person, Roles::all());
        after.devices.insert(card.device.device(), Standing::new(card, time, None, Roles::all()));
        let act = Act::Recover { card, keys: keys.renew(&after, entropy)? };
        self.written(act, key, time)
    }

    fn written(&self, act: Act, key: &DeviceKey, time: u64) -> Result<SignedStatement, TrustFault> {
        let statement = Statement { number: self.length + 1, previous: self.head, time, signer: key.public(), act };
        let signed = statement.sign(key);
        self.clone().extend(&signed)?;
        Ok(signed)
    }

    fn handed_to(
        &self,
        card: &Card,
        roles: Roles,
        keys: &GroupKeys,
        entropy: &mut Entropy,
    ) -> Result<Vec<(Group, crate::Wrapped)>, TrustFault> {
        keys.hand_on(self.epoch, (card.device.device(), card.sealing), |group| roles.may_read(group), entropy)
    }

    fn draft_roles(
        &self,
        person: PersonId,
        roles: Roles,
        keys: &GroupKeys,
        held: impl Fn(DeviceId) -> LogEnd,
        entropy: &mut Entropy,
    ) -> Result<Act, TrustFault> {
        let former = *self.people.get(&person).ok_or(TrustFault::Unknown)?;
        let devices: Vec<(DeviceId, SealingPublic)> = self
            .devices_of(person)
            .filter_map(|device| Some((device, self.devices.get(&device)?.card.sealing)))
            .collect();
        let until = devices.iter().map(|(device, _)| (*device, held(*device).last)).collect();
        let lost = Group::ALL.into_iter().any(|group| former.may_read(group) && !roles.may_read(group));
        let (mut wraps, mut renewed) = (Vec::new(), None);
        if lost {
            let mut after = self.clone();
            after.people.insert(person, roles);
            renewed = Some(keys.renew(&after, entropy)?);
        } else {
            for group in Group::ALL.into_iter().filter(|group| !former.may_read(*group) && roles.may_read(*group)) {
                for to in &devices {
                    let handed = keys.hand_on(self.epoch, *to, |one| one == group, entropy)?;
                    wraps.extend(handed.into_iter().map(|(group, wrapped)| (group, to.0, wrapped)));
                }
            }
        }
        Ok(Act::SetRoles { person, roles, until, wraps, keys: renewed })
    }
}
