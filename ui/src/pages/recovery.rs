//! Right after a company is founded or an administrator made a new one: the code that brings it back when its last administrator is lost. It is told once.

use crate::desk::use_desk;
use crate::parts::CodeBox;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Properties of [`Recovery`].
#[derive(Properties, PartialEq)]
pub struct RecoveryProps {
    pub code: AttrValue,
    /// The person says that it is written down.
    pub kept: Callback<()>,
}

#[component]
pub fn Recovery(props: &RecoveryProps) -> Html {
    let desk = use_desk();
    let written = use_state_eq(|| false);
    let onchange = {
        let written = written.clone();
        Callback::from(move |event: Event| written.set(event.target_unchecked_into::<HtmlInputElement>().checked()))
    };
    let print = Callback::from(|_: MouseEvent| {
        if let Some(window) = web_sys::window() {
            window.print().ok();
        }
    });
    let onclick = {
        let (written, kept) = (*written, props.kept.clone());
        Callback::from(move |_: MouseEvent| {
            if written {
                kept.emit(());
            }
        })
    };
    let label = desk.words.say("recovery");
    html! {
        <section class="mera-founding mera-recovery" data-testid="recovery" aria-labelledby="recovery-title">
            <h1 id="recovery-title">{ label.clone() }</h1>
            <p>{ desk.words.say("recovery-for") }</p>
            <CodeBox name="recovery-code" {label} code={&props.code}>
                <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="recovery-print" onclick={print}>{ desk.words.say("print") }</button>
            </CodeBox>
            if let Some(about) = &desk.about {
                <p class="mera-hint">{ format!("{} · {} · {}", desk.words.say("company-id"), about.workspace, about.today) }</p>
            }
            if let Some(relay) = desk.sync.as_ref().and_then(|sync| sync.relay.as_ref()) {
                <p class="mera-hint" data-testid="recovery-relay">{ format!("{} · {relay}", desk.words.say("recovery-relay")) }</p>
            }
            <p class="mera-hint">{ desk.words.say("recovery-how") }</p>
            <label class="mera-switch mera-on-screen"><input type="checkbox" data-testid="recovery-written" checked={*written} {onchange} />{ desk.words.say("recovery-written") }</label>
            <button type="button" class="pf-v6-c-button pf-m-primary mera-on-screen" data-testid="recovery-go" disabled={!*written} {onclick}>{ desk.words.say("recovery-go") }</button>
        </section>
    }
}
