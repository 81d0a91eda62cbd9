//! How a device's identity stands in its file.

use super::second::{Apart, Salt};
use super::{Identity, KeptSo};
use crate::vault::{Kept, Secret};
use mera_schema::{Desk, PersonId, WorkspaceId};
use mera_sync_protocol::PublicKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The version of the file's format, and the one in which the secret stood in it.
const FORMAT: u32 = 2;
const FORMER: u32 = 1;

/// What the file holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    format: u32,
    workspace: WorkspaceId,
    /// Whose device it is, as the members' chain names them.
    person_id: PersonId,
    /// The public key, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept: Option<Kept>,
    /// The secret, in a file of the former format only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed: Option<Zeroizing<String>>,
    /// What the second identity follows from that the device goes by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    second: Option<Salt>,
    /// That it stands in two places, and is to go on under a second identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    apart: Option<Apart>,
    name: String,
    person: String,
    desk: Desk,
    series: String,
    relay: Option<String>,
    /// The CRC-32 of everything else, so that a wrong byte is not read as another name; nothing in a file of an older
    /// program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    check: Option<String>,
}

impl Written {
    /// The CRC-32 of everything but itself, in hexadecimal digits.
    fn checked(&self) -> String {
        let fields = serde_json::to_value(self).expect("an identity is plain text and always serialises");
        let mut bytes = Zeroizing::new(Vec::new());
        for (name, value) in fields.as_object().into_iter().flatten().filter(|(name, _)| *name != "check") {
            bytes.extend_from_slice(format!("{name}={value}\n").as_bytes());
        }
        format!("{:08x}", crc32fast::hash(&bytes))
    }
}

impl From<&Identity> for Written {
    fn from(identity: &Identity) -> Self {
        let key = || identity.key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let (format, key, kept, seed) = match &identity.kept {
            KeptSo::Well(kept) => (FORMAT, Some(key()), Some(kept.clone()), None),
            KeptSo::InIdentity(secret) => (FORMER, None, None, Some(secret.hex())),
        };
        let mut written = Self {
            format,
            workspace: identity.workspace,
            person_id: identity.person_id,
            key,
            kept,
            seed,
            second: identity.second,
            apart: identity.apart,
            name: identity.name.clone(),
            person: identity.person.clone(),
            desk: identity.desk,
            series: identity.series.clone(),
            relay: identity.relay.clone(),
            check: None,
        };
        written.check = Some(written.checked());
        written
    }
}

impl TryFrom<Written> for Identity {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        if written.check.as_ref().is_some_and(|check| *check != written.checked()) {
            return Err("a byte of it is not what was written".into());
        }
        let Written { format, workspace, person_id, key, kept, seed, second, apart, .. } = written;
        let Written { name, person, desk, series, relay, .. } = written;
        let digits = "its key is not 64 hexadecimal digits";
        let (key, kept) = match (format, key, kept, seed) {
            (FORMAT, Some(key), Some(kept), None) => (public(&key).ok_or(digits)?, KeptSo::Well(kept)),
            (FORMER, None, None, Some(seed)) => {
                let secret = Secret::from_hex(&seed).ok_or(digits)?;
                (secret.signing().public(), KeptSo::InIdentity(secret))
            }
            (FORMAT | FORMER, ..) => return Err("it does not say what its format says".into()),
            _ => return Err(format!("it has format {format}, this program knows {FORMAT}")),
        };
        Ok(Self { workspace, person_id, key, kept, second, apart, name, person, desk, series, relay })
    }
}

fn public(digits: &str) -> Option<PublicKey> {
    let mut key = [0; 32];
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    for (index, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(PublicKey(key))
}
