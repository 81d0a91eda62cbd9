//! Where a colleague is, as one value: whoever says something new of it says all of it, so that two people's words never mix.

use crate::written::written;
use crate::{FieldValue, Form, Whereabouts};
use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use std::{fmt, str::FromStr};

/// Letters of a place at most.
const PLACE_LIMIT: usize = 120;

/// Why it was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StandingFault {
    /// None of the words.
    #[error("{0:?} does not say where a colleague is")]
    NotAState(String),
    /// Not a moment as RFC 3339 writes it.
    #[error("{0:?} is no moment")]
    NotAMoment(String),
    /// More than one line, or more letters than a board shows.
    #[error("a place is one line of {PLACE_LIMIT} letters at most")]
    NotAPlace,
}

/// Where a colleague is, when that was said, until when, and at which place:
/// `out since 2026-11-28T09:15:00Z until 2026-11-28T14:00:00Z at Vejle`. Saying the same again later is news: it is still so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Standing {
    /// In, out, or what else.
    pub state: Whereabouts,
    /// When it was said, to the second, by the clock of the device on which it was.
    pub since: DateTime<Utc>,
    /// When the colleague is expected back, to the second; nothing where that is not known.
    pub until: Option<DateTime<Utc>>,
    place: String,
}

impl Standing {
    /// What somebody says. Blanks round the place are left out.
    pub fn new(
        state: Whereabouts,
        since: DateTime<Utc>,
        until: Option<DateTime<Utc>>,
        place: &str,
    ) -> Result<Self, StandingFault> {
        let place = place.trim().to_owned();
        if place.chars().any(char::is_control) || place.chars().count() > PLACE_LIMIT {
            return Err(StandingFault::NotAPlace);
        }
        let whole = |moment: DateTime<Utc>| moment.trunc_subsecs(0);
        Ok(Self { state, since: whole(since), until: until.map(whole), place })
    }

    /// Where that is, in somebody's words; empty where nobody said.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = |moment: DateTime<Utc>| moment.to_rfc3339_opts(SecondsFormat::Secs, true);
        write!(out, "{} since {}", self.state, written(self.since))?;
        if let Some(until) = self.until {
            write!(out, " until {}", written(until))?;
        }
        if self.place.is_empty() { Ok(()) } else { write!(out, " at {}", self.place) }
    }
}

impl FromStr for Standing {
    type Err = StandingFault;
    fn from_str(text: &str) -> Result<Self, StandingFault> {
        let (state, rest) = text.split_once(' ').unwrap_or((text, ""));
        let state = state.parse().map_err(StandingFault::NotAState)?;
        let (since, rest) = moment_behind("since ", rest)?;
        let since = since.ok_or_else(|| StandingFault::NotAMoment(rest.to_owned()))?;
        let (until, rest) = moment_behind("until ", rest)?;
        let place = match rest.strip_prefix("at ") {
            Some(place) => place,
            None if rest.is_empty() => "",
            None => return Err(StandingFault::NotAState(text.to_owned())),
        };
        Self::new(state, since, until, place)
    }
}

/// The moment that a word leads to, if it stands there, and what is behind.
fn moment_behind<'a>(word: &str, text: &'a str) -> Result<(Option<DateTime<Utc>>, &'a str), StandingFault> {
    let Some(from) = text.strip_prefix(word) else { return Ok((None, text)) };
    let (moment, behind) = from.split_once(' ').unwrap_or((from, ""));
    let moment = moment.parse().map_err(|_| StandingFault::NotAMoment(moment.to_owned()))?;
    Ok((Some(moment), behind))
}

impl FieldValue for Standing {
    const FORM: Form = Form::Standing;
}

written! {
    Standing: "^[a-z]+ since .+$", "out since 2026-11-28T09:15:00Z until 2026-11-28T14:00:00Z at Vejle; until and at may be left out";
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_of_a_colleague_is_read_or_refused_with_a_reason() {
        let (eight, noon) = ("2026-11-28T08:00:00Z", "2026-11-28T12:00:00Z");
        let until = noon.parse().ok();
        let table = [
            ("in since 2026-11-28T08:00:00Z", Ok((Whereabouts::In, None, ""))),
            (
                "meeting since 2026-11-28T09:00:00+01:00 until 2026-11-28T12:00:00Z",
                Ok((Whereabouts::Meeting, until, "")),
            ),
            ("out since 2026-11-28T08:00:00.7Z at Vejle", Ok((Whereabouts::Out, None, "Vejle"))),
            (
                "out since 2026-11-28T08:00:00Z until 2026-11-28T13:00:00+01:00 at Vejle, at the dock",
                Ok((Whereabouts::Out, until, "Vejle, at the dock")),
            ),
            ("gone", Err(StandingFault::NotAState("gone".into()))),
            ("", Err(StandingFault::NotAState(String::new()))),
            ("in", Err(StandingFault::NotAMoment(String::new()))),
            ("out since tomorrow", Err(StandingFault::NotAMoment("tomorrow".into()))),
            ("out since 2026-11-28T08:00:00Z until late", Err(StandingFault::NotAMoment("late".into()))),
            (
                "out since 2026-11-28T08:00:00Z and about",
                Err(StandingFault::NotAState("out since 2026-11-28T08:00:00Z and about".into())),
            ),
            ("out since 2026-11-28T08:00:00Z at Vejle\nor Kolding", Err(StandingFault::NotAPlace)),
        ];
        let since = eight.parse().unwrap();
        for (text, expected) in table {
            let expected = expected.map(|(state, until, place)| Standing::new(state, since, until, place).unwrap());
            assert_eq!(text.parse::<Standing>(), expected, "{text}");
        }
        assert_eq!(Standing::new(Whereabouts::Out, since, None, &"a".repeat(121)), Err(StandingFault::NotAPlace));
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_read_as_it_was_said(state in 0..Whereabouts::ALL.len(), since in 0_i64..4_000_000_000, until in proptest::option::of(0_i64..4_000_000_000), place in "\\PC{0,60}") {
            let since = DateTime::from_timestamp(since, 7).unwrap();
            let until = until.and_then(|at| DateTime::from_timestamp(at, 5));
            let said = Standing::new(Whereabouts::ALL[state], since, until, &place).unwrap();
            prop_assert_eq!(said.to_string().parse::<Standing>(), Ok(said));
        }
    }
}
