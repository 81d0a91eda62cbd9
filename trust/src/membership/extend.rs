//! One more statement: whether it may stand there, and what it changes.

use super::{Membership, Standing};
use crate::{Act, Card, Group, KeyEpoch, PublicKey, Roles, SignedStatement, Statement, TrustFault};
use mera_schema::{DeviceId, PersonId};
use std::collections::BTreeMap;

/// The last entry that any log may have: whoever counts on from there must not run over. Runs end there, too.
pub(super) const LAST_ENTRY: u64 = u64::MAX / 2;

impl Membership {
    /// A company from its founding statement.
    pub fn found(first: &SignedStatement) -> Result<Self, TrustFault> {
        let Statement { number: 1, previous: [0, ..], act: Act::Found { card, recovery, keys, .. }, .. } =
            &first.statement
        else {
            return Err(TrustFault::ChainBroken { number: first.statement.number });
        };
        if first.statement.previous != [0; 32] || first.statement.signer != card.device {
            return Err(TrustFault::ChainBroken { number: 1 });
        }
        first.verify()?;
        let device = card.device.device();
        let founder = Standing::new(*card, first.statement.time, None, Roles::all());
        let members = Self {
            workspace: first.statement.workspace(),
            length: 1,
            head: first.statement.hash(),
            recovery: *recovery,
            replaced: Vec::new(),
            epoch: 1,
            checkpoint: None,
            records: Vec::new(),
            voided: 0,
            people: BTreeMap::from([(card.person, Roles::all())]),
            devices: BTreeMap::from([(device, founder)]),
        };
        members.check_keys(keys, 1)?;
        Ok(members)
    }

    /// Reads one more statement. If it may not stand there nothing changes.
    pub fn extend(&mut self, signed: &SignedStatement) -> Result<(), TrustFault> {
        let statement = &signed.statement;
        if statement.number != self.length + 1 || statement.previous != self.head {
            return Err(TrustFault::ChainBroken { number: statement.number });
        }
        signed.verify()?;
        self.may_say(statement)?;
        if signed.counts_until().into_iter().any(|(_, last)| last > LAST_ENTRY) {
            return Err(TrustFault::Unknown);
        }
        let mut after = self.clone();
        after.apply(statement)?;
        after.length += 1;
        if !signed.counts_until().is_empty() {
            after.voided = after.length;
        }
        after.head = statement.hash();
        *self = after;
        Ok(())
    }

    fn may_say(&self, statement: &Statement) -> Result<(), TrustFault> {
        let signer = statement.signer.device();
        match &statement.act {
            Act::Found { .. } => Err(TrustFault::ChainBroken { number: statement.number }),
            Act::Recover { .. } => self.recovers(&statement.signer),
            Act::Branch { card, .. } => match self.signer_is(&statement.signer) {
                Some(standing) if standing.card.person == card.person => Ok(()),
                Some(_) => Err(TrustFault::Unknown),
                None => Err(self.admits(signer).err().unwrap_or(TrustFault::Stranger)),
            },
            Act::Admit { .. }
            | Act::SetRoles { .. }
            | Act::Revoke { .. }
            | Act::Rotate { .. }
            | Act::Checkpoint(_)
            | Act::NewRecovery { .. } => {
                self.admits(signer)?;
                if self.administers(signer) { Ok(()) } else { Err(TrustFault::NotAdministrator) }
            }
        }
    }

    fn apply(&mut self, statement: &Statement) -> Result<(), TrustFault> {
        let since = statement.time;
        match &statement.act {
            Act::Found { .. } => return Err(TrustFault::ChainBroken { number: statement.number }),
            Act::Admit { card, roles, wraps } => {
                let known = self.people.get(&card.person).copied();
                if known.is_some_and(|known| known != *roles) || roles.is_empty() {
                    return Err(TrustFault::Unknown);
                }
                self.people.insert(card.person, *roles);
                self.seat(*card, since, None, wraps)?;
            }
            Act::Branch { card, wraps } => self.seat(*card, since, Some(statement.signer.device()), wraps)?,
            Act::SetRoles { person, roles, until, wraps, keys } => {
                self.set_roles(*person, *roles, until, wraps, keys.is_some())?;
                if let Some(keys) = keys {
                    self.renew(keys)?;
                }
            }
            Act::Revoke { devices, keys } => {
                for (device, end) in devices {
                    self.leaves_covered(*device, end.last)?;
                    let standing = self.devices.get_mut(device).filter(|one| one.revoked.is_none());
                    standing.ok_or(TrustFault::Unknown)?.revoked = Some(end.clone());
                }
                if devices.iter().any(|(device, _)| self.with_branches(*device).len() > 1) {
                    return Err(TrustFault::Unknown);
                }
                self.renew(keys)?;
            }
            Act::Rotate { keys } => self.renew(keys)?,
            Act::Checkpoint(checkpoint) => self.reach_checkpoint(checkpoint, statement)?,
            Act::Recover { card, keys } => {
                // A person who has other devices here would become administrator on all of them without a word.
                if self.people.get(&card.person).is_some_and(|known| *known != Roles::all()) {
                    return Err(TrustFault::Unknown);
                }
                self.people.insert(card.person, Roles::all());
                self.seat_without_keys(*card, since, None)?;
                self.renew(keys)?;
            }
            Act::NewRecovery { recovery, keys } => {
                self.is_new(&recovery.signing)?;
                self.replaced.push(std::mem::replace(&mut self.recovery, *recovery).signing);
                self.renew(keys)?;
            }
        }
        if self.devices().any(|(device, _)| self.administers(device)) {
            Ok(())
        } else {
            Err(TrustFault::LastAdministrator)
        }
    }

