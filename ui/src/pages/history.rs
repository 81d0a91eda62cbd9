//! Every change of a record: who, when, what; each earlier state can be looked at.

use crate::desk::{use_answer, use_desk};
use crate::route::Route;
use crate::written;
use mera_device_api::{Answer, HistoryRow, Reply, Request};
use mera_schema::{FieldPath, LIFE, ORDER, Place, RecordDef, RecordRef};
use patternfly_yew::prelude::*;
use yew::prelude::*;

/// Properties of [`HistoryPage`].
#[derive(Properties, PartialEq)]
pub struct HistoryProps {
    pub record: RecordRef,
}

#[component]
pub fn HistoryPage(props: &HistoryProps) -> Html {
    let desk = use_desk();
    let record = props.record;
    let (rows, refused) = match use_answer(Request::History { record }) {
        Some(Answer::Ok(Reply::History(rows))) => (rows, None),
        Some(Answer::Refused(refused)) => (Vec::new(), Some(refused)),
        _ => (Vec::new(), None),
    };
    // What the links are called, as far as the record still holds them.
    let names = match use_answer(Request::Open { record, at: None }) {
        Some(Answer::Ok(Reply::Record(page))) => page.names,
        _ => Default::default(),
    };
    let value = |path: &FieldPath, value: &Option<String>| {
        let def = RecordDef::of(record.kind).field(path.place.collection(), &path.field);
        match (value, def) {
            (None, _) => "–".to_owned(),
            (Some(value), Some(def)) if !def.words.is_empty() => desk.words.say(&format!("word-{value}")),
            (Some(value), Some(_)) if names.contains_key(value) => names[value].clone(),
            (Some(value), Some(def)) => written::shown(def.form, value, desk.words.language),
            (Some(value), None) => value.clone(),
        }
    };
    let field = |(path, before, after): &(FieldPath, Option<String>, Option<String>)| {
        let place = match &path.place {
            Place::Root => String::new(),
            Place::Item { collection, .. } => format!("{} · ", desk.words.say(&format!("items-{collection}"))),
        };
        html! { <li>{ format!("{place}{}: ", desk.words.field(&path.field)) }<del>{ value(path, before) }</del>{ " → " }<ins>{ value(path, after) }</ins></li> }
    };
    let row = |row: &HistoryRow| {
        let then = Route::Record { record, at: Some(row.heads.clone()) };
        html! {
            <li data-testid="history-row">
                <div>
                    <strong>{ &row.person.person }</strong>{ " · " }{ &row.person.device }{ " · " }{ written::moment(row.by.at, desk.words.language) }{ " " }
                    <a href={then.href()} data-testid="history-look">{ desk.words.say("look") }</a>
                </div>
                <ul>{ for row.fields.iter().filter(|change| telling(change)).map(field) }</ul>
            </li>
        }
    };
    html! {<>
        <div class="mera-bar"><Title>{ desk.words.say("history") }</Title><a data-testid="back-to-now" href={Route::record(record).href()}>{ desk.words.say("back-to-now") }</a></div>
        if let Some(refused) = refused { <p class="mera-empty">{ desk.words.refusal(&refused) }</p> }
        <ol class="mera-history">{ for rows.iter().map(row) }</ol>
    </>}
}

/// An order key, and that a new line is there, tell a person nothing.
fn telling((path, before, after): &(FieldPath, Option<String>, Option<String>)) -> bool {
    path.field != ORDER && !(path.field == LIFE && before.is_none() && after.as_deref() == Some("live"))
}
