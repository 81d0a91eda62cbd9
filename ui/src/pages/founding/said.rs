//! What a person has said of a new device, and the request that comes of it.

use crate::desk::Desk;
use mera_device_api::{Refused, Request};
use mera_schema::Desk as Place;

/// How a device begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It is the first of a new company.
    New,
    /// It comes with an invitation.
    Join,
    /// It brings a company back with its recovery code.
    Recover,
}

/// What has been said so far. What nobody has touched follows from the person's name.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub way: Way,
    pub person: String,
    pub name: Option<String>,
    pub desk: Place,
    pub series: Option<String>,
    pub invitation: String,
    /// The recovery code.
    pub code: String,
    /// The company's id, which only old recovery codes do not say.
    pub company: String,
    pub relay: String,
    pub passphrase: String,
}

impl Said {
    pub fn nothing() -> Self {
        let [person, invitation, code, company, relay, passphrase] = [(); 6].map(|()| String::new());
        let (way, name, desk, series) = (Way::New, None, Place::Sales, None);
        Self { way, person, name, desk, series, invitation, code, company, relay, passphrase }
    }

    /// Whose the device is, as far as it is known: the name of who joins stands in the invitation, which only the one that
    /// invites can read.
    fn person(&self) -> &str {
        if self.way == Way::Join { "" } else { &self.person }
    }

    pub fn name(&self, desk: &Desk) -> String {
        self.name.clone().unwrap_or_else(|| name_for(desk, self.person()))
    }

    pub fn series(&self) -> String {
        self.series.clone().unwrap_or_else(|| series_for(self.person()))
    }

    pub fn request(&self, desk: &Desk) -> Request {
        let (name, desk, series) = (self.name(desk), self.desk, self.series());
        let passphrase = (!self.passphrase.is_empty()).then(|| self.passphrase.clone());
        let (person, given) = (self.person.clone(), |text: &String| (!text.trim().is_empty()).then(|| text.clone()));
        match self.way {
            Way::New => Request::Found { person, name, desk, series, relay: given(&self.relay), passphrase },
            Way::Join => {
                Request::Join { invitation: code_in(&self.invitation).to_owned(), name, desk, series, passphrase }
            }
            Way::Recover => {
                let (code, relay) = (recovery_code_in(&self.code).to_owned(), self.relay.clone());
                let company = given(&self.company).filter(|_| self.code_names_no_company());
                Request::Recover { code, company, relay, person, name, desk, series, passphrase }
            }
        }
    }

    /// Whether the recovery code is an old one, beside which the company's id must be said.
    pub fn code_names_no_company(&self) -> bool {
        let plain: String = self.code.chars().filter(char::is_ascii_alphanumeric).collect();
        plain.to_ascii_uppercase().contains("MERARECOVERY1")
    }
}

/// The recovery code in what was pasted, which may begin with something else.
fn recovery_code_in(pasted: &str) -> &str {
    let plain = pasted.to_ascii_uppercase();
    let at = plain.find("RECOVERY").and_then(|mark| plain[..mark].rfind("MERA")).unwrap_or(0);
    &pasted[at..]
}

/// The code in what was pasted, which may begin with a greeting. How it is spaced and written does not matter.
fn code_in(pasted: &str) -> &str {
    let at = pasted.char_indices().map(|(at, _)| at).find(|at| is_marked(&pasted[*at..])).unwrap_or(0);
    &pasted[at..]
}

/// Whether a scanned text is an invitation as a screen shows it, of whatever version, and nothing else.
pub fn is_invitation(scanned: &str) -> bool {
    let scanned = scanned.trim();
    is_marked(scanned) && scanned.get(5..6) == Some("-")
}

/// Whether an invitation's mark is the first thing there.
fn is_marked(text: &str) -> bool {
    let mark = text.get(..5).unwrap_or_default();
    mark.get(..4).is_some_and(|mark| mark.eq_ignore_ascii_case("MERA")) && mark.ends_with(|c: char| c.is_ascii_digit())
}

/// Where a refusal stands: what an invitation or a recovery code leads to is told there, also where the device names no
/// field. Nothing was saved yet that could wait for a relay that is silent.
pub fn at_its_field(way: Way, mut why: Refused) -> Refused {
    let silent = ["sync.unreachable", "sync.hung_up", "sync.line_broken"].contains(&why.code.as_str());
    let leads_to = |starts: &[&str]| starts.iter().any(|start| why.code.starts_with(start));
    let (field, says) = match way {
        Way::Join if leads_to(&["invitation.", "membership.", "sync.", "seal."]) => {
            ("invitation", "joining.relay_silent")
        }
        Way::Recover if silent => ("relay", "recovery.relay_silent"),
        Way::Recover if leads_to(&["recovery.", "membership.", "sync.", "seal."]) => ("code", "recovery.relay_silent"),
        _ => return why,
    };
    if why.field.is_none() {
        why.field = Some(field.into());
        if silent {
            why.code = says.into();
        }
    }
    why
}

/// What a person's computer is called until somebody calls it something else.
fn name_for(desk: &Desk, person: &str) -> String {
    let Some(first) = person.split_whitespace().next() else { return String::new() };
    let hisses = first.ends_with(['s', 'x', 'z', 'S', 'X', 'Z']);
    desk.words.with(if hisses { "founding-pc-of-s" } else { "founding-pc-of" }, &[("person", first)])
}

