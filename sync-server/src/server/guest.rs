//! One connection from its first frame to its last.

use super::elsewhere::{self, Visit};
use super::meetings::{self, Mailbox, WAITING};
use super::refusal::Refusal;
use super::rooms::Seat;
use super::{House, told};
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use mera_sync_protocol::{Frame, News, RelayEffect, RelaySession, RelayStore, SyncFault};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Error as SocketError, error::CapacityError, error::ProtocolError};

/// Serves a guest until it leaves. One that comes back speaks first.
pub async fn host(house: Arc<House>, socket: WebSocket, comes_back: bool) {
    let mut nonce = [0; 32];
    if let Err(cause) = getrandom::fill(&mut nonce) {
        tracing::error!(%cause, "the operating system gives no randomness; nobody can be let in");
        return;
    }
    house.figures.came();
    let (session, first) = if comes_back {
        (RelaySession::awaiting_back(nonce), None)
    } else {
        let (session, challenge) = RelaySession::open(nonce, house.kept.store());
        (session, Some(challenge))
    };
    let every = house.limits.sign_of_life;
    let mut pulse = interval_at(Instant::now() + every, every);
    // Two questions right after each other, because the first was late, would leave no time for an answer.
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let session = Some(session);
    let mut guest =
        Guest { house, socket, session, seat: None, held: None, pulse, alive: true, letters: None, visit: None };
    if let Some(challenge) = first
        && !guest.send(challenge).await
    {
        return;
    }
    guest.stay().await;
}

/// Tells somebody for whom there is no place why not.
pub async fn turn_away(house: &House, mut socket: WebSocket, refusal: Refusal) {
    house.figures.refused(refusal.code());
    let refused = Frame::Refused { code: refusal.code().to_owned(), says: refusal.to_string() };
    let farewell = async {
        socket.send(Message::Binary(refused.encode().into())).await.ok();
        socket.send(Message::Close(None)).await.ok();
    };
    timeout(house.limits.opening, farewell).await.ok();
}

struct Guest {
    house: Arc<House>,
    socket: WebSocket,
    /// Away only while a thread for disk work has it.
    session: Option<RelaySession>,
    /// Where the guest sits, once it has proven who it is.
    seat: Option<Seat>,
    /// A frame that came too fast, and until when it is held back. Meanwhile nothing is read.
    held: Option<(Instant, Bytes)>,
    pulse: Interval,
    alive: bool,
    /// Where others at a meeting leave what they say to this guest, once it has met or awaits somebody: ten thousand guests who do
    /// not need no room for it.
    letters: Option<(Mailbox, mpsc::Receiver<Vec<u8>>)>,
    /// What it says to somebody who waits at another relay.
    visit: Option<Visit>,
}

enum Event {
    Letter(Vec<u8>),
    Message(Option<Result<Message, axum::Error>>),
    Released,
    Word(Result<(), Refusal>),
    Pulse,
    TooLate,
    Stop,
}

impl Guest {
    async fn stay(mut self) {
        let mut stopping = self.house.stopping.clone();
        let greeting = sleep(self.house.limits.greeting);
        tokio::pin!(greeting);
        loop {
            let held_until = self.held.as_ref().map(|(until, _)| *until);
            let event = tokio::select! {
                message = self.socket.recv(), if held_until.is_none() => Event::Message(message),
                () = reached(held_until) => Event::Released,
                word = word(&mut self.seat) => Event::Word(word),
                letter = letter(&mut self.letters) => Event::Letter(letter),
                _ = self.pulse.tick() => Event::Pulse,
                () = &mut greeting, if self.seat.is_none() => Event::TooLate,
                () = told(&mut stopping) => Event::Stop,
            };
            // Boxed: what it takes to deal with an event is held by whoever has one, and not by ten thousand who wait for one.
            if !Box::pin(self.on(event)).await {
                break;
            }
        }
        // First: whoever comes next must not find the place taken.
        if let Some(visit) = self.visit.take() {
            Box::pin(visit.end()).await;
        }
        if let Some((company, device)) = self.session.as_ref().and_then(RelaySession::guest) {
            let house = self.house.clone();
            let left = tokio::task::spawn_blocking(move || house.kept.store().left(company, device)).await;
            if let Ok(Err(fault)) = left {
                tracing::warn!(
                    code = fault.code(),
                    "how far a device is could not be written; it tells it again when it comes back"
                );
            }
        }
        let farewell = self.socket.send(Message::Close(None));
        timeout(self.house.limits.send, farewell).await.ok();
    }

