//! Work that a device could not deliver, on its way to those who may judge it: sealed to each of them, signed by the
//! device, and written as text, so that it goes through a letter, a stick or a mail.

use crate::{DeviceKey, Entropy, PublicKey, SealingKey, SealingPublic, Signature, TrustFault, Wrapped};
use aes_gcm_siv::aead::Aead;
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use data_encoding::BASE64;
use mera_schema::{DeviceId, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// What the text begins with: its name and the version of its form.
const HEADING: &str = "MERA handed-in work 1";
/// What a signature of it begins with, so that it can never be taken for a signature of something else.
const PURPOSE: &[u8] = b"MERA handed-in work v1";
/// Signs on a line, as in a mail.
const LINE: usize = 76;

/// A parcel of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// The company.
    pub workspace: WorkspaceId,
    /// Who hands it in.
    pub from: PublicKey,
    /// The key of the content, for each who may judge it.
    wraps: Vec<(DeviceId, Wrapped)>,
    sealed: Vec<u8>,
    signature: Signature,
}

impl Parcel {
    /// Seals a content for these devices.
    pub fn seal(
        content: &[u8],
        (workspace, key): (WorkspaceId, &DeviceKey),
        to: impl IntoIterator<Item = (DeviceId, SealingPublic)>,
        entropy: &mut Entropy,
    ) -> Result<Self, TrustFault> {
        let (secret, from) = (Zeroizing::new(entropy.bytes()), key.public());
        let wrap = |(device, sealing): (DeviceId, SealingPublic)| {
            Ok((device, sealing.wrap(&secret, &purpose(workspace, &from, device), entropy)?))
        };
        let wraps = to.into_iter().map(wrap).collect::<Result<Vec<_>, TrustFault>>()?;
        // The key seals exactly this one thing, and so needs no nonce that differs.
        let sealed = Aes256GcmSiv::new((&*secret).into()).encrypt(&Nonce::default(), content);
        let sealed = sealed.map_err(|_| TrustFault::SealBroken)?;
        let signature = key.sign(&message(workspace, &wraps, &sealed));
        Ok(Self { workspace, from, wraps, sealed, signature })
    }

    /// Opens it, if it is of this company, as it was signed, and sealed for this device.
    pub fn open(
        &self,
        workspace: WorkspaceId,
        (me, sealing): (DeviceId, &SealingKey),
    ) -> Result<Zeroizing<Vec<u8>>, TrustFault> {
        if self.workspace != workspace {
            return Err(TrustFault::ParcelOfOthers);
        }
        self.from.verify(&message(workspace, &self.wraps, &self.sealed), &self.signature)?;
        let mine = self.wraps.iter().find(|(device, _)| *device == me);
        let (_, wrapped) = mine.ok_or(TrustFault::ParcelNotForMe)?;
        let secret = Zeroizing::new(sealing.unwrap(wrapped, &purpose(workspace, &self.from, me))?);
        let opened = Aes256GcmSiv::new((&*secret).into()).decrypt(&Nonce::default(), self.sealed.as_slice());
        opened.map(Zeroizing::new).map_err(|_| TrustFault::SealBroken)
    }
}

fn purpose(workspace: WorkspaceId, from: &PublicKey, to: DeviceId) -> Vec<u8> {
    [PURPOSE, workspace.uuid().as_bytes(), &from.0, to.uuid().as_bytes()].concat()
}

fn message(workspace: WorkspaceId, wraps: &[(DeviceId, Wrapped)], sealed: &[u8]) -> Vec<u8> {
    let said = postcard::to_allocvec(&(wraps, sealed)).expect("it is plain data in memory and always serialises");
    let hash = blake3::derive_key("MERA handed-in work v1", &said);
    [PURPOSE, workspace.uuid().as_bytes(), &hash].concat()
}

impl fmt::Display for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = postcard::to_allocvec(self).expect("a parcel is plain data in memory and always serialises");
        writeln!(f, "{HEADING}")?;
        let signs = BASE64.encode(&bytes);
        signs.as_bytes().chunks(LINE).try_for_each(|line| writeln!(f, "{}", String::from_utf8_lossy(line)))
    }
}

impl FromStr for Parcel {
    type Err = TrustFault;

    fn from_str(text: &str) -> Result<Self, TrustFault> {
        let rest = text.trim_start().strip_prefix(HEADING).ok_or(TrustFault::NoParcel)?;
        let signs: String = rest.chars().filter(|sign| !sign.is_whitespace()).collect();
        let bytes = BASE64.decode(signs.as_bytes()).map_err(|_| TrustFault::NoParcel)?;
        postcard::from_bytes(&bytes).map_err(|_| TrustFault::NoParcel)
    }
}
