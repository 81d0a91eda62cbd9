//! The device's end.

mod bringing;

use super::back::begins;
use super::{CHAIN_BYTES, Common, Standing};
use crate::frame::proof;
use crate::{ChainPlace, Cursor, DeviceKey, Digests, Frame, PROTOCOL, Peers, Run, SyncFault, Vector};
use mera_schema::{DeviceId, WorkspaceId};
use mera_trust::SignedStatement;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a session reads of the replica it speaks for.
pub trait Replica {
    /// How far it holds every log.
    fn vector(&self) -> Result<Vector, SyncFault>;
    /// Runs of a log after an entry, about `budget` bytes of them, at least one if there is any.
    fn runs_after(&self, device: DeviceId, after: u64, budget: usize) -> Result<Vec<Run>, SyncFault>;
    /// The last entry of a log that it has let go of at a checkpoint: it can give none up to there.
    fn base(&self, _device: DeviceId) -> Result<u64, SyncFault> {
        Ok(0)
    }
    /// The log with the records of the newest checkpoint: a relay must have it before others that begin at the checkpoint.
    fn comes_first(&self) -> Option<DeviceId> {
        None
    }
    /// The logs of others that the relay may not have, because a neighbour told of them, and how far it is known to have each.
    fn brings(&self) -> Vector {
        Vector::default()
    }
    /// How much of the members' chain it has.
    fn chain(&self) -> ChainPlace;
    /// How it stands with its relay; nothing where it does not know that, as before the two have spoken.
    fn standing(&self) -> Result<Option<Standing>, SyncFault> {
        Ok(None)
    }
    /// Statements of the chain after one, about `budget` bytes of them.
    fn statements(&self, after: u32, budget: usize) -> Result<Vec<SignedStatement>, SyncFault>;
}

/// What the shell round a session must do.
#[derive(Debug, PartialEq, Eq)]
pub enum ClientEffect {
    /// Send this frame.
    Send(Vec<u8>),
    /// Verify, merge and store these entries and the cursor durably, then call [`ClientSession::took`].
    Take {
        /// The entries.
        runs: Vec<Run>,
        /// The cursor that goes with them.
        cursor: Cursor,
        /// Whether to remember it. While the relay still lacks what this device told that it holds, no cursor is
        /// remembered: after a break the two must tell their vectors once more.
        keep: bool,
    },
    /// The relay holds all that this device does: the cursor of the last [`ClientEffect::Take`] is to be remembered now.
    Keep(Cursor),
    /// The relay let in a session that only compares, see [`ClientSession::comparing`].
    LetInToCompare {
        /// The last entry of the device's own log at the relay.
        own: u64,
    },
    /// One's own log as the relay has it, to be compared with the one here.
    Compare(Vec<Run>),
    /// The relay let us in.
    Welcomed {
        /// The last entry of the device's own log at the relay. A device that holds less must not write before it has
        /// fetched the rest.
        own: u64,
    },
    /// The relay has a log on its disk up to here.
    Acked {
        /// Whose.
        device: DeviceId,
        /// Up to which entry.
        seq: u64,
    },
    /// Nothing more is under way.
    CaughtUp,
    /// How far the others are.
    Peers(Peers),
    /// A device holds the same entries and yet other records.
    Diverged(DeviceId),
    /// Read these statements of the members' chain, before anything that follows.
    Learn(Vec<SignedStatement>),
    /// What was to stand in the chain does not; statements that were lacking have been told before.
    NotExtended {
        /// A stable code.
        code: String,
        /// A sentence.
        says: String,
    },
    /// A new device says this at a place that was named with [`ClientSession::await_newcomer`].
    Met {
        /// Where.
        place: [u8; 16],
        /// What.
        message: Vec<u8>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It has said that it is back, and that the relay has so much of its own log.
    Back {
        own: u64,
    },
    AwaitsChallenge,
    AwaitsWelcome,
    Open,
}

/// The device's end of one connection. A new connection takes a new session.
pub struct ClientSession {
    key: Arc<DeviceKey>,
    device: DeviceId,
    workspace: WorkspaceId,
    cursor: Option<Cursor>,
    state: State,
    /// What the relay has or will have once frames under way arrive.
    pushed: Vector,
    /// The last entry of one's own log that the relay has said it holds, or will hold once frames under way arrive.
    own: u64,
    /// The logs to push: one's own, or all when the relay's disk is new.
    refill: bool,
    /// Others' logs that are pushed beside one's own: neighbours told of them.
    brings: BTreeSet<DeviceId>,
    /// Whether the relay still lacks what it was told that this device holds.
    owes: bool,
    /// The place after what was taken in this session.
    taken: Option<Cursor>,
    under_way: usize,
    awaiting: Vec<(DeviceId, u64)>,
    /// How many statements of the members' chain the relay has, or will have once frames under way arrive.
    chain: u32,
    comparing: bool,
}

impl ClientSession {
    /// A session for a new connection.
    pub fn new(key: Arc<DeviceKey>, workspace: WorkspaceId, cursor: Option<Cursor>) -> Self {
        let device = key.public().device();
        let pushed = Vector::default();
        let state = State::AwaitsChallenge;
        Self {
            key,
            device,
            workspace,
            cursor,
            state,
            pushed,
            own: 0,
            refill: false,
            brings: BTreeSet::new(),
            owes: false,
            taken: None,
            under_way: 0,
            awaiting: Vec::new(),
            chain: 0,
            comparing: false,
        }
    }