    fn seat(
        &mut self,
        card: Card,
        since: u64,
        branch_of: Option<DeviceId>,
        wraps: &[(Group, crate::Wrapped)],
    ) -> Result<(), TrustFault> {
        let roles = self.roles(card.person);
        if !wraps.iter().map(|(group, _)| *group).eq(Group::ALL.into_iter().filter(|group| roles.may_read(*group))) {
            return Err(TrustFault::KeysIncomplete("the new device does not get the keys of what it may read"));
        }
        self.seat_without_keys(card, since, branch_of)
    }

    fn seat_without_keys(&mut self, card: Card, since: u64, branch_of: Option<DeviceId>) -> Result<(), TrustFault> {
        let device = card.device.device();
        self.is_new(&card.device)?;
        let roles = self.roles(card.person);
        self.devices.insert(device, Standing::new(card, since, branch_of, roles));
        Ok(())
    }

    /// A key stands for one thing for ever: a device, or a recovery code.
    fn is_new(&self, key: &PublicKey) -> Result<(), TrustFault> {
        let device = key.device();
        let mut codes = self.replaced.iter().chain([&self.recovery.signing]).map(PublicKey::device);
        if self.devices.contains_key(&device) || codes.any(|code| code == device) {
            return Err(TrustFault::MemberAlready);
        }
        Ok(())
    }

    fn set_roles(
        &mut self,
        person: PersonId,
        roles: Roles,
        until: &[(DeviceId, u64)],
        wraps: &[(Group, DeviceId, crate::Wrapped)],
        renewed: bool,
    ) -> Result<(), TrustFault> {
        let former = *self.people.get(&person).ok_or(TrustFault::Unknown)?;
        let devices: Vec<DeviceId> = self.devices_of(person).collect();
        if roles.is_empty() || !until.iter().map(|(device, _)| *device).eq(devices.iter().copied()) {
            return Err(TrustFault::Unknown);
        }
        let lost = Group::ALL.into_iter().any(|group| former.may_read(group) && !roles.may_read(group));
        if lost && !renewed {
            return Err(TrustFault::KeysIncomplete("a person who may read less needs new keys for all others"));
        }
        let gained = Group::ALL.into_iter().filter(|group| !former.may_read(*group) && roles.may_read(*group));
        let owed: Vec<_> = gained.flat_map(|group| devices.iter().map(move |device| (group, *device))).collect();
        if !renewed && !wraps.iter().map(|(group, device, _)| (*group, *device)).eq(owed) {
            return Err(TrustFault::KeysIncomplete("a person who may read more needs the keys"));
        }
        self.people.insert(person, roles);
        for (device, last) in until {
            self.leaves_covered(*device, *last)?;
            let standing = self.devices.get_mut(device).ok_or(TrustFault::Unknown)?;
            let from = last.checked_add(1).ok_or(TrustFault::Unknown)?;
            if standing.spans.last().is_some_and(|(earlier, _)| *earlier > from) {
                return Err(TrustFault::Unknown);
            }
            standing.spans.push((from, roles));
        }
        Ok(())
    }

    fn renew(&mut self, keys: &KeyEpoch) -> Result<(), TrustFault> {
        self.check_keys(keys, self.epoch + 1)?;
        self.epoch = keys.epoch;
        Ok(())
    }

    /// New keys must reach exactly those who may read, or somebody would be shut out without a word.
    fn check_keys(&self, keys: &KeyEpoch, epoch: u32) -> Result<(), TrustFault> {
        if keys.epoch != epoch {
            return Err(TrustFault::KeysIncomplete("the epoch does not follow the last one"));
        }
        if !keys.groups.iter().map(|one| one.group).eq(Group::ALL) {
            return Err(TrustFault::KeysIncomplete("a group is missing"));
        }
        for one in &keys.groups {
            if one.former.is_some() != (epoch > 1) {
                return Err(TrustFault::KeysIncomplete("the former key is missing"));
            }
            if !one.wraps.iter().map(|(device, _)| *device).eq(self.readers(one.group).map(|(device, _)| device)) {
                return Err(TrustFault::KeysIncomplete("they do not reach exactly those who may read"));
            }
        }
        Ok(())
    }
}
