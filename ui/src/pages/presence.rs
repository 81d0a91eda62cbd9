//! Who is in: the board that whoever takes the phone looks at, and where one says where one is.

use crate::desk::{Desk, send, use_answer_every, use_desk};
use crate::route::Route;
use crate::written;
use chrono::{DateTime, Utc};
use mera_device_api::{Answer, PresenceBoard, PresenceRow, PresenceSaid, Reply, Request};
use mera_schema::{RecordKind, RecordRef, Whereabouts};
use patternfly_yew::prelude::*;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// Milliseconds after which it is looked again who should be back.
const LOOKS: u32 = 30_000;

#[component]
pub fn Presence() -> Html {
    let desk = use_desk();
    let somebody_else = use_state_eq(|| false);
    let board = match use_answer_every(LOOKS, Request::Presence) {
        Some(Answer::Ok(Reply::Presence(board))) => board,
        Some(Answer::Refused(refused)) => return html! { <p class="mera-empty">{ desk.words.refusal(&refused) }</p> },
        _ => return html! {},
    };
    let me = board.me.filter(|_| !*somebody_else);
    let mine = me.and_then(|me| board.rows.iter().find(|row| row.employee == me)).cloned();
    let asks = {
        let somebody_else = somebody_else.clone();
        Callback::from(move |asks: bool| somebody_else.set(asks))
    };
    html! {<>
        <div class="mera-bar"><Title>{ desk.words.say("presence") }</Title></div>
        { heard(&desk) }
        if board.rows.is_empty() {
            { nobody(&desk) }
        } else if let Some(row) = mine {
            { mine_of(row, asks) }
        } else {
            { who_am_i(&desk, &board, asks) }
        }
        <ul class="mera-board" data-testid="presence-board">{ for board.rows.iter().map(|row| colleague(&desk, row, board.now)) }</ul>
    </>}
}

fn mine_of(row: PresenceRow, asks: Callback<bool>) -> Html {
    let key = row.employee.to_string();
    html! { <Mine {key} {row} {asks} /> }
}

/// How old all of it is, where there is no line: colleagues may have moved since.
fn heard(desk: &Desk) -> Html {
    let Some(sync) = desk.sync.as_ref().filter(|sync| !sync.connected) else { return html! {} };
    let says = match sync.last_spoke {
        Some(at) => desk.words.with("presence-as-of", &[("when", &written::moment(at, desk.words.language))]),
        None => desk.words.say("presence-never-heard"),
    };
    html! { <p class="mera-band" data-testid="presence-age">{ says }</p> }
}

fn nobody(desk: &Desk) -> Html {
    html! {
        <div class="mera-empty" data-testid="empty">
            { desk.words.say("no-presence") }
            <a class="pf-v6-c-button pf-m-primary" href={Route::List(RecordKind::Employee).href()}>{ desk.words.say("kinds-employee") }</a>
        </div>
    }
}

