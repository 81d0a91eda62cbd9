//! An invitation as it is scanned or typed, and how codes are written for people.

use crate::TrustFault;
use data_encoding::{Encoding, Specification};
use mera_schema::WorkspaceId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// Brings one device in, once: by it the new device finds the one that invites, and each knows the other.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The relay at which both meet.
    pub relay: String,
    /// The company.
    pub workspace: WorkspaceId,
    /// Known to nobody else, and used once.
    pub secret: [u8; 16],
    /// Until when it holds, in seconds since 1970.
    pub expires: u64,
}

/// What an invitation begins with; the digit is its version.
const MARK: &str = "MERA1";

impl Invitation {
    /// Where the two meet at the relay, which learns nothing from it.
    pub fn meeting_place(&self) -> [u8; 16] {
        let mut place = [0; 16];
        let mut hash = blake3::Hasher::new_derive_key("MERA meeting place v1");
        hash.update(&self.secret).update(self.workspace.uuid().as_bytes()).finalize_xof().fill(&mut place);
        place
    }

    /// What both sides of the channel know and nobody between them.
    pub(crate) fn shared(&self) -> Zeroizing<[u8; 32]> {
        let secret = [self.secret.as_slice(), self.workspace.uuid().as_bytes()].concat();
        Zeroizing::new(blake3::derive_key("MERA invitation secret v1", &secret))
    }

    /// Refuses one that no longer holds, at `now` in milliseconds since 1970.
    pub fn still_holds(&self, now: u64) -> Result<(), TrustFault> {
        if now / 1000 <= self.expires { Ok(()) } else { Err(TrustFault::InvitationExpired) }
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invitation to {} at {}", self.workspace, self.relay)
    }
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = postcard::to_allocvec(self).expect("an invitation is plain data in memory and always serialises");
        write!(f, "{MARK}-{}", written(&bytes))
    }
}

impl FromStr for Invitation {
    type Err = TrustFault;

    fn from_str(text: &str) -> Result<Self, TrustFault> {
        let plain = plain(text);
        let Some(rest) = plain.strip_prefix(MARK) else {
            let newer = plain.strip_prefix("MERA").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            return Err(if newer { TrustFault::InvitationNewer } else { TrustFault::NoInvitation });
        };
        let bytes = read(rest).ok_or(TrustFault::NoInvitation)?;
        postcard::from_bytes(&bytes).map_err(|_| TrustFault::NoInvitation)
    }
}

/// Crockford's alphabet: no sign is mistaken for another, and what is, is read as what was meant.
fn alphabet() -> Encoding {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    specification.translate.from.push_str("OILU");
    specification.translate.to.push_str("011V");
    specification.encoding().expect("the alphabet has 32 different signs")
}

/// Bytes and their checksum in groups of five signs.
pub(crate) fn written(bytes: &[u8]) -> String {
    let signs = alphabet().encode(&[bytes, &checksum(bytes)].concat());
    let groups: Vec<String> = signs.as_bytes().chunks(5).map(|group| String::from_utf8_lossy(group).into()).collect();
    groups.join("-")
}

/// Bytes whose checksum is right.
pub(crate) fn read(signs: &str) -> Option<Zeroizing<Vec<u8>>> {
    let all = Zeroizing::new(alphabet().decode(signs.as_bytes()).ok()?);
    let (bytes, sum) = all.split_at_checked(all.len().checked_sub(4)?)?;
    (checksum(bytes) == *sum).then(|| Zeroizing::new(bytes.to_vec()))
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let hash = blake3::derive_key("MERA code checksum v1", bytes);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Capital letters without what people and mail programs put between them.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_uppercase()).collect()
}
