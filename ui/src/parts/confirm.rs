//! A question before something that cannot be taken back.

use crate::desk::use_desk;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

/// Properties of [`Confirm`].
#[derive(Properties, PartialEq)]
pub struct ConfirmProps {
    /// What is asked.
    pub title: AttrValue,
    /// What will happen.
    pub children: Html,
    /// What the button that does it says.
    pub yes: AttrValue,
    /// Whether it takes something away.
    #[prop_or_default]
    pub takes: bool,
    pub confirmed: Callback<()>,
    pub left: Callback<()>,
}

/// A dialog that stands as long as it is drawn; Escape leaves everything as it was.
#[component]
pub fn Confirm(props: &ConfirmProps) -> Html {
    let desk = use_desk();
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = node.cast::<HtmlDialogElement>()
                && !dialog.open()
            {
                dialog.show_modal().ok();
            }
        });
    }
    let (yes, no) = (props.confirmed.reform(|_: MouseEvent| ()), props.left.reform(|_: MouseEvent| ()));
    let onclose = props.left.reform(|_: Event| ());
    let class = if props.takes { "pf-v6-c-button pf-m-danger" } else { "pf-v6-c-button pf-m-primary" };
    html! {
        <dialog class="mera-keys mera-confirm" ref={node} aria-labelledby="confirm-title" data-testid="confirm" {onclose}>
            <h2 id="confirm-title">{ &props.title }</h2>
            { props.children.clone() }
            <div class="mera-confirm-does">
                <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="confirm-no" onclick={no}>{ desk.words.say("cancel") }</button>
                <button type="button" {class} data-testid="confirm-yes" onclick={yes}>{ &props.yes }</button>
            </div>
        </dialog>
    }
}
