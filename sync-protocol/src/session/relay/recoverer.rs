//! Whoever holds the company's recovery code: is told the members' chain, and heard about one thing.

use super::{Arrival, RelayEffect, RelayStore, extended, tell_chain};
use crate::{Frame, PublicKey, SyncFault};
use mera_schema::{DeviceId, WorkspaceId};
use mera_trust::{Act, SignedStatement, TrustFault};
use uuid::Uuid;

/// How often the holder may ask in one conversation: once, and again when others were quicker.
const TRIES: u8 = 8;

/// Somebody who has proven that they hold the recovery code that stands in the chain.
pub(super) struct Recoverer {
    workspace: WorkspaceId,
    key: PublicKey,
    /// The name it goes by while it is here. It follows from the challenge, so that two who recover at once do not take
    /// each other for one device that has moved.
    name: DeviceId,
    told: u32,
    left: u8,
}

impl Recoverer {
    /// Whether the key that arrives is the recovery code's; a code that was replaced is told so. Everybody else is no
    /// recoverer.
    pub fn welcome(arrival: &Arrival, store: &dyn RelayStore) -> Result<Option<(Self, Vec<RelayEffect>)>, SyncFault> {
        let Arrival { workspace, key, chain, nonce, .. } = arrival;
        let Some(members) = store.members(*workspace)? else { return Ok(None) };
        match members.recovers(key) {
            Err(TrustFault::NoRecoveryCode) => return Ok(None),
            stands => stands?,
        }
        let (name, _) = nonce.split_first_chunk().expect("a challenge is longer than a name");
        let name = DeviceId::new(Uuid::from_bytes(*name));
        let mut recoverer = Self { workspace: *workspace, key: *key, name, told: chain.length, left: TRIES };
        let mut effects = recoverer.tell(store)?;
        effects.push(RelayEffect::Send(Frame::Welcome { own: 0, have: None }.encode()));
        Ok(Some((recoverer, effects)))
    }

    /// Of which company, and the name it goes by.
    pub fn who(&self) -> (WorkspaceId, DeviceId) {
        (self.workspace, self.name)
    }

    /// A frame came in. Who asks for anything but to be made administrator is sent away, and so is one whose code was
    /// replaced meanwhile.
    pub fn frame(&mut self, frame: Frame, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        store.members(self.workspace)?.ok_or(TrustFault::Stranger)?.recovers(&self.key)?;
        match frame {
            Frame::Extend(said) if matches!(said.statement.act, Act::Recover { .. }) => self.extend(&said, store),
            _ => Err(SyncFault::OutOfTurn),
        }
    }

    fn extend(&mut self, said: &SignedStatement, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        self.left = self.left.checked_sub(1).ok_or(SyncFault::OutOfTurn)?;
        let stands = store.extend(self.workspace, said);
        let told = self.tell(store)?;
        extended(self.workspace, stands, told)
    }

    fn tell(&mut self, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        let members = store.members(self.workspace)?.ok_or(TrustFault::Stranger)?;
        tell_chain((self.workspace, &members), &mut self.told, store)
    }
}
