//! A new device comes with an invitation: it meets the one that invites at the relay, is admitted, fetches the members'
//! chain, and is made. Nothing is written before it is a member.

use crate::handle::at_the_disk;
use crate::line::{Socket, broken, connect, hung_up};
use crate::{Candidate, DeviceFault, Engine, Founding, Joined, Place, Surroundings};
use futures_util::{SinkExt, StreamExt};
use mera_device_api::Refused;
use mera_schema::{Desk, DeviceId};
use mera_sync_protocol::{ChainPlace, ClientEffect, ClientSession, Frame, Replica, Run, SyncFault, Vector};
use mera_trust::{Admitted, Entropy, Invitation, Membership, Newcomer, SignedStatement, TrustFault};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

/// How long the one that invites may take to admit.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait before knocking again where nobody was.
const KNOCK_AGAIN: Duration = Duration::from_millis(500);

/// What a person says of the device that they bring.
#[derive(Debug, Clone)]
pub struct Arriving {
    /// The invitation, as it was scanned or typed.
    pub invitation: String,
    /// What people call the device.
    pub name: String,
    /// The desk it stands on.
    pub desk: Desk,
    /// Starts the numbers it gives out.
    pub series: String,
    /// Where its secret is to be kept.
    pub vault: Place,
}

/// Joins a company, and opens the new device.
pub async fn join(folder: &Path, arriving: Arriving, world: Arc<dyn Surroundings>) -> Result<Engine, Refused> {
    let trust = |fault: TrustFault| Refused::from(DeviceFault::from(fault)).at("invitation");
    let invitation: Invitation = arriving.invitation.parse().map_err(trust)?;
    invitation.still_holds(world.millis()).map_err(trust)?;
    let Arriving { name, desk, series, vault, .. } = arriving;
    let relay = Some(invitation.relay.clone());
    // Refused before anybody is asked: who then joins must not stand in the chain without a device.
    let founding = Founding { person: String::new(), name, desk, series, relay, vault }.checked_but_the_person();
    let founding = founding.map_err(DeviceFault::from)?;
    Engine::could_begin(folder)?;
    let candidate = Candidate::new(world.as_ref())?;
    let (admitted, chain) = timeout(PATIENCE, async {
        let admitted = loop {
            match meet(&invitation, folder, (&candidate, &founding.name), world.as_ref()).await {
                // Nobody waits there at this moment; the one that invites may be on its way back to the relay.
                Err(refused) if refused.code == TrustFault::InvitationRefused.code() => sleep(KNOCK_AGAIN).await,
                met => break met?,
            }
        };
        let chain = fetch_chain(&invitation, folder, &candidate).await?;
        Ok::<_, Refused>((admitted, chain))
    })
    .await
    .map_err(|_| late())??;
    let joined = checked(&invitation, candidate, &admitted, chain)?;
    let (folder, founding) = (folder.to_owned(), Founding { person: admitted.name, ..founding });
    at_the_disk(move || Engine::join(&folder, founding, joined, world)).await.map_err(Refused::from)
}

async fn meet(
    invitation: &Invitation,
    folder: &Path,
    (candidate, name): (&Candidate, &str),
    world: &dyn Surroundings,
) -> Result<Admitted, Refused> {
    let entropy = Entropy::from_seed(&crate::beginning::random(world)?);
    let (mut newcomer, knock) = Newcomer::knock(invitation, entropy).map_err(DeviceFault::from)?;
    let mut socket = connect(&invitation.relay, folder).await?;
    let place = invitation.meeting_place();
    let says = |message| Frame::Meet { workspace: invitation.workspace, place, message };
    let card = candidate.card(mera_schema::PersonId::new(uuid::Uuid::nil()));
    let (mut knocked, mut introduced) = (Some(knock), false);
    loop {
        match hear(&mut socket).await? {
            Frame::Challenge { .. } => {
                if let Some(knock) = knocked.take() {
                    say(&mut socket, &says(knock)).await?;
                }
            }
            Frame::Meet { message, .. } if !introduced => {
                introduced = true;
                let arriving =
                    mera_trust::Arriving { device: card.device, sealing: card.sealing, name: name.to_owned() };
                let message = newcomer.introduce(&message, &arriving).map_err(DeviceFault::from)?;
                say(&mut socket, &says(message)).await?;
            }
            Frame::Meet { message, .. } => return Ok(newcomer.welcomed(&message).map_err(DeviceFault::from)?),
            Frame::Refused { code, says } => return Err(Refused::new(&code, says)),
            _ => return Err(DeviceFault::from(SyncFault::OutOfTurn).into()),
        }
    }
}

