//! Every open clash, oldest first, those of one record together.

use crate::desk::{use_answer, use_desk};
use crate::parts::{ClashCard, clash_heading};
use crate::route::Route;
use mera_device_api::{Answer, ClashRow, Reply, Request};
use mera_schema::{RecordKind, RecordRef};
use patternfly_yew::prelude::*;
use yew::prelude::*;

#[component]
pub fn Clashes() -> Html {
    let desk = use_desk();
    let rows = match use_answer(Request::Clashes) {
        Some(Answer::Ok(Reply::Clashes(rows))) => Some(rows),
        _ => None,
    };
    let card = |clash: &ClashRow| html! { <ClashCard key={format!("{}/{}", clash.record, clash.path)} clash={clash.clone()} /> };
    let group = |(record, rows): (RecordRef, Vec<ClashRow>)| {
        html! {
            <section key={record.to_string()} data-testid="clash-record">
                { rows.first().map(|row| clash_heading(&desk, row)).unwrap_or_default() }
                { for rows.iter().map(card) }
            </section>
        }
    };
    html! {<>
        <div class="mera-bar">
            <Title>{ desk.words.say("clashes") }</Title>
            if let Some(rows) = rows.as_ref().filter(|rows| !rows.is_empty()) { <small class="mera-wide-only">{ desk.words.say("clash-keys") }</small><span>{ desk.words.count("clash-count", rows.len() as u64) }</span> }
        </div>
        if rows.as_ref().is_some_and(Vec::is_empty) {
            <div class="mera-empty" data-testid="empty">
                <p>{ desk.words.say("no-clashes") }</p>
                <a class="pf-v6-c-button pf-m-secondary" href={Route::List(RecordKind::Quote).href()}>{ desk.words.say("to-quotes") }</a>
            </div>
        }
        { for by_record(rows.unwrap_or_default()).into_iter().map(group) }
    </>}
}

/// Together by record, where its oldest stands.
fn by_record(rows: Vec<ClashRow>) -> Vec<(RecordRef, Vec<ClashRow>)> {
    let mut groups: Vec<(RecordRef, Vec<ClashRow>)> = Vec::new();
    for row in rows {
        match groups.iter_mut().find(|(record, _)| *record == row.record) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((row.record, vec![row])),
        }
    }
    groups
}
