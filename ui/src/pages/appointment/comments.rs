//! What colleagues say of an appointment, as a conversation.

use crate::desk::{send, use_desk};
use crate::written;
use mera_device_api::{AppointmentStep, RecordPage, Request};
use mera_schema::{AnyRecord, Comment, Field};
use std::rc::Rc;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

/// Properties of [`Comments`].
#[derive(Properties, PartialEq)]
pub struct CommentsProps {
    pub page: Rc<RecordPage>,
}

#[component]
pub fn Comments(props: &CommentsProps) -> Html {
    let desk = use_desk();
    let typed = use_state_eq(String::new);
    let AnyRecord::Appointment(one) = &props.page.record else { return html! {} };
    let record = one.record;
    let mut all: Vec<&Comment> = one.comments.values().filter(|comment| comment.is_live()).collect();
    all.sort_by_key(|comment| (comment.order.provisional(), comment.written.provisional()));
    let oninput = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| typed.set(event.target_unchecked_into::<HtmlTextAreaElement>().value()))
    };
    let onsubmit = {
        let (desk, typed) = (desk.clone(), typed.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (text, typed) = ((*typed).clone(), typed.clone());
            let step = AppointmentStep::Comment { text };
            send(&desk, Request::Appointment { record, day: None, step }, move |_| typed.set(String::new()));
        })
    };
    let said = |comment: &&Comment| {
        let by = comment.by.provisional().and_then(|by| props.page.names.get(&by.to_string()).cloned());
        let at = comment.written.provisional().map(|at| written::moment(*at, desk.words.language));
        html! {
            <li data-testid="comment">
                <small>{ [by, at].into_iter().flatten().collect::<Vec<_>>().join(" · ") }</small>
                <p>{ text(&comment.text) }</p>
            </li>
        }
    };
    html! {
        <section aria-label={desk.words.say("items-comments")}>
            <h2>{ desk.words.say("items-comments") }</h2>
            if !all.is_empty() { <ol class="mera-comments" data-testid="comments">{ for all.iter().map(said) }</ol> }
            if props.page.may_write && !props.page.earlier {
                <form class="mera-say" {onsubmit}>
                    <label class="mera-hidden" for="comment">{ desk.words.say("comment-say") }</label>
                    <textarea class="mera-input" id="comment" data-testid="comment-text" rows="2" maxlength="2000" placeholder={desk.words.say("comment-say")} value={(*typed).clone()} {oninput} />
                    <button type="submit" class="pf-v6-c-button pf-m-secondary" data-testid="comment-send" disabled={typed.trim().is_empty()}>{ desk.words.say("comment-send") }</button>
                </form>
            }
        </section>
    }
}

fn text(field: &Field<String>) -> String {
    field.provisional().cloned().unwrap_or_default()
}
