//! Something to give to a colleague: it can be copied with one press, and marked by hand.

use crate::desk::{Desk, Toast, use_desk};
use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Clipboard, Element, HtmlInputElement};
use yew::prelude::*;

/// The system's clipboard; a page that is not trusted with it has none.
fn clipboard() -> Option<Clipboard> {
    let navigator = web_sys::window()?.navigator();
    Reflect::get(&navigator, &"clipboard".into()).ok()?.dyn_into().ok()
}

/// Copies what is marked on the page, and says whether it could.
fn copy(desk: &Desk, text: &str) {
    let (copying, desk) = (clipboard().map(|clipboard| clipboard.write_text(text)), desk.clone());
    spawn_local(async move {
        let copied = match copying {
            Some(copying) => JsFuture::from(copying).await.is_ok(),
            None => false,
        };
        let text = desk.words.say(if copied { "copied" } else { "copy-by-hand" });
        desk.toast.emit(Toast { text, bad: false });
    });
}

/// Properties of [`CopyBox`].
#[derive(Properties, PartialEq)]
pub struct CopyProps {
    pub name: AttrValue,
    pub label: AttrValue,
    pub hint: AttrValue,
    pub text: AttrValue,
}

#[component]
pub fn CopyBox(props: &CopyProps) -> Html {
    let desk = use_desk();
    let input = use_node_ref();
    let mark = {
        let input = input.clone();
        Callback::from(move |()| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                input.select();
            }
        })
    };
    let onfocus = mark.reform(|_: FocusEvent| ());
    let onclick = {
        let (desk, text) = (desk.clone(), props.text.clone());
        Callback::from(move |_: MouseEvent| {
            // Where the surroundings forbid it, what is marked is copied with the keyboard.
            mark.emit(());
            copy(&desk, &text);
        })
    };
    let hint = format!("{}-hint", props.name);
    html! {
        <div class="mera-field" data-wide="true">
            <label for={&props.name}>{ &props.label }</label>
            <div class="mera-copy">
                <input class="mera-input" readonly=true ref={input} id={&props.name} data-testid={&props.name} value={&props.text} aria-describedby={hint.clone()} {onfocus} />
                <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid={format!("{}-copy", props.name)} {onclick}>{ desk.words.say("copy") }</button>
            </div>
            <p class="mera-hint" id={hint}>{ &props.hint }</p>
        </div>
    }
}

/// Properties of [`CodeBox`].
#[derive(Properties, PartialEq)]
pub struct CodeProps {
    pub name: AttrValue,
    pub label: AttrValue,
    /// Groups of signs with dashes between them.
    pub code: AttrValue,
    /// What can be done with it besides copying it.
    #[prop_or_default]
    pub children: Html,
}

/// A code that a person copies, reads aloud or writes down: large, and broken only between its groups.
#[component]
pub fn CodeBox(props: &CodeProps) -> Html {
    let desk = use_desk();
    let node = use_node_ref();
    let onclick = {
        let (desk, node, code) = (desk.clone(), node.clone(), props.code.clone());
        Callback::from(move |_: MouseEvent| {
            let marked = web_sys::window().and_then(|window| window.get_selection().ok()?);
            if let (Some(marked), Some(node)) = (marked, node.cast::<Element>()) {
                marked.select_all_children(&node).ok();
            }
            copy(&desk, &code);
        })
    };
    let groups = props.code.split_inclusive('-').map(|group| html! { <>{ group.to_owned() }<wbr /></> });
    html! {
        <div class="mera-code">
            <code ref={node} data-testid={&props.name} role="group" aria-label={&props.label}>{ for groups }</code>
            <div class="mera-code-does">
                <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid={format!("{}-copy", props.name)} {onclick}>{ desk.words.say("copy") }</button>
                { props.children.clone() }
            </div>
        </div>
    }
}
