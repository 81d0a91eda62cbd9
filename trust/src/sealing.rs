//! Keys on their way to one device: HPKE (RFC 9180) with X25519, HKDF-SHA-256 and ChaCha20-Poly1305.

use crate::TrustFault;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{CryptoRng, RngCore};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal};
use serde::{Deserialize, Serialize};

type Secret = <X25519HkdfSha256 as Kem>::PrivateKey;

/// Randomness that the caller has from the operating system, stretched as far as it is needed.
pub struct Entropy(blake3::OutputReader);

impl Entropy {
    /// From 32 bytes fit for keys, which are used nowhere else.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let mut hash = blake3::Hasher::new_derive_key("MERA entropy v1");
        hash.update(seed);
        Self(hash.finalize_xof())
    }

    /// The next bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }
}

impl RngCore for Entropy {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(self.bytes())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

impl CryptoRng for Entropy {}

/// The half of a device's sealing key that opens.
pub struct SealingKey {
    secret: Secret,
    public: SealingPublic,
}

impl SealingKey {
    /// The key that follows from a device's 32-byte secret, beside its signing key.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let secret = blake3::derive_key("MERA sealing key v1", seed);
        let (secret, public) = X25519HkdfSha256::derive_keypair(&secret);
        Self { secret, public: SealingPublic(public.to_bytes().into()) }
    }

    /// The half that everybody may know.
    pub fn public(&self) -> SealingPublic {
        self.public
    }

    /// Opens what was sealed to this device for this purpose.
    pub fn unwrap(&self, wrapped: &Wrapped, purpose: &[u8]) -> Result<[u8; 32], TrustFault> {
        let key = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&wrapped.encapsulated)
            .map_err(|_| TrustFault::SealBroken)?;
        let opened = single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.secret,
            &key,
            INFO,
            &wrapped.sealed,
            purpose,
        );
        opened.ok().and_then(|key| key.try_into().ok()).ok_or(TrustFault::SealBroken)
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealingKey of {:02x?}", &self.public.0[..4])
    }
}

const INFO: &[u8] = b"MERA wrapped key v1";

/// The public half of a sealing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealingPublic(pub [u8; 32]);

impl SealingPublic {
    /// Seals a key to the device that has the other half.
    pub fn wrap(&self, key: &[u8; 32], purpose: &[u8], entropy: &mut Entropy) -> Result<Wrapped, TrustFault> {
        let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&self.0)
            .map_err(|_| TrustFault::KeysIncomplete("a card"))?;
        let (encapsulated, sealed) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256, _>(
            &OpModeS::Base,
            &public,
            INFO,
            key,
            purpose,
            entropy,
        )
        .map_err(|_| TrustFault::KeysIncomplete("a card"))?;
        Ok(Wrapped { encapsulated: encapsulated.to_bytes().into(), sealed })
    }
}

/// A key that only one device can open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrapped {
    encapsulated: [u8; 32],
    sealed: Vec<u8>,
}
