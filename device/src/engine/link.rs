//! What the engine knows of its line; told by whoever owns the socket.

use super::Engine;
use super::agenda::{Agenda, Coming};
use crate::DeviceFault;
use crate::founding::relay_address;
use crate::store::Batch;
use mera_device_api::{Notice, Refused};
use mera_sync_protocol::{ClientEffect, ClientSession, Peers, Standing};

/// What a device knows about its connection.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// Whether the cable is plugged in.
    pub online: bool,
    /// Whether the relay answers right now.
    pub connected: bool,
    /// When the relay last answered, in milliseconds since 1970.
    pub last_spoke: Option<u64>,
    /// Why the line is down.
    pub line: Option<Refused>,
    /// What else went wrong last.
    pub trouble: Option<Refused>,
}

impl Default for Link {
    fn default() -> Self {
        Self { online: true, connected: false, last_spoke: None, line: None, trouble: None }
    }
}

/// What the owner of the socket does after the effects of a session have been followed.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The frames to send.
    pub frames: Vec<Vec<u8>>,
    /// Whether the relay let us in.
    pub welcomed: bool,
    /// Whether there is more to do, of which a part is done each time this is asked for.
    pub more: bool,
}

impl Engine {
    /// A session for a new connection.
    pub fn session(&self) -> ClientSession {
        if self.compares() {
            return ClientSession::comparing(self.key.clone(), self.identity.workspace);
        }
        ClientSession::new(self.key.clone(), self.identity.workspace, self.books.cursor)
    }

    /// A session for a new connection on which the device speaks first, with its first frame: it has spoken with this relay
    /// before. Nothing where it has not, or where more is to be said than that it is back.
    pub fn session_back(&self) -> Result<Option<(ClientSession, Vec<u8>)>, DeviceFault> {
        let now = self.world.millis();
        Ok(ClientSession::back(self.key.clone(), self.identity.workspace, self.books.cursor, self, now)?)
    }

    /// How the device stands with its relay, as far as it knows.
    pub(super) fn stands_with_relay(&self) -> Result<Option<Standing>, DeviceFault> {
        let acked = self.books.acked;
        if !self.is_whole() || self.compares() || self.store.restored()? || acked == 0 {
            return Ok(None);
        }
        let mut devices = self.members.now().devices().map(|(device, _)| device);
        let member = devices.position(|device| device == self.device).and_then(|place| u32::try_from(place).ok());
        let (Some(member), Some(hash)) = (member, self.store.hash(self.device, acked)?) else { return Ok(None) };
        Ok(Some(Standing { member, own: (acked, hash), marks: self.readable_digests().marks() }))
    }

    /// Does what a session asks of the device; of a delivery about so many records at most, so that the engine is soon free
    /// for others. Every carrier comes through here, a WebSocket as well as a simulated network, and comes again until the
    /// agenda is done.
    pub fn follow(
        &mut self,
        session: &mut ClientSession,
        agenda: &mut Agenda,
        effects: Vec<ClientEffect>,
        most: usize,
    ) -> Result<Outcome, DeviceFault> {
        let (mut outcome, mut left) = (Outcome::default(), most);
        agenda.add(effects);
        self.line_spoke();
        loop {
            if let Some(coming) = &mut agenda.coming {
                let Some(receipt) = self.take_delivered(session, coming, &mut left)? else { break };
                outcome.frames.push(receipt);
                agenda.coming = None;
            }
            if left == 0 {
                break;
            }
            let Some(effect) = agenda.next() else { break };
            self.do_one(session, agenda, effect, &mut outcome)?;
        }
        if self.goes_on_apart()? {
            return Err(DeviceFault::CallsAnew);
        }
        if self.mend_some()? {
            // What is held now is told at once, and compared once more.
            outcome.frames.extend(session.took_before(&self.vector, self.readable_digests()).and_then(frame));
        }
        outcome.more = self.is_mending();
        if !agenda.is_done() {
            return Ok(outcome);
        }
        for (place, message) in self.welcomes()? {
            outcome.frames.extend(frame(session.meet(place, message)));
        }
        outcome.frames.extend(session.tell_members(self)?.into_iter().filter_map(frame));
        let errands = self.errands(session)?;
        outcome.frames.extend(errands.into_iter().filter_map(frame));
        Ok(outcome)
    }

