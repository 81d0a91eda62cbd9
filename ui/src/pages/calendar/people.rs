//! Whose calendar is looked at: one's own, a colleague's, a team's, everybody's.

use crate::desk::{Desk, keep, kept};
use crate::route::Route;
use mera_device_api::{CalendarEntry, CalendarPage, CalendarPerson};
use mera_schema::{RecordKind, RecordRef};
use std::collections::BTreeSet;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Under which name a browser keeps whose calendar somebody looked at last.
const KEPT: &str = "mera.calendar";

/// Those who are looked at; nobody chosen is everybody.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Watched(pub Vec<RecordRef>);

impl Watched {
    /// Whoever was looked at last here, if anybody was.
    pub fn last() -> Option<Self> {
        let text = kept(KEPT)?;
        Some(Self(text.split(' ').filter_map(|who| who.parse().ok()).collect()))
    }

    pub fn remember(&self) {
        let all: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        keep(KEPT, &all.join(" "));
    }

    /// What concerns one of them.
    pub fn of<'a>(&self, entries: &'a [CalendarEntry]) -> impl Iterator<Item = &'a CalendarEntry> {
        let watched: BTreeSet<RecordRef> = self.0.iter().copied().collect();
        entries.iter().filter(move |entry| {
            let mut all = entry.present.iter().chain(&entry.told);
            watched.is_empty() || all.any(|one| watched.contains(&one.record))
        })
    }
}

/// A way to look at others too, and at those of one team.
pub fn people(desk: &Desk, page: &CalendarPage, watched: &Watched, set: &Callback<Watched>) -> Html {
    let named = |who: RecordRef| {
        let found = page.people.iter().find(|one| one.who == who).map(|one| one.name.clone());
        found.filter(|name| !name.is_empty()).unwrap_or_else(|| desk.words.say("untitled"))
    };
    let chip = |who: &RecordRef| {
        let (set, rest) = (set.clone(), Watched(watched.0.iter().copied().filter(|one| one != who).collect()));
        let without = Callback::from(move |_: MouseEvent| set.emit(rest.clone()));
        let label = desk.words.with("cal-not-watched", &[("who", &named(*who))]);
        html! { <span class="mera-member" key={who.to_string()} data-testid="cal-watched">{ named(*who) }<button type="button" aria-label={label} onclick={without}>{ "×" }</button></span> }
    };
    let onchange = {
        let (set, watched) = (set.clone(), watched.clone());
        let people = page.people.clone();
        Callback::from(move |event: Event| {
            let select = event.target_unchecked_into::<HtmlSelectElement>();
            let picked = select.value();
            select.set_value("");
            let mut next = watched.clone();
            if picked == "all" {
                next.0.clear();
            } else if let Some(team) = picked.strip_prefix("team ") {
                next.0 = people.iter().filter(|one| one.team == team).map(|one| one.who).collect();
            } else if let Ok(who) = picked.parse() {
                next.0.push(who);
            }
            set.emit(next);
        })
    };
    let teams: BTreeSet<&str> =
        page.people.iter().map(|one| one.team.as_str()).filter(|team| !team.is_empty()).collect();
    let team = |team: &str| html! { <option value={format!("team {team}")}>{ team }</option> };
    let others = page.people.iter().filter(|one| !watched.0.contains(&one.who));
    let (things, others): (Vec<_>, Vec<_>) = others.partition(|one| one.who.kind == RecordKind::Resource);
    let other = |one: &&CalendarPerson| html! { <option value={one.who.to_string()}>{ named(one.who) }</option> };
    html! {
        <div class="mera-cal-people">
            if watched.0.is_empty() { <span class="mera-member mera-cal-everybody" data-testid="cal-everybody">{ desk.words.say("cal-everybody") }</span> }
            { for watched.0.iter().map(chip) }
            <select class="mera-input mera-say-for" aria-label={desk.words.say("cal-watch")} data-testid="cal-watch" {onchange}>
                <option value="" selected=true>{ desk.words.say("cal-watch") }</option>
                <option value="all">{ desk.words.say("cal-everybody") }</option>
                <optgroup label={desk.words.say("cal-people")}>{ for others.iter().map(other) }</optgroup>
                if !things.is_empty() { <optgroup label={desk.words.say("kinds-resource")}>{ for things.iter().map(other) }</optgroup> }
                if !teams.is_empty() { <optgroup label={desk.words.say("cal-teams")}>{ for teams.into_iter().map(team) }</optgroup> }
            </select>
            <a class="pf-v6-c-button pf-m-link" data-testid="cal-things" href={Route::List(RecordKind::Resource).href()}>{ desk.words.say("kinds-resource") }</a>
        </div>
    }
}
