//! Every change of a record: who, when, what; each earlier state can be looked at.

use crate::desk::{use_answer, use_desk};
use crate::parts::{fields_of, plain_value};
use crate::route::Route;
use crate::written;
use mera_device_api::{Answer, HistoryRow, Reply, Request};
use mera_schema::{FieldPath, LIFE, ORDER, Place, RecordDef, RecordRef};
use patternfly_yew::prelude::*;
use serde_json::Value;
use yew::prelude::*;

/// Field, before, after.
type Change = (FieldPath, Option<String>, Option<String>);

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
    // What links and items are called, as far as the record still holds them.
    let (names, fields, title) = match use_answer(Request::Open { record, at: None }) {
        Some(Answer::Ok(Reply::Record(page))) => {
            let fields = fields_of(&page);
            let title = title_of(&fields);
            (page.names, fields, title)
        }
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
    let part = |place: &Place| match place {
        Place::Root => String::new(),
        Place::Item { collection, item } => {
            let called = item_name(&fields[collection.as_str()][item.to_string()]);
            format!("{} {called}", desk.words.say(&format!("item-{collection}")))
        }
    };
    let field = |change: &&Change| {
        let (path, before, after) = change;
        html! { <li>{ format!("{}: ", desk.words.field(&path.field)) }if before.is_some() { <del>{ value(path, before) }</del><span aria-hidden="true">{ " → " }</span> }<ins>{ value(path, after) }</ins></li> }
    };
    let group = |(place, changes): &(&Place, Vec<&Change>)| {
        html! { <li>{ part(place) }<ul>{ for changes.iter().map(field) }</ul></li> }
    };
    let row = |row: &HistoryRow| {
        let at = written::moment(row.by.at, desk.words.language);
        let then = Route::Record { record, at: Some(row.heads.clone()) };
        html! {
            <li data-testid="history-row">
                <div class="mera-who">
                    <span><strong>{ &row.person.person }</strong><small>{ format!(" · {}", row.person.device) }</small></span>
                    <small>{ &at }</small>
                    <a href={then.href()} data-testid="history-look" aria-label={format!("{} · {at}", desk.words.say("look"))}>{ desk.words.say("look") }</a>
                </div>
                <ul>{ for by_place(&row.fields).iter().map(group) }</ul>
            </li>
        }
    };
    let history = desk.words.say("history");
    let heading = if title.is_empty() { history } else { format!("{history} · {title}") };
    html! {<>
        <div class="mera-bar"><Title>{ heading }</Title><a class="pf-v6-c-button pf-m-secondary" data-testid="back-to-now" href={Route::record(record).href()}>{ desk.words.say("back-to-now") }</a></div>
        if let Some(refused) = refused { <p class="mera-empty">{ desk.words.refusal(&refused) }</p> }
        <ol class="mera-history">{ for rows.iter().map(row) }</ol>
    </>}
}

fn title_of(fields: &Value) -> String {
    let names = ["number", "subject", "name", "title"].map(|name| plain_value(&fields[name]));
    names.into_iter().filter(|name| !name.is_empty()).take(2).collect::<Vec<_>>().join(" · ")
}

/// What a line, contact or address is called now.
fn item_name(item: &Value) -> String {
    let names = ["text", "name", "street", "purpose"].map(|name| plain_value(&item[name]));
    names.into_iter().find(|name| !name.is_empty()).map(|name| format!("»{name}«")).unwrap_or_default()
}

/// What changed, together by line, contact or address. An order key, and that a new line is there, tell a person nothing.
fn by_place(changes: &[Change]) -> Vec<(&Place, Vec<&Change>)> {
    let mut groups: Vec<(&Place, Vec<&Change>)> = Vec::new();
    for change in changes {
        let (path, before, after) = change;
        if path.field == ORDER || (path.field == LIFE && before.is_none() && after.as_deref() == Some("live")) {
            continue;
        }
        match groups.iter_mut().find(|(place, _)| **place == path.place) {
            Some((_, known)) => known.push(change),
            None => groups.push((&path.place, vec![change])),
        }
    }
    groups
}
