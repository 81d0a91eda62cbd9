//! The keys that work everywhere, and the sheet that tells them.

use super::FIND;
use crate::desk::use_desk;
use crate::dom;
use crate::words::Language;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement};
use yew::prelude::*;

/// Keys, and the sentence that says what they do.
const KEYS: [(&str, &[(&str, &str)]); 4] = [
    ("keys-everywhere", &[("Ctrl+K", "key-find"), ("Alt+N", "key-new"), ("Alt+H", "key-history"), ("?", "key-sheet")]),
    ("keys-lists", &[("↓ ↑", "key-rows"), ("Enter", "key-open")]),
    (
        "keys-grid",
        &[
            ("↑ ↓ ← →", "key-cells"),
            ("Enter", "key-down"),
            ("Tab", "key-right"),
            ("F2", "key-edit"),
            ("Esc", "key-restore"),
            ("Ctrl+V", "key-paste"),
        ],
    ),
    ("keys-clash", &[("↑ ↓", "key-clashes"), ("1 2 3", "key-choose")]),
];

/// Hears the keys that work everywhere, for as long as the page is open.
pub fn listen(sheet: Callback<()>) {
    dom::on_key(move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let command = event.ctrl_key() || event.meta_key();
        match event.key().as_str() {
            "k" | "K" if command => {
                if let Some(input) = dom::by_id::<HtmlElement>(FIND) {
                    dom::focus(&input);
                }
            }
            "?" if !target.is_some_and(|target| dom::takes_text(&target)) => sheet.emit(()),
            // By its place on the keyboard: Alt gives the letter another sign on some.
            _ if event.alt_key() && !command && press(&event.code()) => {}
            _ => return,
        }
        event.prevent_default();
    });
}

/// Presses what says that it answers to this key.
fn press(code: &str) -> bool {
    let Some(letter) = code.strip_prefix("Key") else { return false };
    let found = dom::first(&format!("[aria-keyshortcuts='Alt+{letter}']"));
    found.as_ref().map(HtmlElement::click).is_some()
}

/// Properties of [`KeySheet`].
#[derive(Properties, PartialEq)]
pub struct SheetProps {
    pub open: bool,
    pub closed: Callback<()>,
}

/// A dialog; the browser keeps the focus inside, gives it back afterwards, and Escape closes it.
#[component]
pub fn KeySheet(props: &SheetProps) -> Html {
    let desk = use_desk();
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.open, move |open| {
            let Some(dialog) = node.cast::<HtmlDialogElement>() else { return };
            if *open && !dialog.open() {
                dialog.show_modal().ok();
            } else if !*open && dialog.open() {
                dialog.close();
            }
        });
    }
    let onclose = props.closed.reform(|_: Event| ());
    let onclick = props.closed.reform(|_: MouseEvent| ());
    // What stands on the key.
    let labelled =
        |key: &str| if desk.words.language == Language::German { key.replace("Ctrl", "Strg") } else { key.to_owned() };
    let group = |(head, keys): &(&str, &[(&str, &str)])| {
        html! {<>
            <h3>{ desk.words.say(head) }</h3>
            <dl>{ for keys.iter().map(|(key, does)| html! { <div><dt>{ for key.split(' ').map(|key| html! { <kbd>{ labelled(key) }</kbd> }) }</dt><dd>{ desk.words.say(does) }</dd></div> }) }</dl>
        </>}
    };
    html! {
        <dialog class="mera-keys" ref={node} aria-labelledby="keys-title" data-testid="key-sheet" {onclose}>
            <div class="mera-bar"><h2 id="keys-title">{ desk.words.say("keys") }</h2><button type="button" class="mera-quiet" {onclick} aria-label={desk.words.say("close")} data-testid="key-sheet-close">{ "✕" }</button></div>
            { for KEYS.iter().map(group) }
        </dialog>
    }
}
