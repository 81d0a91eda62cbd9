//! What can go wrong with a shared log, in words an operator can act on, and in others for people at devices.

use crate::StoreFault;
use mera_sync_protocol::SyncFault;
use std::io;
use std::path::PathBuf;

/// Why a shared log cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// Nobody answers.
    #[error(
        "the log at {servers} cannot be reached: {cause}; is nats-server running there, and may this relay speak to it?"
    )]
    Away {
        /// Where, without what is secret.
        servers: String,
        /// Why not.
        cause: String,
    },
    /// The servers' address cannot be read.
    #[error(
        "the log's address cannot be read ({0}); write nats://host:4222, or tls://host:4222, several with commas between (how a program \
         tells what it does is said before the command: mera --log json relay …)"
    )]
    NoAddress(io::Error),
    /// A file with credentials.
    #[error("the log's credentials {path} cannot be used: {cause}")]
    Credentials {
        /// Which file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// The server does not take the largest entries.
    #[error(
        "the log takes messages of at most {limit} bytes, and an entry may have {needed}; set `max_payload: 8MB` in the \
         configuration of each nats-server and start it again"
    )]
    TooSmall {
        /// What it takes.
        limit: usize,
        /// What is needed.
        needed: usize,
    },
    /// The server does not keep a log.
    #[error(
        "the log at {servers} cannot be kept there: {cause}; is JetStream on (`jetstream {{ store_dir: … }}`), and is there room?"
    )]
    NotKept {
        /// Where.
        servers: String,
        /// Why not.
        cause: String,
    },
    /// It was asked and did not answer, or not in time.
    #[error("the log does not answer: {0}")]
    Silent(String),
    /// It holds less than it did.
    #[error(
        "the log ends at message {ends} and this relay has followed it to {followed}: it lost what it had, or is another one; stop \
         every relay, say `mera relay restored --log …`, and start each with an empty folder"
    )]
    SetBack {
        /// Its last message.
        ends: u64,
        /// The last one that was followed here.
        followed: u64,
    },
    /// A message does not follow on what is here.
    #[error(
        "message {number} of the log does not follow on what this relay has from it; start this relay with an empty folder, and \
         where all of them say this, see what docs/operating-several-relays.md says of a log that was set back"
    )]
    Unfit {
        /// Which one.
        number: u64,
    },
    /// A message cannot be read.
    #[error("message {number} of the log cannot be read; was it written by a newer program?")]
    Unreadable {
        /// Which one.
        number: u64,
    },
    /// The relay's own disk.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness: {0}")]
    NoRandomness(getrandom::Error),
}

impl LogFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Away { .. } | Self::Silent(_) => AWAY,
            Self::NoAddress(_) => "relay.log_address",
            Self::Credentials { .. } => "relay.log_credentials",
            Self::TooSmall { .. } => "relay.log_too_small",
            Self::NotKept { .. } => "relay.log_not_kept",
            Self::SetBack { .. } => "relay.log_set_back",
            Self::Unfit { .. } | Self::Unreadable { .. } => "relay.log_unfit",
            Self::Store(_) => "relay.store",
            Self::NoRandomness(_) => "relay.no_randomness",
        }
    }
}

/// The code with which a guest is refused while the log cannot be reached.
pub const AWAY: &str = "relay.log_away";

/// What a person at a device is told meanwhile.
pub fn away() -> SyncFault {
    let says =
        "the relay cannot reach the log that it keeps entries in; what you save waits on this device and is sent later";
    SyncFault::Refused { code: AWAY.to_owned(), says: says.to_owned() }
}

impl From<LogFault> for SyncFault {
    fn from(fault: LogFault) -> Self {
        match fault {
            LogFault::Store(fault) => fault.into(),
            _ => away(),
        }
    }
}
