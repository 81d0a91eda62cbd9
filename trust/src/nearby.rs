//! Two devices of one company that meet on one network without a relay: Noise `NNpsk0` (noiseprotocol.org, revision 34),
//! where the secret shared beforehand follows from the company, so that nobody else on the network gets as far as an answer.
//! Inside the channel each proves with its signing key that it is one end of this very channel; whoever stands in the
//! middle has two channels, and a proof for neither. The one that was called proves itself first.

use crate::meeting::{builder, written};
use crate::{DeviceKey, Entropy, PublicKey, Signature, TrustFault};
use mera_schema::WorkspaceId;
use snow::{Builder, HandshakeState, TransportState};

const PURPOSE: &[u8] = b"MERA nearby v1";
/// Bytes that one message of a channel carries at most: what Noise allows, less the tag.
pub const NEARBY_PART: usize = 65_535 - 16;

/// The end that calls, until it is answered.
pub struct Calling(Box<HandshakeState>);

/// A channel to somebody who has not proven yet who it is.
pub struct Unproven {
    channel: Channel,
    /// What only the two ends of this channel know alike.
    binding: Vec<u8>,
    calls: bool,
}

/// A channel that nobody else reads or writes.
pub struct Channel(Box<TransportState>);

impl Calling {
    /// Calls a device of the company. Gives the first message.
    pub fn call(workspace: WorkspaceId, entropy: Entropy) -> Result<(Self, Vec<u8>), TrustFault> {
        let shared = shared(workspace);
        let mut noise = builder(entropy)?.psk(0, &shared).and_then(Builder::build_initiator).map_err(stranger)?;
        let message = written(|buffer| noise.write_message(&[], buffer))?;
        Ok((Self(Box::new(noise)), message))
    }

    /// It was answered.
    pub fn answered(mut self, message: &[u8]) -> Result<Unproven, TrustFault> {
        self.0.read_message(message, &mut [0; 64]).map_err(stranger)?;
        Unproven::of(*self.0, true)
    }
}

impl Unproven {
    /// Answers a call. Whoever is not of the company is refused here. Gives the answer.
    pub fn answer(workspace: WorkspaceId, entropy: Entropy, call: &[u8]) -> Result<(Self, Vec<u8>), TrustFault> {
        let shared = shared(workspace);
        let mut noise = builder(entropy)?.psk(0, &shared).and_then(Builder::build_responder).map_err(stranger)?;
        noise.read_message(call, &mut [0; 64]).map_err(stranger)?;
        let answer = written(|buffer| noise.write_message(&[], buffer))?;
        Ok((Self::of(noise, false)?, answer))
    }

    fn of(noise: HandshakeState, calls: bool) -> Result<Self, TrustFault> {
        let binding = noise.get_handshake_hash().to_vec();
        let channel = Channel(Box::new(noise.into_transport_mode().map_err(broken)?));
        Ok(Self { channel, binding, calls })
    }

    /// Proves to the other end who this one is.
    pub fn prove(&mut self, key: &DeviceKey) -> Result<Vec<u8>, TrustFault> {
        let proof = (key.public(), key.sign(&self.statement(self.calls)));
        let bytes = postcard::to_allocvec(&proof).expect("a proof is plain data in memory and always serialises");
        self.channel.say(&bytes)
    }

    /// Who the other end is. Whether it is a member is the reader's to ask.
    pub fn who(&mut self, proof: &[u8]) -> Result<PublicKey, TrustFault> {
        let bytes = self.channel.hear(proof)?;
        let (key, signature): (PublicKey, Signature) =
            postcard::from_bytes(&bytes).map_err(|_| TrustFault::BadSignature)?;
        key.verify(&self.statement(!self.calls), &signature)?;
        Ok(key)
    }

    /// Both have proven who they are.
    pub fn talk(self) -> Channel {
        self.channel
    }

    fn statement(&self, calls: bool) -> Vec<u8> {
        [PURPOSE, &[u8::from(calls)], &self.binding].concat()
    }
}

