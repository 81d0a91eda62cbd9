//! The last administrator is gone: a new device comes with the recovery code. It shows the relay that it holds the code, is
//! told the members' chain, makes itself administrator in it, and is made. Nothing is written before that stands.

use crate::handle::at_the_disk;
use crate::joining::{Nothing, hear, send};
use crate::line::connect;
use crate::{Candidate, DeviceFault, Engine, Founding, Place, Surroundings, VaultFault};
use mera_device_api::Refused;
use mera_schema::{Desk, PersonId, WorkspaceId};
use mera_sync_protocol::{ClientEffect, ClientSession, SyncFault};
use mera_trust::{Card, Entropy, GroupKeys, Membership, RecoveryCode, SignedStatement, TrustFault};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait before calling again after the line broke.
const CALL_AGAIN: Duration = Duration::from_millis(500);
/// How often others may be quicker before the person is asked again; the relay hears no more in one conversation.
const TRIES: u8 = 8;

/// Who comes back, and with what.
pub struct Returning {
    /// The recovery code, as it was typed or scanned.
    pub code: String,
    /// The company's id, for a code that does not say it.
    pub company: Option<String>,
    /// The relay that has the company's records.
    pub relay: String,
    /// Who uses the new device and becomes administrator.
    pub person: String,
    /// What people call the device.
    pub name: String,
    /// The desk it stands on.
    pub desk: Desk,
    /// Starts the numbers it gives out.
    pub series: String,
    /// Where its secret is to be kept.
    pub vault: Place,
}

/// Why a code does not bring a company back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum RecoveryFault {
    /// The code cannot be read, or holds no more.
    #[error(transparent)]
    Code(TrustFault),
    /// A code of the first version, and nothing said beside it.
    #[error(
        "this code does not say which company it is of; give the company's id, which stands beside it on the paper"
    )]
    NoCompany,
    /// What was said is no company's id.
    #[error("{0:?} is no company's id; copy it whole from the paper with the recovery code")]
    NotACompany(String),
    /// Code and id are of two companies.
    #[error("this code is of another company than the one that is named; see that both stand on one paper")]
    OtherCompany,
    /// No relay was named.
    #[error("say which relay has the company's records; its address stands on the paper with the recovery code")]
    NoRelay,
    /// The relay told nothing.
    #[error(
        "the relay knows no company with this recovery code: the code or the company is another one, or the relay has lost \
         its disk; then connect a device of the company to it first, and try again"
    )]
    Unknown,
    /// The relay gave no answer in time.
    #[error("the relay did not answer in time whether the recovery stands; try again")]
    Late,
}

impl RecoveryFault {
    /// The stable code.
    fn code(&self) -> &'static str {
        match self {
            Self::Code(fault) => fault.code(),
            Self::NoCompany => "recovery.no_company",
            Self::NotACompany(_) => "recovery.not_a_company",
            Self::OtherCompany => "recovery.other_company",
            Self::NoRelay => "recovery.no_relay",
            Self::Unknown => "recovery.unknown",
            Self::Late => "recovery.late",
        }
    }

    /// The field it is about.
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Code(_) | Self::OtherCompany | Self::Unknown => Some("code"),
            Self::NoCompany | Self::NotACompany(_) => Some("company"),
            Self::NoRelay => Some("relay"),
            Self::Late => None,
        }
    }
}

impl From<RecoveryFault> for Refused {
    fn from(fault: RecoveryFault) -> Self {
        let mut refused = Self::new(fault.code(), fault.to_string());
        refused.field = fault.field().map(str::to_owned);
        refused
    }
}

/// Brings a company back, and opens the new device.
pub async fn recover(folder: &Path, returning: Returning, world: Arc<dyn Surroundings>) -> Result<Engine, Refused> {
    let Returning { code, company, relay, person, name, desk, series, vault } = returning;
    let code: RecoveryCode = code.parse().map_err(RecoveryFault::Code)?;
    let company = company_of(&code, company.as_deref())?;
    // Refused before the relay is asked: who then stands in the chain must not be without a device.
    let founding = Founding { person, name, desk, series, relay: Some(relay), vault };
    let founding = founding.checked().map_err(DeviceFault::from)?;
    let relay = founding.relay.clone().ok_or(RecoveryFault::NoRelay)?;
    Engine::could_begin(folder)?;
    can_keep_its_key(&founding.vault, &world).await?;
    let candidate = Candidate::new(world.as_ref())?;
    let person = PersonId::new(uuid::Builder::from_random_bytes(crate::beginning::random(world.as_ref())?).into_uuid());
    let card = candidate.card(person);
    let mut claim = Claim { code, company, card, relay, world: world.as_ref(), asked: false };
    let chain = timeout(PATIENCE, claim.stand(folder)).await.map_err(|_| RecoveryFault::Late)??;
    let joined = candidate.admitted(person, chain)?;
    let folder = folder.to_owned();
    at_the_disk(move || Engine::join(&folder, founding, joined, world)).await.map_err(Refused::from)
}

/// Which company is meant: the code says it, or its holder does, and if both do they must agree.
fn company_of(code: &RecoveryCode, said: Option<&str>) -> Result<WorkspaceId, RecoveryFault> {
    let said = said.map(str::trim).filter(|said| !said.is_empty());
    let said = said.map(|said| said.parse::<WorkspaceId>().map_err(|_| RecoveryFault::NotACompany(said.to_owned())));
    match (code.company(), said.transpose()?) {
        (Some(of), Some(said)) if of != said => Err(RecoveryFault::OtherCompany),
        (Some(company), _) | (None, Some(company)) => Ok(company),
        (None, None) => Err(RecoveryFault::NoCompany),
    }
}

