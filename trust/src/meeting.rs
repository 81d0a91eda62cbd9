//! How a new device and the one that invites it meet: Noise `NNpsk0` (noiseprotocol.org, revision 34). The relay
//! carries four messages between them and can neither read them nor stand in the middle, since it does not know the
//! invitation's secret; who learns the secret afterwards cannot read what was said either.

use crate::{Entropy, Invitation, PublicKey, Roles, SealingPublic, TrustFault};
use mera_schema::PersonId;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{BoxedCryptoResolver, CryptoResolver, DefaultResolver};
use snow::types::{Cipher, Dh, Hash, Random};
use snow::{Builder, HandshakeState, TransportState};
use std::sync::{Arc, Mutex, PoisonError};

const PATTERN: &str = "Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s";
/// Bytes of one message: cards and names are far smaller.
const MESSAGE_LIMIT: usize = 4096;

/// What the new device says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arriving {
    /// Its signing key.
    pub device: PublicKey,
    /// The key that others seal to.
    pub sealing: SealingPublic,
    /// What people call it.
    pub name: String,
}

/// What the new device is told once it is a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admitted {
    /// Whose it is.
    pub person: PersonId,
    /// What the person is called.
    pub name: String,
    /// What the person does.
    pub roles: Roles,
    /// The statement that admitted it; the chain that the relay tells must hold it.
    pub statement: (u32, [u8; 32]),
}

/// The end that invites.
pub struct Host(State);
/// The end that arrives.
pub struct Newcomer(State);

enum State {
    Greeting(Box<HandshakeState>),
    Talking(Box<TransportState>),
    Over,
}

impl Newcomer {
    /// Begins with an invitation. Gives the first message.
    pub fn knock(invitation: &Invitation, entropy: Entropy) -> Result<(Self, Vec<u8>), TrustFault> {
        let shared = invitation.shared();
        let mut noise = builder(entropy)?.psk(0, &shared).and_then(Builder::build_initiator).map_err(refused)?;
        let message = written(|buffer| noise.write_message(&[], buffer))?;
        Ok((Self(State::Greeting(Box::new(noise))), message))
    }

    /// The host answered: says who arrives.
    pub fn introduce(&mut self, answer: &[u8], arriving: &Arriving) -> Result<Vec<u8>, TrustFault> {
        let State::Greeting(mut noise) = std::mem::replace(&mut self.0, State::Over) else {
            return Err(TrustFault::InvitationRefused);
        };
        noise.read_message(answer, &mut [0; MESSAGE_LIMIT]).map_err(refused)?;
        self.0 = State::Talking(Box::new(noise.into_transport_mode().map_err(refused)?));
        self.0.say(arriving)
    }

    /// The host let it in.
    pub fn welcomed(&mut self, message: &[u8]) -> Result<Admitted, TrustFault> {
        self.0.hear(message)
    }
}

impl Host {
    /// Somebody knocked. Who does not know the secret is refused here.
    pub fn open(invitation: &Invitation, entropy: Entropy, knock: &[u8]) -> Result<(Self, Vec<u8>), TrustFault> {
        let shared = invitation.shared();
        let mut noise = builder(entropy)?.psk(0, &shared).and_then(Builder::build_responder).map_err(refused)?;
        noise.read_message(knock, &mut [0; MESSAGE_LIMIT]).map_err(refused)?;
        let answer = written(|buffer| noise.write_message(&[], buffer))?;
        let talking = noise.into_transport_mode().map_err(refused)?;
        Ok((Self(State::Talking(Box::new(talking))), answer))
    }

    /// Who arrives.
    pub fn meet(&mut self, message: &[u8]) -> Result<Arriving, TrustFault> {
        self.0.hear(message)
    }

    /// Lets it in.
    pub fn welcome(&mut self, admitted: &Admitted) -> Result<Vec<u8>, TrustFault> {
        self.0.say(admitted)
    }
}

impl State {
    fn say(&mut self, what: &impl Serialize) -> Result<Vec<u8>, TrustFault> {
        let Self::Talking(noise) = self else { return Err(TrustFault::InvitationRefused) };
        let bytes = postcard::to_allocvec(what).expect("what is said is plain data in memory and always serialises");
        written(|buffer| noise.write_message(&bytes, buffer))
    }

    fn hear<T: DeserializeOwned>(&mut self, message: &[u8]) -> Result<T, TrustFault> {
        let Self::Talking(noise) = self else { return Err(TrustFault::InvitationRefused) };
        let mut buffer = [0; MESSAGE_LIMIT];
        let length = noise.read_message(message, &mut buffer).map_err(refused)?;
        postcard::from_bytes(&buffer[..length]).map_err(|_| TrustFault::InvitationRefused)
    }
}

pub(crate) fn written(write: impl FnOnce(&mut [u8]) -> Result<usize, snow::Error>) -> Result<Vec<u8>, TrustFault> {
    let mut buffer = vec![0; MESSAGE_LIMIT];
    let length = write(&mut buffer).map_err(refused)?;
    buffer.truncate(length);
    Ok(buffer)
}

fn refused(_: snow::Error) -> TrustFault {
    TrustFault::InvitationRefused
}

pub(crate) fn builder(entropy: Entropy) -> Result<Builder<'static>, TrustFault> {
    let parameters = PATTERN.parse().map_err(refused)?;
    let resolver: BoxedCryptoResolver = Box::new(Parts(Arc::new(Mutex::new(entropy))));
    Ok(Builder::with_resolver(parameters, resolver))
}

/// The usual parts of Noise, with randomness that is passed in.
struct Parts(Arc<Mutex<Entropy>>);

struct Dice(Arc<Mutex<Entropy>>);

impl Random for Dice {
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), snow::Error> {
        let mut entropy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hpke::rand_core::RngCore::fill_bytes(&mut *entropy, bytes);
        Ok(())
    }
}

impl CryptoResolver for Parts {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Dice(self.0.clone())))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        DefaultResolver.resolve_dh(choice)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        DefaultResolver.resolve_hash(choice)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        DefaultResolver.resolve_cipher(choice)
    }
}
