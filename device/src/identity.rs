//! Who a device is: the file `device.json` in its folder.

use crate::founding::{Founding, relay_address};
use crate::{DeviceFault, Surroundings};
use mera_schema::{Desk, WorkspaceId};
use mera_sync_protocol::DeviceKey;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// What the file holds. The key stands in it in plain until keys move into the system's keyring.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    format: u32,
    pub workspace: WorkspaceId,
    seed: String,
    pub name: String,
    pub person: String,
    pub desk: Desk,
    pub series: String,
    pub relay: Option<String>,
    /// The CRC-32 of everything else, so that a wrong byte is not read as another name; nothing in a file of an older
    /// program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    check: Option<String>,
}

/// The file's name.
const FILE: &str = "device.json";
/// What stands beside it once the device has been opened.
const RECORDS: [&str; 2] = ["store", "outbox"];
/// The version of its format.
const FORMAT: u32 = 1;

impl Identity {
    /// Makes a device in a folder that has none; the founding has been checked.
    pub fn found(folder: &Path, founding: Founding, world: &dyn Surroundings) -> Result<Self, DeviceFault> {
        match Self::read(folder) {
            Err(DeviceFault::NoDevice(_)) => {}
            Ok(_) | Err(DeviceFault::IdentityUnreadable { .. }) => {
                return Err(DeviceFault::DeviceExists(folder.to_owned()));
            }
            Err(other) => return Err(other),
        }
        let (mut seed, mut company) = ([0; 32], [0; 16]);
        world.random(&mut seed).and_then(|()| world.random(&mut company)).map_err(DeviceFault::NoRandomness)?;
        let workspace =
            founding.workspace.unwrap_or(WorkspaceId::new(uuid::Builder::from_random_bytes(company).into_uuid()));
        let Founding { name, person, desk, series, relay, .. } = founding;
        let mut identity =
            Self { format: FORMAT, workspace, seed: hex(&seed), name, person, desk, series, relay, check: None };
        identity.write(folder)?;
        Ok(identity)
    }

    /// Written under another name first, so that a power cut leaves no half identity.
    fn write(&mut self, folder: &Path) -> Result<(), DeviceFault> {
        let fault = |cause| DeviceFault::Folder { path: folder.to_owned(), cause };
        self.check = Some(self.checked());
        let json = serde_json::to_vec_pretty(self).expect("an identity is plain text and always serialises");
        let new = folder.join("device.new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new).map_err(fault)?;
        file.write_all(&json).and_then(|()| file.sync_all()).map_err(fault)?;
        fs::rename(&new, folder.join(FILE)).map_err(fault)?;
        // A new name is on disk only once its folder is; only Unix lets a program ask for that.
        if cfg!(unix) { File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault) } else { Ok(()) }
    }

    /// The CRC-32 of everything but itself, in hexadecimal digits.
    fn checked(&self) -> String {
        let mut json = serde_json::to_value(self).expect("an identity is plain text and always serialises");
        json.as_object_mut().map(|fields| fields.remove("check"));
        format!("{:08x}", crc32fast::hash(json.to_string().as_bytes()))
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
        let identity: Self = serde_json::from_slice(&json).map_err(|cause| unreadable(cause.to_string()))?;
        if identity.format != FORMAT {
            return Err(unreadable(format!("it has format {}, this program knows {FORMAT}", identity.format)));
        }
        if identity.check.as_ref().is_some_and(|check| *check != identity.checked()) {
            return Err(unreadable("a byte of it is not what was written".into()));
        }
        identity.seed().ok_or_else(|| unreadable("its key is not 64 hexadecimal digits".into()))?;
        Ok(identity)
    }

    /// Everything that a backup needs to make this device again, its key included; [`put_back`] reads it.
    pub fn for_backup(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an identity is plain text and always serialises")
    }

    /// The device's signing key.
    pub fn key(&self) -> DeviceKey {
        DeviceKey::from_seed(&self.seed().expect("an identity is checked when it is read and right when it is made"))
    }

    fn seed(&self) -> Option<[u8; 32]> {
        let mut seed = [0; 32];
        if self.seed.len() != 64 || !self.seed.is_ascii() {
            return None;
        }
        for (index, byte) in seed.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&self.seed[2 * index..2 * index + 2], 16).ok()?;
        }
        Some(seed)
    }
}

/// Puts back into an empty folder who a device is, as its backup tells.
pub(crate) fn put_back(folder: &Path, kept: &[u8]) -> Result<(), DeviceFault> {
    let path = folder.join(FILE);
    let unreadable = |cause: serde_json::Error| DeviceFault::IdentityUnreadable { path, says: cause.to_string() };
    let mut identity: Identity = serde_json::from_slice(kept).map_err(unreadable)?;
    identity.write(folder)
}

/// Gives the device of a folder another relay. The device must not be open.
pub fn redirect(folder: &Path, relay: Option<String>) -> Result<(), DeviceFault> {
    Identity::read(folder)?.redirect(folder, relay_address(relay)?)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
