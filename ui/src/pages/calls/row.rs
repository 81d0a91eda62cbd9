//! A call that is not settled, and what can be done about it.

use crate::desk::{Desk, create, send, use_answer, use_desk};
use crate::route::Route;
use crate::written;
use chrono::{DateTime, Utc};
use mera_device_api::{Answer, CallRow, CallStep, Named, PresenceRow, Reply, Request};
use mera_schema::{CallState, RecordKind, RecordRef};
use patternfly_yew::prelude::*;
use std::rc::Rc;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Properties of [`CallItem`].
#[derive(Properties, PartialEq)]
pub struct ItemProps {
    pub row: CallRow,
    pub now: DateTime<Utc>,
    /// To whom it can be passed on.
    pub colleagues: Rc<Vec<PresenceRow>>,
}

#[component]
pub fn CallItem(props: &ItemProps) -> Html {
    let desk = use_desk();
    let row = &props.row;
    let links = [row.contact.as_ref(), row.party.as_ref()].into_iter().flatten();
    let links = links.filter(|one| one.name != row.caller);
    html! {
        <li data-testid="call-row" data-state={row.state.as_str()} data-unseen={row.unseen.to_string()}>
            <div class="mera-call-what">
                <span class="mera-call-who">
                    <a href={Route::record(row.record).href()}>{ name(&desk, row) }</a>
                    { for links.map(|one| html! { <a class="mera-call-at" href={Route::record(one.record).href()}>{ one.name.clone() }</a> }) }
                    if row.urgent { <Label color={Color::Red} label={desk.words.say("word-urgent")} compact={true} /> }
                    <Label color={color(row.state)} label={desk.words.say(&format!("word-{}", row.state))} compact={true} />
                </span>
                if !row.subject.is_empty() { <span class="mera-call-about">{ &row.subject }</span> }
                <small>{ told(&desk, row, props.now) }</small>
            </div>
            { number(row) }
            <div class="mera-call-steps">
                { steps(&desk, row.record, row.state, row.unseen) }
                { quote(&desk, row) }
                { visit(&desk, row) }
                { pass_on(&desk, row.record, row.for_whom.first().map(|one| one.record), &props.colleagues) }
            </div>
        </li>
    }
}

fn name(desk: &Desk, row: &CallRow) -> String {
    let named = [row.contact.as_ref(), row.party.as_ref()].into_iter().flatten().map(|one| one.name.clone());
    let mut names = std::iter::once(row.caller.clone()).chain(named).chain([row.phone.clone()]);
    names.find(|name| !name.is_empty()).unwrap_or_else(|| desk.words.say("untitled"))
}

/// The number: a touch on a telephone dials it.
fn number(row: &CallRow) -> Html {
    match &row.dial {
        Some(dial) => {
            html! { <a class="mera-call-phone" data-testid="call-phone" href={format!("tel:{dial}")}>{ &row.phone }</a> }
        }
        None => html! { <span class="mera-call-phone">{ &row.phone }</span> },
    }
}

/// When it came, who took it, and whom it is for.
fn told(desk: &Desk, row: &CallRow, now: DateTime<Utc>) -> String {
    let names = |all: &[Named]| all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
    let when = written::lately(row.taken, now, desk.words.language);
    let fill = [("when", when.as_str()), ("by", &row.by.person), ("who", &names(&row.for_whom))];
    let told = desk.words.with("call-told", &fill);
    if row.copies.is_empty() {
        return told;
    }
    format!("{told} · {}", desk.words.with("call-copies", &[("who", &names(&row.copies))]))
}

/// What can follow.
pub fn steps(desk: &Desk, record: RecordRef, state: CallState, unseen: bool) -> Html {
    let button = |step: CallStep, name: &'static str, shown: bool| {
        let desk_there = desk.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            send(&desk_there, Request::HandleCall { record, step }, |_| ());
        });
        html! {
            if shown { <button type="button" class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid={name} {onclick}>{ desk.words.say(name) }</button> }
        }
    };
    html! {<>
        { button(CallStep::See, "call-see", unseen) }
        { button(CallStep::CallBack, "call-back", state < CallState::CalledBack) }
        { button(CallStep::Close, "call-close", state != CallState::Closed) }
        { button(CallStep::Reopen, "call-reopen", state >= CallState::CalledBack) }
    </>}
}

/// A quote that comes of the call.
fn quote(desk: &Desk, row: &CallRow) -> Html {
    let customer = row.party.as_ref().filter(|party| party.record.kind == RecordKind::Customer);
    let Some(customer) = customer.filter(|_| desk.may_write(RecordKind::Quote)) else { return html! {} };
    let mut values =
        vec![("customer".to_owned(), customer.record.to_string()), ("call".to_owned(), row.record.to_string())];
    values.extend(row.contact.as_ref().map(|contact| ("contact".to_owned(), contact.record.to_string())));
    if !row.subject.is_empty() {
        values.push(("subject".to_owned(), row.subject.clone()));
    }
    let desk_there = desk.clone();
    let onclick = Callback::from(move |_: MouseEvent| create(&desk_there, RecordKind::Quote, values.clone()));
    html! { <button type="button" class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid="call-quote" {onclick}>{ desk.words.say("new-quote") }</button> }
}

/// A visit that comes of the call.
fn visit(desk: &Desk, row: &CallRow) -> Html {
    if !desk.may_write(RecordKind::Appointment) {
        return html! {};
    }
    html! { <a class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid="call-visit" href={Route::Agree(row.record).href()}>{ desk.words.say("new-appointment") }</a> }
}

/// Every colleague and where that one is; whoever shows several calls asks once.
#[hook]
pub fn use_colleagues() -> Rc<Vec<PresenceRow>> {
    match use_answer(Request::Presence) {
        Some(Answer::Ok(Reply::Presence(board))) => Rc::new(board.rows),
        _ => Rc::default(),
    }
}

/// Another colleague than the one who is to call back now.
pub fn pass_on(desk: &Desk, record: RecordRef, standing: Option<RecordRef>, colleagues: &[PresenceRow]) -> Html {
    let onchange = {
        let desk = desk.clone();
        Callback::from(move |event: Event| {
            let select = event.target_unchecked_into::<HtmlSelectElement>();
            if let Ok(to) = select.value().parse() {
                select.set_value("");
                send(&desk, Request::HandleCall { record, step: CallStep::PassOn { to } }, |_| ());
            }
        })
    };
    let others = colleagues.iter().filter(|row| Some(row.employee) != standing);
    let option = others.map(|row| html! { <option value={row.employee.to_string()}>{ &row.name }</option> });
    html! {
        <select class="mera-input mera-say-for" aria-label={desk.words.say("call-pass-on")} data-testid="call-pass-on" {onchange}>
            <option value="" selected=true>{ desk.words.say("call-pass-on") }</option>
            { for option }
        </select>
    }
}

pub fn color(state: CallState) -> Color {
    match state {
        CallState::New => Color::Orange,
        CallState::Seen => Color::Grey,
        CallState::CalledBack => Color::Blue,
        CallState::Closed => Color::Green,
    }
}
