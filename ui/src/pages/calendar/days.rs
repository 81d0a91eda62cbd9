//! Days side by side, hour by hour; what is in them can be drawn to another time.

use super::entry::{Chip, ChipProps, Which, only_told, time_of, which};
use super::hand::{Held, Size, hand, use_hand};
use super::lanes::{Lane, lanes};
use super::shown::{rests, weekday_short};
use crate::desk::{Desk, use_desk};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use mera_device_api::{CalendarEntry, CalendarPage};
use mera_schema::RecordRef;
use std::rc::Rc;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// Pixels of an hour; the stylesheet has the same in `--mera-cal-hour`.
pub const HOUR: i32 = 48;
/// The hour that stands on top when the page is opened.
const MORNING: i32 = 7;
/// Pixels below which the shortest appointment could not be read.
const LOWEST: i32 = 22;

/// A column: a day, or a day of one colleague.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub day: NaiveDate,
    pub who: Option<RecordRef>,
    pub head: String,
    pub holiday: Option<String>,
}

/// Properties of [`DaysGrid`].
#[derive(Properties, PartialEq)]
pub struct DaysProps {
    pub page: Rc<CalendarPage>,
    pub entries: Rc<Vec<CalendarEntry>>,
    pub columns: Vec<Column>,
    /// Whose calendar is looked at.
    pub watching: Vec<RecordRef>,
    pub selected: Option<Which>,
    pub select: Callback<CalendarEntry>,
    /// Somebody pointed at a free time.
    pub at: Callback<NaiveDateTime>,
}

/// The columns of days, or one for each colleague that is looked at.
pub fn columns(desk: &Desk, page: &CalendarPage, days: (NaiveDate, NaiveDate), people: &[RecordRef]) -> Vec<Column> {
    let (first, last) = days;
    let holiday = |day: NaiveDate| {
        let found = page.holidays.iter().find(|(of, _)| *of == day);
        found.map(|(_, name)| desk.words.say(&format!("holiday-{name}")))
    };
    if first == last && people.len() > 1 {
        let named = |who: &RecordRef| page.people.iter().find(|one| one.who == *who).map(|one| one.name.clone());
        let of = |who: &RecordRef| Column {
            day: first,
            who: Some(*who),
            head: named(who).unwrap_or_default(),
            holiday: holiday(first),
        };
        return people.iter().map(of).collect();
    }
    let head = |day: NaiveDate| format!("{} {}", weekday_short(day, &desk.words), day.day());
    let days = first.iter_days().take_while(|day| *day <= last);
    days.map(|day| Column { day, who: None, head: head(day), holiday: holiday(day) }).collect()
}

#[component]
pub fn DaysGrid(props: &DaysProps) -> Html {
    let desk = use_desk();
    let held = use_hand(&props.entries);
    let scroll = use_node_ref();
    {
        let scroll = scroll.clone();
        use_effect_with((), move |()| {
            if let Some(element) = scroll.cast::<Element>() {
                element.set_scroll_top(MORNING * HOUR);
            }
        });
    }
    let style = format!("--mera-cal-columns: {}", props.columns.len());
    let hours = (0..24).map(|hour| html! { <span>{ format!("{hour:02}") }</span> });
    let whole = |column: &Column| {
        let all = of_column(&props.entries, column).filter(|entry| entry.whole_days);
        html! { <div class="mera-cal-whole" key={format!("{}{:?}", column.day, column.who)}>{ for all.map(|entry| chip(props, &held, column, entry, None)) }</div> }
    };
    let head = |column: &Column| {
        let today = column.day == props.page.now.date();
        html! {
            <div class="mera-cal-head" key={format!("{}{:?}", column.day, column.who)} data-today={today.to_string()} data-rest={rests(column.day, column.holiday.is_some()).to_string()}>
                <span>{ &column.head }</span>
                if let Some(holiday) = &column.holiday { <small>{ holiday }</small> }
            </div>
        }
    };
    html! {
        <div class="mera-cal-days" ref={scroll} {style} data-testid="cal-days" role="group" tabindex="0" aria-label={desk.words.say("calendar")}>
            <div class="mera-cal-top"><div class="mera-cal-heads"><span></span>{ for props.columns.iter().map(head) }</div>
            <div class="mera-cal-wholes"><small>{ desk.words.say("cal-all-day") }</small>{ for props.columns.iter().map(whole) }</div></div>
            <div class="mera-cal-hours">
                <div class="mera-cal-clock" aria-hidden="true">{ for hours }</div>
                { for props.columns.iter().map(|column| day(&desk, props, &held, column)) }
            </div>
        </div>
    }
}

/// What is on a day, also if it began before or ends after.
fn of_column<'a>(entries: &'a [CalendarEntry], column: &Column) -> impl Iterator<Item = &'a CalendarEntry> {
    let (begins, who) = (column.day.and_time(NaiveTime::MIN), column.who);
    let ends = begins + TimeDelta::days(1);
    entries.iter().filter(move |entry| {
        let theirs = who.is_none_or(|who| entry.present.iter().chain(&entry.told).any(|one| one.record == who));
        theirs && entry.from < ends && entry.to > begins
    })
}