    /// A session of a device that comes back to a relay which it has spoken with, and the frame that it begins with; nothing
    /// where there is nothing to come back to. `now` is in milliseconds since 1970, later each time. The relay's session is
    /// one that [waits for that](crate::session::relay::RelaySession::awaiting_back).
    pub fn back(
        key: Arc<DeviceKey>,
        workspace: WorkspaceId,
        cursor: Option<Cursor>,
        replica: &dyn Replica,
        now: u64,
    ) -> Result<Option<(Self, Vec<u8>)>, SyncFault> {
        let (Some(place), Some(Standing { member, own, marks })) = (cursor, replica.standing()?) else {
            return Ok(None);
        };
        let Cursor { epoch, arrival } = place;
        let mut session = Self::new(key, workspace, cursor);
        let (chain, device, mark) = (replica.chain(), session.device, marks.brief());
        session.state = State::Back { own: own.0 };
        session.chain = chain.length;
        session.taken = cursor;
        let common = Common { epoch, workspace, device, chain, own, arrival, time: now, mark };
        let proof = session.key.sign(&common.message());
        let back = Frame::Back { company: begins(workspace), member, arrival, time: now, mark, proof };
        Ok(Some((session, back.encode())))
    }

    /// A session of a device whose log the relay has in another version: a copy of the device, or one that was restored from
    /// a backup, has written there. It pushes nothing and takes nothing in, but asks for its own log from the first entry on,
    /// so that the two can be compared; what it wants to stand in the members' chain it can say.
    pub fn comparing(key: Arc<DeviceKey>, workspace: WorkspaceId) -> Self {
        Self { comparing: true, ..Self::new(key, workspace, None) }
    }

