//! A list of records: search as you type; only the rows in sight are asked for and drawn, however many there are.

use crate::desk::{Desk, create, use_answer, use_desk};
use crate::dom;
use crate::pages::View;
use crate::route::Route;
use crate::written;
use mera_device_api::{Answer, Reply, Request, Row};
use mera_schema::{Form, RecordKind};
use patternfly_yew::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;

/// Height of a row in pixels; the style sheet knows it too.
const ROW: usize = 56;
/// Rows asked for at once: more than a tall screen shows, so that a small movement needs no question.
const ASKED: usize = 80;

/// Properties of [`ListPage`].
#[derive(Properties, PartialEq)]
pub struct ListProps {
    pub kind: RecordKind,
}

#[component]
pub fn ListPage(props: &ListProps) -> Html {
    let desk = use_desk();
    let query = use_state_eq(String::new);
    let offset = use_state_eq(|| 0_usize);
    let kind = props.kind;
    let asked = Request::List { kind, query: (*query).clone(), offset: *offset, limit: ASKED };
    let answer = use_answer(asked);
    let oninput = {
        let (query, offset) = (query.clone(), offset.clone());
        Callback::from(move |event: InputEvent| {
            offset.set(0);
            query.set(event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    let onscroll = {
        let offset = offset.clone();
        Callback::from(move |event: Event| {
            let top = usize::try_from(event.target_unchecked_into::<HtmlElement>().scroll_top()).unwrap_or(0) / ROW;
            // Half a question above what is in sight, in steps, so that scrolling asks seldom.
            offset.set(top.saturating_sub(ASKED / 4) / 20 * 20);
        })
    };
    let title = desk.words.say(&format!("kinds-{kind}"));
    let search = desk.words.with("search-in", &[("what", &title)]);
    let (total, rows, refused) = match answer {
        Some(Answer::Ok(Reply::Page(page))) => (Some(page.total), page.rows, None),
        Some(Answer::Refused(refused)) => (None, Vec::new(), Some(refused)),
        _ => (None, Vec::new(), None),
    };
    let first = *offset;
    let fresh = new_button(&desk, kind);
    html! {<div class="mera-list" onkeydown={Callback::from(|event: KeyboardEvent| key(&event))}>
        <div class="mera-bar">
            <Title>{ title.clone() }</Title>
            if let Some(total) = total {
                <span data-testid="list-total">{ desk.words.count("rows", total as u64) }</span>
            }
            { fresh.clone() }
        </div>
        <input class="mera-input mera-list-search" type="search" data-testid="list-search" aria-label={search.clone()} placeholder={search} value={(*query).clone()} {oninput} />
        if let Some(refused) = refused {
            <p class="mera-band" data-bad="true" data-testid="list-refused">{ desk.words.refusal(&refused) }</p>
        } else if !desk.may_read(kind) {
            { not_for_you(&desk, kind) }
        } else if total == Some(0) {
            <div class="mera-empty" data-testid="empty">
                if query.is_empty() {
                    <p>{ if desk.may_write(kind) { desk.words.say(&format!("empty-{kind}")) } else { desk.words.say("empty-yet") } }</p>
                    { fresh.clone() }
                } else {
                    <p>{ desk.words.with("nothing-found", &[("query", &query)]) }</p>
                }
            </div>
        } else {
            <div class="mera-scroll" {onscroll} tabindex="0" role="region" aria-label={title.clone()} key={(*query).clone()}>
                <ul class="mera-rows" aria-label={title} style={format!("height: {}px", total.unwrap_or(0) * ROW)}>
                    { for rows.iter().enumerate().map(|(place, row)| list_row(&desk, row, first + place, total.unwrap_or(0))) }
                </ul>
            </div>
        }
    </div>}
}

/// Down from the search to the rows, up and down between them, up from the first to the search.
fn key(event: &KeyboardEvent) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let page = event.current_target().and_then(|page| page.dyn_into::<Element>().ok());
    let inside = |selector: &str| page.as_ref().and_then(|page| dom::inside(page, selector));
    let row = target.closest("li").ok().flatten();
    let beside = |row: Option<Element>| row.and_then(|row| dom::inside(&row, "a"));
    let next = match (event.key().as_str(), row) {
        ("ArrowDown", None) => inside(".mera-rows a"),
        ("ArrowDown", Some(row)) => beside(row.next_element_sibling()),
        ("ArrowUp", Some(row)) => beside(row.previous_element_sibling()).or_else(|| inside(".mera-list-search")),
        _ => None,
    };
    if let Some(next) = next {
        event.prevent_default();
        next.focus().ok();
    }
}

fn list_row(desk: &Desk, row: &Row, place: usize, total: usize) -> Html {
    let title = match (row.title.is_empty(), row.number.is_empty()) {
        (false, _) => row.title.clone(),
        (true, false) => row.number.clone(),
        (true, true) => desk.words.say("untitled"),
    };
    let state = (!row.state.is_empty()).then(|| desk.words.say(&format!("word-{}", row.state)));
    html! {
        <li key={row.record.to_string()} style={format!("transform: translateY({}px)", place * ROW)} aria-setsize={total.to_string()} aria-posinset={(place + 1).to_string()}>
            <a href={Route::record(row.record).href()} data-testid="list-row">
                <span class="mera-row-title">{ title }</span>
                <span class="mera-row-number">if row.number != row.title { { &row.number } }</span>
                <span class="mera-row-detail">{ detail(desk, row) }</span>
                <span class="mera-row-state">
                    if row.clashes > 0 { <Label color={Color::Orange} label={format!("⚠ {}", desk.words.count("clash-count", row.clashes as u64))} compact={true} /> }
                    if let Some(state) = state { <Label color={stage_color(&row.state)} label={state} compact={true} /> }
                </span>
                <span class="mera-figure">{ row.amount.as_ref().map(|amount| written::money(amount, desk.words.language)).unwrap_or_default() }</span>
            </a>
        </li>
    }
}

/// The second line; of what is kept by law it is the last day on which it is.
fn detail(desk: &Desk, row: &Row) -> String {
    if row.record.kind != RecordKind::Addressee || row.detail.is_empty() {
        return row.detail.clone();
    }
    let until = written::shown(Form::Day, &row.detail, desk.words.language);
    desk.words.with("kept-until", &[("until", &until)])
}

/// What stands in place of records that the person's roles do not let them read: a list that merely looked empty would lie.
pub fn not_for_you(desk: &Desk, kind: RecordKind) -> Html {
    let what = desk.words.say(&format!("kinds-{kind}"));
    html! {
        <div class="mera-empty" data-testid="not-for-you">
            <p>{ desk.words.with("not-for-you", &[("what", &what)]) }</p>
            <a class="pf-v6-c-button pf-m-secondary" href={Route::Members.href()}>{ desk.words.say("to-members") }</a>
        </div>
    }
}

/// The colour beside the word.
pub fn stage_color(state: &str) -> Color {
    match state {
        "won" | "done" | "closed" | "agreed" | "filed" => Color::Green,
        "lost" | "cancelled" => Color::Red,
        "sent" | "called_back" => Color::Blue,
        "new" | "writing" => Color::Orange,
        _ => Color::Grey,
    }
}

fn new_button(desk: &Desk, kind: RecordKind) -> Html {
    if matches!(kind, RecordKind::Order | RecordKind::Device | RecordKind::Addressee | RecordKind::Report)
        || !desk.may_write(kind)
    {
        return html! {};
    }
    let onclick = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| match kind {
            // A message says at least who called, and whom it is for.
            RecordKind::Call => Route::Calls(None).go(),
            // An appointment is at a time.
            RecordKind::Appointment => Route::Calendar { view: View::here(), day: None }.go(),
            kind => create(&desk, kind, Vec::new()),
        })
    };
    html! { <button type="button" class="pf-v6-c-button pf-m-primary" data-testid="new" aria-keyshortcuts="Alt+N" {onclick}>{ desk.words.say(&format!("new-{kind}")) }</button> }
}