impl Channel {
    /// A message to the other end, of at most [`NEARBY_PART`] bytes.
    pub fn say(&mut self, bytes: &[u8]) -> Result<Vec<u8>, TrustFault> {
        let mut message = vec![0; bytes.len() + 16];
        let length = self.0.write_message(bytes, &mut message).map_err(broken)?;
        message.truncate(length);
        Ok(message)
    }

    /// A message from the other end. One that was changed, left out, repeated or put elsewhere is refused.
    pub fn hear(&mut self, message: &[u8]) -> Result<Vec<u8>, TrustFault> {
        let mut bytes = vec![0; message.len()];
        let length = self.0.read_message(message, &mut bytes).map_err(broken)?;
        bytes.truncate(length);
        Ok(bytes)
    }
}

fn shared(workspace: WorkspaceId) -> [u8; 32] {
    blake3::derive_key("MERA nearby company v1", workspace.uuid().as_bytes())
}

/// Who does not know the company.
fn stranger(_: snow::Error) -> TrustFault {
    TrustFault::Stranger
}

fn broken(_: snow::Error) -> TrustFault {
    TrustFault::SealBroken
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn company(n: u128) -> WorkspaceId {
        WorkspaceId::new(Uuid::from_u128(n))
    }

    fn entropy(n: u8) -> Entropy {
        Entropy::from_seed(&[n; 32])
    }

    fn met(seed: u8) -> (Unproven, Unproven) {
        let (calling, call) = Calling::call(company(1), entropy(seed)).unwrap();
        let (answering, answer) = Unproven::answer(company(1), entropy(seed + 1), &call).unwrap();
        (calling.answered(&answer).unwrap(), answering)
    }

    #[test]
    fn two_devices_prove_who_they_are_and_talk() {
        let (mut anna, mut bo) = met(1);
        let (annas, bos) = (DeviceKey::from_seed(&[1; 32]), DeviceKey::from_seed(&[2; 32]));
        assert_eq!(anna.who(&bo.prove(&bos).unwrap()).unwrap(), bos.public());
        assert_eq!(bo.who(&anna.prove(&annas).unwrap()).unwrap(), annas.public());
        let (mut anna, mut bo) = (anna.talk(), bo.talk());
        let largest = vec![7; NEARBY_PART];
        for said in [b"hello".as_slice(), &largest] {
            let message = anna.say(said).unwrap();
            assert!(!message.windows(5).any(|part| part == b"hello"));
            assert_eq!(bo.hear(&message).unwrap(), said);
            assert!(bo.hear(&message).is_err(), "not twice");
        }
        let mut changed = bo.say(b"and back").unwrap();
        changed[0] ^= 1;
        assert!(anna.hear(&changed).is_err());
    }

    #[test]
    fn another_company_gets_no_answer_and_who_stands_in_the_middle_no_proof() {
        let (_, call) = Calling::call(company(2), entropy(1)).unwrap();
        assert!(Unproven::answer(company(1), entropy(2), &call).is_err());
        assert!(Unproven::answer(company(1), entropy(2), b"").is_err());
        let ((mut anna, mut to_anna), (mut to_bo, mut bo)) = (met(1), met(5));
        let proof = bo.prove(&DeviceKey::from_seed(&[2; 32])).unwrap();
        let carried = to_bo.channel.hear(&proof).unwrap();
        let carried = to_anna.channel.say(&carried).unwrap();
        assert_eq!(anna.who(&carried).unwrap_err().code(), "sync.bad_signature");
        // One's own proof sent back is none of the other's.
        let (mut anna, mut bo) = met(9);
        let own = anna.prove(&DeviceKey::from_seed(&[1; 32])).unwrap();
        let echoed = bo.channel.hear(&own).unwrap();
        let echoed = bo.channel.say(&echoed).unwrap();
        assert!(anna.who(&echoed).is_err());
    }
}