    /// Whether the guest stays.
    async fn on(&mut self, event: Event) -> bool {
        match event {
            Event::Message(Some(Ok(Message::Binary(bytes)))) => {
                self.alive = true;
                self.house.figures.received(bytes.len());
                let now = self.house.began.elapsed();
                let wait = self.seat.as_ref().map_or(Ok(Duration::ZERO), |seat| seat.hold_back(bytes.len(), now));
                match wait {
                    Ok(wait) if wait.is_zero() => self.take(bytes).await,
                    Ok(wait) => {
                        self.house.figures.held_back(wait);
                        self.held = Some((Instant::now() + wait, bytes));
                        true
                    }
                    Err(refusal) => self.refuse(refusal.code(), refusal.to_string()).await,
                }
            }
            Event::Released => match self.held.take() {
                Some((_, bytes)) => self.take(bytes).await,
                None => true,
            },
            Event::Message(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {
                self.alive = true;
                true
            }
            Event::Message(Some(Ok(Message::Text(_)))) => self.refuse_for(&SyncFault::OutOfTurn).await,
            Event::Message(Some(Ok(Message::Close(_))) | None) | Event::Stop => false,
            Event::Message(Some(Err(error))) => match fault(error) {
                Some(fault) => self.refuse_for(&fault).await,
                None => false,
            },
            Event::Letter(frame) => self.send(frame).await,
            Event::TooLate => self.refuse(Refusal::TooLate.code(), Refusal::TooLate.to_string()).await,
            Event::Word(Err(refusal)) => self.refuse(refusal.code(), refusal.to_string()).await,
            Event::Word(Ok(())) => self.hear().await,
            Event::Pulse => self.ask_for_a_sign_of_life().await,
        }
    }

    async fn ask_for_a_sign_of_life(&mut self) -> bool {
        // While nothing is read, no answer can be seen.
        let was_alive = std::mem::replace(&mut self.alive, false) || self.held.is_some();
        if !was_alive {
            self.house.figures.fell_silent();
        }
        was_alive && self.put(Message::Ping(Vec::new().into())).await
    }

    /// Something arrived for the company. What five hundred guests hear at once is told to each right here, where it is at hand: five
    /// hundred threads that wait for nothing would only stand in each other's way.
    async fn hear(&mut self) -> bool {
        match self.at_hand() {
            Some((session, house)) => {
                let effects = session.arrived(house.kept.store());
                self.follow(effects).await
            }
            None => self.work(|session, disk| session.arrived(disk)).await,
        }
    }

    fn at_hand(&mut self) -> Option<(&mut RelaySession, &House)> {
        let session = self.session.as_mut()?;
        session.is_at_hand(self.house.kept.store()).then_some((session, &*self.house))
    }

    async fn take(&mut self, bytes: Bytes) -> bool {
        let now = milliseconds_now();
        if Frame::is_receipt(&bytes)
            && let Some((session, house)) = self.at_hand()
        {
            let effects = session.frame(&bytes, now, house.kept.store());
            return self.follow(effects).await;
        }
        self.work(move |session, disk| session.frame(&bytes, now, disk)).await && self.sit_down().await
    }

    /// What arrived between the welcome and the seat would otherwise wait for the next arrival.
    async fn sit_down(&mut self) -> bool {
        if self.seat.is_some() {
            return true;
        }
        let Some((company, device)) = self.session.as_ref().and_then(RelaySession::guest) else { return true };
        match self.house.rooms.seat(company, device, self.house.began.elapsed()) {
            Ok(seat) => self.seat = Some(seat),
            Err(refusal) => return self.refuse(refusal.code(), refusal.to_string()).await,
        }
        if let Some(between) = &self.house.between {
            between.seated(company, device).await;
        }
        self.work(|session, disk| session.arrived(disk)).await
    }

    /// Lets the session work where it may wait for the disk, and does what it asks.
    async fn work<W>(&mut self, work: W) -> bool
    where
        W: FnOnce(&mut RelaySession, &dyn RelayStore) -> Vec<RelayEffect> + Send + 'static,
    {
        let began = Instant::now();
        let (Some(mut session), house) = (self.session.take(), self.house.clone()) else { return false };
        let done = tokio::task::spawn_blocking(move || {
            let effects = work(&mut session, house.kept.store());
            (session, effects)
        });
        let Ok((session, effects)) = done.await else { return false };
        self.session = Some(session);
        let pushed = effects.iter().any(|effect| matches!(effect, RelayEffect::Announce(_, News::Entries)));
        let stays = self.follow(effects).await;
        if stays && pushed {
            self.house.figures.pushed(began.elapsed());
        }
        stays
    }

    /// Does what a session asks. Whether the guest stays.
    async fn follow(&mut self, effects: Vec<RelayEffect>) -> bool {
        self.count_refusal(&effects);
        let mut effects = std::collections::VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                RelayEffect::Send(frame) => {
                    if !self.send(frame).await {
                        return false;
                    }
                }
                RelayEffect::Announce(company, _) => self.house.rooms.announce(company),
                RelayEffect::Await { workspace, place, until } => {
                    let (host, now) = (self.mailbox(), milliseconds_now() / 1000);
                    self.house.meetings.wait((workspace, place), host.clone(), until, now);
                    if let Some(between) = self.house.between.clone() {
                        let meetings = self.house.meetings.clone();
                        // What happens once in a while does not make each guest's place in memory larger.
                        Box::pin(elsewhere::open(between, meetings, (workspace, place), host)).await;
                    }
                }
                RelayEffect::Meet { workspace, place, frame } => {
                    let now = milliseconds_now() / 1000;
                    let carried = Box::pin(self.carry((workspace, place), frame, now)).await;
                    if let Some(session) = self.session.as_mut().filter(|_| !carried) {
                        let nobody = session.nobody_there();
                        self.count_refusal(&nobody);
                        effects.extend(nobody);
                    }
                }
                RelayEffect::Close => return false,
            }
        }
        true
    }

    /// Carries a frame to the other at a place, here or at another relay; `now` in seconds since 1970. Whether there was one.
    async fn carry(&mut self, at: meetings::Key, frame: Vec<u8>, now: u64) -> bool {
        let (house, mailbox) = (self.house.clone(), self.mailbox());
        match &house.between {
            Some(between) if !house.meetings.has(at, now) => {
                if self.visit.is_none() {
                    self.visit = Visit::begin(between, at, mailbox).await;
                }
                match &self.visit {
                    Some(visit) => visit.says(at, frame).await,
                    None => false,
                }
            }
            _ => house.meetings.carry(at, &mailbox, frame, now),
        }
    }

    fn mailbox(&mut self) -> Mailbox {
        self.letters.get_or_insert_with(|| mpsc::channel(WAITING)).0.clone()
    }

    /// A session that closes has said why in its last frame.
    fn count_refusal(&self, effects: &[RelayEffect]) {
        if let [.., RelayEffect::Send(last), RelayEffect::Close] = effects
            && let Ok(Frame::Refused { code, .. }) = Frame::decode(last)
        {
            self.house.figures.refused(&code);
        }
    }

    async fn refuse_for(&mut self, fault: &SyncFault) -> bool {
        self.refuse(fault.code(), fault.to_string()).await
    }

    async fn refuse(&mut self, code: &str, says: String) -> bool {
        self.house.figures.refused(code);
        self.send(Frame::Refused { code: code.to_owned(), says }.encode()).await;
        false
    }

    async fn send(&mut self, frame: Vec<u8>) -> bool {
        self.house.figures.sent(frame.len());
        self.put(Message::Binary(frame.into())).await
    }

    async fn put(&mut self, message: Message) -> bool {
        match timeout(self.house.limits.send, self.socket.send(message)).await {
            Ok(sent) => sent.is_ok(),
            Err(_) => {
                self.house.figures.fell_silent();
                false
            }
        }
    }
}