/// Calls as the member that it is now, only to be told the chain.
async fn fetch_chain(
    invitation: &Invitation,
    folder: &Path,
    candidate: &Candidate,
) -> Result<Vec<SignedStatement>, Refused> {
    let mut socket = connect(&invitation.relay, folder).await?;
    let mut session = ClientSession::new(Arc::new(candidate.key()), invitation.workspace, None);
    let mut chain = Vec::new();
    loop {
        let frame = hear(&mut socket).await?.encode();
        for effect in session.frame(&frame, &Nothing).map_err(DeviceFault::from)? {
            match effect {
                ClientEffect::Send(frame) => send(&mut socket, frame).await?,
                ClientEffect::Learn(statements) => chain.extend(statements),
                ClientEffect::Welcomed { .. } => {
                    socket.close(None).await.ok();
                    return Ok(chain);
                }
                _ => {}
            }
        }
    }
}

/// The chain must be that of the company that the invitation names, and hold what the one that invites said.
fn checked(
    invitation: &Invitation,
    candidate: Candidate,
    admitted: &Admitted,
    chain: Vec<SignedStatement>,
) -> Result<Joined, Refused> {
    let members = Membership::read(&chain).map_err(DeviceFault::from)?;
    let (number, hash) = admitted.statement;
    let named = (number as usize).checked_sub(1).and_then(|index| chain.get(index));
    if members.workspace() != invitation.workspace || named.is_none_or(|signed| signed.statement.hash() != hash) {
        return Err(DeviceFault::from(TrustFault::OtherCompany).into());
    }
    Ok(candidate.admitted(admitted.person, chain)?)
}

/// What the relay says next.
pub(crate) async fn hear(socket: &mut Socket) -> Result<Frame, Refused> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Binary(bytes))) => return Ok(Frame::decode(&bytes).map_err(DeviceFault::from)?),
            Some(Ok(Message::Close(_))) | None => return Err(hung_up()),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(broken(&error)),
        }
    }
}

async fn say(socket: &mut Socket, frame: &Frame) -> Result<(), Refused> {
    send(socket, frame.encode()).await
}

/// Says a frame to the relay.
pub(crate) async fn send(socket: &mut Socket, frame: Vec<u8>) -> Result<(), Refused> {
    socket.send(Message::Binary(frame.into())).await.map_err(|error| broken(&error))
}

fn late() -> Refused {
    let says = "nobody answers to this invitation: the device that invites must be connected while you join, and an \
                invitation brings in one device; look there, then try again or ask for a new one";
    Refused::new("invitation.late", says)
}

/// A device before it holds anything.
pub(crate) struct Nothing;

impl Replica for Nothing {
    fn vector(&self) -> Result<Vector, SyncFault> {
        Ok(Vector::default())
    }

    fn runs_after(&self, _: DeviceId, _: u64, _: usize) -> Result<Vec<Run>, SyncFault> {
        Ok(Vec::new())
    }

    fn chain(&self) -> ChainPlace {
        ChainPlace::default()
    }

    fn statements(&self, _: u32, _: usize) -> Result<Vec<SignedStatement>, SyncFault> {
        Ok(Vec::new())
    }
}
