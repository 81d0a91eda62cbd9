//! One time of an appointment as it stands in the calendar.

use super::drag::Hold;
use super::hand::Hand;
use crate::desk::{Desk, use_desk};
use chrono::{NaiveDate, NaiveDateTime};
use mera_device_api::CalendarEntry;
use mera_schema::RecordRef;
use yew::prelude::*;

/// What names one time on the page: people may disagree about when it is.
pub type Which = (RecordRef, Option<NaiveDate>, NaiveDateTime, NaiveDateTime);

pub fn which(entry: &CalendarEntry) -> Which {
    (entry.record, entry.day, entry.from, entry.to)
}

/// Properties of [`Chip`].
#[derive(Properties, PartialEq)]
pub struct ChipProps {
    pub entry: CalendarEntry,
    /// Where it stands, where hours are shown.
    pub style: Option<String>,
    /// Whether it is drawn elsewhere.
    pub held: bool,
    /// Whether those who are looked at are only told of it.
    pub told: bool,
    pub selected: bool,
    pub hand: Hand,
}

#[component]
pub fn Chip(props: &ChipProps) -> Html {
    let desk = use_desk();
    let entry = &props.entry;
    let takes = |hold: Hold| {
        let taken = props.hand.taken.clone();
        Callback::from(move |event: PointerEvent| {
            if event.button() == 0 {
                event.stop_propagation();
                taken.emit((event, hold));
            }
        })
    };
    let let_go = {
        let (let_go, desk) = (props.hand.let_go.clone(), desk.clone());
        Callback::from(move |_: PointerEvent| let_go.emit(desk.clone()))
    };
    // A key says what a hand does.
    let onkeydown = {
        let (select, entry) = (props.hand.select.clone(), entry.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" || event.key() == " " {
                event.prevent_default();
                select.emit(entry.clone());
            }
        })
    };
    let hours = props.style.is_some() && !entry.cancelled;
    let names: Vec<&str> = entry.present.iter().map(|one| one.name.as_str()).collect();
    html! {
        <div class="mera-cal-entry" style={props.style.clone()} role="button" tabindex="0"
            data-testid="cal-entry" data-sort={entry.sort.as_str()} data-cancelled={entry.cancelled.to_string()} data-disputed={entry.disputed.to_string()}
            data-news={entry.news.to_string()} data-held={props.held.to_string()} data-told={props.told.to_string()} data-twice={(!entry.taken_twice.is_empty()).to_string()} aria-pressed={props.selected.to_string()}
            onpointerdown={takes(Hold::Whole)} onpointermove={props.hand.drawn.clone()} onpointerup={let_go.clone()} onpointercancel={props.hand.lost.clone()} {onkeydown} onclick={props.hand.clicked.clone()}>
            <strong>{ subject(&desk, entry) }</strong>
            if !entry.whole_days { <span>{ time_of(entry.from, entry.to) }</span> }
            if !entry.place.is_empty() { <span>{ &entry.place }</span> }
            if names.len() > 1 { <small>{ names.join(", ") }</small> }
            <span class="mera-hidden">{ said(&desk, entry) }</span>
            if hours { <i onpointerdown={takes(Hold::End)} onpointermove={props.hand.drawn.clone()} onpointerup={let_go}></i> }
        </div>
    }
}

/// What is only seen by its colour or sign, for whoever hears the page.
fn said(desk: &Desk, entry: &CalendarEntry) -> String {
    let said = [
        (true, format!("word-{}", entry.sort)),
        (entry.whole_days, "cal-all-day".to_owned()),
        (entry.cancelled, "word-cancelled".to_owned()),
        (entry.disputed, "cal-disputed".to_owned()),
        (!entry.taken_twice.is_empty(), "cal-twice".to_owned()),
        (entry.news, "cal-news".to_owned()),
    ];
    let said = said.into_iter().filter(|(says, _)| *says).map(|(_, word)| desk.words.say(&word));
    said.collect::<Vec<_>>().join(", ")
}

/// Whether none of those who are looked at is there.
pub fn only_told<'a>(entry: &CalendarEntry, watching: impl Iterator<Item = &'a RecordRef>) -> bool {
    let mut watching = watching.peekable();
    watching.peek().is_some() && !watching.any(|who| entry.present.iter().any(|one| one.record == *who))
}

/// What it is about, else what it is.
pub fn subject(desk: &Desk, entry: &CalendarEntry) -> String {
    if entry.subject.is_empty() { desk.words.say(&format!("word-{}", entry.sort)) } else { entry.subject.clone() }
}

/// `9:00–10:30`.
pub fn time_of(from: NaiveDateTime, to: NaiveDateTime) -> String {
    format!("{}–{}", from.format("%-H:%M"), to.format("%-H:%M"))
}
