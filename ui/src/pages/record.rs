//! A record's page, drawn from the table of fields: customer, product, supplier, employee, order, task.

use crate::desk::{Desk, create, send, use_answer, use_desk};
use crate::pages::{appointment, calls, kept, list::stage_color, quote, report};
use crate::parts::{
    ClashCard, EraseButton, Grid, Twice, field_box, fields_of, plain_value, safe_where, stands_elsewhere,
};
use crate::route::Route;
use crate::written;
use mera_device_api::{Answer, NewItem, RecordPage, Reply, Request, Row};
use mera_schema::{FieldDef, FieldPath, Form, Heads, LIFE, ORDER, RecordDef, RecordKind, RecordRef, SAME_AS};
use patternfly_yew::prelude::*;
use serde_json::Value;
use std::rc::Rc;
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
            quote::whole(&desk, props.record, page.into())
        }
        Some(Answer::Ok(Reply::Record(page))) if props.record.kind == RecordKind::Addressee => {
            kept::whole(&desk, props.record, page.into())
        }
        Some(Answer::Ok(Reply::Record(page))) if props.record.kind == RecordKind::Call => {
            calls::whole(&desk, props.record, page.into())
        }
        Some(Answer::Ok(Reply::Record(page))) if props.record.kind == RecordKind::Appointment => {
            appointment::whole(&desk, props.record, page.into())
        }
        Some(Answer::Ok(Reply::Record(page))) if props.record.kind == RecordKind::Report => {
            report::whole(&desk, props.record, page.into())
        }
        Some(Answer::Ok(Reply::Record(page))) => whole(&desk, props.record, page.into()),
        Some(Answer::Refused(refused)) => html! { <p class="mera-empty">{ desk.words.refusal(&refused) }</p> },
        _ => html! {},
    }
}

fn whole(desk: &Desk, record: RecordRef, page: Rc<RecordPage>) -> Html {
    let values = fields_of(&page);
    let def = RecordDef::of(record.kind);
    let name = [plain_value(&values["name"]), plain_value(&values["title"]), plain_value(&values["number"])];
    let name = name
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| desk.words.say(&format!("new-{}", record.kind)));
    let field =
        |def: &FieldDef| field_box(&page, record, FieldPath::root(def.name), *def, &values[def.name], false, None);
    // Which other one it is is said by making one of two, and not in a box.
    let fields = def.fields.iter().filter(|def| def.name != SAME_AS);
    html! {<>
        { head(desk, record, &page, &name) }
        { for page.clashes.iter().map(|clash| html! { <ClashCard key={clash.path.to_string()} clash={clash.clone()} /> }) }
        { stands_elsewhere(desk, record, &page) }
        <div class="mera-fields">{ for fields.map(field) }</div>
        { contacts(desk, record, &page) }
        { linked(desk, record, &page) }
        { for def.collections.iter().map(|items| html! { <Collection {record} page={page.clone()} name={items.name} values={values[items.name].clone()} /> }) }
        if def.may_be_another() { <Twice {record} page={page.clone()} /> }
        if !page.earlier { <EraseButton {record} name={name.clone()} /> }
    </>}
}

/// Title, where it is safe, its history; a band over an earlier state.
pub fn head(desk: &Desk, record: RecordRef, page: &RecordPage, name: &str) -> Html {
    html! {<>
        <div class="mera-bar">
            <Title>{ name.to_owned() }</Title>
            <small data-testid="record-sync">{ safe_where(desk, page.sync) }</small>
            <a class="pf-v6-c-button pf-m-secondary" href={Route::History(record).href()} data-testid="history-link" aria-keyshortcuts="Alt+H">{ desk.words.say("history") }</a>
        </div>
        if page.earlier {
            <p class="mera-band">{ desk.words.say("earlier-state") }{ " " }<a data-testid="back-to-now" href={Route::record(record).href()}>{ desk.words.say("back-to-now") }</a></p>
        }
        if page.newer { <p class="mera-band">{ desk.words.say("newer-program") }</p> }
        if !page.may_write && !page.earlier && !page.newer && record.kind != RecordKind::Addressee {
            <p class="mera-band" data-testid="only-looked-at">{ desk.words.with("only-looked-at", &[("what", &desk.words.say(&format!("kinds-{}", record.kind)))]) }</p>
        }
    </>}
}

#[derive(Properties, PartialEq)]
struct CollectionProps {
    record: RecordRef,
    page: Rc<RecordPage>,
    name: &'static str,
    values: Value,
}

