//! A record's page, drawn from the table of fields: customer, product, supplier, employee, order, task.

use crate::desk::{Desk, send, use_answer, use_desk};
use crate::pages::{list::stage_color, quote};
use crate::parts::{ClashCard, FieldBox, plain_value, safe_where};
use crate::route::Route;
use crate::written;
use mera_device_api::{Answer, NewItem, RecordPage, Reply, Request, Row};
use mera_schema::{CollectionDef, FieldPath, Form, Heads, ItemId, LIFE, ORDER, RecordDef, RecordKind, RecordRef};
use patternfly_yew::prelude::*;
use serde_json::Value;
use yew::prelude::*;

/// Properties of a record's page.
#[derive(Properties, PartialEq)]
pub struct RecordProps {
    pub record: RecordRef,
    /// Earlier heads, to see it as it was then.
    pub at: Option<Heads>,
}

#[component]
pub fn RecordPageView(props: &RecordProps) -> Html {
    let desk = use_desk();
    match use_answer(Request::Open { record: props.record, at: props.at.clone() }) {
        Some(Answer::Ok(Reply::Record(page))) if props.record.kind == RecordKind::Quote => {
            quote::whole(&desk, props.record, &page)
        }
        Some(Answer::Ok(Reply::Record(page))) => whole(&desk, props.record, &page),
        Some(Answer::Refused(refused)) => html! { <p class="mera-empty">{ desk.words.refusal(&refused) }</p> },
        _ => html! {},
    }
}

/// The record's fields as the contract gives them.
pub fn fields_of(page: &RecordPage) -> Value {
    serde_json::to_value(&page.record).map(|mut value| value["record"].take()).unwrap_or_default()
}

fn whole(desk: &Desk, record: RecordRef, page: &RecordPage) -> Html {
    let values = fields_of(page);
    let def = RecordDef::of(record.kind);
    let name = [plain_value(&values["name"]), plain_value(&values["title"]), plain_value(&values["number"])];
    let name = name
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| desk.words.say(&format!("new-{}", record.kind)));
    let field = |def: &mera_schema::FieldDef| {
        field_box(page, record, FieldPath::root(def.name), *def, &values[def.name], false)
    };
    html! {<>
        { head(desk, record, page, &name) }
        { for page.clashes.iter().map(|clash| html! { <ClashCard key={clash.path.to_string()} clash={clash.clone()} /> }) }
        <div class="mera-fields">{ for def.fields.iter().map(field) }</div>
        { for def.collections.iter().map(|items| collection(desk, record, page, items, &values[items.name])) }
        { linked(desk, record, page) }
    </>}
}

/// Title, where it is safe, its history; a band over an earlier state.
pub fn head(desk: &Desk, record: RecordRef, page: &RecordPage, name: &str) -> Html {
    html! {<>
        <div class="mera-bar">
            <Title>{ name.to_owned() }</Title>
            <small data-testid="record-sync">{ safe_where(desk, page.sync) }</small>
            <a href={Route::History(record).href()} data-testid="history-link">{ desk.words.say("history") }</a>
        </div>
        if page.earlier {
            <p class="mera-band">{ desk.words.say("earlier-state") }{ " " }<a data-testid="back-to-now" href={Route::record(record).href()}>{ desk.words.say("back-to-now") }</a></p>
        }
        if page.newer { <p class="mera-band">{ desk.words.say("newer-program") }</p> }
    </>}
}

/// One field of the page.
pub fn field_box(
    page: &RecordPage,
    record: RecordRef,
    path: FieldPath,
    def: mera_schema::FieldDef,
    value: &Value,
    bare: bool,
) -> Html {
    let standing = plain_value(value);
    let unit = standing.split_once(' ').map(|(_, unit)| unit.to_owned());
    let unit = unit.unwrap_or_else(|| if def.form == Form::Money { "DKK".into() } else { "pcs".into() });
    let (locked, key) = (page.earlier || page.newer, path.to_string());
    html! { <FieldBox {key} {record} heads={page.heads.clone()} {path} {def} value={value.clone()} names={page.names.clone()} {unit} {locked} {bare} /> }
}

