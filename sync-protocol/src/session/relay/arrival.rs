//! A device that has said who it is, before it is let in.

use super::RelayStore;
use crate::frame::proof;
use crate::{ChainPlace, Cursor, PublicKey, Signature, SyncFault};
use mera_schema::WorkspaceId;
use mera_trust::{SignedStatement, TrustFault};

/// Who arrives, and what it has.
pub(super) struct Arrival {
    pub workspace: WorkspaceId,
    pub key: PublicKey,
    pub cursor: Option<Cursor>,
    pub chain: ChainPlace,
    /// What it was asked to sign.
    pub nonce: [u8; 32],
}

impl Arrival {
    /// Checks that the device has the key it names, and that its company is served.
    pub fn prove(&self, signature: &Signature, store: &dyn RelayStore) -> Result<(), SyncFault> {
        self.key.verify(&proof(&store.epoch(), &self.nonce, self.workspace), signature)?;
        store.admits(self.workspace)
    }

    /// After which statement the relay lacks what this device has of the members' chain, if it lacks any.
    pub fn lacking(&self, store: &dyn RelayStore) -> Result<Option<u32>, SyncFault> {
        let members = store.members(self.workspace)?;
        let here = members.as_deref().map(ChainPlace::from).unwrap_or_default();
        if here.length == self.chain.length && here.head != self.chain.head {
            return Err(TrustFault::ChainForked { number: here.length }.into());
        }
        Ok(Some(here.length).filter(|length| self.chain.length > *length))
    }

    /// The relay lacked these.
    pub fn teach(&self, statements: Vec<SignedStatement>, store: &dyn RelayStore) -> Result<(), SyncFault> {
        // Without this a device could promise statements for ever.
        if statements.is_empty() {
            return Err(SyncFault::OutOfTurn);
        }
        store.learn(self.workspace, statements)
    }
}
