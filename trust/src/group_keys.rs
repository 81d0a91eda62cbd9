//! The keys of groups by epoch, as far as one device may have them, and how they are handed on.

use crate::{
    Act, Entropy, Group, GroupEpoch, KeyEpoch, Membership, SealingKey, SealingPublic, SignedStatement, TrustFault,
    Wrapped,
};
use aes_gcm_siv::aead::Aead;
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use mera_schema::DeviceId;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use zeroize::Zeroizing;

type GroupKey = Zeroizing<[u8; 32]>;

/// The keys that one device was given.
#[derive(Clone, Default)]
pub struct GroupKeys(BTreeMap<(Group, u32), GroupKey>);

impl std::fmt::Debug for GroupKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl GroupKeys {
    /// Takes from a statement what it brings this device, with the earlier keys behind each. `epoch` is the newest epoch
    /// after the statement.
    pub fn take(
        &mut self,
        of: &SignedStatement,
        epoch: u32,
        me: DeviceId,
        sealing: &SealingKey,
    ) -> Result<(), TrustFault> {
        let act = &of.statement.act;
        match act {
            Act::Admit { card, wraps, .. } | Act::Branch { card, wraps } if card.device.device() == me => {
                for (group, wrapped) in wraps {
                    self.unwrap(*group, epoch, wrapped, me, sealing)?;
                }
            }
            Act::SetRoles { wraps, .. } => {
                for (group, _, wrapped) in wraps.iter().filter(|(_, device, _)| *device == me) {
                    self.unwrap(*group, epoch, wrapped, me, sealing)?;
                }
            }
            _ => {}
        }
        let Some(keys) = renewed(act) else { return Ok(()) };
        for one in &keys.groups {
            for (_, wrapped) in one.wraps.iter().filter(|(device, _)| *device == me) {
                self.unwrap(one.group, keys.epoch, wrapped, me, sealing)?;
            }
        }
        Ok(())
    }

    /// Fills in the keys of earlier epochs from those of later ones, along the chain.
    pub fn reach_back<'a>(
        &mut self,
        statements: impl DoubleEndedIterator<Item = &'a SignedStatement>,
    ) -> Result<(), TrustFault> {
        for keys in statements.rev().filter_map(|signed| renewed(&signed.statement.act)) {
            for one in &keys.groups {
                let (Some(key), Some(former)) = (self.0.get(&(one.group, keys.epoch)), &one.former) else { continue };
                let cipher = former_cipher(key);
                if let Entry::Vacant(earlier) = self.0.entry((one.group, keys.epoch - 1)) {
                    let opened = cipher.decrypt(&Nonce::default(), former.as_slice());
                    let opened: [u8; 32] =
                        opened.ok().and_then(|key| key.try_into().ok()).ok_or(TrustFault::SealBroken)?;
                    earlier.insert(Zeroizing::new(opened));
                }
            }
        }
        Ok(())
    }

    /// Forgets the keys of groups that may no longer be read.
    pub fn forget(&mut self, readable: impl Fn(Group) -> bool) {
        self.0.retain(|(group, _), _| readable(*group));
    }

    /// Whether what is sealed in a group and epoch can be opened.
    pub fn has(&self, group: Group, epoch: u32) -> bool {
        self.0.contains_key(&(group, epoch))
    }

    pub(crate) fn key(&self, group: Group, epoch: u32) -> Result<&[u8; 32], TrustFault> {
        self.0.get(&(group, epoch)).map(|key| &**key).ok_or(TrustFault::NoKey)
    }

    /// The newest keys of the groups that `readable` allows, sealed to a device.
    pub fn hand_on(
        &self,
        epoch: u32,
        to: (DeviceId, SealingPublic),
        readable: impl Fn(Group) -> bool,
        entropy: &mut Entropy,
    ) -> Result<Vec<(Group, Wrapped)>, TrustFault> {
        let groups = Group::ALL.into_iter().filter(|group| readable(*group));
        groups
            .map(|group| Ok((group, to.1.wrap(self.key(group, epoch)?, &purpose(group, epoch, to.0), entropy)?)))
            .collect()
    }

    /// New keys for all who may read; `members` as they will be after the statement.
    pub fn renew(&self, members: &Membership, entropy: &mut Entropy) -> Result<KeyEpoch, TrustFault> {
        let former = members.epoch();
        let epoch = former + 1;
        let group = |group| {
            let key = Zeroizing::new(entropy.bytes());
            let sealed = former_cipher(&key).encrypt(&Nonce::default(), self.key(group, former)?.as_slice());
            let former = Some(sealed.map_err(|_| TrustFault::SealBroken)?);
            Ok(GroupEpoch { group, former, wraps: wraps(&key, group, epoch, members.readers(group), entropy)? })
        };
        let groups = Group::ALL.into_iter().map(group).collect::<Result<_, TrustFault>>()?;
        Ok(KeyEpoch { epoch, groups })
    }

    /// The first keys of a new company.
    pub fn first(readers: &[(DeviceId, SealingPublic)], entropy: &mut Entropy) -> Result<KeyEpoch, TrustFault> {
        let group = |group| {
            let key = Zeroizing::new(entropy.bytes());
            Ok(GroupEpoch { group, former: None, wraps: wraps(&key, group, 1, readers.iter().copied(), entropy)? })
        };
        let groups = Group::ALL.into_iter().map(group).collect::<Result<_, TrustFault>>()?;
        Ok(KeyEpoch { epoch: 1, groups })
    }

    fn unwrap(
        &mut self,
        group: Group,
        epoch: u32,
        wrapped: &Wrapped,
        me: DeviceId,
        sealing: &SealingKey,
    ) -> Result<(), TrustFault> {
        let key = sealing.unwrap(wrapped, &purpose(group, epoch, me))?;
        self.0.insert((group, epoch), Zeroizing::new(key));
        Ok(())
    }
}

fn renewed(act: &Act) -> Option<&KeyEpoch> {
    match act {
        Act::Found { keys, .. }
        | Act::Revoke { keys, .. }
        | Act::Rotate { keys }
        | Act::Recover { keys, .. }
        | Act::NewRecovery { keys, .. } => Some(keys),
        Act::SetRoles { keys, .. } => keys.as_ref(),
        Act::Admit { .. } | Act::Branch { .. } | Act::Checkpoint(_) => None,
    }
}

fn wraps(
    key: &[u8; 32],
    group: Group,
    epoch: u32,
    readers: impl Iterator<Item = (DeviceId, SealingPublic)>,
    entropy: &mut Entropy,
) -> Result<Vec<(DeviceId, Wrapped)>, TrustFault> {
    readers.map(|(device, sealing)| Ok((device, sealing.wrap(key, &purpose(group, epoch, device), entropy)?))).collect()
}

fn purpose(group: Group, epoch: u32, device: DeviceId) -> Vec<u8> {
    [&[group.0], epoch.to_le_bytes().as_slice(), device.uuid().as_bytes()].concat()
}

/// Seals exactly one thing in its life, the key before it, and so needs no nonce that differs.
fn former_cipher(key: &[u8; 32]) -> Aes256GcmSiv {
    Aes256GcmSiv::new(&blake3::derive_key("MERA former group key v1", key).into())
}
