//! Where a person is, as the part of the address behind the `#`.

use crate::pages::View;
use chrono::NaiveDate;
use mera_schema::{Heads, RecordKind, RecordRef};

/// A page.
#[derive(Debug, Clone, PartialEq)]
pub enum Route {
    List(RecordKind),
    Record {
        record: RecordRef,
        at: Option<Heads>,
    },
    History(RecordRef),
    Clashes,
    Presence,
    /// The telephone calls; with a colleague, a new one for that one.
    Calls(Option<RecordRef>),
    /// The calendar: the day, week or month round a day; today's, without one.
    Calendar {
        view: View,
        day: Option<NaiveDate>,
    },
    /// Something new is agreed that comes of this record.
    Agree(RecordRef),
    Tasks,
    Stock,
    Sync,
    Device,
    Members,
    Import,
    Judging,
    /// What was done in the company, or to one record.
    Audit(Option<RecordRef>),
}

impl Route {
    pub fn here() -> Self {
        let hash = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
        Self::read(hash.trim_start_matches("#/"))
    }

    /// Whether the address says no page: somebody has just come.
    pub fn is_nowhere() -> bool {
        web_sys::window().and_then(|window| window.location().hash().ok()).is_none_or(|hash| hash.len() < 3)
    }

    fn read(text: &str) -> Self {
        let parts: Vec<&str> = text.split('/').collect();
        let record = |kind: &str, id: &str| format!("{kind}/{id}").parse::<RecordRef>().ok();
        let found = match parts.as_slice() {
            ["list", kind] => kind.parse().ok().map(Self::List),
            ["history", kind, id] => record(kind, id).map(Self::History),
            ["record", kind, id] => record(kind, id).map(|record| Self::Record { record, at: None }),
            ["record", kind, id, "at", heads] => record(kind, id)
                .map(|record| Self::Record { record, at: Some(heads.split(',').map(str::to_owned).collect()) }),
            ["clashes"] => Some(Self::Clashes),
            ["presence"] => Some(Self::Presence),
            ["calls"] => Some(Self::Calls(None)),
            ["calls", kind, id] => record(kind, id).map(|colleague| Self::Calls(Some(colleague))),
            ["calendar"] => Some(Self::Calendar { view: View::here(), day: None }),
            ["calendar", view] => View::named(view).map(|view| Self::Calendar { view, day: None }),
            ["calendar", view, day] => View::named(view).map(|view| Self::Calendar { view, day: day.parse().ok() }),
            ["agree", kind, id] => record(kind, id).map(Self::Agree),
            ["tasks"] => Some(Self::Tasks),
            ["stock"] => Some(Self::Stock),
            ["sync"] => Some(Self::Sync),
            ["device"] => Some(Self::Device),
            ["members"] => Some(Self::Members),
            ["import"] => Some(Self::Import),
            ["judging"] => Some(Self::Judging),
            ["audit"] => Some(Self::Audit(None)),
            ["audit", kind, id] => record(kind, id).map(|record| Self::Audit(Some(record))),
            _ => None,
        };
        found.unwrap_or(Self::List(RecordKind::Quote))
    }

    pub fn href(&self) -> String {
        match self {
            Self::List(kind) => format!("#/list/{kind}"),
            Self::Record { record, at: None } => format!("#/record/{record}"),
            Self::Record { record, at: Some(heads) } => {
                format!("#/record/{record}/at/{}", heads.iter().map(String::as_str).collect::<Vec<_>>().join(","))
            }
            Self::History(record) => format!("#/history/{record}"),
            Self::Clashes => "#/clashes".into(),
            Self::Presence => "#/presence".into(),
            Self::Calls(None) => "#/calls".into(),
            Self::Calls(Some(colleague)) => format!("#/calls/{colleague}"),
            Self::Calendar { view, day: None } => format!("#/calendar/{}", view.as_str()),
            Self::Calendar { view, day: Some(day) } => format!("#/calendar/{}/{day}", view.as_str()),
            Self::Agree(record) => format!("#/agree/{record}"),
            Self::Tasks => "#/tasks".into(),
            Self::Stock => "#/stock".into(),
            Self::Sync => "#/sync".into(),
            Self::Device => "#/device".into(),
            Self::Members => "#/members".into(),
            Self::Import => "#/import".into(),
            Self::Judging => "#/judging".into(),
            Self::Audit(None) => "#/audit".into(),
            Self::Audit(Some(record)) => format!("#/audit/{record}"),
        }
    }

    pub fn calendar(view: View, day: NaiveDate) -> Self {
        Self::Calendar { view, day: Some(day) }
    }

    pub fn record(record: RecordRef) -> Self {
        Self::Record { record, at: None }
    }

    pub fn go(&self) {
        if let Some(window) = web_sys::window() {
            window.location().set_hash(&self.href()).ok();
        }
    }
}
