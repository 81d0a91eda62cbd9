//! One field: shown, typed into, saved when it is left, refused in its place.

use super::Picker;
use crate::carrier;
use crate::desk::{Desk, send, use_desk};
use crate::route::Route;
use crate::written;
use mera_device_api::{Answer, Request, Row};
use mera_schema::{Edit, FieldDef, FieldPath, Form, Heads, Place, RecordKind, RecordRef};
use serde_json::Value;
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, HtmlInputElement};
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

/// What was typed and not yet taken, and the heads at which typing began: what arrives meanwhile is concurrent.
#[derive(Clone, PartialEq)]
struct Draft {
    text: String,
    seen: Heads,
    refused: Option<String>,
}

#[component]
pub fn FieldBox(props: &FieldProps) -> Html {
    let desk = use_desk();
    let label = desk.words.field(&props.def.name.replace('_', "-"));
    let collection = props.path.place.collection();
    let name = if collection == Some("lines") {
        format!("line-{}", props.def.name)
    } else {
        format!("field-{}", props.def.name)
    };
    let id = match &props.path.place {
        Place::Root => name.clone(),
        Place::Item { item, .. } => format!("{name}-{item}"),
    };
    let clash = props.value.is_object();
    let inside = html! { <Inside id={id.clone()} {name} label={label.clone()} field={props.clone()} {clash} /> };
    if props.bare {
        return inside;
    }
    let labelled = !matches!(props.def.form, Form::Link | Form::Members);
    html! {
        <div class="mera-field" data-clash={clash.to_string()} data-wide={(props.def.form == Form::Prose).to_string()}>
            if labelled && !clash { <label for={id}>{ label }</label> } else { <span class="mera-label">{ label }</span> }
            { inside }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct InsideProps {
    id: String,
    name: String,
    label: String,
    field: FieldProps,
    clash: bool,
}

#[component]
fn Inside(props: &InsideProps) -> Html {
    let desk = use_desk();
    let field = &props.field;
    let value = plain_value(&field.value);
    if props.clash {
        let shown = each(&field.value).map(|value| shown(&desk, field, &value)).collect::<Vec<_>>().join(" / ");
        return html! { <span class="mera-disputed" data-testid={props.name.clone()}><span aria-hidden="true">{ "⚠ " }</span>{ shown }</span> };
    }
    match field.def.form {
        Form::Link => link(&desk, props, &value),
        Form::Choice | Form::Flag => choice(&desk, props, &value),
        Form::Members => html! { <MembersBox ..members(props) /> },
        _ => {
            html! { <TextBox id={props.id.clone()} name={props.name.clone()} label={props.label.clone()} field={field.clone()} clash={false} /> }
        }
    }
}

fn each(value: &Value) -> impl Iterator<Item = String> {
    value["clash"].as_array().into_iter().flatten().map(|one| plain_value(&one["value"]))
}

fn shown(desk: &Desk, field: &FieldProps, value: &str) -> String {
    match field.def.form {
        Form::Link => field.names.get(value).cloned().unwrap_or_else(|| value.to_owned()),
        Form::Choice => desk.words.say(&format!("word-{value}")),
        _ if value.is_empty() => String::new(),
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
        "about" => to.map_or(RecordKind::Customer, |to| to.kind),
        _ => RecordKind::Employee,
    };
    let picked = {
        let (desk, field) = (desk.clone(), field.clone());
        Callback::from(move |row: Row| set(&desk, &field, Some(row.record.to_string())))
    };
    html! {
        <div class="mera-link" data-testid={props.name.clone()}>
            if let Some(to) = to { <a href={Route::record(to).href()}>{ shown(desk, field, value) }</a> }
            if !field.locked { <Picker name={format!("{}-pick", props.name)} label={desk.words.with("pick", &[("what", &props.label)])} {kind} {picked} /> }
        </div>
    }
}

fn choice(desk: &Desk, props: &InsideProps, value: &str) -> Html {
    let field = &props.field;
    let words: Vec<&str> = if field.def.form == Form::Flag { vec!["false", "true"] } else { field.def.words.to_vec() };
    let onchange = {
        let (desk, field) = (desk.clone(), field.clone());
        Callback::from(move |event: Event| {
            let value = event.target_unchecked_into::<web_sys::HtmlSelectElement>().value();
            set(&desk, &field, (!value.is_empty()).then_some(value));
        })
    };
    let option = |word: &&str| html! { <option value={word.to_string()} selected={*word == value}>{ desk.words.say(&format!("word-{word}")) }</option> };
    html! {
        <select class="mera-input" id={props.id.clone()} data-testid={props.name.clone()} aria-label={props.label.clone()} disabled={field.locked} {onchange}>
            <option value="" selected={value.is_empty()}></option>
            { for words.iter().map(option) }
        </select>
    }
}

#[component]
fn TextBox(props: &InsideProps) -> Html {
    let desk = use_desk();
    let field = &props.field;
    let value = plain_value(&field.value);
    let draft = use_state_eq(|| None::<Draft>);
    let sent = use_mut_ref(|| false);
    {
        let (draft, sent) = (draft.clone(), sent.clone());
        // What was sent has arrived on the screen: the draft has done its duty.
        use_effect_with(field.heads.clone(), move |_| {
            if sent.replace(false) {
                draft.set(None);
            }
        });
    }
    let day = field.def.form == Form::Day;
    let prose = field.def.form == Form::Prose;
    let standing = if day || prose { value.clone() } else { shown(&desk, field, &value) };
    let text = draft.as_ref().map_or_else(|| standing.clone(), |draft| draft.text.clone());
    let oninput = {
        let (draft, heads) = (draft.clone(), field.heads.clone());
        Callback::from(move |event: InputEvent| {
            let text = text_of(&event);
            let seen = draft.as_ref().map_or_else(|| heads.clone(), |draft| draft.seen.clone());
            draft.set(Some(Draft { text, seen, refused: None }));
        })
    };
    let save = {
        let (draft, field, standing, desk) = (draft.clone(), field.clone(), standing.clone(), desk.clone());
        Callback::from(move |()| {
            let Some(typed) = (*draft).clone().filter(|_| !*sent.borrow()) else { return };
            if typed.text == standing {
                draft.set(None);
                return;
            }
            sent.replace(true);
            let edit = edit_of(&field, &typed.text, &desk);
            let request = Request::Change { record: field.record, seen: typed.seen.clone(), edits: vec![edit] };
            let (draft, sent, desk, heads) = (draft.clone(), sent.clone(), desk.clone(), field.heads.clone());
            spawn_local(async move {
                match carrier::ask(&request).await {
                    Answer::Ok(mera_device_api::Reply::Done(done)) if done.heads == heads => {
                        sent.replace(false);
                        draft.set(None);
                    }
                    Answer::Ok(_) => {}
                    Answer::Refused(refused) => {
                        sent.replace(false);
                        draft.set(Some(Draft { refused: Some(desk.words.refusal(&refused)), ..typed }));
                    }
                }
            });
        })
    };
    let onblur = {
        let save = save.clone();
        Callback::from(move |_: FocusEvent| save.emit(()))
    };
    let onkeydown = {
        let draft = draft.clone();
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" if !prose => save.emit(()),
            "Escape" => draft.set(None),
            _ => {}
        })
    };
    let refused = draft.as_ref().and_then(|draft| draft.refused.clone());
    let (id, name, label, locked) = (props.id.clone(), props.name.clone(), props.label.clone(), field.locked);
    let told = format!("{id}-refused");
    let invalid = refused.is_some().then_some("true");
    let figure = matches!(field.def.form, Form::Money | Form::Quantity | Form::Percent | Form::Number);
    let class = classes!("mera-input", figure.then_some("mera-figure"));
    html! {<>
        if prose {
            <textarea {class} {id} data-testid={name} aria-label={label} aria-invalid={invalid} aria-describedby={told.clone()} readonly={locked} rows="3" value={text} {oninput} {onblur} {onkeydown} />
        } else {
            <input {class} {id} data-testid={name} aria-label={label} aria-invalid={invalid} aria-describedby={told.clone()} readonly={locked}
                type={if day { "date" } else { "text" }} autocomplete="off" value={text} {oninput} {onblur} {onkeydown} />
        }
        if let Some(refused) = refused { <p class="mera-refused" id={told} role="alert">{ refused }</p> }
    </>}
}

