//! How a device comes into a company: it founds one, or was admitted to one.

use crate::vault::Secret;
use crate::{DeviceFault, Surroundings};
use mera_schema::{PersonId, WorkspaceId};
use mera_trust::{Card, DeviceKey, Entropy, Membership, RecoveryCode, SignedStatement};

/// Everything a new device begins with.
pub(crate) struct Beginning {
    pub secret: Secret,
    pub workspace: WorkspaceId,
    pub person_id: PersonId,
    pub chain: Vec<SignedStatement>,
    /// Of a new company.
    pub recovery_code: Option<String>,
}

/// A device that asks to be admitted: its secret, and what others may know of it.
pub struct Candidate {
    secret: Secret,
}

/// A device that was admitted.
pub struct Joined {
    candidate: Candidate,
    person: PersonId,
    chain: Vec<SignedStatement>,
}

impl Beginning {
    /// A new company of a new person.
    pub fn of_a_company(world: &dyn Surroundings) -> Result<Self, DeviceFault> {
        let secret = Secret::drawn(world)?;
        let person_id = PersonId::new(uuid::Builder::from_random_bytes(random(world)?).into_uuid());
        let code = RecoveryCode::from_seed(random(world)?);
        let candidate = Candidate { secret: secret.clone() };
        let mut entropy = Entropy::from_seed(&random(world)?);
        let card = candidate.card(person_id);
        let first = Membership::begin(card, code.card(), &candidate.key(), world.millis(), &mut entropy)?;
        let workspace = first.statement.workspace();
        Ok(Self {
            secret,
            workspace,
            person_id,
            chain: vec![first],
            recovery_code: Some(code.of(workspace).to_string()),
        })
    }
}

impl From<Joined> for Beginning {
    fn from(joined: Joined) -> Self {
        let Joined { candidate, person, chain } = joined;
        // Whoever made it has read the chain; an empty one is refused where it is written.
        let workspace = chain.first().map_or(WorkspaceId::new(uuid::Uuid::nil()), |first| first.statement.workspace());
        Self { secret: candidate.secret, workspace, person_id: person, chain, recovery_code: None }
    }
}

impl Candidate {
    /// A new secret.
    pub fn new(world: &dyn Surroundings) -> Result<Self, DeviceFault> {
        Ok(Self { secret: Secret::drawn(world)? })
    }

    /// What others may know of it, once it is known whose it is.
    pub fn card(&self, person: PersonId) -> Card {
        Card { device: self.key().public(), sealing: self.secret.sealing().public(), person }
    }

    /// Its signing key.
    pub fn key(&self) -> DeviceKey {
        self.secret.signing()
    }

    /// The device is in the chain: it can be made.
    pub fn admitted(self, person: PersonId, chain: Vec<SignedStatement>) -> Result<Joined, DeviceFault> {
        Membership::read(&chain)?.admits(self.key().public().device())?;
        Ok(Joined { candidate: self, person, chain })
    }
}

/// So many bytes fit for keys.
pub(crate) fn random<const N: usize>(world: &dyn Surroundings) -> Result<[u8; N], DeviceFault> {
    let mut bytes = [0; N];
    world.random(&mut bytes).map_err(DeviceFault::NoRandomness)?;
    Ok(bytes)
}
