//! The relay's end.

mod arrival;
mod back;
mod guest;
mod recoverer;

use crate::session::CHAIN_BYTES;
use crate::{
    ChainPlace, EntryHash, Frame, MEETING_LIMIT, Marks, PROTOCOL, PeerState, Run, SyncFault, Vector, Verified,
};
use arrival::Arrival;
use back::Back;
use guest::Guest;
use mera_schema::{DeviceId, WorkspaceId};
use mera_trust::{Membership, SignedStatement, TrustFault};
use recoverer::Recoverer;
use std::sync::Arc;

/// Runs in the order in which they arrived, from some place on.
pub struct Delivery {
    /// The runs.
    pub runs: Vec<Run>,
    /// The place after them.
    pub arrival: u64,
    /// Whether this is all there is.
    pub complete: bool,
}

/// How a relay and a device parted.
pub struct Parted {
    /// The last entry of the device's own log, and its hash.
    pub own: (u64, EntryHash),
    /// By what its records were known when it held everything.
    pub marks: Option<Marks>,
}

/// What a relay session asks of the relay's disk. Everything is kept apart by company.
pub trait RelayStore {
    /// The life of the disk.
    fn epoch(&self) -> [u8; 16];
    /// Whether the company may keep its logs here. Asked of every guest whose key is proven, before anything is
    /// stored; a store without a policy of its own admits everybody.
    fn admits(&self, _workspace: WorkspaceId) -> Result<(), SyncFault> {
        Ok(())
    }
    /// How many runs have arrived.
    fn arrivals(&self, workspace: WorkspaceId) -> Result<u64, SyncFault>;
    /// How far every log is held.
    fn vector(&self, workspace: WorkspaceId) -> Result<Vector, SyncFault>;
    /// The last entry of each log that it has let go of at a checkpoint.
    fn bases(&self, _workspace: WorkspaceId) -> Result<Vector, SyncFault> {
        Ok(Vector::default())
    }
    /// The hash of an entry of a log: of one that is held, or of the last one that was let go of.
    fn hash_at(&self, ws: WorkspaceId, device: DeviceId, seq: u64) -> Result<Option<EntryHash>, SyncFault>;
    /// The newest arrival of which it has let go of something: a device that stopped before it must tell its vector.
    fn floor(&self, _workspace: WorkspaceId) -> Result<u64, SyncFault> {
        Ok(0)
    }
    /// The company's members; nothing for a company that is new here.
    fn members(&self, workspace: WorkspaceId) -> Result<Option<Arc<Membership>>, SyncFault>;
    /// Statements of the members' chain after one, about `budget` bytes of them.
    fn statements(&self, ws: WorkspaceId, after: u32, budget: usize) -> Result<Vec<SignedStatement>, SyncFault>;
    /// Takes in statements that stand already, durably: this relay is new, or was restored from a backup. Entries that
    /// they call void go.
    fn learn(&self, ws: WorkspaceId, statements: Vec<SignedStatement>) -> Result<(), SyncFault>;
    /// Lets one statement stand next, durably. Refused when another stands there already, and when it would call entries
    /// void that are here already, and while somebody may know of other statements.
    fn extend(&self, ws: WorkspaceId, statement: &SignedStatement) -> Result<(), SyncFault>;
    /// A device is here, and has told all that it knows of the members.
    fn is_here(&self, _workspace: WorkspaceId, _device: DeviceId) -> Result<(), SyncFault> {
        Ok(())
    }
    /// Waits no more for devices that may know of statements which a relay that lost time does not. A store that never loses
    /// time waits for nobody.
    fn go_on(&self, _workspace: WorkspaceId) -> Result<(), SyncFault> {
        Ok(())
    }
    /// Takes in a run that continues its log and that the members let stand (see [`crate::judge`]), durably, and tells how
    /// far the log is held now.
    fn accept(&self, workspace: WorkspaceId, run: Verified) -> Result<u64, SyncFault>;
    /// What arrived after a place, without what `skip` covers; about `budget` bytes.
    fn after(&self, ws: WorkspaceId, arrival: u64, skip: &Vector, budget: usize) -> Result<Delivery, SyncFault>;
    /// Whether what arrived after a place can be given, and what a device confirms be noted, without waiting for a disk.
    fn at_hand(&self, _workspace: WorkspaceId, _arrival: u64) -> Result<bool, SyncFault> {
        Ok(false)
    }
    /// Runs of one log after an entry; about `budget` bytes.
    fn runs_after(&self, ws: WorkspaceId, device: DeviceId, after: u64, budget: usize) -> Result<Vec<Run>, SyncFault>;
    /// The company whose identity begins so, if it is known here and no other begins so too. A store that nobody comes back to
    /// knows none.
    fn company(&self, _begins: [u8; 6]) -> Option<WorkspaceId> {
        None
    }
    /// The last entry of a device's log, its hash, and by what its records were known when it last told that it holds
    /// everything.
    fn parted(&self, _workspace: WorkspaceId, _device: DeviceId) -> Result<Option<Parted>, SyncFault> {
        Ok(None)
    }
    /// Whether a device's clock shows more than the last time it came back in this life of the disk; from now on this is the
    /// last time.
    fn is_later(&self, _workspace: WorkspaceId, _device: DeviceId, _time: u64) -> bool {
        false
    }
    /// Notes what a device holds, and gives a device that holds the same entries and yet other records.
    fn confirm(&self, ws: WorkspaceId, peer: PeerState, marks: Option<Marks>) -> Result<Option<DeviceId>, SyncFault>;
    /// A device went. What it told may have been in memory only, and is on the disk from now on.
    fn left(&self, _workspace: WorkspaceId, _device: DeviceId) -> Result<(), SyncFault> {
        Ok(())
    }
    /// What is known about every device.
    fn peers(&self, workspace: WorkspaceId) -> Result<Vec<PeerState>, SyncFault>;
}

