//! What a relay is told on its command line.

use anyhow::Result;
use mera_sync_server::{
    Companies, Copies, Limits, ListFault, LogName, Rate, RelayConfig, Rules, SharedLog, Tempo, TlsFiles, Usage,
};
use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::str::FromStr;

/// Where the relay listens, where it keeps what it is given, whom it serves and what it allows.
#[derive(clap::Args)]
pub struct Options {
    /// Where it keeps the logs, or its copy of the log that it shares; made if it is not there.
    #[arg(long)]
    folder: PathBuf,
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:7070")]
    listen: SocketAddr,
    /// Where operators find /health, /ready and /metrics; without it they are served nowhere. Keep it from the public.
    #[arg(long)]
    admin_listen: Option<SocketAddr>,
    /// The certificate, in PEM form, the relay's own first; it is read again when it was renewed, and on SIGHUP.
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM form.
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Only a proxy can reach it: the last address in X-Forwarded-For is where a guest calls from.
    #[arg(long)]
    pub behind_proxy: bool,
    /// Whom it serves: `open` for any company, `closed` for those it has, or a file with one company's id a line. The
    /// file is read again when it was changed, and on SIGHUP.
    #[arg(long, default_value_t = Policy::Open)]
    companies: Policy,
    /// How many companies it serves at most.
    #[arg(long, default_value_t = Rules::default().most)]
    max_companies: usize,
    /// How many entries a company may keep; every saved change is one.
    #[arg(long, default_value_t = Rules::default().quota.entries)]
    company_entries: u64,
    /// How much a company may keep.
    #[arg(long, default_value_t = Size(Rules::default().quota.bytes))]
    company_size: Size,
    /// How many devices may be connected at one time.
    #[arg(long, default_value_t = Limits::default().connections)]
    connections: usize,
    /// How many devices of one company.
    #[arg(long, default_value_t = Limits::default().company_connections)]
    company_connections: usize,
    /// How many from one address; of a long address the first 64 bits count.
    #[arg(long, default_value_t = Limits::default().network_connections)]
    network_connections: usize,
    /// How many frames a second a device may send; four seconds' worth at once. More is held back.
    #[arg(long, default_value_t = Limits::default().device.frames.0)]
    device_frames: NonZeroU64,
    /// How much a second a device may send.
    #[arg(long, default_value_t = Size(Limits::default().device.bytes.0.get()))]
    device_rate: Size,
    /// How many frames a second all devices of a company may send.
    #[arg(long, default_value_t = Limits::default().company.frames.0)]
    company_frames: NonZeroU64,
    /// How much a second all devices of a company may send.
    #[arg(long, default_value_t = Size(Limits::default().company.bytes.0.get()))]
    company_rate: Size,
}

impl Options {
    /// What the relay is started with.
    pub fn config(&self, log: &LogOptions) -> Result<RelayConfig> {
        let limits = Limits {
            connections: self.connections,
            company_connections: self.company_connections,
            network_connections: self.network_connections,
            device: Tempo { frames: Rate(self.device_frames), bytes: self.device_rate.rate()? },
            company: Tempo { frames: Rate(self.company_frames), bytes: self.company_rate.rate()? },
            ..Limits::default()
        };
        let tls = self.tls_cert.clone().zip(self.tls_key.clone());
        Ok(RelayConfig {
            limits,
            rules: self.rules()?,
            admin: self.admin_listen,
            tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
            behind_proxy: self.behind_proxy,
            log: log.place(),
            ..RelayConfig::new(self.listen, self.folder.clone())
        })
    }

    /// Whom it serves, the list as it is now.
    pub fn rules(&self) -> Result<Rules, ListFault> {
        let companies = match &self.companies {
            Policy::Open => Companies::Open,
            Policy::Closed => Companies::Closed,
            Policy::Listed(path) => Companies::listed_in(path)?,
        };
        let quota = Usage { entries: self.company_entries, bytes: self.company_size.0 };
        Ok(Rules { companies, most: self.max_companies, quota })
    }
}

