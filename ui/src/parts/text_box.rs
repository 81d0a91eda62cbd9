//! A box that is typed into: saved when it is left, refused in its place, put back with Escape.

use super::choices::{Offered, currencies, offered};
use super::draft::{Draft, use_draft};
use super::field::{InsideProps, plain_value, shown};
use crate::desk::{Desk, use_desk};
use crate::dom;
use crate::written;
use mera_schema::Form;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

#[component]
pub fn TextBox(props: &InsideProps) -> Html {
    let desk = use_desk();
    let field = &props.field;
    let value = plain_value(&field.value);
    let with_currency = field.def.form == Form::Money && !field.bare;
    let standing = match field.def.form {
        Form::Prose => value.clone(),
        Form::Money if with_currency && !value.is_empty() => {
            written::amount_of(Form::Money, &value, desk.words.language)
        }
        _ => shown(&desk, field, &value),
    };
    let draft = use_draft(field, &standing);
    let inside = match field.def.form {
        Form::Prose => prose(props, &draft),
        Form::Day => day(&desk, props, &draft, &value),
        Form::Money if with_currency => money(&desk, props, &draft, &value),
        _ => line(&desk, props, &draft),
    };
    html! {<>
        { inside }
        if let Some(refused) = &draft.refused { <p class="mera-refused" id={told(&props.id)} role="alert">{ refused }</p> }
    </>}
}

fn told(id: &str) -> String {
    format!("{id}-refused")
}

/// One line of text or one figure, with what may be meant behind it.
fn line(desk: &Desk, props: &InsideProps, draft: &Draft) -> Html {
    let suggested = match offered(desk, &props.field.def) {
        Offered::Suggested(choices) => choices,
        _ => Vec::new(),
    };
    let list = (!suggested.is_empty()).then(|| format!("{}-offered", props.id));
    html! {<>
        { input(props, draft, list.clone(), None) }
        if let Some(list) = list {
            <datalist id={list}>{ for suggested.iter().map(|choice| html! { <option value={choice.value.clone()} label={choice.label.clone()} /> }) }</datalist>
        }
    </>}
}

fn input(props: &InsideProps, draft: &Draft, list: Option<String>, hint: Option<String>) -> Html {
    let field = &props.field;
    let figure = matches!(field.def.form, Form::Money | Form::Quantity | Form::Percent | Form::Number);
    let kind = match field.def.name {
        "phone" | "fax" => "tel",
        "email" => "email",
        "homepage" => "url",
        _ => "text",
    };
    let (invalid, described) = (draft.refused.is_some(), draft.refused.as_ref().map(|_| told(&props.id)));
    html! {
        <input class={classes!("mera-input", figure.then_some("mera-figure"))} id={props.id.clone()} data-testid={props.name.clone()} aria-label={props.label.clone()}
            type="text" inputmode={if figure { "decimal" } else { kind }} autocomplete="off" {list} placeholder={hint} readonly={field.locked}
            aria-invalid={invalid.then_some("true")} aria-describedby={described} value={draft.text.clone()}
            oninput={&draft.oninput} onblur={&draft.onblur} onkeydown={&draft.onkeydown} />
    }
}

fn prose(props: &InsideProps, draft: &Draft) -> Html {
    let rows = draft.text.lines().count().clamp(2, 14);
    let (invalid, described) = (draft.refused.is_some(), draft.refused.as_ref().map(|_| told(&props.id)));
    html! {
        <textarea class="mera-input" id={props.id.clone()} data-testid={props.name.clone()} aria-label={props.label.clone()} rows={rows.to_string()}
            readonly={props.field.locked} aria-invalid={invalid.then_some("true")} aria-describedby={described} value={draft.text.clone()}
            oninput={&draft.oninput} onblur={&draft.onblur} onkeydown={&draft.onkeydown} />
    }
}

/// A day as the language writes it, and the browser's calendar for those who would rather point.
fn day(desk: &Desk, props: &InsideProps, draft: &Draft, value: &str) -> Html {
    let hint = desk.words.say("day-hint");
    if props.field.locked {
        return input(props, draft, None, None);
    }
    let calendar = format!("{}-calendar", props.id);
    let onclick = {
        let calendar = calendar.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(found) = dom::by_id::<HtmlInputElement>(&calendar) {
                found.show_picker().ok();
            }
        })
    };
    let chosen = {
        let take = draft.take.clone();
        Callback::from(move |event: Event| take.emit(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let label = desk.words.with("day-picker", &[("what", &props.label)]);
    html! {
        <div class="mera-beside">
            { input(props, draft, None, Some(hint)) }
            <button type="button" class="mera-quiet" {onclick} aria-label={label.clone()} title={label}>{ "▦" }</button>
            <input type="date" class="mera-calendar" id={calendar} tabindex="-1" aria-hidden="true" value={value.to_owned()} onchange={chosen} />
        </div>
    }
}

/// An amount, and its currency beside it.
fn money(desk: &Desk, props: &InsideProps, draft: &Draft, value: &str) -> Html {
    let standing = value.split_once(' ').map_or_else(|| props.field.unit.clone(), |(_, currency)| currency.to_owned());
    let onchange = {
        let (take, amount) = (draft.take.clone(), draft.text.clone());
        Callback::from(move |event: Event| {
            let currency = event.target_unchecked_into::<HtmlSelectElement>().value();
            if !amount.trim().is_empty() {
                take.emit(format!("{amount} {currency}"));
            }
        })
    };
    let all = currencies(desk.words.language);
    let known = all.iter().any(|choice| choice.value == standing);
    let label = format!("{} · {}", props.label, desk.words.field("currency"));
    html! {
        <div class="mera-beside">
            { input(props, draft, None, None) }
            <select class="mera-input mera-currency" aria-label={label} disabled={props.field.locked} {onchange}>
                if !known { <option value={standing.clone()} selected={true}>{ &standing }</option> }
                { for all.iter().map(|choice| html! { <option value={choice.value.clone()} selected={choice.value == standing} title={choice.label.clone()}>{ &choice.value }</option> }) }
            </select>
        </div>
    }
}
