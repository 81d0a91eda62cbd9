//! Who a device is: the file `device.json` in its folder.

mod second;
mod written;

use crate::beginning::Beginning;
use crate::durable;
use crate::founding::{Founding, relay_address};
use crate::vault::{Brought, Kept, Passphrase, Place, Secret, Vault, VaultFault};
use crate::{DeviceFault, Surroundings};
use mera_schema::{Desk, PersonId, WorkspaceId};
use mera_sync_protocol::PublicKey;
pub(crate) use second::Apart;
use second::Salt;
use std::fs;
use std::path::Path;
use written::Written;
use zeroize::Zeroizing;

/// Who a device is.
#[derive(Clone)]
pub(crate) struct Identity {
    pub workspace: WorkspaceId,
    /// Whose device it is, as the members' chain names them.
    pub person_id: PersonId,
    /// By which its secret is known again, wherever it is kept.
    key: PublicKey,
    kept: KeptSo,
    /// What its second identity follows from, if it goes on under one.
    second: Option<Salt>,
    /// That it stands in two places, and is to go on under a second identity.
    apart: Option<Apart>,
    pub name: String,
    pub person: String,
    pub desk: Desk,
    pub series: String,
    pub relay: Option<String>,
}

/// Where its secret is.
#[derive(Clone)]
enum KeptSo {
    Well(Kept),
    /// In this very file, where the program before kept it.
    InIdentity(Secret),
}

/// The file's name.
const FILE: &str = "device.json";
/// What stands beside it once the device has been opened.
const RECORDS: [&str; 2] = ["store", "outbox"];

impl Identity {
    /// Whether a device can be made in a folder.
    pub fn none_in(folder: &Path) -> Result<(), DeviceFault> {
        match Self::read(folder) {
            Err(DeviceFault::NoDevice(_)) => Ok(()),
            Ok(_) | Err(DeviceFault::IdentityUnreadable { .. }) => Err(DeviceFault::DeviceExists(folder.to_owned())),
            Err(other) => Err(other),
        }
    }

    /// Makes a device in a folder that has none; the founding has been checked. Its secret is kept before anything tells
    /// that there is a device.
    pub fn found(
        folder: &Path,
        founding: Founding,
        beginning: &Beginning,
        world: &dyn Surroundings,
    ) -> Result<Self, DeviceFault> {
        let Founding { name, person, desk, series, relay, vault } = founding;
        let Beginning { secret, workspace, person_id, .. } = beginning;
        let kept = KeptSo::Well(Vault { folder, world }.keep(secret, &vault)?);
        let (workspace, person_id, key) = (*workspace, *person_id, secret.signing().public());
        let (second, apart) = (None, None);
        let identity = Self { workspace, person_id, key, kept, second, apart, name, person, desk, series, relay };
        identity.write(folder)?;
        Ok(identity)
    }

    fn write(&self, folder: &Path) -> Result<(), DeviceFault> {
        let json = serde_json::to_vec_pretty(&Written::from(self));
        let json = json.expect("an identity is plain text and always serialises");
        let fault = |cause| DeviceFault::folder(folder, cause);
        durable::replace(&folder.join(FILE), &json).map_err(fault)
    }

    /// Gives the device another relay.
    pub fn redirect(&mut self, folder: &Path, relay: Option<String>) -> Result<(), DeviceFault> {
        let former = std::mem::replace(&mut self.relay, relay);
        self.write(folder).inspect_err(|_| self.relay = former)
    }

    /// Reads the device of a folder.
    pub fn read(folder: &Path) -> Result<Self, DeviceFault> {
        let path = folder.join(FILE);
        if !path.exists() {
            let folder = folder.to_owned();
            let orphaned = RECORDS.iter().any(|records| folder.join(records).exists());
            return Err(if orphaned { DeviceFault::NoIdentity(folder) } else { DeviceFault::NoDevice(folder) });
        }
        let unreadable = |says: String| DeviceFault::IdentityUnreadable { path: path.clone(), says };
        let json = fs::read(&path).map_err(|cause| unreadable(cause.to_string()))?;
        let written: Written = serde_json::from_slice(&json).map_err(|cause| unreadable(cause.to_string()))?;
        written.try_into().map_err(unreadable)
    }