async fn can_keep_its_key(vault: &Place, world: &Arc<dyn Surroundings>) -> Result<(), Refused> {
    let (vault, world) = (vault.clone(), world.clone());
    let fault = at_the_disk(move || match vault {
        Place::Keyring if world.keyring().is_none() => Some(VaultFault::NoKeyring),
        Place::KeyFile(path) if path.exists() => Some(VaultFault::FileExists(path)),
        _ => None,
    });
    fault.await.map_or(Ok(()), |fault| Err(DeviceFault::from(fault).into()))
}

/// A new device that holds the code and is to stand in the chain.
struct Claim<'a> {
    code: RecoveryCode,
    company: WorkspaceId,
    card: Card,
    relay: String,
    world: &'a dyn Surroundings,
    /// Whether the relay may have let it stand already.
    asked: bool,
}

impl Claim<'_> {
    /// The chain in which the device stands. A line that breaks after the relay was asked leaves open what became of it, so
    /// that it is called again.
    async fn stand(&mut self, folder: &Path) -> Result<Vec<SignedStatement>, Refused> {
        let mut calls = 1;
        loop {
            match self.call(folder).await {
                Err(why) if self.asked && why.code.starts_with("sync.") && calls < TRIES => {
                    calls += 1;
                    sleep(CALL_AGAIN).await;
                }
                Err(why) if why.code == TrustFault::Stranger.code() => return Err(RecoveryFault::Unknown.into()),
                Err(why) if why.code == TrustFault::RecoveryCodeReplaced.code() => {
                    return Err(RecoveryFault::Code(TrustFault::RecoveryCodeReplaced).into());
                }
                ended => return ended,
            }
        }
    }

    async fn call(&mut self, folder: &Path) -> Result<Vec<SignedStatement>, Refused> {
        let mut socket = connect(&self.relay, folder).await?;
        let mut session = ClientSession::new(Arc::new(self.code.signing()), self.company, None);
        let (mut chain, mut open, mut under_way, mut tries) = (Vec::new(), false, false, 0);
        loop {
            let frame = hear(&mut socket).await?.encode();
            for effect in session.frame(&frame, &Nothing).map_err(refused)? {
                match effect {
                    ClientEffect::Send(frame) => send(&mut socket, frame).await?,
                    ClientEffect::Learn(statements) => chain.extend(statements),
                    ClientEffect::Welcomed { .. } => open = true,
                    // Somebody else was quicker, and the relay has told what they said: it is said anew behind that.
                    ClientEffect::NotExtended { code, .. } if code == TrustFault::Behind.code() && tries < TRIES => {
                        under_way = false;
                    }
                    ClientEffect::NotExtended { code, says } => return Err(Refused::new(&code, says)),
                    _ => return Err(DeviceFault::from(SyncFault::OutOfTurn).into()),
                }
            }
            if !open {
                continue;
            }
            let Some(said) = self.said(&chain)? else {
                socket.close(None).await.ok();
                return Ok(chain);
            };
            if !under_way && let Some(ClientEffect::Send(frame)) = session.extend(said) {
                (self.asked, under_way, tries) = (true, true, tries + 1);
                send(&mut socket, frame).await?;
            }
        }
    }

    /// What is to be said behind a chain; nothing where it has been said.
    fn said(&self, chain: &[SignedStatement]) -> Result<Option<SignedStatement>, DeviceFault> {
        let members = Membership::read(chain)?;
        if members.workspace() != self.company {
            return Err(TrustFault::OtherCompany.into());
        }
        if members.admits(self.card.device.device()).is_ok() {
            return Ok(None);
        }
        let key = self.code.signing();
        let (me, sealing, mut keys) = (key.public().device(), self.code.sealing(), GroupKeys::default());
        for signed in chain {
            keys.take(signed, members.epoch(), me, &sealing)?;
        }
        let mut entropy = Entropy::from_seed(&crate::beginning::random(self.world)?);
        Ok(Some(members.draft_recovery(self.card, (&key, &keys), self.world.millis(), &mut entropy)?))
    }
}

/// What the relay said, in its own words.
fn refused(fault: SyncFault) -> Refused {
    match fault {
        SyncFault::Refused { code, says } => Refused::new(&code, says),
        other => DeviceFault::from(other).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_company_is_named_by_the_code_or_beside_it_and_never_by_both_differently() {
        let id = |n: u128| WorkspaceId::new(uuid::Uuid::from_u128(n));
        let (one, two) = (id(1).to_string(), id(2).to_string());
        let code = || RecoveryCode::from_seed([7; 32]);
        let table = [
            (code().of(id(1)), None, Ok(id(1))),
            (code().of(id(1)), Some(" "), Ok(id(1))),
            (code().of(id(1)), Some(one.as_str()), Ok(id(1))),
            (code().of(id(1)), Some(two.as_str()), Err(("recovery.other_company", Some("code")))),
            (code(), Some(one.as_str()), Ok(id(1))),
            (code(), None, Err(("recovery.no_company", Some("company")))),
            (code(), Some("Aalborg"), Err(("recovery.not_a_company", Some("company")))),
        ];
        for (code, said, company) in table {
            let found = company_of(&code, said).map_err(|fault| (fault.code(), fault.field()));
            assert_eq!(found, company, "{said:?}");
        }
    }
}
