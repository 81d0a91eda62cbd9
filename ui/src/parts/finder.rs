//! Search as you type: over everything in the frame, over one kind in a form.

use crate::desk::{use_answer_if, use_desk};
use crate::route::Route;
use mera_device_api::{Answer, Reply, Request, Row};
use mera_schema::RecordKind;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

/// Search over every record; Ctrl-K goes there from anywhere.
#[component]
pub fn Finder() -> Html {
    let desk = use_desk();
    let input = use_node_ref();
    {
        let input = input.clone();
        use_effect_with((), move |()| {
            let heard = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| {
                if (event.ctrl_key() || event.meta_key()) && event.key() == "k" {
                    event.prevent_default();
                    if let Some(input) = input.cast::<HtmlElement>() {
                        input.focus().ok();
                    }
                }
            });
            if let Some(window) = web_sys::window() {
                window.add_event_listener_with_callback("keydown", heard.as_ref().unchecked_ref()).ok();
            }
            heard.forget();
        });
    }
    let label = desk.words.say("find");
    let picked = Callback::from(|row: Row| Route::record(row.record).go());
    html! { <SearchBox name="find" {label} kind={None::<RecordKind>} {picked} {input} /> }
}

/// Properties of [`Picker`].
#[derive(Properties, PartialEq)]
pub struct PickerProps {
    pub name: AttrValue,
    pub label: AttrValue,
    pub kind: RecordKind,
    pub picked: Callback<Row>,
}

/// Chooses a record of one kind.
#[component]
pub fn Picker(props: &PickerProps) -> Html {
    let input = use_node_ref();
    html! {
        <SearchBox name={&props.name} label={&props.label} kind={Some(props.kind)} picked={&props.picked} {input} />
    }
}

#[derive(Properties, PartialEq)]
struct BoxProps {
    name: AttrValue,
    label: AttrValue,
    kind: Option<RecordKind>,
    picked: Callback<Row>,
    input: NodeRef,
}

#[component]
fn SearchBox(props: &BoxProps) -> Html {
    let desk = use_desk();
    let query = use_state_eq(String::new);
    let open = use_state_eq(|| false);
    let at = use_state_eq(|| 0_usize);
    let request = match props.kind {
        Some(kind) => Some(Request::List { kind, query: (*query).clone(), offset: 0, limit: 8 }),
        // An empty search over everything is not worth asking.
        None => (!query.is_empty()).then(|| Request::Find { query: (*query).clone() }),
    };
    let answer = use_answer_if(request);
    let rows = match answer {
        Some(Answer::Ok(Reply::Page(page))) if *open => page.rows,
        _ => Vec::new(),
    };
    let pick = {
        let (query, open, at, picked) = (query.clone(), open.clone(), at.clone(), props.picked.clone());
        Callback::from(move |row: Row| {
            query.set(String::new());
            open.set(false);
            at.set(0);
            picked.emit(row);
        })
    };
    let oninput = {
        let (query, open, at) = (query.clone(), open.clone(), at.clone());
        Callback::from(move |event: InputEvent| {
            query.set(event.target_unchecked_into::<HtmlInputElement>().value());
            open.set(true);
            at.set(0);
        })
    };
    let onkeydown = {
        let (rows, at, open, pick) = (rows.clone(), at.clone(), open.clone(), pick.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "ArrowDown" if *at + 1 < rows.len() => at.set(*at + 1),
            "ArrowUp" => at.set(at.saturating_sub(1)),
            "Escape" => open.set(false),
            "Enter" => {
                if let Some(row) = rows.get(*at) {
                    event.prevent_default();
                    pick.emit(row.clone());
                }
            }
            _ => {}
        })
    };
    let focus = {
        let open = open.clone();
        let always = props.kind.is_some();
        Callback::from(move |_: FocusEvent| {
            if always {
                open.set(true)
            }
        })
    };
    let blur = {
        let open = open.clone();
        Callback::from(move |_: FocusEvent| open.set(false))
    };
    let list = format!("{}-results", props.name);
    let row = |(place, row): (usize, &Row)| {
        let (pick, picked) = (pick.clone(), row.clone());
        // Pressed, not clicked: the box loses its focus before a click is complete.
        let onmousedown = Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            pick.emit(picked.clone())
        });
        html! {
            <li role="option" id={format!("{list}-{place}")} data-testid={format!("{}-result", props.name)} aria-selected={(place == *at).to_string()} {onmousedown}>
                <span>{ &row.title }</span>
                <small>{ format!("{} {} {}", desk.words.say(&format!("kind-{}", row.record.kind)), row.number, row.detail) }</small>
            </li>
        }
    };
    html! {
        <div class="mera-search">
            <input ref={props.input.clone()} class="mera-input" type="search" role="combobox" data-testid={&props.name}
                aria-label={&props.label} placeholder={&props.label} autocomplete="off" value={(*query).clone()}
                aria-expanded={(!rows.is_empty()).to_string()} aria-controls={list.clone()}
                aria-activedescendant={(!rows.is_empty()).then(|| format!("{list}-{}", *at))}
                {oninput} {onkeydown} onfocus={focus} onblur={blur} />
            <ul id={list.clone()} role="listbox" aria-label={&props.label} hidden={rows.is_empty()}>{ for rows.iter().enumerate().map(row) }</ul>
        </div>
    }
}
