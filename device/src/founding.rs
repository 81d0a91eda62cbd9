//! What a new device is told about itself, and what must be said of it.

use crate::vault::Place;
use axum::http::Uri;
use mera_schema::Desk;

/// Characters in the name of a person or a device: they stand beside every change, in lists and histories.
const NAME_LIMIT: usize = 100;
/// Letters and digits at most before a number: `T-AB12-0001` still fits a column.
pub(crate) const SERIES_LIMIT: usize = 4;
/// Where a relay answers, when an address names only its machine.
const SYNC_PATH: &str = "/sync";

/// What a new device is told about itself.
#[derive(Debug, Clone)]
pub struct Founding {
    /// What people call the device.
    pub name: String,
    /// Who uses it.
    pub person: String,
    /// Which desk it stands on.
    pub desk: Desk,
    /// The letters that start the numbers it gives out, such as `K3`: no two devices of a company may share them.
    pub series: String,
    /// The relay's address, `ws://host:port/sync`.
    pub relay: Option<String>,
    /// Where its secret is to be kept.
    pub vault: Place,
}

/// Why no device is made of what was said, or an address is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The sentences say what the fields are.
pub enum FoundingFault {
    #[error("it is not said who uses the device")]
    NoPerson,
    #[error("the device has no name; call it what colleagues would call it")]
    NoName,
    #[error("the {field} is longer than {NAME_LIMIT} characters")]
    TooLong { field: &'static str },
    #[error("{0:?} cannot start numbers; take one to four capital letters A-Z or digits, such as A1")]
    Series(String),
    #[error("{0:?} is no relay's address; write it as ws://host:port/sync or wss://host/sync")]
    Relay(String),
}

impl FoundingFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoPerson => "founding.no_person",
            Self::NoName => "founding.no_name",
            Self::TooLong { .. } => "field.too_long",
            Self::Series(_) => "founding.series",
            Self::Relay(_) => "founding.relay",
        }
    }

    /// The field it is about.
    pub fn field(&self) -> &'static str {
        match self {
            Self::NoPerson => "person",
            Self::NoName => "name",
            Self::TooLong { field } => field,
            Self::Series(_) => "series",
            Self::Relay(_) => "relay",
        }
    }
}

impl Founding {
    /// What was said, without blanks around it, if a device can be made of it.
    pub fn checked(self) -> Result<Self, FoundingFault> {
        person_named(&self.person)?;
        self.checked_but_the_person()
    }

    /// The same of a device whose person an invitation will name.
    pub(crate) fn checked_but_the_person(self) -> Result<Self, FoundingFault> {
        let (person, name, series) = (self.person.trim(), self.name.trim(), self.series.trim());
        if name.is_empty() {
            return Err(FoundingFault::NoName);
        }
        if name.chars().count() > NAME_LIMIT {
            return Err(FoundingFault::TooLong { field: "name" });
        }
        let letters = series.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
        if series.is_empty() || series.len() > SERIES_LIMIT || !letters {
            return Err(FoundingFault::Series(series.to_owned()));
        }
        let (person, name, series) = (person.to_owned(), name.to_owned(), series.to_owned());
        Ok(Self { person, name, series, relay: relay_address(self.relay)?, ..self })
    }
}

/// Whether a person can be called so.
pub(crate) fn person_named(name: &str) -> Result<(), FoundingFault> {
    if name.trim().is_empty() {
        return Err(FoundingFault::NoPerson);
    }
    if name.chars().count() > NAME_LIMIT { Err(FoundingFault::TooLong { field: "person" }) } else { Ok(()) }
}

/// A relay's address as the line takes it; blanks name none. One that names only a machine leads to where relays answer.
pub(crate) fn relay_address(said: Option<String>) -> Result<Option<String>, FoundingFault> {
    let said = said.unwrap_or_default();
    let said = said.trim();
    if said.is_empty() {
        return Ok(None);
    }
    let no_address = || FoundingFault::Relay(said.to_owned());
    let uri: Uri = said.parse().map_err(|_| no_address())?;
    let authority = uri.authority().map(|authority| authority.as_str());
    // What stands behind the machine's name must be a port.
    let host = uri.host().filter(|host| !host.is_empty() && (authority == Some(*host) || uri.port_u16().is_some()));
    match (uri.scheme_str(), host, uri.path()) {
        (Some("ws" | "wss"), Some(_), "" | "/") if uri.query().is_none() => {
            Ok(Some(format!("{}{SYNC_PATH}", said.trim_end_matches('/'))))
        }
        (Some("ws" | "wss"), Some(_), _) => Ok(Some(said.to_owned())),
        _ => Err(no_address()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anna() -> Founding {
        let (name, person, series) = ("Annas pc".into(), " Anna ".into(), "A1".into());
        Founding { name, person, desk: Desk::Sales, series, relay: None, vault: Place::InFolder }
    }

    #[test]
    fn a_device_is_made_of_what_can_stand_and_a_refusal_names_its_field() {
        assert_eq!(anna().checked().map(|founding| founding.person), Ok("Anna".to_owned()));
        let long = "å".repeat(NAME_LIMIT + 1);
        let table: [(Founding, &str, &str); 9] = [
            (Founding { person: " ".into(), ..anna() }, "founding.no_person", "person"),
            (Founding { name: String::new(), ..anna() }, "founding.no_name", "name"),
            (Founding { person: long.clone(), ..anna() }, "field.too_long", "person"),
            (Founding { name: long, ..anna() }, "field.too_long", "name"),
            (Founding { series: String::new(), ..anna() }, "founding.series", "series"),
            (Founding { series: "a1".into(), ..anna() }, "founding.series", "series"),
            (Founding { series: "Å1".into(), ..anna() }, "founding.series", "series"),
            (Founding { series: "ABCD1".into(), ..anna() }, "founding.series", "series"),
            (Founding { relay: Some("relay".into()), ..anna() }, "founding.relay", "relay"),
        ];
        for (founding, code, field) in table {
            let fault = founding.clone().checked().expect_err("it cannot stand");
            assert_eq!((fault.code(), fault.field()), (code, field), "{founding:?}");
        }
        for series in ["A", "7", "AB12"] {
            assert!(Founding { series: series.into(), ..anna() }.checked().is_ok(), "{series}");
        }
    }

    #[test]
    fn a_relay_is_named_by_an_address_of_its_kind() {
        let table = [
            ("", Some(None)),
            ("  ", Some(None)),
            ("ws://10.0.0.2:7070/sync", Some(Some("ws://10.0.0.2:7070/sync"))),
            (" wss://relay.example/sync ", Some(Some("wss://relay.example/sync"))),
            ("ws://10.0.0.2:7070", Some(Some("ws://10.0.0.2:7070/sync"))),
            ("ws://[::1]:7070/", Some(Some("ws://[::1]:7070/sync"))),
            ("http://10.0.0.2:7070/sync", None),
            ("10.0.0.2:7070", None),
            ("10.0.0.2", None),
            ("ws://", None),
            ("ws:///sync", None),
            ("ws://a b/sync", None),
            ("ws://10.0.0.2:port/sync", None),
        ];
        for (said, taken) in table {
            let address = relay_address(Some(said.to_owned())).ok();
            assert_eq!(address, taken.map(|taken| taken.map(str::to_owned)), "{said:?}");
        }
    }
}
