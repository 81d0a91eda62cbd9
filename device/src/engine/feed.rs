//! A calendar as other programs read it, and the key by which one on this machine asks for it.

use super::Engine;
use data_encoding::HEXLOWER;
use mera_business::appointment::AppointmentFact;
use mera_device_api::{CalendarFeed, CalendarFile, CalendarOf, Refused};
use mera_paperwork::icalendar::{self, Published};
use mera_schema::{Part, RecordRef};

/// What the key of the feed is derived for.
const FEED: &str = "MERA 2026-11-28 a device's calendars, read by programs on its machine";
/// Bytes of the key: nobody guesses them.
const KEY: usize = 16;

impl Engine {
    pub(super) fn calendar_file(&mut self, of: CalendarOf) -> Result<CalendarFile, Refused> {
        let who = match of {
            CalendarOf::Everybody => None,
            CalendarOf::Me => self.colleague()?,
            CalendarOf::Colleague { who } => {
                self.must_be_colleague(who, "who")?;
                Some(who)
            }
        };
        let concerns = |fact: &AppointmentFact| who.is_none_or(|who| fact.people.iter().any(|one| one.who == who));
        let all = self.views.calendar().all().filter(|(_, fact)| concerns(fact) || fact.instead.is_some());
        let all: Vec<Published<'_>> =
            all.map(|(record, fact)| Published { concerns: concerns(fact), ..self.published(record, fact) }).collect();
        let name = who.map_or_else(|| "MERA".to_owned(), |who| self.views.title(who));
        let appointments = all.iter().filter(|one| one.concerns && one.fact.instead.is_none()).count();
        Ok(CalendarFile { text: icalendar::calendar(&name, &all, self.world.zone(), self.now()), appointments })
    }

    pub(super) fn calendar_feed(&self) -> CalendarFeed {
        CalendarFeed { key: HEXLOWER.encode(&self.secret.derive(FEED)[..KEY]) }
    }

    fn published<'a>(&self, record: RecordRef, fact: &'a AppointmentFact) -> Published<'a> {
        let party = fact.party.map(|party| self.views.title(party));
        let present = fact.people.iter().filter(|one| one.part == Part::Present);
        let present: Vec<String> = present.map(|one| self.views.title(one.who)).collect();
        let told = party.into_iter().chain([present.join(", ")]).filter(|line| !line.is_empty()).collect();
        Published { record, fact, concerns: true, subject: self.subject(fact), told }
    }
}