    /// A frame came in. A fault ends the session.
    pub fn frame(&mut self, bytes: &[u8], replica: &dyn Replica) -> Result<Vec<ClientEffect>, SyncFault> {
        match (Frame::decode(bytes)?, self.state) {
            (Frame::Refused { code, says }, _) => Err(SyncFault::Refused { code, says }),
            (Frame::WelcomeBack { complete }, State::Back { own }) => self.welcome_back(own, complete, replica),
            (Frame::Challenge { protocol, epoch, nonce }, State::Back { .. } | State::AwaitsChallenge) => {
                self.taken = None;
                self.hello(protocol, &epoch, &nonce, replica.chain())
            }
            (Frame::TellChain { after }, State::AwaitsWelcome | State::Open) => self.tell_chain(after, replica),
            (Frame::Chain(statements), State::AwaitsWelcome | State::Open) => {
                self.knows_chain(&statements);
                Ok(vec![ClientEffect::Learn(statements)])
            }
            (Frame::NotExtended { code, says }, State::Open) => Ok(vec![ClientEffect::NotExtended { code, says }]),
            (Frame::Meet { place, message, .. }, State::Open) => Ok(vec![ClientEffect::Met { place, message }]),
            (Frame::Welcome { own, have }, State::AwaitsWelcome) => self.welcome(own, have, replica),
            (Frame::Ack { device, seq }, State::Open) => self.acked(device, seq, replica),
            (Frame::Deliver { runs, cursor, .. }, State::Open) if self.comparing => {
                // A receipt only makes room for more: nothing is held on its account.
                let took = self.took(cursor, &Vector::default(), Digests::default());
                Ok(vec![ClientEffect::Compare(runs), took])
            }
            (Frame::Deliver { runs, cursor, more }, State::Open) => {
                // What the relay gives it has, be it another's or one's own.
                runs.iter().for_each(|run| self.pushed.reach(run.author.device(), run.last()));
                self.paid(replica)?;
                let own = runs.iter().filter(|run| run.author.device() == self.device).map(Run::last).max();
                let mut effects = vec![ClientEffect::Take { runs, cursor, keep: !self.owes }];
                effects.extend(own.map(|seq| ClientEffect::Acked { device: self.device, seq }));
                if !more {
                    effects.push(ClientEffect::CaughtUp);
                }
                Ok(effects)
            }
            (Frame::Peers(peers), State::Open) => Ok(vec![ClientEffect::Peers(peers)]),
            (Frame::Diverged(device), State::Open) => Ok(vec![ClientEffect::Diverged(device)]),
            _ => Err(SyncFault::OutOfTurn),
        }
    }

    /// What [`ClientEffect::Take`] asked for is on disk.
    pub fn took(&mut self, cursor: Cursor, holds: &Vector, digests: Digests) -> ClientEffect {
        self.taken = Some(cursor);
        let (own, held) = (holds.of(self.device), holds.entries());
        ClientEffect::Send(Frame::Took { arrival: cursor.arrival, own, held, marks: digests.marks() }.encode())
    }

    /// The same for what was taken before, when other records came of it since.
    pub fn took_before(&mut self, holds: &Vector, digests: Digests) -> Option<ClientEffect> {
        self.taken.map(|cursor| self.took(cursor, holds, digests))
    }

    /// Whether the other end has confirmed everything that it was brought.
    pub fn is_settled(&self) -> bool {
        self.state == State::Open && !self.owes && self.awaiting.is_empty()
    }

    /// Asks how far the others are.
    pub fn ask_peers(&self) -> Option<ClientEffect> {
        (self.state == State::Open).then(|| ClientEffect::Send(Frame::AskPeers.encode()))
    }

    /// Asks that a statement stand next in the chain.
    pub fn extend(&self, statement: SignedStatement) -> Option<ClientEffect> {
        let frame = Frame::Extend(Box::new(statement));
        (self.state == State::Open).then(|| ClientEffect::Send(frame.encode()))
    }

    /// Tells the relay what the device has heard of the members elsewhere since it was let in: from a colleague's device nearby.
    /// Until the relay knows of it, somebody could say something else in its place there.
    pub fn tell_members(&mut self, replica: &dyn Replica) -> Result<Vec<ClientEffect>, SyncFault> {
        let mut effects = Vec::new();
        while self.state == State::Open && self.chain < replica.chain().length {
            let before = self.chain;
            effects.extend(self.tell_chain(before, replica)?);
            if self.chain == before {
                break;
            }
        }
        Ok(effects)
    }

    /// Tells the relay not to wait for devices that have not called since it lost time.
    pub fn go_on(&self) -> Option<ClientEffect> {
        (self.state == State::Open).then(|| ClientEffect::Send(Frame::GoOn.encode()))
    }

    /// Asks that whoever comes to a place is brought here, until a moment in seconds since 1970.
    pub fn await_newcomer(&self, place: [u8; 16], until: u64) -> Option<ClientEffect> {
        (self.state == State::Open).then(|| ClientEffect::Send(Frame::Await { place, until }.encode()))
    }