fn who_am_i(desk: &Desk, board: &PresenceBoard, asks: Callback<bool>) -> Html {
    let onchange = {
        let desk = desk.clone();
        Callback::from(move |event: Event| {
            let picked = event.target_unchecked_into::<HtmlSelectElement>().value();
            if let Ok(employee) = picked.parse() {
                let asks = asks.clone();
                send(&desk, Request::IAm { employee }, move |_| asks.emit(false));
            }
        })
    };
    let option = |row: &PresenceRow| html! { <option value={row.employee.to_string()}>{ name(desk, row) }</option> };
    html! {
        <div class="mera-mine">
            <label class="mera-label" for="who-am-i">{ desk.words.say("who-am-i") }</label>
            <select class="mera-input" id="who-am-i" data-testid="who-am-i" {onchange}>
                <option value="" selected=true>{ desk.words.say("none-chosen") }</option>
                { for board.rows.iter().map(option) }
            </select>
            <p class="mera-hint">{ desk.words.say("who-am-i-hint") }</p>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct MineProps {
    row: PresenceRow,
    /// Asks again which colleague uses the device.
    asks: Callback<bool>,
}

/// What is typed and not said yet.
#[derive(Debug, Clone, PartialEq)]
struct More {
    /// As a field for a moment writes it; empty for none.
    until: String,
    place: String,
}

impl More {
    fn of(said: Option<&PresenceSaid>) -> Self {
        let until = said.and_then(|said| said.until).map(written::moment_to_type).unwrap_or_default();
        Self { until, place: said.map(|said| said.place.clone()).unwrap_or_default() }
    }
}

/// Where one is oneself: a touch says it, what is typed says more.
#[component]
fn Mine(props: &MineProps) -> Html {
    let desk = use_desk();
    let typed = use_state_eq(|| None::<More>);
    let said = props.row.said.clone();
    let more = (*typed).clone().unwrap_or_else(|| More::of(said.as_ref()));
    let button = |state: Whereabouts| {
        let here = said.as_ref().is_some_and(|said| said.state == state);
        // A touch says where one is now: what was said of another place goes.
        let (desk, typed) = (desk.clone(), typed.clone());
        let label = called(&desk, state);
        let onclick = Callback::from(move |_: MouseEvent| {
            let (typed, nowhere) = (typed.clone(), String::new());
            let request = Request::SayPresence { employee: None, state, until: None, place: nowhere };
            send(&desk, request, move |_| typed.set(None));
        });
        html! {
            <button type="button" class="pf-v6-c-button pf-m-secondary mera-state" aria-pressed={here.to_string()} data-testid={format!("say-{state}")} {onclick}>
                { label }
            </button>
        }
    };
    let not_me = props.asks.reform(|_: MouseEvent| true);
    html! {
        <section class="mera-mine" aria-label={desk.words.say("where-am-i")}>
            <div class="mera-bar">
                <h2>{ name(&desk, &props.row) }</h2>
                <button type="button" class="pf-v6-c-button pf-m-link" data-testid="not-me" onclick={not_me}>{ desk.words.say("not-me") }</button>
            </div>
            <div class="mera-states" role="group" aria-label={desk.words.say("where-am-i")}>{ for Whereabouts::ALL.iter().copied().map(button) }</div>
            if let Some(said) = said { { say_more(&desk, &typed, more, said.state) } }
        </section>
    }
}

/// Until when, and where.
fn say_more(desk: &Desk, typed: &UseStateHandle<Option<More>>, more: More, state: Whereabouts) -> Html {
    let into = |change: fn(&mut More, String)| {
        let (typed, more) = (typed.clone(), more.clone());
        Callback::from(move |event: InputEvent| {
            let mut more = more.clone();
            change(&mut more, event.target_unchecked_into::<HtmlInputElement>().value());
            typed.set(Some(more));
        })
    };
    let onsubmit = {
        let (desk, typed, more) = (desk.clone(), typed.clone(), more.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (typed, until) = (typed.clone(), written::moment_typed(&more.until));
            let request = Request::SayPresence { employee: None, state, until, place: more.place.clone() };
            send(&desk, request, move |_| typed.set(None));
        })
    };
    let until = into(|more, text| more.until = text);
    let place = into(|more, text| more.place = text);
    html! {
        <form class="mera-more" {onsubmit}>
            <div><label class="mera-label" for="presence-until">{ desk.words.say("presence-back") }</label>
                <input class="mera-input" type="datetime-local" id="presence-until" data-testid="presence-until" value={more.until} oninput={until} /></div>
            <div><label class="mera-label" for="presence-place">{ desk.words.say("presence-place") }</label>
                <input class="mera-input" type="text" maxlength="120" autocomplete="off" id="presence-place" data-testid="presence-place" value={more.place} oninput={place} /></div>
            <button type="submit" class="pf-v6-c-button pf-m-primary" data-testid="presence-say">{ desk.words.say("presence-say") }</button>
        </form>
    }
}

fn colleague(desk: &Desk, row: &PresenceRow, now: DateTime<Utc>) -> Html {
    html! {
        <li key={row.employee.to_string()} data-testid="presence-row" data-state={row.said.as_ref().map(|said| said.state.as_str())}>
            <span class="mera-colleague"><a href={Route::record(row.employee).href()}>{ name(desk, row) }</a><small>{ row.title.clone() }</small>{ number(row) }</span>
            { row.said.as_ref().map_or_else(|| html! { <span class="mera-where"><small>{ desk.words.say("presence-unknown") }</small></span> }, |said| whereabouts(desk, said, now)) }
            <a class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid="presence-call" href={Route::Calls(Some(row.employee)).href()} aria-label={desk.words.with("call-for", &[("who", &name(desk, row))])}>{ desk.words.say("call-message") }</a>
            { say_for(desk, row.employee, row) }
        </li>
    }
}

/// The number: a touch on a telephone dials it.
fn number(row: &PresenceRow) -> Html {
    match &row.dial {
        Some(dial) => {
            html! { <a class="mera-colleague-phone" data-testid="presence-phone" href={format!("tel:{dial}")}>{ &row.phone }</a> }
        }
        None => html! {},
    }
}

fn whereabouts(desk: &Desk, said: &PresenceSaid, now: DateTime<Utc>) -> Html {
    let when = |at: DateTime<Utc>| written::lately(at, now, desk.words.language);
    let back = said.until.map(|until| desk.words.with("presence-until", &[("when", &when(until))]));
    let since = when(said.since);
    html! {<>
        <span class="mera-where">
            <Label color={color(said.state)} label={called(desk, said.state)} />
            { said.place.clone() }
            if let Some(back) = back { <span>{ back }</span> }
            if said.overdue { <Label color={Color::Orange} label={desk.words.say("presence-late")} compact={true} /> }
        </span>
        { said_by(desk, said, &since) }
    </>}
}

/// Who said it and when, or which appointment says it.
fn said_by(desk: &Desk, said: &PresenceSaid, since: &str) -> Html {
    match (&said.by, &said.appointment) {
        (Some(by), _) => {
            html! { <small class="mera-said">{ desk.words.with("presence-said", &[("when", since), ("by", &by.person)]) }</small> }
        }
        (None, Some(appointment)) => html! {
            <small class="mera-said" data-testid="presence-by-calendar"><a href={Route::record(appointment.record).href()}>{ desk.words.with("presence-by-calendar", &[("when", since), ("what", &appointment.name)]) }</a></small>
        },
        (None, None) => html! {},
    }
}

/// Whoever takes the phone hears where somebody is, and says it for them.
fn say_for(desk: &Desk, employee: RecordRef, row: &PresenceRow) -> Html {
    let onchange = {
        let desk = desk.clone();
        Callback::from(move |event: Event| {
            let select = event.target_unchecked_into::<HtmlSelectElement>();
            if let Ok(state) = select.value().parse() {
                select.set_value("");
                let (until, place) = (None, String::new());
                send(&desk, Request::SayPresence { employee: Some(employee), state, until, place }, |_| ());
            }
        })
    };
    let label = desk.words.with("presence-say-for", &[("who", &name(desk, row))]);
    let option = |state: &Whereabouts| html! { <option value={state.as_str()}>{ called(desk, *state) }</option> };
    html! {
        <select class="mera-input mera-say-for" aria-label={label} data-testid="presence-say-for" {onchange}>
            <option value="" selected=true>{ desk.words.say("presence-change") }</option>
            { for Whereabouts::ALL.iter().map(option) }
        </select>
    }
}

fn name(desk: &Desk, row: &PresenceRow) -> String {
    if row.name.is_empty() { desk.words.say("untitled") } else { row.name.clone() }
}

fn called(desk: &Desk, state: Whereabouts) -> String {
    desk.words.say(&format!("whereabouts-{state}"))
}

fn color(state: Whereabouts) -> Color {
    match state {
        Whereabouts::In => Color::Green,
        Whereabouts::Meeting | Whereabouts::Phone => Color::Orange,
        Whereabouts::Out => Color::Blue,
        Whereabouts::Holiday => Color::Purple,
        Whereabouts::Sick => Color::Grey,
    }
}