/// What every other session of a company must hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Entries of a log.
    Entries,
    /// Statements of the members' chain.
    Members,
}

/// What the shell round a session must do.
#[derive(Debug, PartialEq, Eq)]
pub enum RelayEffect {
    /// Send this frame.
    Send(Vec<u8>),
    /// Call [`RelaySession::arrived`] of every other session of this company.
    Announce(WorkspaceId, News),
    /// Whoever comes to this place is to be brought to this session, until a moment in seconds since 1970.
    Await {
        /// The company.
        workspace: WorkspaceId,
        /// Where.
        place: [u8; 16],
        /// Until when.
        until: u64,
    },
    /// Carry this to the one who waits at this place, or, from the one who waits, to the one who came. When nobody is
    /// there the session is told with [`RelaySession::nobody_there`].
    Meet {
        /// The company.
        workspace: WorkspaceId,
        /// Where.
        place: [u8; 16],
        /// The frame.
        frame: Vec<u8>,
    },
    /// End the connection; the frame that says why has been sent.
    Close,
}

enum State {
    /// The device speaks first.
    AwaitsBack {
        nonce: [u8; 32],
    },
    AwaitsHello {
        nonce: [u8; 32],
    },
    AwaitsChain(Arrival),
    /// A new device that speaks to the one that invites it; it may say so much more.
    Newcomer {
        messages: u8,
    },
    Open(Box<Guest>),
    /// Whoever holds the recovery code.
    Recovering(Box<Recoverer>),
    Closed,
}

/// The relay's end of one connection.
pub struct RelaySession {
    state: State,
}

impl RelaySession {
    /// A session for a new connection and the frame that opens it. The nonce must be fresh randomness.
    pub fn open(nonce: [u8; 32], store: &dyn RelayStore) -> (Self, Vec<u8>) {
        let challenge = Frame::Challenge { protocol: PROTOCOL, epoch: store.epoch(), nonce };
        (Self { state: State::AwaitsHello { nonce } }, challenge.encode())
    }

