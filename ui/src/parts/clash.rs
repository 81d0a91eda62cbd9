//! A clash in its place: both values, who, when, on which device, what each would do to the total; or a third value.

use super::Picker;
use crate::desk::{Desk, send, use_answer, use_answer_if, use_desk};
use crate::dom;
use crate::pages::says;
use crate::route::Route;
use crate::written;
use mera_device_api::{Answer, ClashRow, Reply, Request, Row};
use mera_schema::{Candidate, Edit, FieldPath, Form, RecordDef, RecordKind, RecordRef};
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;

/// Properties of [`ClashCard`].
#[derive(Properties, PartialEq)]
pub struct ClashProps {
    pub clash: ClashRow,
}

/// One question; choosing an answer settles it everywhere. A digit chooses, the arrows go from card to card.
#[component]
pub fn ClashCard(props: &ClashProps) -> Html {
    let desk = use_desk();
    let clash = &props.clash;
    let names = use_names(clash);
    let question = question(&desk, clash);
    let may_choose = desk.may_write(clash.record.kind);
    let choose = {
        let (desk, clash) = (desk.clone(), clash.clone());
        Callback::from(move |value: String| {
            let edits = vec![Edit::Set { path: clash.path.clone(), value: Some(value) }];
            send(&desk, Request::Change { record: clash.record, seen: clash.heads.clone(), edits }, |_| {});
        })
    };
    let onkeydown = {
        let (choose, clash) = (choose.clone(), clash.clone());
        let choose = may_choose.then_some(choose);
        Callback::from(move |event: KeyboardEvent| key(&event, &clash, choose.as_ref()))
    };
    let candidate = |(place, candidate): (usize, &Candidate<String>)| {
        let who = clash.people.get(&candidate.by.device.to_string());
        let (choose, given) = (choose.clone(), candidate.value.clone());
        let onclick = Callback::from(move |_: MouseEvent| choose.emit(given.clone()));
        let value = value_of(&desk, clash, &names, &candidate.value);
        html! {
            <li data-testid="clash-candidate">
                <strong>{ value.clone() }</strong>
                if let Some(who) = who { <span>{ &who.person }<small>{ format!(" · {}", who.device) }</small></span> }
                <small>{ written::moment(candidate.by.at, desk.words.language) }</small>
                if clash.record.kind == RecordKind::Quote {
                    <Outcome record={clash.record} path={clash.path.clone()} value={candidate.value.clone()} />
                }
                if may_choose {
                    <button type="button" class="pf-v6-c-button pf-m-secondary" {onclick}>
                        { desk.words.say("choose") }<span class="mera-hidden">{ format!(" {value}") }</span><kbd class="mera-wide-only" aria-hidden="true">{ place + 1 }</kbd>
                    </button>
                }
            </li>
        }
    };
    let title = desk.words.with("clash-in", &[("what", &question)]);
    html! {
        <section class="mera-clash" data-testid="clash" tabindex="0" role="group" aria-label={title.clone()} {onkeydown}>
            <p class="mera-question"><span aria-hidden="true">{ "⚠ " }</span>{ title }</p>
            <ul>
                { for clash.candidates.iter().enumerate().map(candidate) }
                if may_choose { <Third clash={clash.clone()} {choose} /> }
            </ul>
        </section>
    }
}

/// What the records are called that the answers point at.
#[hook]
fn use_names(clash: &ClashRow) -> BTreeMap<String, String> {
    let links = (clash.form == Form::Link).then_some(Request::Open { record: clash.record, at: None });
    match use_answer_if(links) {
        Some(Answer::Ok(Reply::Record(page))) => page.names,
        _ => BTreeMap::new(),
    }
}

fn question(desk: &Desk, clash: &ClashRow) -> String {
    let field = desk.words.field(&clash.path.field);
    match (clash.path.place.collection(), clash.part.is_empty()) {
        (None, _) => field,
        (Some(collection), true) => format!("{} · {field}", desk.words.say(&format!("item-{collection}"))),
        (Some(_), false) => format!("{} · {field}", clash.part),
    }
}

fn value_of(desk: &Desk, clash: &ClashRow, names: &BTreeMap<String, String>, value: &str) -> String {
    match clash.form {
        _ if clash.path.field == "repeats" => says(value, &desk.words),
        Form::Choice | Form::Flag => desk.words.say(&format!("word-{value}")),
        Form::Link => names.get(value).cloned().unwrap_or_else(|| "…".into()),
        form => written::shown(form, value, desk.words.language),
    }
}