fn text_of(event: &InputEvent) -> String {
    let target: HtmlElement = event.target_unchecked_into();
    match target.dyn_into::<HtmlInputElement>() {
        Ok(input) => input.value(),
        Err(other) => other.unchecked_into::<web_sys::HtmlTextAreaElement>().value(),
    }
}

fn edit_of(field: &FieldProps, text: &str, desk: &Desk) -> Edit {
    let path = field.path.clone();
    if field.def.form == Form::Prose {
        return Edit::Write { path, text: text.to_owned() };
    }
    let value = written::typed(field.def.form, text, &field.unit, desk.words.language);
    Edit::Set { path, value: (!text.trim().is_empty()).then_some(value) }
}

#[derive(Properties, PartialEq)]
struct MembersProps {
    name: String,
    label: String,
    field: FieldProps,
}

fn members(props: &InsideProps) -> MembersProps {
    MembersProps { name: props.name.clone(), label: props.label.clone(), field: props.field.clone() }
}

/// A set of words: each can be taken out, a new one is typed.
#[component]
fn MembersBox(props: &MembersProps) -> Html {
    let desk = use_desk();
    let field = &props.field;
    let typed = use_state_eq(String::new);
    let all: Vec<String> = field.value.as_array().into_iter().flatten().map(plain_value).collect();
    let member = |member: &String| {
        let label = format!("{} {member}", desk.words.say("remove"));
        let (desk, field, out) = (desk.clone(), field.clone(), member.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            let edits = vec![Edit::Exclude { path: field.path.clone(), member: out.clone() }];
            send(&desk, Request::Change { record: field.record, seen: field.heads.clone(), edits }, |_| {});
        });
        html! { <span class="mera-member">{ member }<button {onclick} aria-label={label} disabled={field.locked}>{ "×" }</button></span> }
    };
    let oninput = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| typed.set(text_of(&event)))
    };
    let onkeydown = {
        let (typed, desk, field) = (typed.clone(), desk.clone(), field.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" && !typed.trim().is_empty() {
                let edits = vec![Edit::Include { path: field.path.clone(), member: typed.trim().to_owned() }];
                send(&desk, Request::Change { record: field.record, seen: field.heads.clone(), edits }, |_| {});
                typed.set(String::new());
            }
        })
    };
    html! {
        <div class="mera-members" data-testid={props.name.clone()}>
            { for all.iter().map(member) }
            if !field.locked { <input class="mera-input" aria-label={props.label.clone()} value={(*typed).clone()} {oninput} {onkeydown} placeholder={desk.words.say("add-word")} /> }
        </div>
    }
}
