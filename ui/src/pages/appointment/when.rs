//! When an appointment is, read and moved.

use crate::desk::{Desk, Toast, send, use_desk};
use crate::pages::calendar::{says, span, weekday};
use crate::written;
use chrono::{NaiveDate, NaiveTime};
use mera_device_api::{AppointmentStep, RecordPage, Request};
use mera_schema::{AnyRecord, Span, SpanOf};
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Properties of [`When`].
#[derive(Properties, PartialEq)]
pub struct WhenProps {
    pub page: Rc<RecordPage>,
}

/// What is typed and not agreed yet.
#[derive(Debug, Clone, PartialEq)]
struct Typed {
    first: String,
    last: String,
    from: String,
    to: String,
    whole_days: bool,
    zone: String,
}

impl Typed {
    fn of(span: &Span) -> Self {
        match span.of() {
            SpanOf::Hours { from, to, zone } => Self {
                first: from.date().to_string(),
                last: to.date().to_string(),
                from: from.format("%H:%M").to_string(),
                to: to.format("%H:%M").to_string(),
                whole_days: false,
                zone: zone.to_string(),
            },
            SpanOf::Days { first, last } => Self {
                first: first.to_string(),
                last: last.to_string(),
                from: String::new(),
                to: String::new(),
                whole_days: true,
                zone: String::new(),
            },
        }
    }

    fn span(&self) -> Option<Span> {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
        let (first, last) = (day(&self.first)?, day(&self.last)?);
        if self.whole_days {
            let end = last.succ_opt()?;
            return span(first.and_time(NaiveTime::MIN), end.and_time(NaiveTime::MIN), true, "");
        }
        span(first.and_time(time(&self.from)?), last.and_time(time(&self.to)?), false, &self.zone)
    }
}

#[component]
pub fn When(props: &WhenProps) -> Html {
    let desk = use_desk();
    let typed = use_state_eq(|| None::<Typed>);
    let AnyRecord::Appointment(one) = &props.page.record else { return html! {} };
    let Some(when) = one.when.provisional().cloned() else { return html! {} };
    let may = props.page.may_write && !props.page.earlier && !one.when.is_clash();
    let repeats = one.repeats.provisional().map(|rule| says(rule, &desk.words));
    let begin = {
        let (typed, now) = (typed.clone(), Typed::of(&when));
        Callback::from(move |_: MouseEvent| typed.set(Some(now.clone())))
    };
    html! {
        <section class="mera-mine mera-when" aria-label={desk.words.say("cal-when")} data-testid="appointment-when">
            <p><strong>{ told(&desk, &when) }</strong>
                if let Some(repeats) = repeats { <span>{ repeats }</span> }
            </p>
            if let Some(now) = (*typed).clone() {
                { form(&desk, one.record, &typed, &now) }
            } else if may {
                <button type="button" class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid="appointment-move" onclick={begin}>{ desk.words.say("cal-move") }</button>
            }
        </section>
    }
}

fn form(desk: &Desk, record: mera_schema::RecordRef, typed: &UseStateHandle<Option<Typed>>, now: &Typed) -> Html {
    let field = |name: &'static str, kind: &'static str, value: &str, of: fn(&mut Typed) -> &mut String| {
        let (typed, now) = (typed.clone(), now.clone());
        let onchange = Callback::from(move |event: Event| {
            let mut next = now.clone();
            *of(&mut next) = event.target_unchecked_into::<HtmlInputElement>().value();
            typed.set(Some(next));
        });
        html! {
            <div><label class="mera-label" for={name}>{ desk.words.say(name) }</label>
                <input class="mera-input" type={kind} id={name} data-testid={name} value={value.to_owned()} {onchange} /></div>
        }
    };
    let onsubmit = {
        let (desk, typed, now) = (desk.clone(), typed.clone(), now.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(to) = now.span() else {
                return desk.toast.emit(Toast { text: desk.words.say("cal-no-time"), bad: true });
            };
            let typed = typed.clone();
            let step = AppointmentStep::Move { to };
            send(&desk, Request::Appointment { record, day: None, step }, move |_| typed.set(None));
        })
    };
    let cancel = {
        let typed = typed.clone();
        Callback::from(move |_: MouseEvent| typed.set(None))
    };
    html! {
        <form class="mera-when-form" {onsubmit}>
            { field("cal-first", "date", &now.first, |typed| &mut typed.first) }
            if !now.whole_days { { field("cal-from", "time", &now.from, |typed| &mut typed.from) } }
            { field("cal-last", "date", &now.last, |typed| &mut typed.last) }
            if !now.whole_days { { field("cal-to", "time", &now.to, |typed| &mut typed.to) } }
            <span>
                <button type="button" class="pf-v6-c-button pf-m-link" onclick={cancel}>{ desk.words.say("cancel") }</button>
                <button type="submit" class="pf-v6-c-button pf-m-primary" data-testid="appointment-moved">{ desk.words.say("cal-move-to") }</button>
            </span>
        </form>
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
