//! The line to NATS, and what is asked of JetStream over it. Three streams hold what relays share: `…-log` every company's commands,
//! a subject each; `…-whole` companies as a whole, and the life of the log; `…-told` what devices told of themselves, the newest of
//! each.

use super::{Command, LogFault, SharedLog};
use async_nats::connection::State;
use async_nats::jetstream::context::{ContextBuilder, PublishErrorKind};
use async_nats::jetstream::message::{PublishMessage, StreamMessage};
use async_nats::jetstream::stream::{Config, DiscardPolicy, LastRawMessageErrorKind, StorageType, Stream};
use async_nats::jetstream::{self};
use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use mera_disk::bytes_of;
use mera_schema::{DeviceId, WorkspaceId};
use mera_sync_protocol::ENTRY_LIMIT;
use std::time::Duration;
use tokio::sync::watch;

/// How long an answer may take: a server that elects a new leader needs a second or two.
const ANSWER: Duration = Duration::from_secs(5);
/// How often the servers are asked for a sign of life; when they gave none to two questions others are called.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);
/// Bytes of a message: the largest entry, and what stands round it.
pub(super) const MESSAGE: usize = ENTRY_LIMIT + (1 << 20);
/// How long is waited before the line is tried again, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// The first byte of every message.
const FORMAT: u8 = 1;
const LIFE: &str = "life";

/// A line to the log.
pub(super) struct Line {
    pub client: Client,
    pub context: jetstream::Context,
    /// Every company's commands.
    pub log: Stream,
    /// Companies as a whole.
    pub wholes: Stream,
    /// What devices told of themselves.
    pub told: Stream,
    pub place: SharedLog,
    /// How often the line was made.
    pub made: watch::Receiver<u64>,
}

/// Why a message does not stand, or not for certain.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotAppended {
    /// Another was written before it.
    Outrun,
    /// Nobody said whether it stands.
    Unknown,
    /// The log cannot be reached, and nothing was sent.
    Away,
    /// It is too large.
    TooLarge,
}

impl Line {
    /// Calls the servers; makes the streams where they are not there.
    pub async fn open(place: SharedLog) -> Result<Self, LogFault> {
        let (count, made) = watch::channel(0);
        let servers: Result<Vec<ServerAddr>, _> = place.servers.split(',').map(|one| one.trim().parse()).collect();
        let servers = servers.map_err(LogFault::NoAddress)?;
        let mut options = options(&place, count).await?;
        // The library leaves aside what stands in an address.
        if let Some((user, password)) = servers.iter().find_map(|one| one.username().zip(one.password())) {
            options = options.user_and_password(user.to_owned(), password.to_owned());
        }
        let shown = shown(&servers);
        let away = |cause: &dyn std::fmt::Display| LogFault::Away { servers: shown.clone(), cause: cause.to_string() };
        let client = options.connect(servers).await.map_err(|cause| away(&cause))?;
        if client.max_payload() < MESSAGE {
            return Err(LogFault::TooSmall { limit: client.max_payload(), needed: MESSAGE });
        }
        let context = ContextBuilder::new().timeout(ANSWER).build(client.clone());
        let stream = async |what: &str, subjects: Vec<String>, newest_only: bool| {
            let config = config(&place, what, subjects, newest_only);
            let kept = context.get_or_create_stream(config).await;
            kept.map_err(|cause| LogFault::NotKept { servers: shown.clone(), cause: cause.to_string() })
        };
        let name = &place.name;
        let log = stream("log", vec![format!("{name}.log.*")], false).await?;
        let wholes = stream("whole", vec![format!("{name}.whole.*"), format!("{name}.{LIFE}")], false).await?;
        let told = stream("told", vec![format!("{name}.told.*.*")], true).await?;
        Ok(Self { client, context, log, wholes, told, place, made })
    }

