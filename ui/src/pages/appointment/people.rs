//! Who is there, who is told, and who comes of the customer.

use crate::desk::{Desk, send, use_answer, use_desk};
use crate::parts::{Among, SearchBox};
use crate::route::Route;
use mera_device_api::{Answer, AppointmentStep, CalendarPerson, RecordPage, Reply, Request, Row};
use mera_schema::{AnyRecord, Appointment, Part, RecordKind, RecordRef};
use std::rc::Rc;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Properties of [`People`].
#[derive(Properties, PartialEq)]
pub struct PeopleProps {
    pub page: Rc<RecordPage>,
}

#[component]
pub fn People(props: &PeopleProps) -> Html {
    let desk = use_desk();
    // Whoever and whatever can be there stands with any day of the calendar.
    let today = desk.about.as_ref().map(|about| about.today).unwrap_or_default();
    let others = match use_answer(Request::Calendar { from: today, to: today }) {
        Some(Answer::Ok(Reply::Calendar(page))) => page.people,
        _ => Vec::new(),
    };
    let AnyRecord::Appointment(one) = &props.page.record else { return html! {} };
    let may = props.page.may_write && !props.page.earlier;
    html! {
        <section aria-label={desk.words.say("cal-who")}>
            <h2>{ desk.words.say("cal-who") }</h2>
            <div class="mera-attend">
                { listed(&desk, &props.page, one, &others, Part::Present, may) }
                { listed(&desk, &props.page, one, &others, Part::Told, may) }
                { guests(&desk, &props.page, one, may) }
            </div>
        </section>
    }
}

fn name(page: &RecordPage, who: RecordRef) -> String {
    page.names.get(&who.to_string()).cloned().unwrap_or_default()
}

fn take(desk: &Desk, record: RecordRef, step: AppointmentStep) {
    send(desk, Request::Appointment { record, day: None, step }, |_| ());
}

fn chip(desk: &Desk, record: RecordRef, who: RecordRef, name: String, without: Option<AppointmentStep>) -> Html {
    let label = desk.words.with("call-not-told", &[("who", &name)]);
    let onclick = without.map(|step| {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| take(&desk, record, step.clone()))
    });
    html! {
        <span class="mera-member" key={who.to_string()} data-testid="attendee">
            <a href={Route::record(who).href()}>{ name }</a>
            if let Some(onclick) = onclick { <button type="button" aria-label={label} {onclick}>{ "×" }</button> }
        </span>
    }
}

fn listed(desk: &Desk, page: &RecordPage, one: &Appointment, others: &[CalendarPerson], part: Part, may: bool) -> Html {
    let record = one.record;
    let mut all: Vec<_> = one.people.values().filter(|person| person.is_live()).collect();
    all.sort_by_key(|person| person.order.provisional());
    let of_part = |is: Option<&Part>| is.copied().unwrap_or(Part::Present) == part;
    let here = all.iter().filter(|person| of_part(person.part.provisional()));
    let here: Vec<RecordRef> = here.filter_map(|person| person.who.provisional().copied()).collect();
    let onchange = {
        let desk = desk.clone();
        Callback::from(move |event: Event| {
            let select = event.target_unchecked_into::<HtmlSelectElement>();
            if let Ok(who) = select.value().parse() {
                select.set_value("");
                take(&desk, record, AppointmentStep::Put { who, part });
            }
        })
    };
    let others = others.iter().filter(|one| !here.contains(&one.who));
    let option = others.map(|one| html! { <option value={one.who.to_string()}>{ &one.name }</option> });
    let id = format!("put-{part}");
    html! {
        <div><label class="mera-label" for={id.clone()}>{ desk.words.say(&format!("part-{part}")) }</label>
            { for here.iter().map(|who| chip(desk, record, *who, name(page, *who), may.then_some(AppointmentStep::Leave { who: *who }))) }
            if may {
                <select class="mera-input" id={id.clone()} data-testid={id.clone()} {onchange}>
                    <option value="" selected=true>{ desk.words.say("cal-add") }</option>
                    { for option }
                </select>
            }
        </div>
    }
}

fn guests(desk: &Desk, page: &RecordPage, one: &Appointment, may: bool) -> Html {
    let record = one.record;
    let here = one.guests.values().filter(|guest| guest.is_live());
    let here: Vec<RecordRef> = here.filter_map(|guest| guest.contact.provisional().copied()).collect();
    let picked = {
        let desk = desk.clone();
        Callback::from(move |row: Row| take(&desk, record, AppointmentStep::Expect { contact: row.record }))
    };
    html! {
        <div><label class="mera-label" for="expect">{ desk.words.say("items-guests") }</label>
            { for here.iter().map(|contact| chip(desk, record, *contact, name(page, *contact), may.then_some(AppointmentStep::Unexpect { contact: *contact }))) }
            if may { <SearchBox id="expect" name="expect" label={desk.words.say("items-guests")} hint={desk.words.say("cal-add")} among={Among::Kind(RecordKind::Contact)} {picked} /> }
        </div>
    }
}