/// Without end while there is nothing to wait for.
async fn reached(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => pending().await,
    }
}

/// Without end while nobody can have left anything.
async fn letter(letters: &mut Option<(Mailbox, mpsc::Receiver<Vec<u8>>)>) -> Vec<u8> {
    let Some((_, letters)) = letters else { return pending().await };
    match letters.recv().await {
        Some(letter) => letter,
        None => pending().await,
    }
}

/// Without end while it is not known who the guest is.
async fn word(seat: &mut Option<Seat>) -> Result<(), Refusal> {
    match seat {
        Some(seat) => seat.word().await,
        None => pending().await,
    }
}

/// What is wrong with what came. Nothing is with a guest that hung up, politely or not.
fn fault(error: axum::Error) -> Option<SyncFault> {
    match error.into_inner().downcast_ref::<SocketError>()? {
        SocketError::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
            Some(SyncFault::FrameTooLarge { bytes: *size, limit: *max_size })
        }
        SocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake)
        | SocketError::Io(_)
        | SocketError::ConnectionClosed
        | SocketError::AlreadyClosed => None,
        _ => Some(SyncFault::FrameUnreadable),
    }
}

#[expect(clippy::disallowed_methods, reason = "this shell owns the relay's clock; sessions are told the time")]
pub(super) fn milliseconds_now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