/// Initials and a figure: `AB1` for Anna Berg.
fn series_for(person: &str) -> String {
    let letter = |word: &str| match word.chars().next().and_then(|first| first.to_uppercase().next())? {
        'Æ' | 'Å' | 'Ä' | 'Á' | 'À' => Some('A'),
        'Ø' | 'Ö' | 'Ó' => Some('O'),
        'É' | 'È' => Some('E'),
        'Ü' => Some('U'),
        plain => plain.is_ascii_alphanumeric().then_some(plain),
    };
    let initials: String = person.split([' ', '-']).filter_map(letter).take(3).collect();
    if initials.is_empty() { initials } else { format!("{initials}1") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::bare as desk;
    use crate::words::Language;

    #[test]
    fn a_series_is_suggested_from_the_initials_in_letters_that_every_device_can_type() {
        let table = [
            ("", ""),
            ("  ", ""),
            ("anna", "A1"),
            ("Anna Berg", "AB1"),
            ("Øjvind Åge Ærø Knudsen", "OAA1"),
            ("Anne-Mette Holm", "AMH1"),
            ("李 Wei", "W1"),
        ];
        for (person, series) in table {
            assert_eq!(series_for(person), series, "{person:?}");
        }
    }

    #[test]
    fn a_computer_is_called_after_its_person() {
        let (danish, english) = (desk(Language::Danish), desk(Language::English));
        assert_eq!(name_for(&danish, "Anna Berg"), "Annas pc");
        assert_eq!(name_for(&danish, "Jens Kruse"), "Jens' pc");
        assert_eq!(name_for(&english, "Anna Berg"), "Anna's computer");
        assert_eq!(name_for(&danish, " "), "");
    }

    #[test]
    fn who_joins_sends_the_invitation_and_who_founds_sends_a_name() {
        let desk = desk(Language::Danish);
        let said = Said { person: "Bo".into(), invitation: "left from before".into(), ..Said::nothing() };
        let Request::Found { person, name, series, relay, .. } = said.request(&desk) else { panic!("it founds") };
        assert_eq!((person.as_str(), name.as_str(), series.as_str(), relay), ("Bo", "Bos pc", "B1", None));
        let joins = Said { way: Way::Join, invitation: "mera1-abcde".into(), ..said };
        let Request::Join { invitation, name, series, .. } = joins.request(&desk) else { panic!("it joins") };
        assert_eq!(
            (invitation.as_str(), name.as_str(), series.as_str()),
            ("mera1-abcde", "", ""),
            "who it is only the invitation says"
        );
    }

    #[test]
    fn who_recovers_sends_the_code_and_the_company_only_beside_an_old_code() {
        let desk = desk(Language::Danish);
        let said =
            Said { way: Way::Recover, person: "Rikke".into(), company: "left from before".into(), ..Said::nothing() };
        let table = [
            ("Kode: MERA-RECOVERY2-ABCDE", "MERA-RECOVERY2-ABCDE", None),
            ("mera recovery2 abcde", "mera recovery2 abcde", None),
            ("MERA-RECOVERY1-ABCDE", "MERA-RECOVERY1-ABCDE", Some("left from before")),
            ("æ", "æ", None),
        ];
        for (pasted, sent, named) in table {
            let said = Said { code: pasted.into(), ..said.clone() };
            let Request::Recover { code, company, person, name, .. } = said.request(&desk) else {
                panic!("it recovers")
            };
            assert_eq!((code.as_str(), company.as_deref()), (sent, named));
            assert_eq!((person.as_str(), name.as_str()), ("Rikke", "Rikkes pc"));
        }
    }

    #[test]
    fn a_code_is_found_in_what_was_pasted_with_it() {
        let table = [
            ("MERA1-ABCDE", "MERA1-ABCDE"),
            ("Hej Bo, din kode til MERA på Æblevej: mera1-abcde fghjk", "mera1-abcde fghjk"),
            ("  MERA2ABC", "MERA2ABC"),
            ("ABCDE", "ABCDE"),
            ("æ", "æ"),
            ("", ""),
        ];
        for (pasted, code) in table {
            assert_eq!(code_in(pasted), code, "{pasted:?}");
        }
    }

    #[test]
    fn what_an_invitation_or_a_code_leads_to_is_told_there() {
        let table = [
            (Way::Join, "invitation.late", Some("invitation"), "invitation.late"),
            (Way::Join, "sync.unreachable", Some("invitation"), "joining.relay_silent"),
            (Way::Join, "device.folder", None, "device.folder"),
            (Way::New, "sync.unreachable", None, "sync.unreachable"),
            (Way::Recover, "sync.unreachable", Some("relay"), "recovery.relay_silent"),
            (Way::Recover, "sync.other_version", Some("code"), "sync.other_version"),
            (Way::Recover, "recovery.late", Some("code"), "recovery.late"),
            (Way::Recover, "device.folder", None, "device.folder"),
        ];
        for (way, code, field, told) in table {
            let why = at_its_field(way, Refused::new(code, "no"));
            assert_eq!((why.field.as_deref(), why.code.as_str()), (field, told), "{way:?} {code}");
        }
        for way in [Way::Join, Way::Recover] {
            let mut named = Refused::new("founding.series", "no");
            named.field = Some("series".into());
            assert_eq!(at_its_field(way, named.clone()), named);
        }
    }
}