    /// A session with a device that says it comes back: it speaks first, and is asked to prove itself in the usual way only
    /// where not everything is as it was.
    pub fn awaiting_back(nonce: [u8; 32]) -> Self {
        Self { state: State::AwaitsBack { nonce } }
    }

    /// Who is at the other end, once that is proven.
    pub fn guest(&self) -> Option<(WorkspaceId, DeviceId)> {
        match &self.state {
            State::Open(guest) => Some(guest.who()),
            State::Recovering(recoverer) => Some(recoverer.who()),
            _ => None,
        }
    }

    /// Whether what arrived can be delivered, and a receipt ([`Frame::is_receipt`]) be taken, without waiting for the disk.
    pub fn is_at_hand(&self, store: &dyn RelayStore) -> bool {
        matches!(&self.state, State::Open(guest) if guest.is_at_hand(store))
    }

    /// A frame came in, at `now` in milliseconds since 1970. A fault is told to the device and ends the session.
    pub fn frame(&mut self, bytes: &[u8], now: u64, store: &dyn RelayStore) -> Vec<RelayEffect> {
        let outcome = Frame::decode(bytes).and_then(|frame| self.take(frame, now, store));
        self.or_close(outcome)
    }

    /// Something arrived from another device.
    pub fn arrived(&mut self, store: &dyn RelayStore) -> Vec<RelayEffect> {
        let State::Open(guest) = &mut self.state else { return Vec::new() };
        let outcome = guest.deliver(store);
        self.or_close(outcome)
    }

    /// Nobody waits where the guest wants to meet somebody.
    pub fn nobody_there(&mut self) -> Vec<RelayEffect> {
        match self.state {
            State::Open(_) | State::Recovering(_) => Vec::new(),
            _ => self.or_close(Err(TrustFault::InvitationRefused.into())),
        }
    }

    fn or_close(&mut self, outcome: Result<Vec<RelayEffect>, SyncFault>) -> Vec<RelayEffect> {
        let mut effects = outcome.unwrap_or_else(|fault| refused(&fault));
        if effects.contains(&RelayEffect::Close) {
            self.state = State::Closed;
            effects.retain(|effect| *effect != RelayEffect::Close);
            effects.push(RelayEffect::Close);
        }
        effects
    }

    fn take(&mut self, frame: Frame, now: u64, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        match (std::mem::replace(&mut self.state, State::Closed), frame) {
            (State::AwaitsHello { nonce }, Frame::Hello { protocol, workspace, key, proof, cursor, chain }) => {
                if protocol != PROTOCOL {
                    return Err(SyncFault::OtherVersion { ours: PROTOCOL, theirs: protocol });
                }
                let arrival = Arrival { workspace, key, cursor, chain, nonce };
                arrival.prove(&proof, store)?;
                self.enter(arrival, now, store)
            }
            (State::AwaitsBack { nonce }, Frame::Back { company, member, arrival, time, mark, proof }) => {
                let back = Back { company, member, arrival, time, mark, proof };
                if let Some((guest, effects)) = back.welcome(now, store)? {
                    self.state = State::Open(Box::new(guest));
                    return Ok(effects);
                }
                let (session, challenge) = Self::open(nonce, store);
                *self = session;
                Ok(vec![RelayEffect::Send(challenge)])
            }
            // The question was on its way already; the device answers it next.
            (awaits @ State::AwaitsHello { .. }, Frame::Back { .. }) => {
                self.state = awaits;
                Ok(Vec::new())
            }
            (State::AwaitsHello { .. }, Frame::Meet { workspace, place, message }) => {
                self.come_to(workspace, place, message, super::MEETING_MESSAGES)
            }
            (State::Newcomer { messages }, Frame::Meet { workspace, place, message }) => {
                self.come_to(workspace, place, message, messages)
            }
            (State::AwaitsChain(arrival), Frame::Chain(statements)) => {
                arrival.teach(statements, store)?;
                // First of all the others hear of it: they answer for what they know.
                let announced = RelayEffect::Announce(arrival.workspace, News::Members);
                Ok([announced].into_iter().chain(self.enter(arrival, now, store)?).collect())
            }
            (State::Open(mut guest), frame) => {
                let effects = guest.frame(frame, now, store);
                self.state = State::Open(guest);
                effects
            }
            (State::Recovering(mut recoverer), frame) => {
                let effects = recoverer.frame(frame, store);
                self.state = State::Recovering(recoverer);
                effects
            }
            _ => Err(SyncFault::OutOfTurn),
        }
    }

