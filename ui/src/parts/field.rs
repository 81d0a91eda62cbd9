//! One field: its label, and the box its form asks for.

use super::choices::{Choice, Offered, offered};
use super::{MembersBox, Picker, TextBox};
use crate::desk::{Desk, send, use_desk};
use crate::route::Route;
use crate::written;
use mera_device_api::{Request, Row};
use mera_schema::{Edit, FieldDef, FieldPath, Form, Heads, Place, RecordKind, RecordRef};
use serde_json::Value;
use std::collections::BTreeMap;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Properties of [`FieldBox`].
#[derive(Properties, PartialEq, Clone)]
pub struct FieldProps {
    pub record: RecordRef,
    /// The heads on the screen.
    pub heads: Heads,
    pub path: FieldPath,
    pub def: FieldDef,
    /// The value as the contract gives it.
    pub value: Value,
    /// What links are called.
    #[prop_or_default]
    pub names: BTreeMap<String, String>,
    /// Completes a bare figure: currency or unit.
    #[prop_or_default]
    pub unit: String,
    #[prop_or_default]
    pub locked: bool,
    /// In a grid the column's head is the label.
    #[prop_or_default]
    pub bare: bool,
    /// What a paste put here and the device refused.
    #[prop_or_default]
    pub pasted: Option<Pasted>,
}

/// What was pasted and not taken, and why.
#[derive(Clone, PartialEq)]
pub struct Pasted {
    pub text: String,
    pub refused: String,
}

/// The value to go on with, in written form.
pub fn plain_value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Object(clash) => {
            clash.get("clash").and_then(|all| all.get(0)).map(|first| plain_value(&first["value"])).unwrap_or_default()
        }
        _ => String::new(),
    }
}

#[component]
pub fn FieldBox(props: &FieldProps) -> Html {
    let desk = use_desk();
    let label = desk.words.field(props.def.name);
    let within = if props.path.place.collection() == Some("lines") { "line" } else { "field" };
    let name = format!("{within}-{}", props.def.name);
    let id = match &props.path.place {
        Place::Root => name.clone(),
        Place::Item { item, .. } => format!("{name}-{item}"),
    };
    let clash = props.value.is_object();
    let inside = inside(&desk, &InsideProps { id: id.clone(), name, label: label.clone(), field: props.clone() });
    if props.bare {
        return inside;
    }
    let labelled = !clash && props.def.form != Form::Members;
    html! {
        <div class="mera-field" data-field={props.def.name} data-clash={clash.to_string()} data-wide={(props.def.form == Form::Prose).to_string()}>
            if labelled { <label for={id}>{ label }</label> } else { <span class="mera-label">{ label }</span> }
            { inside }
        </div>
    }
}

/// What the box inside a field is told.
#[derive(Properties, PartialEq, Clone)]
pub struct InsideProps {
    pub id: String,
    pub name: String,
    pub label: String,
    pub field: FieldProps,
}

fn inside(desk: &Desk, props: &InsideProps) -> Html {
    let field = &props.field;
    if field.value.is_object() {
        let shown = each(&field.value).map(|value| shown(desk, field, &value)).collect::<Vec<_>>().join(" / ");
        return html! { <span class="mera-disputed" data-testid={props.name.clone()}><span aria-hidden="true">{ "⚠ " }</span>{ shown }</span> };
    }
    let value = plain_value(&field.value);
    match (field.def.form, offered(desk, &field.def)) {
        (Form::Link, _) => link(desk, props, &value),
        (Form::Members, _) => html! { <MembersBox ..props.clone() /> },
        (_, Offered::Listed(choices)) => listed(desk, props, &value, &choices),
        _ => html! { <TextBox ..props.clone() /> },
    }
}

fn each(value: &Value) -> impl Iterator<Item = String> {
    value["clash"].as_array().into_iter().flatten().map(|one| plain_value(&one["value"]))
}

/// A value as a person reads it.
pub fn shown(desk: &Desk, field: &FieldProps, value: &str) -> String {
    match field.def.form {
        Form::Link => field.names.get(value).cloned().unwrap_or_else(|| value.to_owned()),
        Form::Choice => desk.words.say(&format!("word-{value}")),
        _ if value.is_empty() => String::new(),
        Form::Word if field.def.name == "unit" => written::unit_shown(value, desk.words.language).to_owned(),
        form => written::shown(form, value, desk.words.language),
    }
}

fn set(desk: &Desk, field: &FieldProps, value: Option<String>) {
    let edits = vec![Edit::Set { path: field.path.clone(), value }];
    send(desk, Request::Change { record: field.record, seen: field.heads.clone(), edits }, |_| {});
}

fn link(desk: &Desk, props: &InsideProps, value: &str) -> Html {
    let field = &props.field;
    let to = value.parse::<RecordRef>().ok();
    let kind = match field.def.name {
        "customer" => RecordKind::Customer,
        "product" => RecordKind::Product,
        "supplier" => RecordKind::Supplier,
        "contact" => RecordKind::Contact,
        "same_as" => field.record.kind,
        "about" | "party" => to.map_or(RecordKind::Customer, |to| to.kind),
        _ => RecordKind::Employee,
    };
    let picked = {
        let (desk, field) = (desk.clone(), field.clone());
        Callback::from(move |row: Row| set(&desk, &field, Some(row.record.to_string())))
    };
    let emptied = to.map(|_| {
        let (desk, field) = (desk.clone(), field.clone());
        Callback::from(move |()| set(&desk, &field, None))
    });
    let standing = if value.is_empty() { String::new() } else { shown(desk, field, value) };
    let open = desk.words.with("open", &[("what", &standing)]);
    html! {
        <div class="mera-link" data-testid={props.name.clone()}>
            if field.locked {
                <input class="mera-input" id={props.id.clone()} readonly=true value={standing} />
            } else {
                <Picker id={props.id.clone()} name={format!("{}-pick", props.name)} label={desk.words.with("pick", &[("what", &props.label)])} {kind} {standing} {picked} {emptied} />
            }
            if let Some(to) = to { <a class="mera-go" href={Route::record(to).href()} aria-label={open.clone()} title={open}>{ "↗" }</a> }
        </div>
    }
}

fn listed(desk: &Desk, props: &InsideProps, value: &str, choices: &[Choice]) -> Html {
    let field = &props.field;
    let onchange = {
        let (desk, field) = (desk.clone(), field.clone());
        Callback::from(move |event: Event| {
            let value = event.target_unchecked_into::<HtmlSelectElement>().value();
            set(&desk, &field, (!value.is_empty()).then_some(value));
        })
    };
    let known = value.is_empty() || choices.iter().any(|choice| choice.value == value);
    html! {
        <select class="mera-input" id={props.id.clone()} data-testid={props.name.clone()} aria-label={props.label.clone()} disabled={field.locked} {onchange}>
            <option value="" selected={value.is_empty()}></option>
            if !known { <option value={value.to_owned()} selected={true}>{ value }</option> }
            { for choices.iter().map(|choice| option(choice, value, field.def.form == Form::Currency)) }
        </select>
    }
}

/// A choice, with its code where the code is what people say.
fn option(choice: &Choice, value: &str, coded: bool) -> Html {
    let label = if coded { format!("{} · {}", choice.value, choice.label) } else { choice.label.clone() };
    html! { <option value={choice.value.clone()} selected={choice.value == value}>{ label }</option> }
}
