//! When an appointment is, read and moved.

use crate::desk::{Desk, use_desk};
use crate::pages::calendar::{Moving, says, weekday};
use crate::written;
use mera_device_api::RecordPage;
use mera_schema::{AnyRecord, Span, SpanOf};
use std::rc::Rc;
use yew::prelude::*;

/// Properties of [`When`].
#[derive(Properties, PartialEq)]
pub struct WhenProps {
    pub page: Rc<RecordPage>,
}

#[component]
pub fn When(props: &WhenProps) -> Html {
    let desk = use_desk();
    let moving = use_state_eq(|| false);
    let AnyRecord::Appointment(one) = &props.page.record else { return html! {} };
    let Some(when) = one.when.provisional().cloned() else { return html! {} };
    let may = props.page.may_write && !props.page.earlier && !one.when.is_clash();
    let repeats = one.repeats.provisional().map(|rule| says(rule, &desk.words));
    let begin = {
        let moving = moving.clone();
        Callback::from(move |_: MouseEvent| moving.set(true))
    };
    let done = {
        let moving = moving.clone();
        Callback::from(move |()| moving.set(false))
    };
    html! {
        <section class="mera-mine mera-when" aria-label={desk.words.say("cal-when")} data-testid="appointment-when">
            <p><strong>{ told(&desk, &when) }</strong>
                if let Some(repeats) = repeats { <span>{ repeats }</span> }
            </p>
            if *moving {
                <Moving key={when.to_string()} record={one.record} day={None::<chrono::NaiveDate>} when={when.clone()} {done} />
            } else if may {
                <button type="button" class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid="appointment-move" onclick={begin}>{ desk.words.say("cal-move") }</button>
            }
        </section>
    }
}

/// From when until when, by the clock there; which clock that is, where it is not the one here.
fn told(desk: &Desk, when: &Span) -> String {
    let language = desk.words.language;
    let says = written::span(when, |day| format!("{} {}", weekday(day, &desk.words), written::day(day, language)));
    match when.of() {
        SpanOf::Hours { zone, .. } if desk.about.as_ref().is_none_or(|about| about.zone != zone.name()) => {
            format!("{says} ({zone})")
        }
        _ => says,
    }
}
