//! What stands in place of the pages when the device cannot be asked: why, and a way to try again.

use crate::desk::{OUT, use_desk};
use mera_device_api::Refused;
use yew::prelude::*;

/// Properties of [`Shut`].
#[derive(Properties, PartialEq)]
pub struct ShutProps {
    /// Why.
    pub refused: Refused,
    /// The person thinks it may go now.
    pub again: Callback<()>,
}

#[component]
pub fn Shut(props: &ShutProps) -> Html {
    let desk = use_desk();
    let onclick = props.again.reform(|_: MouseEvent| ());
    let out = props.refused.code == OUT;
    let folder = props.refused.args.get("folder");
    html! {
        <div class="mera-founding" data-testid="shut" data-code={props.refused.code.clone()}>
            <h1>{ desk.words.say(if out { "shut-out" } else { "shut" }) }</h1>
            <p role="alert" data-testid="shut-why">{ desk.words.refusal(&props.refused) }</p>
            if let Some(folder) = folder { <p class="mera-hint">{ desk.words.say("shut-folder") }{ " " }<code>{ folder }</code></p> }
            if out {
                <p>{ desk.words.say("shut-out-nothing") }</p>
                <p data-testid="shut-unsent">{ desk.words.say("shut-out-unsent") }</p>
            } else {
                <button type="button" class="pf-v6-c-button pf-m-primary" data-testid="shut-again" {onclick}>{ desk.words.say("shut-again") }</button>
            }
        </div>
    }
}
