//! A device's signing key, and the identity that follows from it.

use crate::TrustFault;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use mera_schema::DeviceId;
use serde::{Deserialize, Serialize};

/// A device's signing key (Ed25519, RFC 8032).
pub struct DeviceKey(SigningKey);

impl DeviceKey {
    /// The key that follows from 32 bytes of entropy, which the caller must have from the operating system.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The half that everybody may know.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs a message that begins with a purpose of its own.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes().to_vec())
    }
}

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeviceKey of {}", self.public().device())
    }
}

/// The public half of a device's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// The identity of the device: a hash of its key, so that nobody else can write its log.
    pub fn device(&self) -> DeviceId {
        let mut bytes = [0; 16];
        let mut hash = blake3::Hasher::new_derive_key("MERA device identity v1");
        hash.update(&self.0).finalize_xof().fill(&mut bytes);
        DeviceId::new(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// Checks a signature.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), TrustFault> {
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| TrustFault::BadSignature)?;
        let signature = ed25519_dalek::Signature::from_slice(&signature.0).map_err(|_| TrustFault::BadSignature)?;
        key.verify_strict(message, &signature).map_err(|_| TrustFault::BadSignature)
    }
}

/// A signature of 64 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature(pub Vec<u8>);
