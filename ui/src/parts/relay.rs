//! The relay's address: shown, typed into, taken when it is left, refused in its place.

use crate::carrier;
use crate::desk::use_desk;
use mera_device_api::{Answer, Request};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Properties of [`RelayBox`].
#[derive(Properties, PartialEq)]
pub struct RelayProps {
    /// The address in use, if there is one.
    pub relay: Option<String>,
}

/// What was typed and not yet taken, and why it was not.
#[derive(Clone, PartialEq)]
struct Typed {
    text: String,
    refused: Option<String>,
}

#[component]
pub fn RelayBox(props: &RelayProps) -> Html {
    let desk = use_desk();
    let typed = use_state_eq(|| None::<Typed>);
    let standing = props.relay.clone().unwrap_or_default();
    {
        let typed = typed.clone();
        // What was taken stands on the page: the draft has done its duty.
        use_effect_with(props.relay.clone(), move |_| typed.set(None));
    }
    let take = {
        let (desk, typed, standing) = (desk.clone(), typed.clone(), standing.clone());
        Callback::from(move |()| {
            let Some(draft) = (*typed).clone().filter(|draft| draft.refused.is_none()) else { return };
            if draft.text.trim() == standing {
                typed.set(None);
                return;
            }
            let (desk, typed) = (desk.clone(), typed.clone());
            spawn_local(async move {
                let request = Request::SetRelay { relay: Some(draft.text.clone()) };
                match carrier::ask(&request).await {
                    Answer::Ok(_) => typed.set(None),
                    Answer::Refused(why) => typed.set(Some(Typed { refused: Some(desk.words.refusal(&why)), ..draft })),
                }
            });
        })
    };
    let oninput = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            typed.set(Some(Typed { text, refused: None }));
        })
    };
    let onblur = take.reform(|_: FocusEvent| ());
    let onkeydown = {
        let typed = typed.clone();
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" => take.emit(()),
            "Escape" => typed.set(None),
            _ => {}
        })
    };
    let text = typed.as_ref().map_or(standing, |typed| typed.text.clone());
    let refused = typed.as_ref().and_then(|typed| typed.refused.clone());
    let described = if refused.is_some() { "relay-refused" } else { "relay-hint" };
    html! {
        <div class="mera-field" data-wide="true">
            <label for="relay">{ desk.words.say("relay") }</label>
            <input class="mera-input" type="text" inputmode="url" id="relay" data-testid="relay" autocomplete="off" spellcheck="false"
                placeholder={desk.words.say("no-relay-set")} aria-invalid={refused.is_some().then_some("true")} aria-describedby={described}
                value={text} {oninput} {onblur} {onkeydown} />
            if let Some(refused) = refused {
                <p class="mera-refused" id="relay-refused" role="alert" data-testid="relay-refused">{ refused }</p>
            } else {
                <p class="mera-hint" id="relay-hint">{ desk.words.say("relay-hint") }</p>
            }
        </div>
    }
}
