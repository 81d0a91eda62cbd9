//! Every open clash, oldest first.

use crate::desk::{use_answer, use_desk};
use crate::parts::ClashCard;
use mera_device_api::{Answer, Reply, Request};
use patternfly_yew::prelude::*;
use yew::prelude::*;

#[component]
pub fn Clashes() -> Html {
    let desk = use_desk();
    let rows = match use_answer(Request::Clashes) {
        Some(Answer::Ok(Reply::Clashes(rows))) => Some(rows),
        _ => None,
    };
    html! {<>
        <div class="mera-bar"><Title>{ desk.words.say("clashes") }</Title></div>
        if rows.as_ref().is_some_and(Vec::is_empty) { <p class="mera-empty">{ desk.words.say("no-clashes") }</p> }
        { for rows.iter().flatten().map(|clash| html! { <ClashCard key={format!("{}/{}", clash.record, clash.path)} clash={clash.clone()} named={true} /> }) }
    </>}
}