    /// Everything that a backup needs to make this device again, its secret included; [`put_back`] reads it.
    pub fn for_backup(&self, secret: &Secret) -> Zeroizing<Vec<u8>> {
        let with_secret = Self { kept: KeptSo::InIdentity(secret.clone()), ..self.clone() };
        let json = serde_json::to_vec(&Written::from(&with_secret));
        Zeroizing::new(json.expect("an identity is plain text and always serialises"))
    }

    /// The device's secret. Where the program before kept it in this file, it is moved into the keyring, or, where none
    /// answers, into a file of its own, which the page of synchronisation warns of.
    pub fn secret(
        &mut self,
        folder: &Path,
        world: &dyn Surroundings,
        brought: &Brought,
    ) -> Result<Secret, DeviceFault> {
        let vault = Vault { folder, world };
        match &self.kept {
            KeptSo::Well(kept) => Ok(vault.fetch(kept, brought, self.key)?),
            KeptSo::InIdentity(secret) => {
                let secret = secret.clone();
                let kept = vault.keep(&secret, &Place::Keyring).or_else(|_| vault.keep(&secret, &Place::InFolder))?;
                self.kept = KeptSo::Well(kept);
                self.write(folder)?;
                Ok(secret)
            }
        }
    }

    /// Keeps the secret in another place from now on, and no longer where it was.
    pub fn keep_in(
        &mut self,
        folder: &Path,
        world: &dyn Surroundings,
        secret: &Secret,
        place: &Place,
    ) -> Result<(), DeviceFault> {
        let vault = Vault { folder, world };
        let kept = vault.keep(secret, place)?;
        let former = std::mem::replace(&mut self.kept, KeptSo::Well(kept.clone()));
        if let Err(fault) = self.write(folder) {
            self.kept = former;
            return Err(fault);
        }
        match former {
            KeptSo::Well(former) if former != kept => Ok(vault.forget(&former, self.key)?),
            _ => Ok(()),
        }
    }

    /// Whether somebody knows what opens the device, where that is a passphrase.
    pub fn is_opened_by(&self, folder: &Path, world: &dyn Surroundings, said: Option<&str>) -> Result<(), DeviceFault> {
        let KeptSo::Well(kept @ Kept::Passphrase) = &self.kept else { return Ok(()) };
        let passphrase = Some(Passphrase::said(said.ok_or(VaultFault::FormerUnsaid)?));
        Vault { folder, world }.fetch(kept, &Brought { passphrase, key_file: None }, self.key)?;
        Ok(())
    }

    /// Where the secret is kept, as a word of the contract.
    pub fn kept(&self) -> &'static str {
        match &self.kept {
            KeptSo::Well(kept) => kept.as_str(),
            KeptSo::InIdentity(_) => Kept::InFolder.as_str(),
        }
    }
}

/// Puts back into an empty folder who a device is, as its backup tells, and its secret into a place.
pub(crate) fn put_back(
    folder: &Path,
    backed_up: &[u8],
    place: &Place,
    world: &dyn Surroundings,
) -> Result<(Identity, Secret), DeviceFault> {
    let unreadable = |says: String| DeviceFault::IdentityUnreadable { path: folder.join(FILE), says };
    let written: Written = serde_json::from_slice(backed_up).map_err(|cause| unreadable(cause.to_string()))?;
    let mut identity = Identity::try_from(written).map_err(unreadable)?;
    let KeptSo::InIdentity(secret) = &identity.kept else {
        return Err(unreadable("its key is not in the backup".into()));
    };
    let secret = secret.clone();
    identity.kept = KeptSo::Well(Vault { folder, world }.keep(&secret, place)?);
    identity.write(folder)?;
    Ok((identity, secret))
}

/// Gives the device of a folder another relay. The device must not be open.
pub fn redirect(folder: &Path, relay: Option<String>) -> Result<(), DeviceFault> {
    Identity::read(folder)?.redirect(folder, relay_address(relay)?)
}