/// Contacts, addresses, the lines of an order: one row each.
#[component]
fn Collection(props: &CollectionProps) -> Html {
    let desk = use_desk();
    let fresh = use_state_eq(|| None);
    let (record, page, name) = (props.record, &props.page, props.name);
    let fields = RecordDef::of(record.kind).fields_at(Some(name)).unwrap_or_default();
    let shown = |def: &&FieldDef| ![LIFE, ORDER].contains(&def.name) && def.form != Form::Link;
    let columns: Vec<&'static str> = fields.iter().filter(shown).map(|def| def.name).collect();
    let add = {
        let (desk, seen, fresh) = (desk.clone(), page.heads.clone(), fresh.clone());
        Callback::from(move |_: MouseEvent| {
            let fresh = fresh.clone();
            let item = NewItem { collection: name.to_owned(), values: Vec::new() };
            send(&desk, Request::AddItem { record, seen: seen.clone(), item }, move |reply| {
                if let Reply::Done(done) = reply {
                    fresh.set(done.item);
                }
            });
        })
    };
    html! {
        <section aria-label={desk.words.say(&format!("items-{name}"))}>
            <h2>{ desk.words.say(&format!("items-{name}")) }</h2>
            <Grid {record} page={page.clone()} values={props.values.clone()} collection={name} {columns} fresh={*fresh}>
                <button type="button" class="pf-v6-c-button pf-m-secondary" onclick={add} data-testid={format!("add-{name}")}>{ desk.words.say(&format!("add-{name}")) }</button>
            </Grid>
        </section>
    }
}

fn has_contacts(record: RecordRef) -> bool {
    matches!(record.kind, RecordKind::Customer | RecordKind::Supplier)
}

fn is_contact(row: &Row) -> bool {
    row.record.kind == RecordKind::Contact
}

/// The people at a customer or supplier.
fn contacts(desk: &Desk, record: RecordRef, page: &RecordPage) -> Html {
    if !has_contacts(record) {
        return html! {};
    }
    let add = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| {
            create(&desk, RecordKind::Contact, vec![("party".to_owned(), record.to_string())]);
        })
    };
    let found: Vec<&Row> = page.linked.iter().filter(|row| is_contact(row)).collect();
    let row = |row: &Row| {
        let name = if row.title.is_empty() { desk.words.say("untitled") } else { row.title.clone() };
        html! {
            <li key={row.record.to_string()}>
                <a href={Route::record(row.record).href()} data-testid="contact"><span class="mera-row-title">{ name }</span></a>
            </li>
        }
    };
    html! {
        <section aria-label={desk.words.say("kinds-contact")}>
            <div class="mera-bar">
                <h2>{ desk.words.say("kinds-contact") }</h2>
                if !page.earlier && desk.may_write(RecordKind::Contact) {
                    <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="add-contact" onclick={add}>{ desk.words.say("new-contact") }</button>
                }
            </div>
            if found.is_empty() { <p class="mera-empty">{ desk.words.say("no-contacts") }</p> }
            <ul class="mera-linked">{ for found.into_iter().map(row) }</ul>
        </section>
    }
}

pub fn linked(desk: &Desk, record: RecordRef, page: &RecordPage) -> Html {
    let quote = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| {
            create(&desk, RecordKind::Quote, vec![("customer".to_owned(), record.to_string())]);
        })
    };
    let others: Vec<&Row> = page.linked.iter().filter(|row| !has_contacts(record) || !is_contact(row)).collect();
    let row = |row: &Row| {
        html! {
            <li key={row.record.to_string()}>
                <a href={Route::record(row.record).href()}>
                    <span class="mera-row-number">{ if row.number.is_empty() { desk.words.say(&format!("kind-{}", row.record.kind)) } else { row.number.clone() } }</span>
                    <span class="mera-row-title">{ if row.title.is_empty() { desk.words.say(&format!("kind-{}", row.record.kind)) } else { row.title.clone() } }</span>
                    if !row.state.is_empty() { <Label color={stage_color(&row.state)} label={desk.words.say(&format!("word-{}", row.state))} compact={true} /> }
                    <span class="mera-figure">{ row.amount.as_ref().map(|amount| written::money(amount, desk.words.language)).unwrap_or_default() }</span>
                </a>
            </li>
        }
    };
    html! {
        if record.kind == RecordKind::Customer || !others.is_empty() {
            <section aria-label={desk.words.say("linked")}>
                <div class="mera-bar">
                    <h2>{ desk.words.say("linked") }</h2>
                    if record.kind == RecordKind::Customer && !page.earlier && desk.may_write(RecordKind::Quote) {
                        <button type="button" class="pf-v6-c-button pf-m-primary" data-testid="new-quote" aria-keyshortcuts="Alt+N" onclick={quote}>{ desk.words.say("new-quote") }</button>
                    }
                </div>
                if others.is_empty() { <p class="mera-empty">{ desk.words.say("no-linked") }</p> }
                <ul class="mera-linked">{ for others.into_iter().map(row) }</ul>
            </section>
        }
    }
}
