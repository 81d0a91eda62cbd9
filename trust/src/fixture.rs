//! A company for tests of other rooms: devices 1 to n, each of a person of its own who has every role.

use crate::{
    Card, DeviceKey, Entropy, GroupKeys, Intent, LogEnd, Membership, RecoveryCode, Roles, SealingKey, SignedStatement,
};
use hpke::rand_core::RngCore;
use mera_schema::{PersonId, WorkspaceId};
use uuid::Uuid;

/// The company.
pub struct Fixture {
    /// Its chain.
    pub chain: Vec<SignedStatement>,
    /// Its members.
    pub members: Membership,
    /// Every key there is.
    pub keys: GroupKeys,
}

/// The signing key, sealing key and card of device `n`.
pub fn card(n: u8) -> (DeviceKey, SealingKey, Card) {
    let (key, sealing) = (DeviceKey::from_seed(&[n; 32]), SealingKey::from_seed(&[n; 32]));
    let person = PersonId::new(Uuid::from_u128(u128::from(n)));
    let card = Card { device: key.public(), sealing: sealing.public(), person };
    (key, sealing, card)
}

/// The recovery code of every such company.
pub fn recovery_code() -> RecoveryCode {
    RecoveryCode::from_seed([255; 32])
}

impl Fixture {
    /// A company of so many devices; device 1 is the founder's.
    pub fn of(devices: u8) -> Self {
        let (key, sealing, founder) = card(1);
        let recovery = recovery_code().card();
        let first = Membership::begin(founder, recovery, &key, 0, &mut Entropy::from_seed(&[0; 32]))
            .expect("a founding needs nothing");
        let members = Membership::found(&first).expect("a founding that was just written can be read");
        let mut keys = GroupKeys::default();
        keys.take(&first, 1, key.public().device(), &sealing).expect("the founder has the first keys");
        let mut company = Self { chain: vec![first], members, keys };
        for n in 2..=devices {
            company.say(&Intent::Admit { card: card(n).2, roles: Roles::all() });
        }
        company
    }

    /// The company's identity.
    pub fn workspace(&self) -> WorkspaceId {
        self.members.workspace()
    }

    /// What the founder wants comes to stand in the chain; every log counts up to entry 10.
    pub fn say(&mut self, intent: &Intent) -> SignedStatement {
        self.say_until(intent, &LogEnd { last: 10, signature: None })
    }

    /// The same, where every log counts up to an entry.
    pub fn say_until(&mut self, intent: &Intent, end: &LogEnd) -> SignedStatement {
        let (key, sealing, _) = card(1);
        let mut entropy = Entropy::from_seed(&[self.members.length().to_le_bytes()[0]; 32]);
        let signed = self.members.draft(intent, (&key, &self.keys), |_| end.clone(), 0, &mut entropy);
        let signed = signed.expect("the founder may say anything that a test wants said");
        self.members.extend(&signed).expect("it was just drafted for this place");
        self.keys
            .take(&signed, self.members.epoch(), key.public().device(), &sealing)
            .expect("the founder has every key");
        self.chain.push(signed.clone());
        signed
    }
}

/// Bytes that cannot be packed, always the same for a seed.
pub fn noise(seed: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    Entropy::from_seed(&[seed; 32]).fill_bytes(&mut bytes);
    bytes
}