    /// Says something to the new device at a place.
    pub fn meet(&self, place: [u8; 16], message: Vec<u8>) -> ClientEffect {
        ClientEffect::Send(Frame::Meet { workspace: self.workspace, place, message }.encode())
    }

    fn tell_chain(&mut self, after: u32, replica: &dyn Replica) -> Result<Vec<ClientEffect>, SyncFault> {
        let statements = replica.statements(after, CHAIN_BYTES)?;
        self.knows_chain(&statements);
        Ok(vec![ClientEffect::Send(Frame::Chain(statements).encode())])
    }

    fn knows_chain(&mut self, statements: &[SignedStatement]) {
        self.chain = statements.last().map_or(self.chain, |last| self.chain.max(last.statement.number));
    }

    fn hello(
        &mut self,
        theirs: u16,
        epoch: &[u8; 16],
        nonce: &[u8; 32],
        chain: ChainPlace,
    ) -> Result<Vec<ClientEffect>, SyncFault> {
        if theirs != PROTOCOL {
            return Err(SyncFault::OtherVersion { ours: PROTOCOL, theirs });
        }
        self.state = State::AwaitsWelcome;
        // Before it lets anybody in, the relay asks for what it lacks of that.
        self.chain = chain.length;
        let hello = Frame::Hello {
            protocol: PROTOCOL,
            workspace: self.workspace,
            key: self.key.public(),
            proof: self.key.sign(&proof(epoch, nonce, self.workspace)),
            cursor: self.cursor.filter(|cursor| cursor.epoch == *epoch),
            chain,
        };
        Ok(vec![ClientEffect::Send(hello.encode())])
    }

    fn welcome(
        &mut self,
        own: u64,
        have: Option<Vector>,
        replica: &dyn Replica,
    ) -> Result<Vec<ClientEffect>, SyncFault> {
        (self.state, self.own) = (State::Open, own);
        if self.comparing {
            let want = Frame::Want { device: self.device, after: 0 };
            return Ok(vec![ClientEffect::LetInToCompare { own }, ClientEffect::Send(want.encode())]);
        }
        let mine = replica.vector()?;
        let mut effects = vec![ClientEffect::Welcomed { own }];
        if let Some(have) = have {
            (self.refill, self.owes) = (true, true);
            self.pushed = have;
            effects.push(ClientEffect::Send(Frame::Have(mine.clone()).encode()));
        }
        // A relay that holds as much of the own log as this device may hold another end of it: that of a copy of this device,
        // or of one restored from a backup. The last entry goes out once more; a relay that has it passes it over.
        let same_length = own > 0 && own == mine.of(self.device);
        self.pushed.reach(self.device, if same_length { own - 1 } else { own });
        if own > mine.of(self.device) {
            // This device was restored from a backup: it first fetches what it wrote after that.
            let want = Frame::Want { device: self.device, after: mine.of(self.device) };
            effects.push(ClientEffect::Send(want.encode()));
        }
        for (device, seq) in mine.iter() {
            let held = self.pushed.of(device).min(seq);
            if held > 0 && (self.refill || device == self.device) {
                effects.push(ClientEffect::Acked { device, seq: held });
            }
        }
        self.look_what_to_bring(replica);
        effects.extend(self.push(replica)?);
        self.paid(replica)?;
        Ok(effects)
    }

    /// The relay holds what this device knew it to hold.
    fn welcome_back(
        &mut self,
        own: u64,
        complete: bool,
        replica: &dyn Replica,
    ) -> Result<Vec<ClientEffect>, SyncFault> {
        (self.state, self.own) = (State::Open, own);
        self.pushed.reach(self.device, own);
        let mut effects = vec![ClientEffect::Welcomed { own }];
        self.look_what_to_bring(replica);
        effects.extend(self.push(replica)?);
        if complete {
            effects.push(ClientEffect::CaughtUp);
        }
        Ok(effects)
    }
}
