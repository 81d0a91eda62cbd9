//! The appointment that is pointed at, beside the calendar.

use super::drag::span;
use super::entry::subject;
use super::moving::Moving;
use super::shown::weekday;
use crate::desk::{Desk, send, use_desk};
use crate::route::Route;
use crate::written;
use chrono::NaiveDate;
use mera_device_api::{AppointmentStep, CalendarEntry, Named, Request};
use yew::prelude::*;

/// Properties of [`Peek`].
#[derive(Properties, PartialEq)]
pub struct PeekProps {
    pub entry: CalendarEntry,
    pub close: Callback<()>,
}

#[component]
pub fn Peek(props: &PeekProps) -> Html {
    let desk = use_desk();
    let entry = &props.entry;
    let close = props.close.reform(|_: MouseEvent| ());
    let moving = use_state_eq(|| false);
    let begin = {
        let moving = moving.clone();
        Callback::from(move |_: MouseEvent| moving.set(true))
    };
    let moved = {
        let moving = moving.clone();
        Callback::from(move |()| moving.set(false))
    };
    let named = |one: &Named| html! { <a href={Route::record(one.record).href()}>{ one.name.clone() }</a> };
    let row = |name: &str, says: Html| html! { <div><dt>{ desk.words.say(name) }</dt><dd>{ says }</dd></div> };
    let names = |all: &[Named]| all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
    let twice: Vec<&str> = entry
        .present
        .iter()
        .filter(|one| entry.taken_twice.contains(&one.record))
        .map(|one| one.name.as_str())
        .collect();
    html! {
        <section class="mera-cal-peek" data-testid="cal-peek" aria-label={desk.words.say("kind-appointment")}>
            <div class="mera-bar">
                <h2>{ subject(&desk, entry) }</h2>
                <button type="button" class="mera-quiet" aria-label={desk.words.say("close")} data-testid="cal-close" onclick={close}>{ "×" }</button>
            </div>
            if entry.cancelled { <p class="mera-band" data-bad="true">{ desk.words.say("word-cancelled") }</p> }
            if entry.disputed { <p class="mera-band">{ desk.words.say("cal-disputed") }</p> }
            if !twice.is_empty() { <p class="mera-band" data-testid="cal-twice">{ desk.words.with("cal-twice-who", &[("who", &twice.join(", "))]) }</p> }
            <dl>
                { row("cal-when", html! { when(&desk, entry) }) }
                if !entry.place.is_empty() { { row("field-place", html! { entry.place.clone() }) } }
                if let Some(party) = &entry.party { { row("cal-with", named(party)) } }
                if !entry.present.is_empty() { { row("part-present", html! { names(&entry.present) }) } }
                if !entry.told.is_empty() { { row("part-told", html! { names(&entry.told) }) } }
            </dl>
            <div class="mera-call-steps">
                <a class="pf-v6-c-button pf-m-primary pf-m-small" data-testid="cal-open" href={Route::record(entry.record).href()}>{ desk.words.say(if entry.day.is_some() { "cal-open-all" } else { "cal-open" }) }</a>
                if !entry.cancelled && !entry.disputed && !*moving {
                    <button type="button" class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid="cal-move" onclick={begin}>{ desk.words.say("cal-move") }</button>
                }
                { steps(&desk, entry) }
            </div>
            if *moving { <Moving key={entry.when.to_string()} record={entry.record} day={entry.day} when={entry.when.clone()} done={moved} /> }
        </section>
    }
}

/// What can be done from here.
fn steps(desk: &Desk, entry: &CalendarEntry) -> Html {
    let button = |name: &'static str, day: Option<NaiveDate>, step: AppointmentStep| {
        let (desk_there, record) = (desk.clone(), entry.record);
        let onclick = Callback::from(move |_: MouseEvent| {
            send(&desk_there, Request::Appointment { record, day, step: step.clone() }, |_| ());
        });
        html! { <button type="button" class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid={name} {onclick}>{ desk.words.say(name) }</button> }
    };
    match (entry.cancelled, entry.day) {
        (true, None) => button("cal-put-back", None, AppointmentStep::PutBack),
        (true, Some(_)) => html! {},
        (false, None) => button("cal-call-off", None, AppointmentStep::Cancel),
        (false, Some(day)) => html! {<>
            { button("cal-call-off-one", Some(day), AppointmentStep::Cancel) }
            { button("cal-end", None, AppointmentStep::End { from: day }) }
        </>},
    }
}

fn when(desk: &Desk, entry: &CalendarEntry) -> String {
    let day = |day: NaiveDate| format!("{} {}", weekday(day, &desk.words), written::day(day, desk.words.language));
    // The clock here is the one that is shown, so that any zone does.
    let span = span(entry.from, entry.to, entry.whole_days, "UTC");
    span.map(|span| written::span(&span, day)).unwrap_or_default()
}
