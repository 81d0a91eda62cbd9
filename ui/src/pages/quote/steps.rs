//! How far a quote is, and the steps that follow.

use crate::desk::{send, use_desk};
use crate::dom;
use crate::pages::list::stage_color;
use crate::parts::{fields_of, plain_value};
use mera_device_api::{RecordPage, Request, Verb};
use mera_schema::RecordRef;
use patternfly_yew::prelude::*;
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Properties of [`Steps`].
#[derive(Properties, PartialEq)]
pub struct StepsProps {
    pub record: RecordRef,
    pub page: Rc<RecordPage>,
}

/// What follows at a stage, the usual step first.
fn following(stage: &str) -> &'static [(Verb, &'static str)] {
    match stage {
        "draft" => &[(Verb::Send, "send"), (Verb::Lose, "lose")],
        "sent" => &[(Verb::Win, "win"), (Verb::Lose, "lose"), (Verb::Revise, "revise")],
        "lost" => &[(Verb::Revise, "revise")],
        _ => &[],
    }
}

#[component]
pub fn Steps(props: &StepsProps) -> Html {
    let desk = use_desk();
    let asking = use_state_eq(|| false);
    let (record, page) = (props.record, &props.page);
    let values = fields_of(page);
    let stage = plain_value(&values["stage"]);
    let take = {
        let (desk, seen, asking) = (desk.clone(), page.heads.clone(), asking.clone());
        Callback::from(move |(verb, reason): (Verb, String)| {
            asking.set(false);
            send(&desk, Request::Quote { record, seen: seen.clone(), verb, reason }, |_| {});
        })
    };
    let button = |(place, (verb, name)): (usize, &(Verb, &str))| {
        let (verb, take, asking) = (*verb, take.clone(), asking.clone());
        let onclick =
            Callback::from(
                move |_: MouseEvent| {
                    if verb == Verb::Lose { asking.set(true) } else { take.emit((verb, String::new())) }
                },
            );
        let class = if place == 0 { "pf-v6-c-button pf-m-primary" } else { "pf-v6-c-button pf-m-secondary" };
        html! { <button type="button" {class} data-testid={format!("verb-{name}")} {onclick}>{ desk.words.say(&format!("verb-{name}")) }</button> }
    };
    let revision = desk.words.with("revision-of", &[("number", &plain_value(&values["revision"]))]);
    let reason = plain_value(&values["outcome_reason"]);
    let locked = page.locked();
    let lost = {
        let take = take.clone();
        Callback::from(move |reason| take.emit((Verb::Lose, reason)))
    };
    let kept = {
        let asking = asking.clone();
        Callback::from(move |()| {
            asking.set(false);
            dom::first("[data-testid='verb-lose']").inspect(dom::focus);
        })
    };
    html! {<>
        <div class="mera-steps">
            if !stage.is_empty() { <span data-testid="stage"><Label color={stage_color(&stage)} label={desk.words.say(&format!("word-{stage}"))} /></span> }
            <small>{ revision }</small>
            if !reason.is_empty() { <small data-testid="reason">{ format!("{}: {reason}", desk.words.field("outcome_reason")) }</small> }
            if !locked { { for following(&stage).iter().enumerate().map(button) } }
        </div>
        if *asking && !locked { <WhyLost {lost} {kept} /> }
    </>}
}

#[derive(Properties, PartialEq)]
struct WhyProps {
    lost: Callback<String>,
    kept: Callback<()>,
}

/// Asks in its place why a quote was lost; Enter answers, Escape leaves it as it was.
#[component]
fn WhyLost(props: &WhyProps) -> Html {
    let desk = use_desk();
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(input) = node.cast::<HtmlInputElement>() {
                dom::focus(&input);
            }
        });
    }
    let answer = {
        let (node, lost) = (node.clone(), props.lost.clone());
        Callback::from(move |()| {
            lost.emit(node.cast::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default())
        })
    };
    let onkeydown = {
        let (answer, kept) = (answer.clone(), props.kept.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" => answer.emit(()),
            "Escape" => kept.emit(()),
            _ => {}
        })
    };
    let (yes, no) = (answer.reform(|_: MouseEvent| ()), props.kept.reform(|_: MouseEvent| ()));
    html! {
        <div class="mera-why" role="group" aria-label={desk.words.say("why-lost")}>
            <label for="why-lost">{ desk.words.say("why-lost") }</label>
            <input class="mera-input" id="why-lost" data-testid="why-lost" ref={node} {onkeydown} placeholder={desk.words.say("why-lost-hint")} autocomplete="off" />
            <button type="button" class="pf-v6-c-button pf-m-primary" data-testid="why-lost-yes" onclick={yes}>{ desk.words.say("mark-lost") }</button>
            <button type="button" class="pf-v6-c-button pf-m-secondary" onclick={no}>{ desk.words.say("cancel") }</button>
        </div>
    }
}
