//! Where a shared log stands.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The log that several relays share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedLog {
    /// The servers of NATS, as `nats://user:password@host:4222`, `tls://…` where TLS is to be spoken; several with commas between.
    pub servers: String,
    /// What its streams and subjects begin with.
    pub name: LogName,
    /// A file with a user's credentials, as `nsc` makes them.
    pub credentials: Option<PathBuf>,
    /// A certificate authority of one's own, in PEM form.
    pub authority: Option<PathBuf>,
    /// How many servers keep each message, where the log is begun: 1, 3 or 5.
    pub copies: Copies,
}

impl SharedLog {
    /// The log of the usual name at some servers, kept by one of them.
    pub fn at(servers: impl Into<String>) -> Self {
        Self {
            servers: servers.into(),
            name: LogName::default(),
            credentials: None,
            authority: None,
            copies: Copies::default(),
        }
    }
}

/// Small letters, digits and `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogName(String);

impl Default for LogName {
    fn default() -> Self {
        Self("mera".to_owned())
    }
}

/// Why something is no name of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a log's name has small letters, digits and -, at most 32")]
pub struct NoLogName;

impl FromStr for LogName {
    type Err = NoLogName;

    fn from_str(name: &str) -> Result<Self, NoLogName> {
        let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if (1..=32).contains(&name.len()) && name.chars().all(fits) {
            Ok(Self(name.to_owned()))
        } else {
            Err(NoLogName)
        }
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How many servers keep each message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copies(usize);

impl Copies {
    /// As a number.
    pub fn count(self) -> usize {
        self.0
    }
}

impl Default for Copies {
    fn default() -> Self {
        Self(1)
    }
}

/// Why something is no number of copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a log is kept by 1, 3 or 5 servers: an even number survives no more losses than the odd one below it")]
pub struct NoCopies;

impl FromStr for Copies {
    type Err = NoCopies;

    fn from_str(number: &str) -> Result<Self, NoCopies> {
        match number.parse() {
            Ok(count @ (1 | 3 | 5)) => Ok(Self(count)),
            _ => Err(NoCopies),
        }
    }
}

impl fmt::Display for Copies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_reach_into_another_logs_subjects() {
        for (name, fits) in
            [("mera", true), ("mera-2", true), ("", false), ("a.b", false), ("a*", false), ("A", false), (">", false)]
        {
            assert_eq!(name.parse::<LogName>().is_ok(), fits, "{name}");
        }
        assert!("a".repeat(33).parse::<LogName>().is_err());
    }

    #[test]
    fn copies_are_an_odd_number() {
        for (number, count) in [("1", Some(1)), ("3", Some(3)), ("5", Some(5)), ("2", None), ("0", None), ("", None)] {
            assert_eq!(number.parse::<Copies>().ok().map(Copies::count), count, "{number}");
        }
    }
}
