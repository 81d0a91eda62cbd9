//! A device that is a session and a socket and nothing else: it keeps no records, so that ten thousand of them leave the machine to
//! the relay. What it says and when it says it is what a real device does; it only checks no signatures, and holds no disk up.

use super::crew::Crew;
use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use mera_schema::DeviceId;
use mera_sync_protocol::{
    ChainPlace, ClientEffect, ClientSession, Cursor, Digests, FRAME_LIMIT, Replica, Run, SyncFault, Vector,
};
use mera_trust::SignedStatement;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// What has not come by then will not.
const PATIENCE: Duration = Duration::from_secs(300);
/// Bytes read at once: what a session of a few messages needs.
const READ_BUFFER: usize = 4 * 1024;

/// What a light device tells whoever measures.
pub enum Told {
    /// Nothing more is under way to it.
    CaughtUp,
    /// The relay has its log on the disk up to here.
    Acked(u64),
    /// It was brought entries of others.
    Took {
        /// When.
        at: Instant,
        /// How many entries it has in all.
        holds: u64,
    },
    /// It is connected no more.
    Ended(String),
}

/// Of which device, what.
pub type News = (usize, Told);

/// A connected light device. Dropped, its line is cut without a word.
pub struct Light {
    write: UnboundedSender<u64>,
    task: JoinHandle<()>,
    /// Messages of the protocol that it was sent.
    pub messages: Arc<AtomicU64>,
    /// Where it goes on after a break.
    pub place: Arc<std::sync::Mutex<Option<Cursor>>>,
}

/// What a light device has when it calls.
pub struct Bag {
    pub crew: Arc<Crew>,
    /// Which device of the crew.
    pub member: usize,
    /// Its own log, written beforehand.
    pub log: Vec<Run>,
    /// Where it stopped.
    pub cursor: Option<Cursor>,
}

impl Light {
    /// Calls the relay. It is told under `number` what becomes of it.
    pub async fn call(relay: SocketAddr, bag: Bag, number: usize, news: UnboundedSender<News>) -> Result<Self> {
        let stream = TcpStream::connect(relay).await.context("connecting")?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(FRAME_LIMIT))
            .max_frame_size(Some(FRAME_LIMIT));
        let upgrade = client_async_with_config(format!("ws://{relay}/sync"), stream, Some(config));
        let (socket, _) = timeout(PATIENCE, upgrade).await.context("the relay does not answer")??;
        let (write, words) = unbounded_channel();
        let (messages, place) = (Arc::new(AtomicU64::new(0)), Arc::new(std::sync::Mutex::new(bag.cursor)));
        let key = bag.crew.members[bag.member].clone();
        let session = ClientSession::new(key.clone(), bag.crew.workspace, bag.cursor);
        let held = Held { device: key.public().device(), vector: Vector::default(), crew: bag.crew, log: bag.log };
        let mut line = Line { socket, session, held, number, news, messages: messages.clone(), place: place.clone() };
        let task = tokio::spawn(async move {
            let ended = line.stay(words).await.err().map_or_else(|| "hung up".to_owned(), |fault| format!("{fault:#}"));
            line.tell(Told::Ended(ended));
        });
        Ok(Self { write, task, messages, place })
    }

    /// It saves its log up to an entry, and pushes that.
    pub fn writes(&self, up_to: u64) {
        // One that has ended says so itself.
        self.write.send(up_to).ok();
    }

    /// Its line is cut without a word, as a router cuts it.
    pub fn cut(&self) {
        self.task.abort();
    }
}

impl Drop for Light {
    fn drop(&mut self) {
        self.cut();
    }
}

struct Line {
    socket: WebSocketStream<TcpStream>,
    session: ClientSession,
    held: Held,
    number: usize,
    news: UnboundedSender<News>,
    messages: Arc<AtomicU64>,
    place: Arc<std::sync::Mutex<Option<Cursor>>>,
}

impl Line {
    async fn stay(&mut self, mut words: UnboundedReceiver<u64>) -> Result<()> {
        loop {
            tokio::select! {
                message = self.socket.next() => match message.context("the relay hung up")?? {
                    Message::Binary(frame) => {
                        self.messages.fetch_add(1, Relaxed);
                        let effects = self.session.frame(&frame, &self.held)?;
                        self.follow(effects).await?;
                    }
                    Message::Close(_) => bail!("the relay said farewell"),
                    // A question for a sign of life is answered by the socket itself.
                    _ => {}
                },
                Some(up_to) = words.recv() => {
                    self.held.vector.reach(self.held.device, up_to);
                    let effects = self.session.committed(&self.held)?;
                    self.follow(effects).await?;
                }
            }
        }
    }

    async fn follow(&mut self, effects: Vec<ClientEffect>) -> Result<()> {
        for effect in effects {
            match effect {
                ClientEffect::Send(frame) => self.socket.send(Message::Binary(frame.into())).await?,
                ClientEffect::Take { runs, cursor, keep } => {
                    let at = Instant::now();
                    runs.iter().for_each(|run| self.held.vector.reach(run.author.device(), run.last()));
                    if !runs.is_empty() {
                        self.tell(Told::Took { at, holds: self.held.vector.entries() });
                    }
                    if keep {
                        self.remember(cursor);
                    }
                    let digests = Digests::default().readable(|_| true);
                    let took = self.session.took(cursor, &self.held.vector, digests);
                    if let ClientEffect::Send(frame) = took {
                        self.socket.send(Message::Binary(frame.into())).await?;
                    }
                }
                ClientEffect::Keep(cursor) => self.remember(cursor),
                ClientEffect::Acked { device, seq } if device == self.held.device => self.tell(Told::Acked(seq)),
                ClientEffect::CaughtUp => self.tell(Told::CaughtUp),
                ClientEffect::Diverged(_) => bail!("the relay compares what these devices do not have"),
                _ => {}
            }
        }
        Ok(())
    }

    fn remember(&self, cursor: Cursor) {
        *self.place.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(cursor);
    }

    fn tell(&self, what: Told) {
        // Nobody listens any more when the measurement is over.
        self.news.send((self.number, what)).ok();
    }
}

/// What the session is told that the device holds.
struct Held {
    device: DeviceId,
    vector: Vector,
    crew: Arc<Crew>,
    log: Vec<Run>,
}

impl Replica for Held {
    fn vector(&self) -> Result<Vector, SyncFault> {
        Ok(self.vector.clone())
    }

    fn runs_after(&self, device: DeviceId, after: u64, _: usize) -> Result<Vec<Run>, SyncFault> {
        if device != self.device {
            return Ok(Vec::new());
        }
        let next = self.log.partition_point(|run| run.last() <= after);
        Ok(self.log.get(next).cloned().into_iter().collect())
    }

    fn chain(&self) -> ChainPlace {
        self.crew.place
    }

    fn statements(&self, after: u32, budget: usize) -> Result<Vec<SignedStatement>, SyncFault> {
        // Generously: a statement that admits a device is a few hundred bytes.
        let (from, many) = (usize::try_from(after).unwrap_or(usize::MAX), (budget / 1024).max(1));
        Ok(self.crew.chain.iter().skip(from).take(many).cloned().collect())
    }
}