/// Where the log stands that the relay shares with others.
#[derive(clap::Args)]
pub struct LogOptions {
    /// The log that it shares with other relays: servers of NATS with JetStream, as `nats://user:password@host:4222`, `tls://` in front
    /// for TLS, several with commas between. Without it the relay keeps its own log in its folder.
    #[arg(long)]
    log: Option<String>,
    /// What the log's streams are called, where NATS keeps more than one.
    #[arg(long, requires = "log", default_value_t = LogName::default())]
    log_name: LogName,
    /// A file with a user's credentials for the log, as `nsc` makes them.
    #[arg(long, requires = "log")]
    log_credentials: Option<PathBuf>,
    /// A certificate authority of one's own for the log, in PEM form.
    #[arg(long, requires = "log")]
    log_ca: Option<PathBuf>,
    /// How many servers keep each message: 1, 3 or 5. It counts where the log is begun; `nats stream edit` changes it later.
    #[arg(long, requires = "log", default_value_t = Copies::default())]
    log_copies: Copies,
}

impl LogOptions {
    /// Where the log stands, if it is shared.
    pub fn place(&self) -> Option<SharedLog> {
        let Self { log, log_name, log_credentials, log_ca, log_copies } = self;
        Some(SharedLog {
            servers: log.clone()?,
            name: log_name.clone(),
            credentials: log_credentials.clone(),
            authority: log_ca.clone(),
            copies: *log_copies,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Policy {
    Open,
    Closed,
    Listed(PathBuf),
}

impl FromStr for Policy {
    type Err = Infallible;

    fn from_str(word: &str) -> Result<Self, Infallible> {
        Ok(match word {
            "open" => Self::Open,
            "closed" => Self::Closed,
            path => Self::Listed(path.into()),
        })
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("open"),
            Self::Closed => f.write_str("closed"),
            Self::Listed(path) => path.display().fmt(f),
        }
    }
}

/// So many bytes, written `512KiB`, `16MiB`, `4GiB` or as a plain number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size(u64);

const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a size such as 512KiB, 16MiB or 4GiB, or a number of bytes; not zero")]
struct NoSize;

impl Size {
    fn rate(self) -> Result<Rate, NoSize> {
        NonZeroU64::new(self.0).map(Rate).ok_or(NoSize)
    }
}

impl FromStr for Size {
    type Err = NoSize;

    fn from_str(text: &str) -> Result<Self, NoSize> {
        let unit = UNITS.iter().find_map(|(name, bytes)| Some((text.strip_suffix(name)?, *bytes)));
        let (number, bytes) = unit.unwrap_or((text, 1));
        let size = number.trim().parse::<u64>().ok().and_then(|number| number.checked_mul(bytes));
        size.filter(|size| *size > 0).map(Self).ok_or(NoSize)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS.iter().find(|(_, bytes)| self.0 > 0 && self.0.is_multiple_of(*bytes));
        match whole {
            Some((name, bytes)) => write!(f, "{}{name}", self.0 / bytes),
            None => self.0.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_and_read_with_their_units() {
        let table = [
            ("1", Ok(1)),
            ("1000", Ok(1_000)),
            ("512KiB", Ok(512 << 10)),
            ("16 MiB", Ok(16 << 20)),
            ("4GiB", Ok(4 << 30)),
            ("0", Err(NoSize)),
            ("0MiB", Err(NoSize)),
            ("4GB", Err(NoSize)),
            ("-1", Err(NoSize)),
            ("99999999TiB", Err(NoSize)),
            ("", Err(NoSize)),
        ];
        for (text, bytes) in table {
            assert_eq!(text.parse::<Size>(), bytes.map(Size), "{text}");
        }
        for (bytes, text) in [(4 << 30, "4GiB"), (1_536, "1536"), (3 << 10, "3KiB")] {
            assert_eq!(Size(bytes).to_string(), text);
        }
    }

    #[test]
    fn a_policy_is_a_word_or_a_file() {
        for (word, policy) in
            [("open", Policy::Open), ("closed", Policy::Closed), ("/a/b", Policy::Listed("/a/b".into()))]
        {
            assert_eq!(word.parse::<Policy>(), Ok(policy.clone()));
            assert_eq!(policy.to_string(), word);
        }
    }
}