    /// Whether the servers are there, as far as is known.
    pub fn is_up(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Where a company's commands stand.
    pub fn log_of(&self, ws: WorkspaceId) -> String {
        format!("{}.log.{ws}", self.place.name)
    }

    /// Where a company stands as a whole.
    pub fn whole_of(&self, ws: WorkspaceId) -> String {
        format!("{}.whole.{ws}", self.place.name)
    }

    /// Where it stands what a device told of itself.
    pub fn told_of(&self, ws: WorkspaceId, device: DeviceId) -> String {
        format!("{}.told.{ws}.{device}", self.place.name)
    }

    /// Lets a command stand behind a company's message of this number, and behind no other. Gives its number.
    pub async fn append(&self, ws: WorkspaceId, after: u64, command: &Command) -> Result<u64, NotAppended> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| NotAppended::Away)?;
        let id = uuid::Uuid::from_bytes(id).to_string();
        let message = PublishMessage::build().payload(encode(command).into()).message_id(id);
        self.put(self.log_of(ws), after, message).await
    }

    /// Puts a message behind the one of this number on its subject.
    pub async fn put(&self, subject: String, after: u64, message: PublishMessage) -> Result<u64, NotAppended> {
        if !self.is_up() {
            return Err(NotAppended::Away);
        }
        let sent = self.context.send_publish(subject, message.expected_last_subject_sequence(after)).await;
        let ack = match sent {
            Ok(sent) => sent.await,
            Err(cause) => Err(cause),
        };
        ack.map(|ack| ack.sequence).map_err(|cause| match cause.kind() {
            PublishErrorKind::WrongLastSequence => NotAppended::Outrun,
            PublishErrorKind::MaxPayloadExceeded => NotAppended::TooLarge,
            // Nobody took it: JetStream is starting, or elects a leader.
            PublishErrorKind::StreamNotFound => NotAppended::Away,
            _ => {
                tracing::warn!(%cause, "it is not known whether a message stands in the log");
                NotAppended::Unknown
            }
        })
    }

    /// The number of the log's newest message, from whoever leads it now.
    pub async fn newest(&self) -> Result<u64, LogFault> {
        Ok(self.log.get_info().await.map_err(silent)?.state.last_sequence)
    }

    /// The newest message on a subject of a stream, if there is one.
    pub async fn newest_on(&self, stream: &Stream, subject: &str) -> Result<Option<StreamMessage>, LogFault> {
        match stream.get_last_raw_message_by_subject(subject).await {
            Ok(message) => Ok(Some(message)),
            Err(cause) if matches!(cause.kind(), LastRawMessageErrorKind::NoMessageFound) => Ok(None),
            Err(cause) => Err(silent(cause)),
        }
    }

    /// The life of the log; whoever comes first begins it.
    pub async fn life(&self) -> Result<[u8; 16], LogFault> {
        let subject = format!("{}.{LIFE}", self.place.name);
        loop {
            if let Some(message) = self.newest_on(&self.wholes, &subject).await? {
                let number = message.sequence;
                return message.payload.as_ref().try_into().map_err(|_| LogFault::Unreadable { number });
            }
            self.begin_life(&subject, 0).await?;
        }
    }

    /// Begins a new life of the log: what was remembered of the order of its arrivals means nothing any more.
    pub async fn begin_anew(&self) -> Result<(), LogFault> {
        let subject = format!("{}.{LIFE}", self.place.name);
        let before = self.newest_on(&self.wholes, &subject).await?.map_or(0, |message| message.sequence);
        self.begin_life(&subject, before).await
    }

    async fn begin_life(&self, subject: &str, after: u64) -> Result<(), LogFault> {
        let mut life = [0; 16];
        getrandom::fill(&mut life).map_err(LogFault::NoRandomness)?;
        match self.put(subject.to_owned(), after, PublishMessage::build().payload(life.to_vec().into())).await {
            Ok(_) | Err(NotAppended::Outrun) => Ok(()),
            Err(cause) => Err(LogFault::Silent(format!("{cause:?}"))),
        }
    }
}

/// A command as a message.
fn encode(command: &Command) -> Vec<u8> {
    [&[FORMAT], bytes_of(command).as_slice()].concat()
}

/// A message as a command.
pub(super) fn decode(payload: &[u8]) -> Option<Command> {
    let (&FORMAT, said) = payload.split_first()? else { return None };
    postcard::from_bytes(said).ok()
}

pub(super) fn silent(cause: impl std::fmt::Display) -> LogFault {
    LogFault::Silent(cause.to_string())
}

async fn options(place: &SharedLog, count: watch::Sender<u64>) -> Result<ConnectOptions, LogFault> {
    let mut options = ConnectOptions::new()
        .name("mera relay")
        .connection_timeout(ANSWER)
        .ping_interval(SIGN_OF_LIFE)
        .request_timeout(Some(ANSWER))
        .reconnect_delay_callback(|tries| {
            LONGEST_PAUSE.min(Duration::from_millis(50) * u32::try_from(tries).unwrap_or(100))
        })
        .event_callback(move |event| {
            match &event {
                Event::Connected => count.send_modify(|times| *times += 1),
                Event::Disconnected => tracing::warn!("the log is away; pushes are refused until it is back"),
                other => tracing::info!(%other, "the line to the log"),
            }
            std::future::ready(())
        });
    if let Some(path) = &place.credentials {
        let unusable = |cause| LogFault::Credentials { path: path.clone(), cause };
        options = options.credentials_file(path).await.map_err(unusable)?;
    }
    if let Some(path) = &place.authority {
        options = options.add_root_certificates(path.clone());
    }
    Ok(options)
}

/// Everything is kept until it is taken away; a full disk refuses what is new.
fn config(place: &SharedLog, what: &str, subjects: Vec<String>, newest_only: bool) -> Config {
    Config {
        name: format!("{}-{what}", place.name),
        subjects,
        storage: StorageType::File,
        num_replicas: place.copies.count(),
        discard: if newest_only { DiscardPolicy::Old } else { DiscardPolicy::New },
        max_messages_per_subject: if newest_only { 1 } else { -1 },
        ..Config::default()
    }
}

/// The servers without passwords.
fn shown(servers: &[ServerAddr]) -> String {
    let names: Vec<_> = servers.iter().map(|one| format!("{}:{}", one.host(), one.port())).collect();
    names.join(", ")
}
