//! Telephone calls: taken for a colleague, met by whom they are for, handled once.

mod form;
mod news;
mod one;
mod row;

pub use one::whole;
pub use row::use_colleagues;

use crate::desk::{Desk, use_answer, use_desk};
use crate::parts::NotifyButton;
use crate::route::Route;
use form::CallForm;
use mera_device_api::{Answer, CallRow, CallsPage, PresenceRow, Reply, Request};
use mera_schema::{RecordKind, RecordRef};
use news::News;
use patternfly_yew::prelude::*;
use row::CallItem;
use std::rc::Rc;
use yew::prelude::*;

/// Properties of [`Calls`].
#[derive(Properties, PartialEq)]
pub struct CallsProps {
    /// Takes a call for this colleague.
    pub for_whom: Option<RecordRef>,
}

#[component]
pub fn Calls(props: &CallsProps) -> Html {
    let desk = use_desk();
    let taking = use_state_eq(|| props.for_whom.is_some());
    let colleagues = use_colleagues();
    let page = match use_answer(Request::Calls) {
        Some(Answer::Ok(Reply::Calls(page))) => page,
        Some(Answer::Refused(refused)) => return html! { <p class="mera-empty">{ desk.words.refusal(&refused) }</p> },
        _ => return html! {},
    };
    let take = {
        let taking = taking.clone();
        Callback::from(move |_: MouseEvent| taking.set(true))
    };
    let done = {
        let taking = taking.clone();
        Callback::from(move |()| {
            taking.set(false);
            Route::Calls(None).go();
        })
    };
    html! {<>
        <div class="mera-bar">
            <Title>{ desk.words.say("calls") }</Title>
            <NotifyButton />
            <a class="pf-v6-c-button pf-m-link" data-testid="all-calls" href={Route::List(RecordKind::Call).href()}>{ desk.words.say("calls-all") }</a>
            if !*taking {
                <button type="button" class="pf-v6-c-button pf-m-primary" data-testid="new" aria-keyshortcuts="Alt+N" onclick={take}>{ desk.words.say("new-call") }</button>
            }
        </div>
        if page.me.is_none() {
            <p class="mera-band" data-testid="calls-nobody">{ desk.words.say("calls-nobody") }{ " " }<a href={Route::Presence.href()}>{ desk.words.say("presence") }</a></p>
        }
        if *taking { <CallForm for_whom={props.for_whom} colleagues={colleagues.clone()} {done} /> }
        <News />
        if page.rows.is_empty() && !*taking { <p class="mera-empty" data-testid="empty">{ desk.words.say("no-calls") }</p> }
        { part(&desk, &page, &colleagues, true) }
        { part(&desk, &page, &colleagues, false) }
    </>}
}

/// The own ones, or those of others.
fn part(desk: &Desk, page: &CallsPage, colleagues: &Rc<Vec<PresenceRow>>, mine: bool) -> Html {
    let rows: Vec<&CallRow> = page.rows.iter().filter(|row| row.mine == mine).collect();
    if rows.is_empty() {
        return html! {};
    }
    let heading = desk.words.say(if mine { "calls-mine" } else { "calls-others" });
    let item = |row: &CallRow| html! { <CallItem key={row.record.to_string()} row={row.clone()} now={page.now} colleagues={colleagues.clone()} /> };
    html! {
        <section aria-label={heading.clone()}>
            <h2>{ heading }</h2>
            <ul class="mera-calls" data-testid={if mine { "calls-mine" } else { "calls-others" }}>{ for rows.into_iter().map(item) }</ul>
        </section>
    }
}