/// A digit chooses; up and down lead to the clash before and the one after.
fn key(event: &KeyboardEvent, clash: &ClashRow, choose: Option<&Callback<String>>) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    if dom::takes_text(&target) || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let pressed = event.key();
    if let Some(digit) = pressed.parse::<usize>().ok().filter(|digit| *digit > 0) {
        if let (Some(candidate), Some(choose)) = (clash.candidates.get(digit - 1), choose) {
            event.prevent_default();
            beside(&target, 1).or_else(|| beside(&target, -1)).inspect(dom::focus);
            choose.emit(candidate.value.clone());
        }
        return;
    }
    let next = match pressed.as_str() {
        "ArrowDown" => beside(&target, 1),
        "ArrowUp" => beside(&target, -1),
        _ => None,
    };
    if let Some(next) = next {
        event.prevent_default();
        dom::focus(&next);
    }
}

/// The card so many places from the one an element stands in.
fn beside(element: &Element, steps: i32) -> Option<HtmlElement> {
    let here = element.closest(".mera-clash").ok()??;
    let all = dom::document()?.query_selector_all(".mera-clash").ok()?;
    let place = (0..all.length()).find(|place| all.get(*place).is_some_and(|card| card.is_same_node(Some(&here))))?;
    all.get(place.checked_add_signed(steps)?)?.dyn_into().ok()
}

#[derive(Properties, PartialEq)]
struct ThirdProps {
    clash: ClashRow,
    choose: Callback<String>,
}

/// An answer that nobody has given yet.
#[component]
fn Third(props: &ThirdProps) -> Html {
    let desk = use_desk();
    let typed = use_state_eq(String::new);
    let clash = &props.clash;
    let def = RecordDef::of(clash.record.kind).field(clash.path.place.collection(), &clash.path.field);
    let label = desk.words.say("third-value");
    if matches!(clash.form, Form::Choice | Form::Flag | Form::Span) || def.is_none() {
        return html! {};
    }
    let id = format!("third-{}", clash.path.to_string().replace('/', "-"));
    if clash.form == Form::Link {
        let kind = clash.candidates.iter().find_map(|one| one.value.parse::<RecordRef>().ok()).map(|to| to.kind);
        let picked = props.choose.reform(|row: Row| row.record.to_string());
        return html! {
            <li><label for={id.clone()}>{ label.clone() }</label><Picker {id} name="clash-third" {label} kind={kind.unwrap_or(RecordKind::Customer)} {picked} /></li>
        };
    }
    let unit = clash.candidates.first().and_then(|one| one.value.split_once(' ')).map_or("", |(_, unit)| unit);
    let value = written::typed(clash.form, &typed, unit, desk.words.language);
    let filled = !typed.trim().is_empty();
    let oninput = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| typed.set(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let take = {
        let (choose, value) = (props.choose.clone(), value.clone());
        Callback::from(move |()| {
            if filled {
                choose.emit(value.clone())
            }
        })
    };
    let onkeydown = {
        let (take, typed) = (take.clone(), typed.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" => take.emit(()),
            "Escape" => typed.set(String::new()),
            _ => {}
        })
    };
    let onclick = take.reform(|_: MouseEvent| ());
    html! {
        <li>
            <label for={id.clone()}>{ label }</label>
            <input class="mera-input" {id} data-testid="clash-third" autocomplete="off" value={(*typed).clone()} {oninput} {onkeydown} />
            if filled && clash.record.kind == RecordKind::Quote { <Outcome record={clash.record} path={clash.path.clone()} {value} /> }
            if filled { <button type="button" class="pf-v6-c-button pf-m-secondary" {onclick}>{ desk.words.say("choose-third") }</button> }
        </li>
    }
}

#[derive(Properties, PartialEq)]
struct OutcomeProps {
    record: RecordRef,
    path: FieldPath,
    value: String,
}

/// What the total would be.
#[component]
fn Outcome(props: &OutcomeProps) -> Html {
    let desk = use_desk();
    let request = Request::Preview { record: props.record, path: props.path.clone(), value: props.value.clone() };
    let Some(Answer::Ok(Reply::Figures(figures))) = use_answer(request) else { return html! {} };
    let total = written::money(&figures.total, desk.words.language);
    html! { <small data-testid="outcome">{ desk.words.with("total-then", &[("total", &total)]) }</small> }
}

/// The record a clash is in, with a way to its page.
pub fn heading(desk: &Desk, row: &ClashRow) -> Html {
    let kind = desk.words.say(&format!("kind-{}", row.record.kind));
    let title = if row.title.is_empty() { kind.clone() } else { format!("{kind} · {}", row.title) };
    html! { <h2><a href={Route::record(row.record).href()}>{ title }</a></h2> }
}
