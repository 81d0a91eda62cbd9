//! What people do in the calendar: they agree to something, move it, one time or all, call it off and talk about it.

use crate::people::{ask, reply};
use chrono::{Days, NaiveDate};
use mera_device::Engine;
use mera_device_api::{Answer, AppointmentStep, CalendarEntry, NewAppointment, Reply, Request};
use mera_schema::{AppointmentSort, RecordRef, Span};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The first day of the calendar that people look at.
const FIRST: NaiveDate = NaiveDate::from_ymd_opt(2027, 3, 1).expect("there is such a day");
/// How many days of it.
const DAYS: u64 = 60;

/// The calendar as everybody sees it.
pub fn calendar(engine: &mut Engine) -> Vec<CalendarEntry> {
    let request = Request::Calendar { from: FIRST, to: FIRST + Days::new(DAYS - 1) };
    let Answer::Ok(Reply::Calendar(page)) = engine.answer(request) else { panic!("the calendar") };
    page.entries
}

/// One person does one thing.
pub fn arrange(chance: &mut ChaCha8Rng, engine: &mut Engine, colleague: Option<RecordRef>, count: u32) {
    let entries = calendar(engine);
    if let Some(entry) = entries.get(chance.random_range(0..entries.len() + 2)) {
        let step = match chance.random_range(0..6) {
            0 => AppointmentStep::Cancel,
            1 => AppointmentStep::PutBack,
            2 => AppointmentStep::Comment { text: count.to_string() },
            3 => AppointmentStep::End { from: entry.from.date() },
            _ => AppointmentStep::Move { to: some_time(chance), was: None },
        };
        // All times of it, or this one.
        let day = entry.day.filter(|_| chance.random_bool(0.6));
        ask(engine, Request::Appointment { record: entry.record, day, step });
    } else if let Some(colleague) = colleague {
        let repeats = ["", "FREQ=WEEKLY", "FREQ=DAILY;COUNT=5"][chance.random_range(0..3)].to_owned();
        let appointment = NewAppointment {
            subject: count.to_string(),
            sort: AppointmentSort::Visit,
            when: some_time(chance),
            repeats,
            place: String::new(),
            party: None,
            about: None,
            present: vec![colleague],
            told: Vec::new(),
            guests: Vec::new(),
            purpose: String::new(),
        };
        reply(engine, Request::Agree { appointment: appointment.into() });
    }
}

fn some_time(chance: &mut ChaCha8Rng) -> Span {
    let day = FIRST + Days::new(chance.random_range(0..DAYS));
    let hour = chance.random_range(8..17);
    let when = format!("{day}T{hour:02}:00/{day}T{:02}:30[Europe/Copenhagen]", hour + 1);
    when.parse().expect("that is a time")
}