    /// Lets a device in, or asks it first for what the relay lacks of the members' chain.
    fn enter(&mut self, arrival: Arrival, now: u64, store: &dyn RelayStore) -> Result<Vec<RelayEffect>, SyncFault> {
        if let Some(after) = arrival.lacking(store)? {
            self.state = State::AwaitsChain(arrival);
            return Ok(vec![RelayEffect::Send(Frame::TellChain { after }.encode())]);
        }
        if let Some((recoverer, effects)) = Recoverer::welcome(&arrival, store)? {
            self.state = State::Recovering(Box::new(recoverer));
            return Ok(effects);
        }
        let (guest, effects) = Guest::welcome(&arrival, now, store)?;
        if let Some(guest) = guest {
            self.state = State::Open(Box::new(guest));
        }
        Ok(effects)
    }

    fn come_to(
        &mut self,
        workspace: WorkspaceId,
        place: [u8; 16],
        message: Vec<u8>,
        left: u8,
    ) -> Result<Vec<RelayEffect>, SyncFault> {
        if message.len() > MEETING_LIMIT {
            return Err(SyncFault::TooMuch { what: "a message of more than 4 KiB at a meeting" });
        }
        let Some(messages) = left.checked_sub(1) else { return Err(SyncFault::OutOfTurn) };
        self.state = State::Newcomer { messages };
        let frame = Frame::Meet { workspace, place, message }.encode();
        Ok(vec![RelayEffect::Meet { workspace, place, frame }])
    }
}

/// The statements of the members' chain that a guest has not been told, who has `told` of them.
fn tell_chain(
    (workspace, members): (WorkspaceId, &Membership),
    told: &mut u32,
    store: &dyn RelayStore,
) -> Result<Vec<RelayEffect>, SyncFault> {
    let mut effects = Vec::new();
    while *told < ChainPlace::from(members).length {
        let statements = store.statements(workspace, *told, CHAIN_BYTES)?;
        let Some(last) = statements.last() else { break };
        *told = last.statement.number;
        effects.push(RelayEffect::Send(Frame::Chain(statements).encode()));
    }
    Ok(effects)
}

/// What follows when a statement was to stand next: `told` brings the guest what it lacked. Somebody else may have been
/// quicker, and the guest may not be allowed to: neither ends the conversation.
fn extended(
    workspace: WorkspaceId,
    stands: Result<(), SyncFault>,
    told: Vec<RelayEffect>,
) -> Result<Vec<RelayEffect>, SyncFault> {
    let mut effects = told;
    match stands {
        // The others first: they must hear of it also when this device is gone before it is told.
        Ok(()) => effects.insert(0, RelayEffect::Announce(workspace, News::Members)),
        Err(fault @ SyncFault::Store(_)) => return Err(fault),
        Err(fault) => {
            let (code, says) = (fault.code().to_owned(), fault.to_string());
            effects.push(RelayEffect::Send(Frame::NotExtended { code, says }.encode()));
        }
    }
    Ok(effects)
}

/// Says no, and goes.
fn refused(fault: &SyncFault) -> Vec<RelayEffect> {
    // The device itself says beside it that it was the relay who refused.
    let says = if let SyncFault::Refused { says, .. } = fault { says.clone() } else { fault.to_string() };
    let refused = Frame::Refused { code: fault.code().to_owned(), says };
    vec![RelayEffect::Send(refused.encode()), RelayEffect::Close]
}