    fn do_one(
        &mut self,
        session: &mut ClientSession,
        agenda: &mut Agenda,
        effect: ClientEffect,
        outcome: &mut Outcome,
    ) -> Result<(), DeviceFault> {
        match effect {
            ClientEffect::Send(frame) => outcome.frames.push(frame),
            ClientEffect::Take { runs, cursor, keep } => agenda.coming = Some(Coming::new(runs, cursor, keep)),
            ClientEffect::Keep(cursor) => drop(self.take(Vec::new(), cursor)?),
            ClientEffect::Learn(statements) => self.learn(&statements)?,
            ClientEffect::NotExtended { code, says } => self.not_extended(Refused::new(&code, says)),
            ClientEffect::Met { place, message } => {
                let answer = self.met(place, &message)?;
                outcome.frames.extend(answer.and_then(|message| frame(session.meet(place, message))));
            }
            ClientEffect::Welcomed { own } => {
                outcome.welcomed = true;
                self.line_is_up();
                self.log_is_known_to_reach(own)?;
            }
            ClientEffect::LetInToCompare { own } => {
                self.line_is_up();
                self.is_let_in_to_compare(own)?;
            }
            ClientEffect::Compare(runs) => self.compare(runs)?,
            ClientEffect::Acked { device, seq } if device == self.device => self.acked(seq)?,
            ClientEffect::Acked { device, seq } => self.is_at_relay(device, seq)?,
            ClientEffect::CaughtUp => {
                // Once all of them have everything that was written here there is nothing new to hear.
                if self.peers.is_empty() || self.someone_lacks() {
                    outcome.frames.extend(session.ask_peers().and_then(frame));
                }
            }
            ClientEffect::Peers(peers) => self.learn_peers(peers),
            ClientEffect::Diverged(device) => self.differs_from(device)?,
        }
        Ok(())
    }

    /// Takes in a part of a delivery; after the last one there is something to say to the relay.
    fn take_delivered(
        &mut self,
        session: &mut ClientSession,
        coming: &mut Coming,
        left: &mut usize,
    ) -> Result<Option<Vec<u8>>, DeviceFault> {
        let Some(receipt) = self.take_some(&mut coming.intake, left)? else { return Ok(None) };
        for (log, last) in coming.there.drain(..) {
            self.is_at_relay(log, last)?;
        }
        Ok(frame(session.took(coming.place, &receipt.holds, receipt.digests)))
    }

    /// The cable was pulled or plugged in.
    pub(crate) fn plug(&mut self, online: bool) {
        self.link.online = online;
        self.notices.push(Notice::Sync);
    }

    /// Gives the device another relay. What that one has of the own log it tells when it lets us in; until then it is
    /// taken to have nothing, so that no record is called safe that is not.
    pub(super) fn redirect(&mut self, relay: Option<String>) -> Result<(), DeviceFault> {
        let relay = relay_address(relay)?;
        if relay == self.identity.relay {
            return Ok(());
        }
        let elsewhere = relay.is_some();
        self.identity.redirect(&self.folder, relay)?;
        self.link = Link { online: self.link.online, trouble: self.link.trouble.take(), ..Link::default() };
        self.peers = Peers::default();
        if elsewhere && self.books.acked > 0 {
            self.books.acked = 0;
            let mut batch = Batch::default();
            batch.bookkeeping(&self.books);
            self.store.commit(batch)?;
            self.load_unsent()?;
        }
        self.notices.push(Notice::Sync);
        Ok(())
    }

    /// The relay let us in.
    pub(super) fn line_is_up(&mut self) {
        (self.link.connected, self.link.line) = (true, None);
        // A relay that still finds a difference says so again.
        self.link.trouble.take_if(|told| told.code == "sync.diverged");
        self.wishes.line_is_new();
        self.notices.push(Notice::Sync);
    }

    /// The relay said something.
    fn line_spoke(&mut self) {
        self.link.last_spoke = Some(self.world.millis());
    }

    /// The conversation ended. A pulled cable is no trouble.
    pub fn line_is_down(&mut self, why: Option<Refused>) {
        if why.as_ref().is_some_and(|why| why.code == "sync.fork") {
            self.is_said_to_part();
        }
        (self.link.connected, self.link.line) = (false, why);
        let finished = self.finish_run();
        if let Err(fault) = self.noting_damage(finished) {
            self.link.trouble = Some(fault.into());
        }
        self.notices.push(Notice::Sync);
    }

    /// What a person should know first of all that is wrong.
    pub(super) fn trouble(&self) -> Option<Refused> {
        let lost = || (!self.is_whole()).then(|| DeviceFault::Recovering.into());
        self.link.line.clone().or_else(|| self.link.trouble.clone()).or_else(lost)
    }

    /// How far the others are, as the relay told.
    fn learn_peers(&mut self, peers: Peers) {
        self.peers = peers.without(self.device);
        self.notices.push(Notice::Sync);
    }

    /// Whether some colleague's device does not have everything that was written here.
    pub(crate) fn someone_lacks(&self) -> bool {
        self.peers.lack(self.device, self.written())
    }

    /// The last entry of one's own log.
    pub fn written(&self) -> u64 {
        self.vector.of(self.device)
    }

    /// How many entries are held of all logs together.
    pub(crate) fn entries(&self) -> u64 {
        self.vector.entries()
    }

    /// A number by chance; the same each time where there is none, which only makes devices call at one moment.
    pub(crate) fn chance(&self) -> u16 {
        let mut bytes = [0; 2];
        self.world.random(&mut bytes).ok();
        u16::from_le_bytes(bytes)
    }
}

fn frame(effect: ClientEffect) -> Option<Vec<u8>> {
    if let ClientEffect::Send(frame) = effect { Some(frame) } else { None }
}
