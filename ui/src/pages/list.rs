//! A list of records: search as you type; only the rows in sight are asked for and drawn, however many there are.

use crate::desk::{Desk, send, use_answer, use_desk};
use crate::route::Route;
use crate::written;
use mera_device_api::{Answer, Reply, Request, Row};
use mera_schema::RecordKind;
use patternfly_yew::prelude::*;
use web_sys::{HtmlElement, HtmlInputElement};
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
    let (total, rows) = match answer {
        Some(Answer::Ok(Reply::Page(page))) => (Some(page.total), page.rows),
        _ => (None, Vec::new()),
    };
    let first = *offset;
    html! {<>
        <div class="mera-bar">
            <Title>{ title.clone() }</Title>
            if let Some(total) = total {
                <span data-testid="list-total">{ desk.words.count("rows", total as u64) }</span>
            }
            { new_button(&desk, kind) }
        </div>
        <input class="mera-input mera-list-search" type="search" data-testid="list-search" aria-label={search.clone()} placeholder={search} value={(*query).clone()} {oninput} />
        if total == Some(0) {
            <p class="mera-empty">{ desk.words.say(if query.is_empty() { "empty-list" } else { "nothing-found" }) }</p>
        }
        <div class="mera-scroll" {onscroll} tabindex="0" role="region" aria-label={title.clone()} key={(*query).clone()}>
            <ul class="mera-rows" aria-label={title} style={format!("height: {}px", total.unwrap_or(0) * ROW)}>
                { for rows.iter().enumerate().map(|(place, row)| list_row(&desk, row, first + place, total.unwrap_or(0))) }
            </ul>
        </div>
    </>}
}

fn list_row(desk: &Desk, row: &Row, place: usize, total: usize) -> Html {
    let state = (!row.state.is_empty()).then(|| desk.words.say(&format!("word-{}", row.state)));
    html! {
        <li key={row.record.to_string()} style={format!("transform: translateY({}px)", place * ROW)} aria-setsize={total.to_string()} aria-posinset={(place + 1).to_string()}>
            <a href={Route::record(row.record).href()} data-testid="list-row">
                <span class="mera-row-title">{ if row.title.is_empty() { &row.number } else { &row.title } }</span>
                <span class="mera-row-number">{ &row.number }</span>
                <span class="mera-row-detail">{ &row.detail }</span>
                <span class="mera-row-state">
                    if row.clashes > 0 { <Label color={Color::Orange} label={format!("⚠ {}", desk.words.count("clash-count", row.clashes as u64))} compact={true} /> }
                    if let Some(state) = state { <Label color={stage_color(&row.state)} label={state} compact={true} /> }
                </span>
                <span class="mera-figure">{ row.amount.as_ref().map(|amount| written::money(amount, desk.words.language)).unwrap_or_default() }</span>
            </a>
        </li>
    }
}

/// The colour beside the word.
pub fn stage_color(state: &str) -> Color {
    match state {
        "won" | "done" => Color::Green,
        "lost" => Color::Red,
        "sent" => Color::Blue,
        _ => Color::Grey,
    }
}

fn new_button(desk: &Desk, kind: RecordKind) -> Html {
    if kind == RecordKind::Order {
        return html! {};
    }
    let onclick = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| {
            send(&desk, Request::Create { kind, values: Vec::new() }, |reply| {
                if let Reply::Done(done) = reply
                    && let Some(record) = done.record
                {
                    Route::record(record).go();
                }
            });
        })
    };
    html! { <button class="pf-v6-c-button pf-m-primary" data-testid="new" {onclick}>{ desk.words.say(&format!("new-{kind}")) }</button> }
}
