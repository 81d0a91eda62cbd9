//! The first page of a new device: a person founds a company, comes into one with an invitation, or brings one back with its
//! recovery code.

mod page;
mod said;
mod scan;

use crate::carrier;
use crate::desk::{Desk, use_desk};
use mera_device_api::{Answer, Refused, Reply};
use page::Page;
use said::{Said, Way, at_its_field};
use scan::Scanner;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Properties of [`Founding`].
#[derive(Properties, PartialEq)]
pub struct FoundingProps {
    /// Whether a keyring would keep the device's key; without one a passphrase is needed.
    pub keyring: bool,
    /// The device has been made.
    pub founded: Callback<()>,
    /// The recovery code of the company that was founded.
    pub told: Callback<String>,
}

#[component]
pub fn Founding(props: &FoundingProps) -> Html {
    let desk = use_desk();
    let said = use_state_eq(Said::nothing);
    let refused = use_state_eq(|| None::<Refused>);
    let asked = use_state_eq(|| false);
    let first = use_node_ref();
    {
        let first = first.clone();
        use_effect_with((), move |()| {
            if let Some(first) = first.cast::<HtmlElement>() {
                first.focus().ok();
            }
        });
    }
    let begin = begins(&desk, &said, &refused, &asked, props);
    let submitted = {
        let begin = begin.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            begin.emit(());
        })
    };
    let page = Page { desk: &desk, said: &said, refused: &refused, keyring: props.keyring };
    let words = &desk.words;
    let series = said.series();
    let example = format!("T-{}-0001", if series.is_empty() { "A1" } else { &series });
    let (does, waits) = match said.way {
        Way::New => ("founding-do-new", None),
        Way::Join => ("founding-do-join", Some("founding-waits")),
        Way::Recover => ("founding-do-recover", Some("founding-recovers")),
    };
    let of_no_field = refused.as_ref().filter(|why| why.field.is_none());
    html! {
        <form class="mera-founding" data-testid="founding" onsubmit={submitted} novalidate=true>
            <h1>{ words.say("founding") }</h1>
            <p>{ words.say("founding-lead") }</p>
            <fieldset>
                <legend class="mera-hidden">{ words.say("founding-which") }</legend>
                { page.way("founding-new", Way::New) }
                { page.way("founding-join", Way::Join) }
                { page.way("founding-recover", Way::Recover) }
            </fieldset>
            { of_the_way(&page, first, begin) }
            { page.text("name", &said.name(&desk), None, |said, text| said.name = Some(text)) }
            <div class="mera-pair">
                { page.places() }
                { page.text("series", &series, None, |said, text| said.series = Some(text.to_uppercase())) }
            </div>
            <p class="mera-hint">{ words.with("founding-series-hint", &[("example", &example)]) }</p>
            if said.way == Way::New { { page.text("relay", &said.relay, None, |said, text| said.relay = text) } }
            { page.text("passphrase", &said.passphrase, None, |said, text| said.passphrase = text) }
            if let Some(waits) = waits.filter(|_| *asked) { <p class="mera-band" role="status" data-testid="founding-waits">{ words.say(waits) }</p> }
            if let Some(why) = of_no_field { <p class="mera-band" role="alert" data-testid="founding-refused">{ words.refusal(why) }</p> }
            <button type="submit" class="pf-v6-c-button pf-m-primary" data-testid="founding-do" disabled={*asked}>
                { words.say(does) }
            </button>
        </form>
    }
}

/// What is said first of all, each way its own.
fn of_the_way(page: &Page, first: NodeRef, begin: Callback<()>) -> Html {
    let said = page.said;
    let person = || page.text("person", &said.person, Some(first.clone()), |said, text| said.person = text);
    match said.way {
        Way::New => person(),
        Way::Join => html! {<>
            { page.code("invitation", &said.invitation, |said, text| said.invitation = text, begin) }
            <Scanner found={page.takes(|said, code| said.invitation = code)} />
        </>},
        Way::Recover => html! {<>
            { page.code("code", &said.code, |said, text| said.code = text, begin) }
            if said.code_names_no_company() {
                { page.text("company", &said.company, None, |said, text| said.company = text) }
            }
            { page.text("relay", &said.relay, None, |said, text| said.relay = text) }
            { person() }
        </>},
    }
}

/// Asks for the device; once at a time.
fn begins(
    desk: &Desk,
    said: &UseStateHandle<Said>,
    refused: &UseStateHandle<Option<Refused>>,
    asked: &UseStateHandle<bool>,
    props: &FoundingProps,
) -> Callback<()> {
    let (desk, said, refused, asked) = (desk.clone(), said.clone(), refused.clone(), asked.clone());
    let (founded, told) = (props.founded.clone(), props.told.clone());
    Callback::from(move |()| {
        if *asked {
            return;
        }
        asked.set(true);
        refused.set(None);
        let (request, way) = (said.request(&desk), said.way);
        let (refused, asked, founded, told) = (refused.clone(), asked.clone(), founded.clone(), told.clone());
        spawn_local(async move {
            match carrier::ask(&request).await {
                Answer::Ok(reply) => {
                    if let Reply::About(about) = reply
                        && let Some(code) = about.recovery_code
                    {
                        told.emit(code);
                    }
                    founded.emit(());
                }
                Answer::Refused(why) => refused.set(Some(at_its_field(way, why))),
            }
            asked.set(false);
        });
    })
}
