//! The line to the relay: connects by itself, waits longer after each failure, and takes a session through a WebSocket.

mod pause;
mod tls;

use crate::engine::Outcome;
use crate::handle::{Shared, at_the_disk};
use crate::{Agenda, DeviceFault, Engine};
use futures_util::{SinkExt, StreamExt};
use mera_device_api::Refused;
use mera_sync_protocol::{BACK, ClientEffect, ClientSession, FRAME_LIMIT, SyncFault};
use pause::Pause;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message, error::CapacityError};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

pub use tls::Authorities;

/// How long a relay may take to pick up.
const PICK_UP: Duration = Duration::from_secs(10);
/// A relay gives a sign of life every half minute; one that was silent for three is gone.
const SILENCE: Duration = Duration::from_secs(90);
/// How the addresses of relays begin that speak TLS.
const SECURE: &str = "wss://";
/// How the codes begin with which a relay sends a device away.
const SENT_AWAY: &str = "relay.";
/// How long a frame may take to leave.
const SENDING: Duration = Duration::from_secs(30);
/// Records that are taken in before others may use the engine: a few milliseconds of work.
const AT_A_TIME: usize = 32;
/// The first look whether colleagues have what was written; later looks wait twice as long each.
const FIRST_LOOK: Duration = Duration::from_secs(2);
/// And never longer than this.
const LAST_LOOK: Duration = Duration::from_secs(120);

/// Whether the device may call, and whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cable {
    /// Whether it is plugged in.
    pub plugged: bool,
    /// The relay at its other end, if one is set.
    pub relay: Option<String>,
}

impl Cable {
    fn leads_to(&self) -> Option<&str> {
        self.relay.as_deref().filter(|_| self.plugged)
    }
}

/// Keeps the line for as long as the device runs. Another relay, or a pulled cable, ends a conversation at once.
pub(crate) async fn keep(shared: Arc<Shared>) {
    let mut pause = Pause::default();
    let mut cable = shared.cable.subscribe();
    loop {
        let held = cable.wait_for(|now| now.leads_to().is_some()).await.map(|now| now.clone());
        let Ok(held) = held else { return };
        let Some(relay) = held.leads_to() else { continue };
        let mut welcomed = false;
        let ended = tokio::select! {
            ended = Conversation::hold(&shared, relay, &mut welcomed) => ended,
            _ = cable.wait_for(|now| *now != held) => Ok(()),
        };
        let moved = *cable.borrow() != held;
        let trouble = ended.err().filter(|_| !moved);
        if moved || was_good(welcomed, trouble.as_ref()) {
            pause = Pause::default();
        }
        shared.with(move |engine| engine.line_is_down(trouble)).await;
        if moved {
            continue;
        }
        let wait = pause.after_failure(shared.with(|engine| engine.chance()).await);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = shared.nudge.notified() => {}
            _ = cable.wait_for(|now| *now != held) => pause = Pause::default(),
        }
    }
}

/// A line to a relay.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Calls a relay; `folder` is the device's, with the authorities that it trusts.
pub(crate) async fn connect(relay: &str, folder: &Path) -> Result<Socket, Refused> {
    let config = WebSocketConfig::default().max_message_size(Some(FRAME_LIMIT)).max_frame_size(Some(FRAME_LIMIT));
    let connector = if relay.starts_with(SECURE) {
        let folder = folder.to_owned();
        Connector::Rustls(at_the_disk(move || tls::config(&folder)).await?)
    } else {
        Connector::Plain
    };
    // Frames are whole and few: none is held back until the one before was acknowledged, under TLS either.
    let connecting = connect_async_tls_with_config(relay, Some(config), true, Some(connector));
    let connected = timeout(PICK_UP, connecting).await.map_err(|late| unreachable(&late))?;
    let (socket, _) = connected.map_err(|cause| tls::why(&cause))?;
    Ok(socket)
}

/// Whether a conversation came about, so that the next call may follow soon. Whom the relay itself sends away calls less
/// and less often, however well it was received before: otherwise two copies of one device would push each other out for
/// ever, twice a second.
fn was_good(welcomed: bool, trouble: Option<&Refused>) -> bool {
    welcomed && !trouble.is_some_and(|trouble| trouble.code.starts_with(SENT_AWAY))
}

struct Conversation<'a> {
    shared: &'a Arc<Shared>,
    socket: Socket,
    /// Away only while a thread for disk work has it.
    session: Option<ClientSession>,
    welcomed: &'a mut bool,
    look: (Instant, Duration),
}

