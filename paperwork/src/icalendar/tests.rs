//! What is published is what a calendar reads: written out where a person can compare it, and read again by the library.

use super::*;
use calcard::{Entry, Parser};
use mera_business::appointment::Knows;
use mera_schema::{RecordId, RecordKind};
use uuid::Uuid;

const fn named(number: u128) -> RecordRef {
    RecordRef::new(RecordKind::Appointment, RecordId::new(Uuid::from_u128(number)))
}

fn fact(when: &[&str], repeats: Option<&str>) -> AppointmentFact {
    AppointmentFact {
        subject: "Ventiler; 3 stk., DN50".into(),
        sort: AppointmentSort::Visit,
        when: when.iter().map(|when| when.parse().unwrap()).collect(),
        repeats: repeats.map(str::to_owned),
        place: "Vejle".into(),
        cancelled: false,
        organizer: None,
        party: None,
        people: Vec::new(),
        instead: None,
        knows: Knows { comments: 0, digest: String::new() },
    }
}

fn published(record: RecordRef, fact: &AppointmentFact) -> Published<'_> {
    Published {
        record,
        fact,
        concerns: true,
        subject: fact.subject.clone(),
        told: vec!["Aalborg Værft".into(), "Bo Berg".into()],
    }
}

fn at() -> DateTime<Utc> {
    "2026-11-28T12:00:00Z".parse().unwrap()
}

/// The lines of the events, unfolded.
fn events(text: &str) -> Vec<String> {
    assert!(text.lines().all(|line| line.len() <= 75), "lines are folded (RFC 5545, 3.1)");
    assert!(!text.replace("\r\n", "").contains('\n'), "and end with CR LF");
    let text = text.replace("\r\n ", "");
    let lines = text.split("\r\n").skip_while(|line| *line != "BEGIN:VEVENT");
    lines.take_while(|line| *line != "END:VCALENDAR").map(str::to_owned).collect()
}

fn reads(text: &str) -> ICalendar {
    match Parser::new(text).entry() {
        Entry::ICalendar(calendar) => calendar,
        other => panic!("this is no calendar: {other:?}"),
    }
}

#[test]
fn a_visit_is_told_with_its_zone_and_what_is_written_is_read_again() {
    let visit = fact(&["2026-11-30T09:00/2026-11-30T10:30[Europe/Copenhagen]"], None);
    let text = calendar("Anna Ask", &[published(named(1), &visit)], Tz::Europe__Copenhagen, at());
    assert_eq!(
        events(&text),
        [
            "BEGIN:VEVENT",
            "UID:00000000-0000-0000-0000-000000000001",
            "DTSTAMP:20261128T120000Z",
            "SUMMARY:Ventiler\\; 3 stk.\\, DN50",
            "LOCATION:Vejle",
            "DESCRIPTION:Aalborg Værft\\nBo Berg",
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
            "DTSTART;TZID=Europe/Copenhagen:20261130T090000",
            "DTEND;TZID=Europe/Copenhagen:20261130T103000",
            "END:VEVENT",
        ]
    );
    for line in ["BEGIN:VTIMEZONE", "TZID:Europe/Copenhagen", "NAME:Anna Ask"] {
        assert!(text.contains(line), "{line}");
    }
    let read = reads(&text);
    let event = read.components.iter().find(|one| one.component_type == ICalendarComponentType::VEvent).unwrap();
    let summary = event.property(&ICalendarProperty::Summary).unwrap();
    assert_eq!(summary.values[0].as_text(), Some("Ventiler; 3 stk., DN50"));
    assert_eq!(
        calendar("Anna Ask", &[published(named(1), &visit)], Tz::Europe__Copenhagen, at()),
        text,
        "the same bytes"
    );
}

#[test]
fn clocks_are_told_as_they_are_changed() {
    let visit = fact(&["2026-05-30T09:00/2026-05-30T10:30[Europe/Copenhagen]"], None);
    let text = calendar("Anna", &[published(named(1), &visit)], Tz::Europe__Copenhagen, at());
    let zone: Vec<&str> = text.split("\r\n").skip_while(|line| *line != "BEGIN:VTIMEZONE").skip(2).collect();
    let zone: Vec<&str> = zone.into_iter().take_while(|line| *line != "END:VTIMEZONE").collect();
    let told = |kind: &str, at: &str, from: &str, to: &str, name: &str| {
        let (begin, end) = (format!("BEGIN:{kind}"), format!("END:{kind}"));
        let (at, from) = (format!("DTSTART:{at}"), format!("TZOFFSETFROM:{from}"));
        [begin, at, from, format!("TZOFFSETTO:{to}"), format!("TZNAME:{name}"), end]
    };
    let expected = [
        told("STANDARD", "20250101T010000", "+0100", "+0100", "CET"),
        told("DAYLIGHT", "20250330T020000", "+0100", "+0200", "CEST"),
        told("STANDARD", "20251026T030000", "+0200", "+0100", "CET"),
        told("DAYLIGHT", "20260329T020000", "+0100", "+0200", "CEST"),
        told("STANDARD", "20261025T030000", "+0200", "+0100", "CET"),
    ];
    assert_eq!(zone, expected.concat());
}

