//! The line to the relay: connects by itself, waits longer after each failure, and takes a session through a WebSocket.

mod pause;

use crate::handle::Shared;
use crate::{DeviceFault, Engine};
use futures_util::{SinkExt, StreamExt};
use mera_device_api::Refused;
use mera_sync_protocol::{ClientEffect, ClientSession, FRAME_LIMIT, SyncFault};
use pause::Pause;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message, error::CapacityError};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// How long a relay may take to pick up.
const PICK_UP: Duration = Duration::from_secs(10);
/// A relay gives a sign of life every half minute; one that was silent for three is gone.
const SILENCE: Duration = Duration::from_secs(90);
/// How long a frame may take to leave.
const SENDING: Duration = Duration::from_secs(30);
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
        if welcomed || moved {
            pause = Pause::default();
        }
        let trouble = ended.err().filter(|_| !moved);
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

/// Calls a relay.
pub(crate) async fn connect(relay: &str) -> Result<Socket, Refused> {
    let config = WebSocketConfig::default().max_message_size(Some(FRAME_LIMIT)).max_frame_size(Some(FRAME_LIMIT));
    let unreachable = |cause: &dyn std::fmt::Display| {
        Refused::new("sync.unreachable", format!("the relay does not answer: {cause}; what you save waits here"))
    };
    let connecting = timeout(PICK_UP, connect_async_with_config(relay, Some(config), true)).await;
    let (socket, _) = connecting.map_err(|late| unreachable(&late))?.map_err(|cause| unreachable(&cause))?;
    Ok(socket)
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
        let socket = connect(relay).await?;
        let session = shared.with(|engine| engine.session()).await;
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
                    self.work(|session, engine| Ok(session.ask_peers().filter(|_| engine.someone_lacks()).into_iter().collect())).await?;
                }
                () = sleep_until(heard + SILENCE) => return Err(hung_up()),
            }
        }
    }

    fn look_soon(&mut self) {
        self.look = (Instant::now() + FIRST_LOOK, FIRST_LOOK);
    }

    /// Lets the session work where it may wait for the disk, and sends what came of it.
    async fn work<W>(&mut self, work: W) -> Result<(), Refused>
    where
        W: FnOnce(&mut ClientSession, &mut Engine) -> Result<Vec<ClientEffect>, SyncFault> + Send + 'static,
    {
        let mut session = self.session.take().ok_or_else(hung_up)?;
        let (session, done) = self
            .shared
            .with(move |engine| {
                let effects = work(&mut session, engine).map_err(DeviceFault::from);
                let done = effects.and_then(|effects| engine.follow(&mut session, effects));
                (session, done.map_err(Refused::from))
            })
            .await;
        self.session = Some(session);
        let outcome = done?;
        if outcome.welcomed {
            *self.welcomed = true;
            self.look_soon();
        }
        for frame in outcome.frames {
            let sent = timeout(SENDING, self.socket.send(Message::Binary(frame.into()))).await;
            sent.map_err(|_| hung_up())?.map_err(|error| broken(&error))?;
        }
        Ok(())
    }
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
