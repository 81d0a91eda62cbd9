//! Appointments as calendars of all makers read them: iCalendar (RFC 5545).

mod zones;

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarParameter, ICalendarParameterName,
    ICalendarParameterValue, ICalendarProperty, ICalendarStatus, ICalendarTransparency, ICalendarValue,
    ICalendarValueType,
};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;
use mera_business::appointment::AppointmentFact;
use mera_business::calendar::{moments, zone_of};
use mera_schema::{AppointmentSort, RecordRef, Span, SpanOf};
use std::collections::{BTreeMap, BTreeSet};

/// Years for which a zone's clocks are told ahead of whatever comes again without an end.
const YEARS_AHEAD: i32 = 10;

/// An appointment, with what its records say in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published<'a> {
    /// Which.
    pub record: RecordRef,
    /// What the views know of it.
    pub fact: &'a AppointmentFact,
    /// Whether it belongs in this calendar. A time that does not, of an appointment that does, is left out of it.
    pub concerns: bool,
    /// What it is called.
    pub subject: String,
    /// Whom it is with, and who is there: a line each.
    pub told: Vec<String>,
}

/// A calendar of appointments, as it is at a moment. A time on which people disagree is tentative; one that does not take place is
/// cancelled, or left out of those that come again. The clocks of `here` are told whatever is in it: a calendar has a component.
pub fn calendar(name: &str, all: &[Published<'_>], here: Tz, at: DateTime<Utc>) -> String {
    let mut calendar = ICalendarComponent::new(ICalendarComponentType::VCalendar);
    calendar.add_property(ICalendarProperty::Version, text("2.0"));
    calendar.add_property(ICalendarProperty::Prodid, text("-//MERA//MERA//EN"));
    calendar.add_property(ICalendarProperty::Name, text(name));
    // What calendars asked for before RFC 7986 gave it a name.
    calendar.add_property(ICalendarProperty::Other("X-WR-CALNAME".into()), text(name));
    let mut tree = Tree { all: vec![calendar] };
    for (zone, years) in zones_of(all, here, at) {
        tree.put_zone(zone, years);
    }
    for event in events(all, at) {
        tree.put(0, event);
    }
    ICalendar { components: tree.all }.to_string()
}

/// What is in it: each appointment, and behind it its times that are not as the others.
fn events(all: &[Published<'_>], at: DateTime<Utc>) -> Vec<ICalendarComponent> {
    let again = all.iter().filter(|one| one.concerns && one.fact.repeats.is_some());
    let series: BTreeMap<RecordRef, &Published<'_>> = again.map(|one| (one.record, one)).collect();
    let mut instead: BTreeMap<RecordRef, Vec<(NaiveDate, &Published<'_>)>> = BTreeMap::new();
    let mut whole = Vec::new();
    for one in all {
        // One whose series is not published, or has no such day any more, is an appointment by itself.
        let of = one.fact.instead.and_then(|(of, day)| Some((series.get(&of).filter(|of| gives(of.fact, day))?, day)));
        match of {
            Some((of, day)) => instead.entry(of.record).or_default().push((day, one)),
            None if one.concerns => whole.push(one),
            None => {}
        }
    }
    let mut events = Vec::new();
    for one in whole {
        let times = instead.get(&one.record).map_or(&[][..], Vec::as_slice);
        events.push(event(one, times, at));
        let held = times.iter().filter(|(_, time)| holds(time));
        events.extend(held.filter_map(|(day, time)| time_instead(one, *day, time, at)));
    }
    events
}

/// Components, each of which names those inside it by their places.
struct Tree {
    all: Vec<ICalendarComponent>,
}

impl Tree {
    fn put(&mut self, into: usize, component: ICalendarComponent) -> usize {
        let place = self.all.len();
        self.all.push(component);
        self.all[into].component_ids.push(u32::try_from(place).unwrap_or(u32::MAX));
        place
    }

    fn put_zone(&mut self, zone: Tz, (first, last): (i32, i32)) {
        let mut component = ICalendarComponent::new(ICalendarComponentType::VTimezone);
        component.add_property(ICalendarProperty::Tzid, text(zone.name()));
        let place = self.put(0, component);
        for observance in zones::observances(zone, first, last) {
            self.put(place, observance);
        }
    }
}

/// Whether an appointment comes again on a day.
fn gives(series: &AppointmentFact, day: NaiveDate) -> bool {
    let first = series.when.first().map(Span::day);
    first.zip(series.rule()).is_some_and(|(first, rule)| rule.days(first, day, day).contains(&day))
}

/// Every zone in which something is, and the years for which its clocks are needed.
fn zones_of(all: &[Published<'_>], here: Tz, at: DateTime<Utc>) -> Vec<(Tz, (i32, i32))> {
    let mut zones = BTreeMap::from([(here.name(), (here, (at.year(), at.year())))]);
    for one in all {
        for when in &one.fact.when {
            let SpanOf::Hours { from, to, zone } = when.of() else { continue };
            let Some(known) = zone_of(zone) else { continue };
            let until = match one.fact.rule() {
                Some(rule) => rule.until().map_or(at.year() + YEARS_AHEAD, |until| until.year()),
                None => to.year(),
            };
            let until = until.max(to.year());
            let years = &mut zones.entry(known.name()).or_insert((known, (from.year(), until))).1;
            *years = (years.0.min(from.year()), years.1.max(until));
        }
    }
    zones.into_values().collect()
}

/// An appointment, without those of its times that are not as the others.
fn event(one: &Published<'_>, instead: &[(NaiveDate, &Published<'_>)], at: DateTime<Utc>) -> ICalendarComponent {
    let mut event = head(one, &one.record, at);
    let Some(when) = one.fact.when.first() else { return event };
    put_times(&mut event, when);
    if let Some(rule) = one.fact.rule() {
        event.add_property(ICalendarProperty::Rrule, text(&rule_of(&rule.to_string(), rule.until(), when)));
        let cancelled: BTreeSet<NaiveDate> =
            instead.iter().filter(|(_, time)| !holds(time)).map(|(day, _)| *day).collect();
        for day in cancelled {
            put_begin(&mut event, ICalendarProperty::Exdate, when, day);
        }
    }
    event
}

/// Whether a time that is not as the others takes place, and concerns whose calendar it is.
fn holds(time: &Published<'_>) -> bool {
    time.concerns && !time.fact.cancelled
}

/// One time of those that come again, which is not as the others.
fn time_instead(
    series: &Published<'_>,
    day: NaiveDate,
    one: &Published<'_>,
    at: DateTime<Utc>,
) -> Option<ICalendarComponent> {
    let mut event = head(one, &series.record, at);
    put_begin(&mut event, ICalendarProperty::RecurrenceId, series.fact.when.first()?, day);
    put_times(&mut event, one.fact.when.first()?);
    Some(event)
}

fn head(one: &Published<'_>, uid: &RecordRef, at: DateTime<Utc>) -> ICalendarComponent {
    let fact = one.fact;
    let mut event = ICalendarComponent::new(ICalendarComponentType::VEvent);
    event.add_uid(&uid.id.to_string());
    event.add_dtstamp(moment(at));
    event.add_property(ICalendarProperty::Summary, text(&one.subject));
    if !fact.place.is_empty() {
        event.add_property(ICalendarProperty::Location, text(&fact.place));
    }
    if !one.told.is_empty() {
        event.add_property(ICalendarProperty::Description, text(&one.told.join("\n")));
    }
    let status = match (fact.cancelled, fact.when.len()) {
        (true, _) => ICalendarStatus::Cancelled,
        (false, 1) => ICalendarStatus::Confirmed,
        (false, _) => ICalendarStatus::Tentative,
    };
    event.add_property(ICalendarProperty::Status, ICalendarValue::Status(status));
    let takes_time = fact.sort != AppointmentSort::Note;
    let transparency = if takes_time { ICalendarTransparency::Opaque } else { ICalendarTransparency::Transparent };
    event.add_property(ICalendarProperty::Transp, ICalendarValue::Transparency(transparency));
    event
}

/// From when until when; the standard does not count the last of whole days in.
fn put_times(event: &mut ICalendarComponent, when: &Span) {
    put_begin(event, ICalendarProperty::Dtstart, when, when.day());
    match when.of() {
        SpanOf::Hours { to, .. } => put_at(event, ICalendarProperty::Dtend, when, to),
        SpanOf::Days { last, .. } => {
            put_day(event, ICalendarProperty::Dtend, last.checked_add_days(Days::new(1)).unwrap_or(last));
        }
    }
}

/// When it begins, or would begin on a day.
fn put_begin(event: &mut ICalendarComponent, name: ICalendarProperty, when: &Span, day: NaiveDate) {
    match when.of() {
        SpanOf::Hours { from, .. } => put_at(event, name, when, day.and_time(from.time())),
        SpanOf::Days { .. } => put_day(event, name, day),
    }
}

/// A time by the clock of the place; of a zone that is not known here, which no calendar would know either, by whatever clock hangs there.
fn put_at(event: &mut ICalendarComponent, name: ICalendarProperty, when: &Span, at: NaiveDateTime) {
    match when.of() {
        SpanOf::Hours { zone, .. } if zone_of(zone).is_some() => {
            let zone = ICalendarParameterValue::Text(zone.name().to_owned());
            let zone = ICalendarParameter { name: ICalendarParameterName::Tzid, value: zone };
            event.add_property_with_params(name, [zone], ICalendarValue::PartialDateTime(Box::new(wall(at))));
        }
        _ => event.add_property(name, ICalendarValue::PartialDateTime(Box::new(wall(at)))),
    }
}

fn put_day(event: &mut ICalendarComponent, name: ICalendarProperty, day: NaiveDate) {
    let value = ICalendarParameterValue::Value(ICalendarValueType::Date);
    let params = vec![ICalendarParameter { name: ICalendarParameterName::Value, value }];
    let day = wall(day.and_time(NaiveTime::MIN));
    event.entries.push(ICalendarEntry { name, params, values: vec![ICalendarValue::PartialDateTime(Box::new(day))] });
}

/// The last day of a rule is a moment in UTC where it begins at a time of day (RFC 5545, 3.3.10).
fn rule_of(rule: &str, until: Option<NaiveDate>, when: &Span) -> String {
    let last = until.and_then(|until| when.on(until)).filter(|when| matches!(when.of(), SpanOf::Hours { .. }));
    let Some(last) = last else { return rule.to_owned() };
    let (begins, _) = moments(&last, Tz::UTC);
    let parts = rule.split(';').filter(|part| !part.starts_with("UNTIL="));
    format!("{};UNTIL={}", parts.collect::<Vec<_>>().join(";"), begins.format("%Y%m%dT%H%M%SZ"))
}

fn text(text: &str) -> ICalendarValue {
    ICalendarValue::Text(text.to_owned())
}

fn wall(at: NaiveDateTime) -> PartialDateTime {
    let small = |number: u32| u8::try_from(number).ok();
    PartialDateTime {
        year: u16::try_from(at.year()).ok(),
        month: small(at.month()),
        day: small(at.day()),
        hour: small(at.hour()),
        minute: small(at.minute()),
        second: small(at.second()),
        ..PartialDateTime::default()
    }
}

fn moment(at: DateTime<Utc>) -> PartialDateTime {
    PartialDateTime { tz_hour: Some(0), tz_minute: Some(0), ..wall(at.naive_utc()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
