//! The one secret of a device. Everything else that must be kept from others follows from it.

use crate::{DeviceFault, Surroundings};
use mera_disk::Seal;
use mera_sync_protocol::DeviceKey;
use mera_trust::SealingKey;
use std::fmt;
use zeroize::Zeroizing;

/// What the key is for that seals the store's values.
const STORE: &str = "MERA store key v1";
/// What the key is for that seals the entries of the outbox.
const OUTBOX: &str = "MERA outbox key v1";
/// What the secret of a second identity is for.
const SECOND: &str = "MERA second identity v1";

/// Thirty-two bytes of randomness that only this device has. They are wiped from memory when they are let go of.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// A new one.
    pub fn drawn(world: &dyn Surroundings) -> Result<Self, DeviceFault> {
        let mut bytes = Zeroizing::new([0; 32]);
        world.random(bytes.as_mut_slice()).map_err(DeviceFault::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// Reads 64 hexadecimal digits; blanks around them are a line's end.
    pub fn from_hex(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut bytes = Zeroizing::new([0; 32]);
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// Sixty-four hexadecimal digits.
    pub fn hex(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The device's signing key: the secret itself is its seed.
    pub fn signing(&self) -> DeviceKey {
        DeviceKey::from_seed(&self.0)
    }

    /// The key that others seal to.
    pub fn sealing(&self) -> SealingKey {
        SealingKey::from_seed(&self.0)
    }

    /// A key for one purpose. Who has it knows neither the secret nor the key for any other purpose.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key(purpose, self.0.as_slice()))
    }

    /// The secret of a second identity. Whoever has this one and not the salt, such as the other copy of the device, does not
    /// have it.
    pub fn second(&self, salt: &[u8; 32]) -> Self {
        Self(Zeroizing::new(blake3::derive_key(SECOND, &Zeroizing::new([*self.0, *salt].concat()))))
    }

    /// Seals the store's values from this start on.
    pub fn store_seal(&self, world: &dyn Surroundings) -> Result<Seal, DeviceFault> {
        self.seal(STORE, world)
    }

    /// Seals the outbox from this start on.
    pub fn outbox_seal(&self, world: &dyn Surroundings) -> Result<Seal, DeviceFault> {
        self.seal(OUTBOX, world)
    }

    fn seal(&self, purpose: &str, world: &dyn Surroundings) -> Result<Seal, DeviceFault> {
        let mut start = Zeroizing::new([0; 32]);
        world.random(start.as_mut_slice()).map_err(DeviceFault::NoRandomness)?;
        Ok(Seal::new(&self.derive(purpose), &start))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_written_in_hexadecimal_digits_and_read_again() {
        let digits = "00ff".repeat(16);
        let secret = Secret::from_hex(&format!(" {digits}\n"));
        assert_eq!(secret.map(|secret| secret.hex().to_string()), Some(digits.clone()));
        for wrong in ["", "00", &digits[1..], &"zz".repeat(32), &"æ".repeat(32)] {
            assert!(Secret::from_hex(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn each_purpose_has_a_key_of_its_own_and_nothing_prints_the_secret() {
        let secret = Secret(Zeroizing::new([7; 32]));
        assert_ne!(*secret.derive(STORE), *secret.derive(OUTBOX));
        assert_ne!(secret.derive(STORE).as_slice(), [7; 32]);
        assert_eq!(format!("{secret:?}"), "Secret");
        assert_ne!(secret.second(&[1; 32]).hex(), secret.second(&[2; 32]).hex());
    }
}
