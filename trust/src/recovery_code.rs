//! The recovery code, which a company keeps on paper: it brings the company back when its last administrator is lost.

use crate::invitation::{plain, read, written};
use crate::{DeviceKey, Recovery, SealingKey, TrustFault};
use mera_schema::WorkspaceId;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;
use zeroize::Zeroizing;

/// What every recovery code begins with; its version follows.
const MARK: &str = "MERA-RECOVERY";
/// The version of a code that does not say whose it is.
const OF_NOBODY: char = '1';
/// The version of a code that names its company.
const OF_A_COMPANY: char = '2';
/// Bytes of the secret.
const SECRET: usize = 32;

/// The keys of a company's recovery code, by the 32 bytes behind it, and which company it is of.
pub struct RecoveryCode {
    seed: Zeroizing<[u8; SECRET]>,
    company: Option<WorkspaceId>,
}

impl RecoveryCode {
    /// From 32 bytes of randomness that are used nowhere else.
    pub fn from_seed(seed: [u8; SECRET]) -> Self {
        Self { seed: Zeroizing::new(seed), company: None }
    }

    /// The same code, which also names its company: whoever holds it then needs to know nothing else but a relay.
    #[must_use]
    pub fn of(self, company: WorkspaceId) -> Self {
        Self { company: Some(company), ..self }
    }

    /// The company, if the code names it; codes of the first version do not.
    pub fn company(&self) -> Option<WorkspaceId> {
        self.company
    }

    /// What the company keeps of it.
    pub fn card(&self) -> Recovery {
        Recovery { signing: self.signing().public(), sealing: self.sealing().public() }
    }

    /// The signing key.
    pub fn signing(&self) -> DeviceKey {
        DeviceKey::from_seed(&self.seed)
    }

    /// The sealing key.
    pub fn sealing(&self) -> SealingKey {
        SealingKey::from_seed(&self.seed)
    }
}

impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.company {
            None => write!(f, "{MARK}{OF_NOBODY}-{}", written(self.seed.as_slice())),
            Some(company) => {
                let bytes = Zeroizing::new([self.seed.as_slice(), company.uuid().as_bytes()].concat());
                write!(f, "{MARK}{OF_A_COMPANY}-{}", written(&bytes))
            }
        }
    }
}

impl FromStr for RecoveryCode {
    type Err = TrustFault;

    fn from_str(text: &str) -> Result<Self, TrustFault> {
        let text = Zeroizing::new(plain(text));
        let mut signs = text.strip_prefix(&plain(MARK)).ok_or(TrustFault::NoRecoveryCode)?.chars();
        let version = signs.next().filter(char::is_ascii_digit).ok_or(TrustFault::NoRecoveryCode)?;
        if version > OF_A_COMPANY {
            return Err(TrustFault::RecoveryCodeNewer);
        }
        let bytes = read(signs.as_str()).ok_or(TrustFault::NoRecoveryCode)?;
        let (seed, company) = bytes.split_first_chunk::<SECRET>().ok_or(TrustFault::NoRecoveryCode)?;
        let code = Self::from_seed(*seed);
        match (version, company) {
            (OF_NOBODY, []) => Ok(code),
            (OF_A_COMPANY, company) => {
                let company = Uuid::from_slice(company).map_err(|_| TrustFault::NoRecoveryCode)?;
                Ok(code.of(WorkspaceId::new(company)))
            }
            _ => Err(TrustFault::NoRecoveryCode),
        }
    }
}
