//! Every change of a record: who, when, what; each earlier state can be looked at.

use crate::desk::{use_answer, use_desk};
use crate::parts::{change_of, fields_of, plain_value, title_of, worth_telling};
use crate::route::Route;
use crate::written;
use mera_device_api::{Answer, HistoryRow, Reply, Request};
use mera_schema::{FieldPath, Place, RecordRef};
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
    let part = |place: &Place| match place {
        Place::Root => String::new(),
        Place::Item { collection, item } => {
            let called = item_name(&fields[collection.as_str()][item.to_string()]);
            format!("{} {called}", desk.words.say(&format!("item-{collection}")))
        }
    };
    let field = |change: &&Change| {
        let (path, before, after) = change;
        change_of(&desk, record.kind, &names, (path, before.as_deref(), after.as_deref()))
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
        <div class="mera-bar"><Title>{ heading }</Title><a class="pf-v6-c-button pf-m-secondary" data-testid="to-audit" href={Route::Audit(Some(record)).href()}>{ desk.words.say("audit-proof") }</a><a class="pf-v6-c-button pf-m-secondary" data-testid="back-to-now" href={Route::record(record).href()}>{ desk.words.say("back-to-now") }</a></div>
        if let Some(refused) = refused { <p class="mera-empty">{ desk.words.refusal(&refused) }</p> }
        <ol class="mera-history">{ for rows.iter().map(row) }</ol>
    </>}
}

/// What a line, contact or address is called now.
fn item_name(item: &Value) -> String {
    let names = ["text", "name", "street", "purpose"].map(|name| plain_value(&item[name]));
    names.into_iter().find(|name| !name.is_empty()).map(|name| format!("»{name}«")).unwrap_or_default()
}

/// What changed, together by line, contact or address.
fn by_place(changes: &[Change]) -> Vec<(&Place, Vec<&Change>)> {
    let mut groups: Vec<(&Place, Vec<&Change>)> = Vec::new();
    for change in changes {
        let (path, before, after) = change;
        if !worth_telling(path, before.as_deref(), after.as_deref()) {
            continue;
        }
        match groups.iter_mut().find(|(place, _)| **place == path.place) {
            Some((_, known)) => known.push(change),
            None => groups.push((&path.place, vec![change])),
        }
    }
    groups
}
