//! A passphrase that is typed and sent: to open the device, or to keep its key from now on.

use crate::carrier;
use crate::desk::use_desk;
use mera_device_api::{Answer, Refused, Request};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

/// Properties of [`PassphraseBox`].
#[derive(Properties, PartialEq)]
pub struct PassphraseProps {
    /// What its parts and words are called.
    pub name: AttrValue,
    /// Whether it is a new one; browsers then offer none that they know.
    pub fresh: bool,
    /// What is asked of the device with it.
    pub request: Callback<String, Request>,
    /// It was taken.
    pub done: Callback<()>,
}

#[component]
pub fn PassphraseBox(props: &PassphraseProps) -> Html {
    let desk = use_desk();
    let typed = use_state_eq(String::new);
    let refused = use_state_eq(|| None::<Refused>);
    let asked = use_state_eq(|| false);
    let field = use_node_ref();
    {
        let (field, fresh) = (field.clone(), props.fresh);
        // Who opens a locked device has come for nothing else.
        use_effect_with((), move |()| {
            if let Some(field) = field.cast::<HtmlElement>().filter(|_| !fresh) {
                field.focus().ok();
            }
        });
    }
    let oninput = {
        let (typed, refused) = (typed.clone(), refused.clone());
        Callback::from(move |event: InputEvent| {
            typed.set(event.target_unchecked_into::<HtmlInputElement>().value());
            refused.set(None);
        })
    };
    let onsubmit = {
        let (typed, refused, asked) = (typed.clone(), refused.clone(), asked.clone());
        let (request, done) = (props.request.clone(), props.done.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *asked {
                return;
            }
            asked.set(true);
            let (typed, refused, asked, done) = (typed.clone(), refused.clone(), asked.clone(), done.clone());
            let request = request.emit((*typed).clone());
            spawn_local(async move {
                match carrier::ask(&request).await {
                    Answer::Ok(_) => done.emit(()),
                    Answer::Refused(why) => refused.set(Some(why)),
                }
                // Nobody sees what stands in it: after a refusal it is typed anew.
                typed.set(String::new());
                asked.set(false);
            });
        })
    };
    let (words, name) = (&desk.words, &props.name);
    let (id, told, hinted) =
        (format!("{name}-passphrase"), format!("{name}-passphrase-refused"), format!("{name}-passphrase-hint"));
    let fill = if props.fresh { "new-password" } else { "current-password" };
    html! {
        <form class="mera-field" data-wide="true" {onsubmit} novalidate=true>
            <label for={id.clone()}>{ words.say("passphrase") }</label>
            <input class="mera-input" type="password" ref={field} id={id.clone()} data-testid={id} autocomplete={fill}
                aria-invalid={refused.is_some().then_some("true")} aria-describedby={if refused.is_some() { told.clone() } else { hinted.clone() }}
                value={(*typed).clone()} {oninput} />
            if let Some(why) = &*refused {
                <p class="mera-refused" id={told.clone()} role="alert" data-testid={told}>{ words.refusal(why) }</p>
            } else {
                <p class="mera-hint" id={hinted.clone()}>{ words.say(&hinted) }</p>
            }
            <div><button type="submit" class="pf-v6-c-button pf-m-primary" data-testid={format!("{name}-do")} disabled={*asked}>{ words.say(&format!("{name}-do")) }</button></div>
        </form>
    }
}
