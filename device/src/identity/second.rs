//! The second identity of a device that was found to stand in two places, copied or restored from a backup: both have one
//! secret, so the secret of the second identity follows from it and from a salt that only one of the two places has.

use super::Identity;
use crate::DeviceFault;
use crate::vault::Secret;
use mera_schema::DeviceId;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Thirty-two random bytes in hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Salt([u8; 32]);

impl From<Salt> for String {
    fn from(salt: Salt) -> Self {
        data_encoding::HEXLOWER.encode(&salt.0)
    }
}

impl TryFrom<String> for Salt {
    type Error = String;

    fn try_from(digits: String) -> Result<Self, String> {
        let bytes = data_encoding::HEXLOWER.decode(digits.as_bytes()).map_err(|cause| cause.to_string())?;
        bytes.try_into().map(Self).map_err(|_| "a salt has 64 hexadecimal digits".to_owned())
    }
}

/// A device that stands in two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Apart {
    salt: Salt,
    /// The last entry of its log that is the same in both places.
    pub common: u64,
}

impl Identity {
    /// The secret that the device goes by in the company. What its folder is sealed with follows from `secret` alone.
    pub fn goes_by(&self, secret: &Secret) -> Secret {
        self.second.map_or_else(|| secret.clone(), |Salt(salt)| secret.second(&salt))
    }

    /// The device that the folder was made for.
    pub fn first_device(&self) -> DeviceId {
        self.key.device()
    }

    /// That the device stands in two places, if that was found.
    pub fn apart(&self) -> Option<Apart> {
        self.apart
    }

    /// The secret that it will go by.
    pub fn will_go_by(&self, secret: &Secret) -> Option<Secret> {
        self.apart.map(|Apart { salt: Salt(salt), .. }| secret.second(&salt))
    }

    /// Notes that the device stands in two places, and what its second identity follows from. What was noted before holds.
    pub fn stands_apart(&mut self, folder: &Path, common: u64, salt: [u8; 32]) -> Result<(), DeviceFault> {
        let former = self.apart;
        self.apart = Some(Apart { salt: former.map_or(Salt(salt), |former| former.salt), common });
        self.write(folder).inspect_err(|_| self.apart = former)
    }

    /// It was no other version of this device after all.
    pub fn stands_alone(&mut self, folder: &Path) -> Result<(), DeviceFault> {
        let former = self.apart.take();
        if former.is_none() { Ok(()) } else { self.write(folder).inspect_err(|_| self.apart = former) }
    }

    /// Goes by the second identity from now on, under a name and with numbers of its own.
    pub fn goes_on(&mut self, folder: &Path, name: String, series: String) -> Result<(), DeviceFault> {
        let former = self.clone();
        if let Some(Apart { salt, .. }) = self.apart.take() {
            (self.second, self.name, self.series) = (Some(salt), name, series);
        }
        self.write(folder).inspect_err(|_| *self = former)
    }
}
