//! What stands in place of the pages when the device cannot be asked: why, and a way to try again.

use crate::desk::{OUT, send, use_desk};
use crate::parts::Saved;
use mera_device_api::{ExportOf, Refused, Reply, Request};
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
    let handed_in = use_state_eq(|| None::<String>);
    let hand_in = {
        let (desk, handed_in) = (desk.clone(), handed_in.clone());
        Callback::from(move |_: MouseEvent| {
            let handed_in = handed_in.clone();
            send(&desk, Request::Export { what: ExportOf::Undelivered, to: None }, move |reply| {
                if let Reply::Exported { to, .. } = reply {
                    handed_in.set(Some(to));
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
                    if let Some(place) = &*handed_in {
                        <Saved name="hand-in" says={desk.words.say("hand-in-saved")} hint={desk.words.say("hand-in-saved-hint")} place={place.clone()} />
                    }
                } else {
                    <p data-testid="shut-unsent">{ desk.words.say("shut-out-unsent") }</p>
                }
            } else {
                <button type="button" class="pf-v6-c-button pf-m-primary" data-testid="shut-again" {onclick}>{ desk.words.say("shut-again") }</button>
            }
        </div>
    }
}