fn day(desk: &Desk, props: &DaysProps, held: &Held, column: &Column) -> Html {
    let begins = column.day.and_time(NaiveTime::MIN);
    let ends = begins + TimeDelta::days(1);
    let timed: Vec<&CalendarEntry> = of_column(&props.entries, column).filter(|entry| !entry.whole_days).collect();
    let within = |entry: &CalendarEntry| (entry.from.max(begins), entry.to.min(ends));
    // Beside what is drawn higher than it lasts there is room, too.
    let drawn_as = |entry: &CalendarEntry| {
        let (from, to) = within(entry);
        (from, to.max(from + TimeDelta::minutes(i64::from(LOWEST * 60 / HOUR))))
    };
    let places = lanes(&timed.iter().map(|entry| drawn_as(entry)).collect::<Vec<_>>());
    let placed = timed.iter().zip(places).map(|(entry, lane)| {
        let (from, to) = within(entry);
        chip(props, held, column, entry, Some((from, to, lane)))
    });
    let onclick = {
        let (at, day) = (props.at.clone(), column.day);
        Callback::from(move |event: MouseEvent| {
            let Some(element) = event.target_dyn_into::<HtmlElement>().filter(|one| one.class_name() == "mera-cal-day")
            else {
                return;
            };
            let top = event.client_y() - element.get_bounding_client_rect().top() as i32;
            let half_hours = i64::from((top * 2 / HOUR).clamp(0, 47));
            at.emit(day.and_time(NaiveTime::MIN) + TimeDelta::minutes(30 * half_hours));
        })
    };
    let now = (props.page.now.date() == column.day).then(|| pixels(props.page.now.time().num_seconds_from_midnight()));
    // What is drawn from another day is shown here.
    let drawn = held.shown().filter(|drag| !drag.is_still() && !drag.entry.whole_days).map(|drag| drag.times());
    let shadow = drawn.filter(|(from, to)| *from < ends && *to > begins).map(|(from, to)| {
        let style = place(from.max(begins), to.min(ends), Lane { at: 0, of: 1 });
        html! { <div class="mera-cal-shadow" {style}>{ time_of(from, to) }</div> }
    });
    // Those in the calendar are drawn apart from what comes and goes beside them: what is in a hand has to stay in it.
    html! {
        <div class="mera-cal-day" key={format!("{}{:?}", column.day, column.who)} data-day={column.day.to_string()} data-rest={rests(column.day, column.holiday.is_some()).to_string()} {onclick} role="group" aria-label={desk.words.with("cal-of-day", &[("day", &column.head)])}>
            <>{ for placed }</>
            <>{ shadow }</>
            if let Some(now) = now { <div class="mera-cal-now" style={format!("top: {now}px")}></div> }
        </div>
    }
}

fn chip(
    props: &DaysProps,
    held: &Held,
    column: &Column,
    entry: &CalendarEntry,
    within: Option<(NaiveDateTime, NaiveDateTime, Lane)>,
) -> Html {
    let style = within.map(|(from, to, lane)| place(from, to, lane));
    let chip = ChipProps {
        entry: entry.clone(),
        style,
        held: held.has(entry),
        told: only_told(
            entry,
            column.who.as_slice().iter().chain(column.who.is_none().then_some(&props.watching).into_iter().flatten()),
        ),
        selected: props.selected == Some(which(entry)),
        hand: hand(
            held,
            entry,
            &props.page.zone,
            &props.select,
            match (within, column.who) {
                (Some(_), None) => among_hours,
                (Some(_), Some(_)) => among_people,
                (None, _) => among_days,
            },
        ),
    };
    let key = format!("{:?}", which(entry));
    html! { <Chip {key} ..chip /> }
}

/// How wide a day is; whole days have no hours.
fn among_hours(element: &Element) -> Size {
    Size { day: width_of(element, ".mera-cal-day"), hour: Some(HOUR) }
}

/// Beside one colleague's day stands another's, and no other day.
fn among_people(_: &Element) -> Size {
    Size { day: (0, 0), hour: Some(HOUR) }
}

fn among_days(element: &Element) -> Size {
    Size { day: width_of(element, ".mera-cal-whole"), hour: Some(0) }
}

fn width_of(element: &Element, column: &str) -> (i32, i32) {
    let column = element.closest(column).ok().flatten();
    (column.map_or(0, |column| column.client_width()), 0)
}

fn place(from: NaiveDateTime, to: NaiveDateTime, lane: Lane) -> String {
    let top = pixels(from.time().num_seconds_from_midnight());
    let seconds = u32::try_from(to.signed_duration_since(from).num_seconds()).unwrap_or(0);
    let height = pixels(seconds).max(LOWEST);
    let width = 100.0 / lane.of as f64;
    format!("top: {top}px; height: {height}px; left: {:.3}%; width: {width:.3}%", width * lane.at as f64)
}

fn pixels(seconds: u32) -> i32 {
    i32::try_from(seconds).unwrap_or(0) * HOUR / 3600
}