/// The items that are not taken out, in their order.
pub fn items_of(values: &Value) -> Vec<(ItemId, Value)> {
    let all = values.as_object().into_iter().flatten();
    let mut live: Vec<(ItemId, Value)> = all
        .filter(|(_, item)| item[LIFE] != "removed")
        .filter_map(|(id, item)| Some((id.parse().ok()?, item.clone())))
        .collect();
    live.sort_by_key(|(id, item)| (plain_value(&item[ORDER]), *id));
    live
}

fn collection(desk: &Desk, record: RecordRef, page: &RecordPage, items: &CollectionDef, values: &Value) -> Html {
    let fields: Vec<_> = items.fields.iter().filter(|def| ![LIFE, ORDER].contains(&def.name)).collect();
    let name = items.name;
    let add = {
        let (desk, seen) = (desk.clone(), page.heads.clone());
        Callback::from(move |_: MouseEvent| {
            let item = NewItem { collection: name.to_owned(), values: Vec::new() };
            send(&desk, Request::AddItem { record, seen: seen.clone(), item }, |_| {});
        })
    };
    let item = |(id, item): (ItemId, Value)| {
        let field = |def: &&mera_schema::FieldDef| {
            field_box(page, record, FieldPath::item(name, id, def.name), **def, &item[def.name], false)
        };
        html! {
            <div class="mera-item" key={id.to_string()}>
                { for fields.iter().map(field) }
                if !page.earlier { { remove_button(desk, record, page, name, id) } }
            </div>
        }
    };
    html! {
        <section aria-label={desk.words.say(&format!("items-{name}"))}>
            <div class="mera-bar">
                <h2>{ desk.words.say(&format!("items-{name}")) }</h2>
                if !page.earlier { <button class="pf-v6-c-button pf-m-secondary" onclick={add} data-testid={format!("add-{name}")}>{ desk.words.say(&format!("add-{name}")) }</button> }
            </div>
            { for items_of(values).into_iter().map(item) }
        </section>
    }
}

/// Takes an item out; it stays in the history and can be asked about.
pub fn remove_button(desk: &Desk, record: RecordRef, page: &RecordPage, collection: &'static str, id: ItemId) -> Html {
    let onclick = {
        let (desk, seen) = (desk.clone(), page.heads.clone());
        Callback::from(move |_: MouseEvent| {
            let edits = vec![mera_schema::Edit::set_in(collection, id, LIFE, "removed")];
            send(&desk, Request::Change { record, seen: seen.clone(), edits }, |_| {});
        })
    };
    let label = desk.words.say("remove");
    html! { <button class="mera-quiet" data-testid="line-remove" {onclick} aria-label={label.clone()} title={label}>{ "✕" }</button> }
}

fn linked(desk: &Desk, record: RecordRef, page: &RecordPage) -> Html {
    let quote = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| {
            let values = vec![("customer".to_owned(), record.to_string())];
            send(&desk, Request::Create { kind: RecordKind::Quote, values }, |reply| {
                if let Reply::Done(done) = reply
                    && let Some(record) = done.record
                {
                    Route::record(record).go();
                }
            });
        })
    };
    let row = |row: &Row| {
        html! {
            <li key={row.record.to_string()}>
                <a href={Route::record(row.record).href()}>
                    <span>{ format!("{} {}", row.number, row.title) }</span>
                    if !row.state.is_empty() { <Label color={stage_color(&row.state)} label={desk.words.say(&format!("word-{}", row.state))} compact={true} /> }
                    <span class="mera-figure">{ row.amount.as_ref().map(|amount| written::money(amount, desk.words.language)).unwrap_or_default() }</span>
                </a>
            </li>
        }
    };
    html! {
        if record.kind == RecordKind::Customer || !page.linked.is_empty() {
            <section aria-label={desk.words.say("linked")}>
                <div class="mera-bar">
                    <h2>{ desk.words.say("linked") }</h2>
                    if record.kind == RecordKind::Customer && !page.earlier {
                        <button class="pf-v6-c-button pf-m-secondary" data-testid="new-quote" onclick={quote}>{ desk.words.say("new-quote") }</button>
                    }
                </div>
                <ul class="mera-linked">{ for page.linked.iter().map(row) }</ul>
            </section>
        }
    }
}
