//! A new passphrase: typed twice, with a word on how good it is while it is typed; the former one first, where there is one.

use super::strength::Strength;
use crate::carrier;
use crate::desk::{Desk, use_desk};
use mera_device_api::{Answer, Refused, Reply, Request};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    pub former: String,
    pub new: String,
    again: String,
}

/// Properties of [`NewPassphrase`].
#[derive(Properties, PartialEq)]
pub struct NewPassphraseProps {
    /// What its parts are called.
    pub name: AttrValue,
    /// What the passphrase is called.
    pub label: AttrValue,
    /// What the button says.
    pub does: AttrValue,
    /// Whether the page has something more important to do.
    #[prop_or_default]
    pub lesser: bool,
    /// What the passphrase is for.
    pub hint: AttrValue,
    /// How many signs it has at least.
    pub shortest: usize,
    /// Whether the one before is asked for.
    #[prop_or_default]
    pub former: bool,
    /// What is asked of the device with it.
    pub request: Callback<Said, Request>,
    /// What the device answered.
    pub done: Callback<Reply>,
    /// What stands beside the button while the device is at it.
    #[prop_or_default]
    pub children: Html,
}

/// Why it was not taken: said by the device, or found here before anything was sent.
#[derive(Clone, PartialEq)]
enum Why {
    Differ,
    Refused(Refused),
}

impl Why {
    /// At which of the fields it stands.
    fn field(&self) -> &'static str {
        match self {
            Self::Differ => "again",
            Self::Refused(refused) if refused.field.as_deref() == Some("former") => "former",
            Self::Refused(_) => "new",
        }
    }

    fn said(&self, desk: &Desk) -> String {
        match self {
            Self::Differ => desk.words.say("passphrases-differ"),
            Self::Refused(refused) => desk.words.refusal(refused),
        }
    }
}

#[component]
pub fn NewPassphrase(props: &NewPassphraseProps) -> Html {
    let desk = use_desk();
    let (said, why, asked) = (use_state_eq(Said::default), use_state_eq(|| None::<Why>), use_state_eq(|| false));
    let onsubmit = {
        let (said, why, asked) = (said.clone(), why.clone(), asked.clone());
        let (request, done) = (props.request.clone(), props.done.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *asked {
                return;
            }
            if said.new != said.again {
                why.set(Some(Why::Differ));
                return;
            }
            asked.set(true);
            let (said, why, asked, done) = (said.clone(), why.clone(), asked.clone(), done.clone());
            let request = request.emit((*said).clone());
            spawn_local(async move {
                match carrier::ask(&request).await {
                    Answer::Ok(reply) => {
                        said.set(Said::default());
                        done.emit(reply);
                    }
                    Answer::Refused(refused) => why.set(Some(Why::Refused(refused))),
                }
                asked.set(false);
            });
        })
    };
    let field = |part: &'static str, value: &str, write: fn(&mut Said, String)| {
        let oninput = {
            let (said, why) = (said.clone(), why.clone());
            Callback::from(move |event: InputEvent| {
                let mut next = (*said).clone();
                write(&mut next, event.target_unchecked_into::<HtmlInputElement>().value());
                said.set(next);
                why.set(None);
            })
        };
        one(&desk, props, part, value, why.as_ref().filter(|why| why.field() == part), oninput)
    };
    let class = if props.lesser { "pf-v6-c-button pf-m-secondary" } else { "pf-v6-c-button pf-m-primary" };
    html! {
        <form class="mera-passphrases" {onsubmit} novalidate=true data-testid={format!("{}-form", props.name)}>
            if props.former { { field("former", &said.former, |said, text| said.former = text) } }
            { field("new", &said.new, |said, text| said.new = text) }
            { field("again", &said.again, |said, text| said.again = text) }
            <div class="mera-steps">
                <button type="submit" {class} data-testid={format!("{}-do", props.name)} disabled={*asked}>{ &props.does }</button>
                if *asked { { props.children.clone() } }
            </div>
        </form>
    }
}

fn one(
    desk: &Desk,
    props: &NewPassphraseProps,
    part: &'static str,
    value: &str,
    why: Option<&Why>,
    oninput: Callback<InputEvent>,
) -> Html {
    let id = format!("{}-{part}", props.name);
    let (told, hinted) = (format!("{id}-refused"), format!("{id}-hint"));
    let label = match part {
        "former" => desk.words.say("passphrase-former").into(),
        "again" => desk.words.say("passphrase-again").into(),
        _ => props.label.clone(),
    };
    let fill = if part == "former" { "current-password" } else { "new-password" };
    let described = match (why.is_some(), part) {
        (true, _) => Some(told.clone()),
        (false, "new") => Some(hinted.clone()),
        (false, _) => None,
    };
    html! {
        <div class="mera-field">
            <label for={id.clone()}>{ label }</label>
            <input class="mera-input" type="password" id={id.clone()} data-testid={id} autocomplete={fill}
                aria-invalid={why.is_some().then_some("true")} aria-describedby={described} value={value.to_owned()} {oninput} />
            if let Some(why) = why {
                <p class="mera-refused" id={told.clone()} role="alert" data-testid={told}>{ why.said(desk) }</p>
            } else if part == "new" {
                { hint(desk, props, &hinted, value) }
            }
        </div>
    }
}

/// What it is for, and, once something is typed, how good it is.
fn hint(desk: &Desk, props: &NewPassphraseProps, id: &str, value: &str) -> Html {
    if value.is_empty() {
        return html! { <p class="mera-hint" id={id.to_owned()}>{ &props.hint }</p> };
    }
    let strength = Strength::of(value, props.shortest);
    let said = desk.words.count(strength.said(), props.shortest as u64);
    html! {
        <p class="mera-hint mera-strength" id={id.to_owned()} role="status" data-testid={format!("{}-strength", props.name)} data-strength={strength.tag()}>
            <span class="mera-strength-bar" aria-hidden="true"></span>{ said }
        </p>
    }
}
