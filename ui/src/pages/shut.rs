//! What stands in place of the pages when the device cannot be asked: why, and a way to try again.

use crate::desk::{OUT, Toast, send, use_desk};
use crate::dom;
use mera_device_api::{Refused, Reply, Request};
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
    let unsent: u64 = props.refused.args.get("unsent").and_then(|count| count.parse().ok()).unwrap_or(0);
    let hand_in = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| {
            let said = desk.clone();
            send(&desk, Request::HandIn, move |reply| {
                if let Reply::HandedIn(work) = reply {
                    let saved = dom::save("mera-work.txt", "text/plain", &[work.file]);
                    let text = said.words.say(if saved { "hand-in-saved" } else { "hand-in-not-saved" });
                    said.toast.emit(Toast { text, bad: !saved });
                }
            });
        })
    };
    html! {
        <div class="mera-founding" data-testid="shut" data-code={props.refused.code.clone()}>
            <h1>{ desk.words.say(if out { "shut-out" } else { "shut" }) }</h1>
            <p role="alert" data-testid="shut-why">{ desk.words.refusal(&props.refused) }</p>
            if let Some(folder) = folder { <p class="mera-hint">{ desk.words.say("shut-folder") }{ " " }<code>{ folder }</code></p> }
            if out {
                <p>{ desk.words.say("shut-out-nothing") }</p>
                <p data-testid="shut-anew">{ desk.words.say("shut-out-anew") }</p>
                if unsent > 0 {
                    <p data-testid="shut-unsent">{ desk.words.count("shut-out-hand-in", unsent) }</p>
                    <button type="button" class="pf-v6-c-button pf-m-primary" data-testid="hand-in" onclick={hand_in}>{ desk.words.say("hand-in") }</button>
                } else {
                    <p data-testid="shut-unsent">{ desk.words.say("shut-out-unsent") }</p>
                }
            } else {
                <button type="button" class="pf-v6-c-button pf-m-primary" data-testid="shut-again" {onclick}>{ desk.words.say("shut-again") }</button>
            }
        </div>
    }
}