#[test]
fn what_comes_again_is_told_with_its_rule_and_the_times_that_are_not_as_the_others() {
    let nine = "2026-11-30T09:00/2026-11-30T09:30[Europe/Copenhagen]";
    let series = fact(&[nine], Some("FREQ=WEEKLY;UNTIL=20270630"));
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let instead = |of: &str, when: &str| AppointmentFact { instead: Some((named(1), day(of))), ..fact(&[when], None) };
    let moved = instead("2026-12-07", "2026-12-08T11:00/2026-12-08T11:30[Europe/Copenhagen]");
    let off = AppointmentFact {
        cancelled: true,
        ..instead("2026-12-14", "2026-12-14T09:00/2026-12-14T09:30[Europe/Copenhagen]")
    };
    let stray = instead("2026-12-15", "2026-12-16T11:00/2026-12-16T11:30[Europe/Copenhagen]");
    let all = [(1, &series), (2, &moved), (3, &off), (4, &stray)].map(|(number, fact)| published(named(number), fact));
    let lines = events(&calendar("Anna", &all, Tz::Europe__Copenhagen, at()));
    let of = |start: &str| lines.iter().filter(|line| line.starts_with(start)).map(String::as_str).collect::<Vec<_>>();
    assert_eq!(
        of("UID"),
        [
            "UID:00000000-0000-0000-0000-000000000001",
            "UID:00000000-0000-0000-0000-000000000001",
            "UID:00000000-0000-0000-0000-000000000004"
        ]
    );
    // Seven in the morning of UTC is nine in summer.
    assert_eq!(of("RRULE"), ["RRULE:FREQ=WEEKLY;UNTIL=20270630T070000Z"]);
    assert_eq!(of("EXDATE"), ["EXDATE;TZID=Europe/Copenhagen:20261214T090000"]);
    assert_eq!(of("RECURRENCE-ID"), ["RECURRENCE-ID;TZID=Europe/Copenhagen:20261207T090000"]);
    assert_eq!(
        of("DTSTART")[1..],
        ["DTSTART;TZID=Europe/Copenhagen:20261208T110000", "DTSTART;TZID=Europe/Copenhagen:20261216T110000"]
    );
}

#[test]
fn whole_days_end_before_the_day_after_and_disputed_and_called_off_times_say_so() {
    let holiday = AppointmentFact {
        sort: AppointmentSort::Holiday,
        ..fact(&["2026-12-24/2026-12-26"], Some("FREQ=YEARLY;UNTIL=20301224"))
    };
    let disputed = fact(&["2026-12-01/2026-12-01", "2026-12-02/2026-12-02"], None);
    let off =
        AppointmentFact { cancelled: true, sort: AppointmentSort::Note, ..fact(&["2026-12-03/2026-12-03"], None) };
    let all = [(1, &holiday), (2, &disputed), (3, &off)].map(|(number, fact)| published(named(number), fact));
    let text = calendar("Alle", &all, Tz::Europe__Copenhagen, at());
    assert!(!text.contains("TZID="), "a day is a day everywhere");
    let lines = events(&text);
    let of = |start: &str| lines.iter().filter(|line| line.starts_with(start)).map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("DTEND")[0], "DTEND;VALUE=DATE:20261227");
    assert_eq!(of("RRULE"), ["RRULE:FREQ=YEARLY;UNTIL=20301224"]);
    assert_eq!(of("STATUS"), ["STATUS:CONFIRMED", "STATUS:TENTATIVE", "STATUS:CANCELLED"]);
    assert_eq!(of("TRANSP"), ["TRANSP:OPAQUE", "TRANSP:OPAQUE", "TRANSP:TRANSPARENT"]);
}

#[test]
fn a_time_from_which_somebody_was_taken_off_is_left_out_and_an_empty_calendar_is_one_too() {
    let series = fact(&["2026-11-30T09:00/2026-11-30T09:30[Europe/Copenhagen]"], Some("FREQ=WEEKLY"));
    let without = AppointmentFact {
        instead: Some((named(1), "2026-12-07".parse().unwrap())),
        ..fact(&["2026-12-07T11:00/2026-12-07T11:30[Europe/Copenhagen]"], None)
    };
    let all = [published(named(1), &series), Published { concerns: false, ..published(named(2), &without) }];
    let lines = events(&calendar("Anna", &all, Tz::Europe__Copenhagen, at()));
    assert!(lines.contains(&"EXDATE;TZID=Europe/Copenhagen:20261207T090000".to_owned()), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| *line == "BEGIN:VEVENT").count(), 1);
    let nothing = calendar("Anna", &[], Tz::Europe__Copenhagen, at());
    let read = reads(&nothing);
    assert_eq!(read.components[1].component_type, ICalendarComponentType::VTimezone, "a calendar has a component");
}
