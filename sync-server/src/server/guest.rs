//! One connection from its first frame to its last.

use super::House;
use super::meetings::{Mailbox, WAITING};
use crate::RelayDisk;
use axum::extract::ws::{Message, WebSocket};
use mera_sync_protocol::{Frame, RelayEffect, RelaySession, SyncFault};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, Interval, interval_at, sleep, timeout};
use tokio_tungstenite::tungstenite::{Error as SocketError, error::CapacityError};

/// Serves a guest until it leaves.
pub async fn host(house: Arc<House>, socket: WebSocket) {
    let mut nonce = [0; 32];
    if let Err(cause) = getrandom::fill(&mut nonce) {
        tracing::error!(%cause, "the operating system gives no randomness; nobody can be let in");
        return;
    }
    house.figures.came();
    let (session, first) = RelaySession::open(nonce, &house.disk);
    let every = house.limits.sign_of_life;
    let pulse = interval_at(Instant::now() + every, every);
    let (mailbox, letters) = mpsc::channel(WAITING);
    let mut guest = Guest { house, socket, session: Some(session), news: None, pulse, alive: true, mailbox, letters };
    if guest.send(first).await {
        guest.stay().await;
    }
}

struct Guest {
    house: Arc<House>,
    socket: WebSocket,
    /// Away only while a thread for disk work has it.
    session: Option<RelaySession>,
    /// Tells that something arrived for the guest's company, once it is known which.
    news: Option<watch::Receiver<()>>,
    pulse: Interval,
    alive: bool,
    /// Where others at a meeting leave what they say to this guest.
    mailbox: Mailbox,
    letters: mpsc::Receiver<Vec<u8>>,
}

enum Event {
    Letter(Vec<u8>),
    Message(Option<Result<Message, axum::Error>>),
    News,
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
            let event = tokio::select! {
                message = self.socket.recv() => Event::Message(message),
                () = next(&mut self.news) => Event::News,
                Some(letter) = self.letters.recv() => Event::Letter(letter),
                _ = self.pulse.tick() => Event::Pulse,
                () = &mut greeting, if self.news.is_none() => Event::TooLate,
                _ = stopping.changed() => Event::Stop,
            };
            if !self.on(event).await {
                break;
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
                let now = milliseconds_now();
                self.work(move |session, disk| session.frame(&bytes, now, disk)).await && self.listen_for_news().await
            }
            Event::Message(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {
                self.alive = true;
                true
            }
            Event::Message(Some(Ok(Message::Text(_)))) | Event::TooLate => self.refuse(&SyncFault::OutOfTurn).await,
            Event::Message(Some(Ok(Message::Close(_))) | None) | Event::Stop => false,
            Event::Message(Some(Err(error))) => self.refuse(&fault(error)).await,
            Event::Letter(frame) => self.send(frame).await,
            Event::News => self.work(|session, disk| session.arrived(disk)).await,
            Event::Pulse => {
                let was_alive = std::mem::replace(&mut self.alive, false);
                was_alive && self.put(Message::Ping(Vec::new().into())).await
            }
        }
    }

    /// What arrived between the welcome and the subscription would otherwise wait for the next arrival.
    async fn listen_for_news(&mut self) -> bool {
        if self.news.is_some() {
            return true;
        }
        let Some((company, _)) = self.session.as_ref().and_then(RelaySession::guest) else { return true };
        self.news = Some(self.house.subscribe(company));
        self.work(|session, disk| session.arrived(disk)).await
    }

    /// Lets the session work where it may wait for the disk, and does what it asks.
    async fn work<W>(&mut self, work: W) -> bool
    where
        W: FnOnce(&mut RelaySession, &RelayDisk) -> Vec<RelayEffect> + Send + 'static,
    {
        let (Some(mut session), house) = (self.session.take(), self.house.clone()) else { return false };
        let done = tokio::task::spawn_blocking(move || {
            let effects = work(&mut session, &house.disk);
            (session, effects)
        });
        let Ok((session, effects)) = done.await else { return false };
        self.session = Some(session);
        self.follow(effects).await
    }

    /// Does what a session asks. Whether the guest stays.
    async fn follow(&mut self, effects: Vec<RelayEffect>) -> bool {
        let mut effects = std::collections::VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                RelayEffect::Send(frame) => {
                    if !self.send(frame).await {
                        return false;
                    }
                }
                RelayEffect::Announce(company) => self.house.announce(company),
                RelayEffect::Await { workspace, place, until } => {
                    let (host, now) = (self.mailbox.clone(), milliseconds_now() / 1000);
                    self.house.meetings.wait((workspace, place), host, until, now);
                }
                RelayEffect::Meet { workspace, place, frame } => {
                    let now = milliseconds_now() / 1000;
                    let carried = self.house.meetings.carry((workspace, place), &self.mailbox, frame, now);
                    if let Some(session) = self.session.as_mut().filter(|_| !carried) {
                        effects.extend(session.nobody_there());
                    }
                }
                RelayEffect::Close => return false,
            }
        }
        true
    }

    async fn refuse(&mut self, fault: &SyncFault) -> bool {
        let refused = Frame::Refused { code: fault.code().to_owned(), says: fault.to_string() };
        self.send(refused.encode()).await;
        false
    }

    async fn send(&mut self, frame: Vec<u8>) -> bool {
        self.house.figures.sent(frame.len());
        self.put(Message::Binary(frame.into())).await
    }

    async fn put(&mut self, message: Message) -> bool {
        matches!(timeout(self.house.limits.send, self.socket.send(message)).await, Ok(Ok(())))
    }
}

/// Waits for the next arrival; without end while the guest's company is not known.
async fn next(news: &mut Option<watch::Receiver<()>>) {
    let told = match news {
        Some(news) => news.changed().await.is_ok(),
        None => false,
    };
    if !told {
        std::future::pending().await
    }
}

fn fault(error: axum::Error) -> SyncFault {
    match error.into_inner().downcast_ref::<SocketError>() {
        Some(SocketError::Capacity(CapacityError::MessageTooLong { size, max_size })) => {
            SyncFault::FrameTooLarge { bytes: *size, limit: *max_size }
        }
        _ => SyncFault::FrameUnreadable,
    }
}

#[expect(clippy::disallowed_methods, reason = "this shell owns the relay's clock; sessions are told the time")]
fn milliseconds_now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
