//! An appointment is moved by typing: what a hand does, for whoever uses none.

use super::times::{Times, fields};
use crate::desk::{Toast, send, use_desk};
use chrono::NaiveDate;
use mera_device_api::{AppointmentStep, Request};
use mera_schema::{RecordRef, Span, SpanOf};
use yew::prelude::*;

/// Properties of [`Moving`].
#[derive(Properties, PartialEq)]
pub struct MovingProps {
    pub record: RecordRef,
    /// Of one that comes again, which time of it.
    pub day: Option<NaiveDate>,
    /// When it is.
    pub when: Span,
    pub done: Callback<()>,
}

#[component]
pub fn Moving(props: &MovingProps) -> Html {
    let desk = use_desk();
    let times = use_state_eq(|| Times::of(&props.when));
    let set = {
        let times = times.clone();
        Callback::from(move |next: Times| times.set(next))
    };
    let onsubmit = {
        let (desk, times, done) = (desk.clone(), times.clone(), props.done.clone());
        let (record, day, was) = (props.record, props.day, props.when.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            // By the clock of the place where it is.
            let zone = if let SpanOf::Hours { zone, .. } = was.of() { zone.name().to_owned() } else { String::new() };
            let Some(to) = times.span(&zone) else {
                return desk.toast.emit(Toast { text: desk.words.say("cal-no-time"), bad: true });
            };
            let (done, step) = (done.clone(), AppointmentStep::Move { to, was: Some(was.clone()) });
            send(&desk, Request::Appointment { record, day, step }, move |_| done.emit(()));
        })
    };
    let cancel = props.done.reform(|_: MouseEvent| ());
    html! {
        <form class="mera-when-form" {onsubmit}>
            { fields(&desk, &times, &set) }
            <span>
                <button type="button" class="pf-v6-c-button pf-m-link" onclick={cancel}>{ desk.words.say("cancel") }</button>
                <button type="submit" class="pf-v6-c-button pf-m-primary" data-testid="appointment-moved">{ desk.words.say("cal-move-to") }</button>
            </span>
        </form>
    }
}
