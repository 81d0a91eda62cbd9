//! A month, week under week.

use super::entry::{Chip, Which, only_told, which};
use super::hand::{Held, Size, hand, use_hand};
use super::shown::{rests, weekday};
use crate::desk::use_desk;
use crate::route::Route;
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use mera_device_api::{CalendarEntry, CalendarPage};
use mera_schema::RecordRef;
use std::rc::Rc;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// Appointments of a day that are shown; the day itself shows all.
const SHOWN: usize = 4;
/// When something begins that is agreed for a day, until somebody says when.
const MORNING: i64 = 9;

/// Properties of [`MonthGrid`].
#[derive(Properties, PartialEq)]
pub struct MonthProps {
    pub page: Rc<CalendarPage>,
    pub entries: Rc<Vec<CalendarEntry>>,
    /// The first and the last day that are shown: whole weeks.
    pub days: (NaiveDate, NaiveDate),
    /// A day of the month.
    pub of: NaiveDate,
    /// Whose calendar is looked at.
    pub watching: Vec<RecordRef>,
    pub selected: Option<Which>,
    pub select: Callback<CalendarEntry>,
    /// Somebody pointed at a day.
    pub at: Callback<NaiveDateTime>,
}

#[component]
pub fn MonthGrid(props: &MonthProps) -> Html {
    let desk = use_desk();
    let held = use_hand(&props.entries);
    let (first, last) = props.days;
    let weekdays = first.iter_days().take(7).map(|day| html! { <span>{ weekday(day, &desk.words) }</span> });
    let days: Vec<NaiveDate> = first.iter_days().take_while(|day| *day <= last).collect();
    let week = |days: &[NaiveDate]| {
        html! {
            <div class="mera-cal-week" key={days[0].to_string()}>
                <small aria-label={desk.words.with("cal-week-number", &[("week", &days[0].iso_week().week().to_string())])}>{ days[0].iso_week().week() }</small>
                { for days.iter().map(|day| html! { <MonthDay key={day.to_string()} day={*day} page={props.page.clone()} entries={of_day(&props.entries, *day)} of={props.of} watching={props.watching.clone()} selected={props.selected} select={props.select.clone()} at={props.at.clone()} held={held.clone()} /> }) }
            </div>
        }
    };
    html! {
        <div class="mera-cal-month" data-testid="cal-month">
            <div class="mera-cal-week mera-cal-weekdays" aria-hidden="true"><span></span>{ for weekdays }</div>
            { for days.chunks(7).map(week) }
        </div>
    }
}

fn of_day(entries: &[CalendarEntry], day: NaiveDate) -> Vec<CalendarEntry> {
    let begins = day.and_time(NaiveTime::MIN);
    let ends = begins + TimeDelta::days(1);
    entries.iter().filter(|entry| entry.from < ends && entry.to > begins).cloned().collect()
}

#[derive(Properties, PartialEq)]
struct DayProps {
    day: NaiveDate,
    page: Rc<CalendarPage>,
    entries: Vec<CalendarEntry>,
    of: NaiveDate,
    watching: Vec<RecordRef>,
    selected: Option<Which>,
    select: Callback<CalendarEntry>,
    at: Callback<NaiveDateTime>,
    held: Held,
}

#[component]
fn MonthDay(props: &DayProps) -> Html {
    let desk = use_desk();
    let day = props.day;
    let holiday = props.page.holidays.iter().find(|(of, _)| *of == day).map(|(_, name)| name.clone());
    let rests = rests(day, holiday.is_some());
    let chip = |entry: &CalendarEntry| {
        let selected = props.selected == Some(which(entry));
        let hand = hand(&props.held, entry, &props.page.zone, &props.select, size_of_day);
        html! { <Chip key={format!("{:?}", which(entry))} entry={entry.clone()} style={None::<String>} held={props.held.has(entry)} told={only_told(entry, props.watching.iter())} {selected} {hand} /> }
    };
    let onclick = {
        let at = props.at.clone();
        Callback::from(move |event: MouseEvent| {
            let here = event.target_dyn_into::<HtmlElement>().is_some_and(|one| one.class_name() == "mera-cal-box");
            if here {
                at.emit(day.and_time(NaiveTime::MIN) + TimeDelta::hours(MORNING));
            }
        })
    };
    let more = props.entries.len().saturating_sub(SHOWN);
    let to_day = Route::calendar(super::View::Day, day).href();
    let drawn = props.held.shown().filter(|drag| !drag.is_still()).map(|drag| drag.times().0.date());
    html! {
        <div class="mera-cal-box" data-day={day.to_string()} data-rest={rests.to_string()} data-other={(day.month() != props.of.month()).to_string()}
            data-today={(day == props.page.now.date()).to_string()} data-here={(drawn == Some(day)).to_string()} {onclick}>
            <a href={to_day.clone()} aria-label={format!("{} {}", weekday(day, &desk.words), crate::written::day(day, desk.words.language))}>{ day.day() }</a>
            if let Some(name) = holiday { <small>{ desk.words.say(&format!("holiday-{name}")) }</small> }
            <>{ for props.entries.iter().take(SHOWN).map(chip) }</>
            if more > 0 { <a class="mera-cal-more" href={to_day}>{ desk.words.with("cal-more", &[("count", &more.to_string())]) }</a> }
        </div>
    }
}

fn size_of_day(element: &Element) -> Size {
    let day = element.closest(".mera-cal-box").ok().flatten();
    Size { day: day.map_or((0, 0), |day| (day.client_width(), day.client_height())), hour: None }
}