impl<'a> Conversation<'a> {
    /// Speaks to a relay until one side ends it.
    async fn hold(shared: &'a Arc<Shared>, relay: &str, welcomed: &'a mut bool) -> Result<(), Refused> {
        let (folder, back) = shared.with(|engine| (engine.folder().to_owned(), engine.session_back())).await;
        // An address with a question of its own is left as it is.
        let (address, back) = match back? {
            Some(back) if !relay.contains('?') => (format!("{relay}?{BACK}"), Some(back)),
            _ => (relay.to_owned(), None),
        };
        let mut socket = connect(&address, &folder).await?;
        let session = match back {
            Some((session, first)) => {
                send(&mut socket, first).await?;
                session
            }
            None => shared.with(|engine| engine.session()).await,
        };
        let look = (Instant::now() + LAST_LOOK, LAST_LOOK);
        Conversation { shared, socket, session: Some(session), welcomed, look }.talk().await
    }

    async fn talk(&mut self) -> Result<(), Refused> {
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                message = self.socket.next() => {
                    heard = Instant::now();
                    match message {
                        Some(Ok(Message::Binary(bytes))) => {
                            self.work(move |session, engine| session.frame(&bytes, engine)).await?;
                        }
                        Some(Ok(Message::Text(_))) => return Err(DeviceFault::from(SyncFault::FrameUnreadable).into()),
                        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                        Some(Ok(Message::Close(_))) | None => return Err(hung_up()),
                        Some(Err(error)) => return Err(broken(&error)),
                    }
                }
                () = self.shared.written.notified() => {
                    self.look_soon();
                    self.work(|session, engine| session.committed(engine)).await?;
                }
                () = self.shared.errand.notified() => self.work(|_, _| Ok(Vec::new())).await?,
                () = self.shared.nudge.notified() => self.work(|session, _| Ok(session.ask_peers().into_iter().collect())).await?,
                () = sleep_until(self.look.0) => {
                    let wait = (self.look.1 * 2).min(LAST_LOOK);
                    self.look = (Instant::now() + wait, wait);
                    self.work(|session, engine| {
                        // What neighbours told, and did not bring themselves meanwhile.
                        let mut effects = session.committed(engine)?;
                        effects.extend(session.ask_peers().filter(|_| engine.someone_lacks()));
                        Ok(effects)
                    }).await?;
                }
                () = sleep_until(heard + SILENCE) => return Err(hung_up()),
            }
        }
    }

    fn look_soon(&mut self) {
        self.look = (Instant::now() + FIRST_LOOK, FIRST_LOOK);
    }

    /// Lets the session work where it may wait for the disk, a part at a time so that people go on working.
    async fn work<W>(&mut self, work: W) -> Result<(), Refused>
    where
        W: FnOnce(&mut ClientSession, &mut Engine) -> Result<Vec<ClientEffect>, SyncFault> + Send + 'static,
    {
        let mut talk = (self.session.take().ok_or_else(hung_up)?, Agenda::default());
        let mut work = Some(work);
        loop {
            let work = work.take();
            let step = move |engine: &mut Engine| {
                let (session, agenda) = &mut talk;
                let effects = work.map_or(Ok(Vec::new()), |work| work(session, engine)).map_err(DeviceFault::from);
                let done = effects.and_then(|effects| engine.follow(session, agenda, effects, AT_A_TIME));
                (talk, done.map_err(Refused::from))
            };
            let done;
            (talk, done) = self.shared.with(step).await;
            self.report(done?).await?;
            if talk.1.is_done() {
                self.session = Some(talk.0);
                return Ok(());
            }
        }
    }

    /// Sends what came of it.
    async fn report(&mut self, outcome: Outcome) -> Result<(), Refused> {
        if outcome.welcomed {
            *self.welcomed = true;
            self.look_soon();
        }
        if outcome.more {
            self.shared.errand.notify_one();
        }
        for frame in outcome.frames {
            send(&mut self.socket, frame).await?;
        }
        Ok(())
    }
}

async fn send(socket: &mut Socket, frame: Vec<u8>) -> Result<(), Refused> {
    let sent = timeout(SENDING, socket.send(Message::Binary(frame.into()))).await;
    sent.map_err(|_| hung_up())?.map_err(|error| broken(&error))
}

fn unreachable(cause: &dyn std::fmt::Display) -> Refused {
    Refused::new("sync.unreachable", format!("the relay does not answer: {cause}; what you save waits here"))
}

pub(crate) fn hung_up() -> Refused {
    Refused::new("sync.hung_up", "the relay has gone; this device calls again by itself")
}

pub(crate) fn broken(error: &SocketError) -> Refused {
    if let SocketError::Capacity(CapacityError::MessageTooLong { size, max_size }) = error {
        return DeviceFault::from(SyncFault::FrameTooLarge { bytes: *size, limit: *max_size }).into();
    }
    Refused::new("sync.line_broken", format!("the line to the relay broke: {error}; this device calls again by itself"))
}

#[cfg(test)]
mod tests;
