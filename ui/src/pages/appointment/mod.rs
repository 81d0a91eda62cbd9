//! The page of one appointment: when, where and who; what colleagues say of it.

mod comments;
mod people;
mod when;

use crate::desk::{Desk, send};
use crate::pages::record::{head, linked};
use crate::parts::{ClashCard, EraseButton, Seen, field_box, fields_of, plain_value};
use crate::route::Route;
use comments::Comments;
use mera_device_api::{AppointmentStep, RecordPage, Reply, Request};
use mera_schema::{AnyRecord, Appointment, AppointmentState, FieldPath, RecordRef};
use patternfly_yew::prelude::*;
use people::People;
use std::rc::Rc;
use when::When;
use yew::prelude::*;

/// What is written in boxes; when it is, who is there and what is said have their own places.
const FIELDS: [&str; 7] = ["subject", "sort", "place", "party", "organizer", "about", "purpose"];

/// The page of an appointment.
pub fn whole(desk: &Desk, record: RecordRef, page: Rc<RecordPage>) -> Html {
    let AnyRecord::Appointment(one) = &page.record else { return html! {} };
    let values = fields_of(&page);
    let name = plain_value(&values["subject"]);
    let party = one.party.provisional().and_then(|party| page.names.get(&party.to_string()).cloned());
    let name = Some(name).filter(|name| !name.is_empty()).or(party);
    let name = name.unwrap_or_else(|| {
        desk.words.say(&format!("word-{}", one.sort.provisional().map_or("meeting", |sort| sort.as_str())))
    });
    let field = |name: &&str| {
        let def = Appointment::DEF.field(None, name).copied();
        let path = FieldPath::root(name);
        def.map(|def| field_box(&page, record, path, def, &values[*name], false, None)).unwrap_or_default()
    };
    html! {<>
        { head(desk, record, &page, &name) }
        { state(desk, one, &page) }
        { for page.clashes.iter().map(|clash| html! { <ClashCard key={clash.path.to_string()} clash={clash.clone()} /> }) }
        <When key={record.to_string()} page={page.clone()} />
        <div class="mera-fields">{ for FIELDS.iter().map(field) }</div>
        <People page={page.clone()} />
        <Comments page={page.clone()} />
        { linked(desk, record, &page) }
        if !page.earlier {
            <Seen key={page.heads.join(",")} request={Request::Appointment { record, day: None, step: AppointmentStep::Read }} />
            <EraseButton {record} name={name.clone()} />
        }
    </>}
}

/// Whether it holds, and what can be done about it.
fn state(desk: &Desk, one: &Appointment, page: &RecordPage) -> Html {
    let record = one.record;
    let cancelled = one.state.agreed() == Some(&AppointmentState::Cancelled);
    let button = |name: &'static str, step: AppointmentStep| {
        let desk_there = desk.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            send(&desk_there, Request::Appointment { record, day: None, step: step.clone() }, |_| ());
        });
        html! { <button type="button" class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid={name} {onclick}>{ desk.words.say(name) }</button> }
    };
    let word = if cancelled { "word-cancelled" } else { "word-agreed" };
    let color = if cancelled { Color::Red } else { Color::Green };
    let series = one.one_of.provisional().zip(one.day.provisional());
    html! {
        <div class="mera-call-steps" data-testid="appointment-steps">
            <Label {color} label={desk.words.say(word)} />
            if page.may_write && !page.earlier {
                if !cancelled { { report(desk, record) } }
                if cancelled { { button("cal-put-back", AppointmentStep::PutBack) } } else { { button("cal-call-off", AppointmentStep::Cancel) } }
            }
            if let Some((series, day)) = series {
                <a data-testid="appointment-series" href={Route::record(*series).href()}>{ desk.words.with("cal-one-of", &[("day", &crate::written::day(*day, desk.words.language))]) }</a>
            }
        </div>
    }
}

/// Begins one's own report, or goes on with it.
fn report(desk: &Desk, appointment: RecordRef) -> Html {
    let desk_there = desk.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        send(&desk_there, Request::BeginReport { appointment }, |reply| {
            if let Reply::Done(done) = reply
                && let Some(record) = done.record
            {
                Route::record(record).go();
            }
        });
    });
    html! { <button type="button" class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid="report-begin" {onclick}>{ desk.words.say("report-begin") }</button> }
}
