//! The calendar: days, weeks and months, one's own, a colleague's, a team's or everybody's.

mod days;
mod drag;
mod entry;
mod form;
mod hand;
mod lanes;
mod month;
mod moving;
mod outside;
mod peek;
mod people;
mod pointing;
mod repeat;
mod shown;
mod times;

pub use moving::Moving;
pub use repeat::says;
pub use shown::{View, weekday};

use crate::desk::{Desk, use_answer_every, use_desk};
use crate::route::Route;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use days::{DaysGrid, columns};
use entry::which;
use form::AppointmentForm;
use mera_device_api::{Answer, CalendarEntry, CalendarPage, Reply, Request};
use mera_schema::{RecordKind, RecordRef};
use month::MonthGrid;
use outside::Outside;
use patternfly_yew::prelude::*;
use peek::Peek;
use people::{Watched, people};
use pointing::use_pointing;
use std::rc::Rc;
use yew::prelude::*;

/// Milliseconds after which the line that says what the time is moves.
const MOVES: u32 = 60_000;
/// The hour at which something begins that is agreed for another day.
const MORNING: u32 = 9;

/// Properties of [`Calendar`].
#[derive(Properties, PartialEq)]
pub struct CalendarProps {
    pub view: View,
    /// The day that is shown, or one of those; without one, today.
    pub day: Option<NaiveDate>,
    /// Agrees to something that comes of this.
    pub about: Option<RecordRef>,
}

#[component]
pub fn Calendar(props: &CalendarProps) -> Html {
    let desk = use_desk();
    let today = desk.about.as_ref().map(|about| about.today).unwrap_or_default();
    let (view, day) = (props.view, props.day.unwrap_or(today));
    let days = view.days(day);
    let watched = use_state_eq(Watched::last);
    let pointing = use_pointing();
    let page = match use_answer_every(MOVES, Request::Calendar { from: days.0, to: days.1 }) {
        Some(Answer::Ok(Reply::Calendar(page))) => Rc::new(*page),
        Some(Answer::Refused(refused)) => return html! { <p class="mera-empty">{ desk.words.refusal(&refused) }</p> },
        _ => return html! {},
    };
    // Nobody has chosen yet: one's own, where it is known whose that is.
    let watching = (*watched).clone().unwrap_or_else(|| Watched(page.me.into_iter().collect()));
    let entries: Rc<Vec<CalendarEntry>> = Rc::new(watching.of(&page.entries).cloned().collect());
    let set_watched = {
        let watched = watched.clone();
        Callback::from(move |next: Watched| {
            next.remember();
            watched.set(Some(next));
        })
    };
    let (select, at) = (pointing.select(), pointing.begin());
    let beginning = pointing.beginning(props.about.is_some(), || next_hour(&page, day));
    let peeked = pointing.among(&page.entries).cloned();
    let pointed = peeked.as_ref().map(which);
    let new = at.reform({
        let page = page.clone();
        move |_: MouseEvent| next_hour(&page, day)
    });
    let beside = if let Some(at) = beginning {
        let done = pointing.agreed(view, day, props.about.is_some());
        let people = if watching.0.is_empty() { page.me.into_iter().collect() } else { watching.0.clone() };
        html! { <aside class="mera-cal-beside"><AppointmentForm page={page.clone()} {at} about={props.about} {people} {done} /></aside> }
    } else if let Some(entry) = peeked {
        html! { <aside class="mera-cal-beside"><Peek {entry} close={pointing.close()} /></aside> }
    } else {
        html! {}
    };
    html! {<>
        { bar(&desk, view, day, today, new) }
        { people(&desk, &page, &watching, &set_watched) }
        <div class="mera-cal" data-view={view.as_str()}>
            if view == View::Month {
                <MonthGrid page={page.clone()} {entries} {days} of={day} watching={watching.0.clone()} selected={pointed} {select} {at} />
            } else {
                <DaysGrid key={view.as_str()} columns={columns(&desk, &page, days, &watching.0)} page={page.clone()} {entries} watching={watching.0.clone()} selected={pointed} {select} {at} />
            }
            { beside }
        </div>
        <Outside />
    </>}
}

/// Which days, and the ways to others.
fn bar(desk: &Desk, view: View, day: NaiveDate, today: NaiveDate, new: Callback<MouseEvent>) -> Html {
    let step = |on: bool, name: &'static str, sign: &'static str| {
        let there = Route::calendar(view, view.step(day, on)).href();
        html! { <a class="mera-quiet mera-cal-step" data-testid={name} href={there} aria-label={desk.words.say(name)}>{ sign }</a> }
    };
    let choice = |other: &View| {
        let current = (*other == view).then_some("true");
        html! { <a class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid={format!("cal-{}", other.as_str())} aria-current={current} href={Route::calendar(*other, day).href()}>{ desk.words.say(&format!("cal-view-{}", other.as_str())) }</a> }
    };
    html! {
        <div class="mera-bar">
            <Title>{ view.title(day, &desk.words) }</Title>
            <span class="mera-cal-steps">
                { step(false, "cal-back", "‹") }
                <a class="pf-v6-c-button pf-m-secondary pf-m-small" data-testid="cal-today" href={Route::calendar(view, today).href()}>{ desk.words.say("cal-today") }</a>
                { step(true, "cal-on", "›") }
            </span>
            <span class="mera-cal-views" role="group" aria-label={desk.words.say("cal-view")}>{ for View::ALL.iter().map(choice) }</span>
            if desk.may_write(RecordKind::Appointment) {
                <button type="button" class="pf-v6-c-button pf-m-primary" data-testid="new" aria-keyshortcuts="Alt+N" onclick={new}>{ desk.words.say("new-appointment") }</button>
            }
        </div>
    }
}

/// When something new begins: at the next whole hour today, in the morning on another day.
fn next_hour(page: &CalendarPage, day: NaiveDate) -> NaiveDateTime {
    let hour = if page.now.date() == day { page.now.hour() + 1 } else { MORNING };
    day.and_time(NaiveTime::MIN) + TimeDelta::hours(i64::from(hour))
}
