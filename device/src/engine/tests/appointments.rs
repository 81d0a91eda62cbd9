//! Appointments: in everybody's calendar, moved and called off apart, talked about, and each of those that come again by itself.

use super::presence::{board, colleagues, colleagues_of, said};
use super::*;
use mera_device_api::{AppointmentStep, CalendarEntry, CalendarPage, NewAppointment, NewsRow, ReportStep};
use mera_schema::{AppointmentSort, AppointmentState, Part, Whereabouts};

/// A day of a week in the story: its clock begins in the night to Tuesday, 22 September 2026.
const TUESDAY: &str = "2026-09-22";
const NINE: &str = "2026-09-22T09:00/2026-09-22T10:00[Europe/Copenhagen]";

fn calendar(engine: &mut Engine, from: &str, to: &str) -> CalendarPage {
    match engine.answer(Request::Calendar { from: from.parse().unwrap(), to: to.parse().unwrap() }) {
        Answer::Ok(Reply::Calendar(page)) => *page,
        other => panic!("no calendar: {other:?}"),
    }
}

/// What is in the calendar that week: when it begins, and what it is about.
fn week(engine: &mut Engine) -> Vec<(String, String)> {
    let entries = calendar(engine, "2026-09-21", "2026-09-27").entries.into_iter();
    entries.map(|entry| (entry.from.format("%a %H:%M").to_string(), entry.subject)).collect()
}

fn news(engine: &mut Engine) -> Vec<NewsRow> {
    match engine.answer(Request::News) {
        Answer::Ok(Reply::News(rows)) => rows,
        other => panic!("no news: {other:?}"),
    }
}

fn new(subject: &str, when: &str, present: &[RecordRef], told: &[RecordRef]) -> NewAppointment {
    NewAppointment {
        subject: subject.into(),
        sort: AppointmentSort::Visit,
        when: when.parse().unwrap(),
        repeats: String::new(),
        place: "Vejle".into(),
        party: None,
        about: None,
        present: present.into(),
        told: told.into(),
        guests: Vec::new(),
        purpose: "Se på anlægget".into(),
    }
}

fn agree(engine: &mut Engine, new: NewAppointment) -> RecordRef {
    done(engine, Request::Agree { appointment: new.into() }).record.unwrap()
}

fn take(engine: &mut Engine, record: RecordRef, day: Option<&str>, step: AppointmentStep) -> RecordRef {
    let day = day.map(|day| day.parse().unwrap());
    done(engine, Request::Appointment { record, day, step }).record.unwrap()
}

fn to(when: &str) -> AppointmentStep {
    AppointmentStep::Move { to: when.parse().unwrap(), was: None }
}

fn say(text: &str) -> AppointmentStep {
    AppointmentStep::Comment { text: text.into() }
}

fn entry(engine: &mut Engine, record: RecordRef) -> CalendarEntry {
    let entries = calendar(engine, "2026-09-21", "2026-10-31").entries;
    entries.into_iter().find(|entry| entry.record == record).unwrap()
}

#[test]
fn what_is_agreed_without_a_line_stands_in_the_calendar_of_everybody_on_the_list_and_is_news_until_read() {
    let (mut desks, anna, bo) = colleagues();
    let visit = agree(&mut desks.anna, new("Ventiler", NINE, &[anna], &[bo]));
    assert_eq!(news(&mut desks.anna), [], "she made it");
    assert_eq!(week(&mut desks.bo), [], "he has not heard of it");
    desks.meet();
    assert_eq!(week(&mut desks.bo), [("Tue 09:00".into(), "Ventiler".into())]);
    let shown = entry(&mut desks.bo, visit);
    assert_eq!((shown.news, shown.place.as_str(), shown.told[0].record), (true, "Vejle", bo));
    let told = &news(&mut desks.bo)[0];
    assert_eq!((told.new, told.changed, told.by.as_ref().unwrap().record), (true, false, anna));
    take(&mut desks.bo, visit, None, AppointmentStep::Read);
    assert_eq!(news(&mut desks.bo), []);
    take(&mut desks.bo, visit, None, say("Husk tegningerne"));
    take(&mut desks.anna, visit, None, say("Vi kører sammen"));
    desks.meet();
    let comments = |engine: &mut Engine| news(engine).iter().map(|one| one.comments).collect::<Vec<_>>();
    assert_eq!(
        (comments(&mut desks.anna), comments(&mut desks.bo)),
        (vec![1], vec![1]),
        "each has the other's to read"
    );
    let AnyRecord::Appointment(both) = page(&mut desks.anna, visit).record else { panic!() };
    assert_eq!(both.comments.len(), 2);
}

#[test]
fn two_who_move_one_visit_apart_are_asked_and_it_stands_at_both_times_until_then() {
    let (mut desks, anna, bo) = colleagues();
    let visit = agree(&mut desks.anna, new("Ventiler", NINE, &[anna, bo], &[]));
    desks.meet();
    take(&mut desks.anna, visit, None, to("2026-09-23T09:00/2026-09-23T10:00[Europe/Copenhagen]"));
    take(&mut desks.bo, visit, None, to("2026-09-24T13:00/2026-09-24T14:30[Europe/Copenhagen]"));
    desks.meet();
    let both = [("Wed 09:00".into(), "Ventiler".into()), ("Thu 13:00".into(), "Ventiler".into())];
    assert_eq!(week(&mut desks.anna), both);
    assert!(entry(&mut desks.bo, visit).disputed);
    assert_eq!(page(&mut desks.bo, visit).clashes[0].path, FieldPath::root("when"));
    change(&mut desks.bo, visit, FieldPath::root("when"), "2026-09-24T13:00/2026-09-24T14:30[Europe/Copenhagen]");
    desks.meet();
    assert_eq!(week(&mut desks.anna), both[1..]);
}

#[test]
fn called_off_here_and_moved_there_is_a_question_and_what_was_only_read_or_said_is_none() {
    let (mut desks, anna, bo) = colleagues();
    let visit = agree(&mut desks.anna, new("Ventiler", NINE, &[anna, bo], &[]));
    let other = agree(&mut desks.anna, new("Pumper", NINE, &[anna, bo], &[]));
    desks.meet();
    for record in [visit, other] {
        take(&mut desks.anna, record, None, AppointmentStep::Cancel);
    }
    take(&mut desks.bo, visit, None, to("2026-09-24T13:00/2026-09-24T14:30[Europe/Copenhagen]"));
    take(&mut desks.bo, other, None, AppointmentStep::Read);
    take(&mut desks.bo, other, None, say("Jeg glæder mig"));
    desks.meet();
    let disputed = |page: RecordPage| page.clashes.into_iter().map(|clash| clash.path.field).collect::<Vec<_>>();
    assert_eq!(disputed(page(&mut desks.bo, visit)), ["state"], "called off, and yet moved: a person decides");
    assert_eq!(disputed(page(&mut desks.bo, other)), Vec::<String>::new());
    assert!(entry(&mut desks.bo, other).cancelled);
    let told = news(&mut desks.bo).into_iter().find(|one| one.record == other).unwrap();
    assert!(told.cancelled && !told.new);
    assert_eq!(
        refused(&mut desks.bo, Request::Appointment { record: other, day: None, step: to(NINE) }),
        "appointment.cancelled"
    );
}

#[test]
fn one_time_of_those_that_come_again_is_moved_by_two_and_the_others_stay() {
    let (mut desks, anna, bo) = colleagues();
    let weekly = NewAppointment { repeats: "FREQ=DAILY;COUNT=4".into(), ..new("Morgenmøde", NINE, &[anna, bo], &[]) };
    let series = agree(&mut desks.anna, weekly);
    desks.meet();
    let every: Vec<String> = week(&mut desks.bo).into_iter().map(|(at, _)| at).collect();
    assert_eq!(every, ["Tue 09:00", "Wed 09:00", "Thu 09:00", "Fri 09:00"]);
    let late = to("2026-09-24T11:00/2026-09-24T12:00[Europe/Copenhagen]");
    let later = to("2026-09-24T15:00/2026-09-24T16:00[Europe/Copenhagen]");
    let here = take(&mut desks.anna, series, Some("2026-09-24"), late);
    let there = take(&mut desks.bo, series, Some("2026-09-24"), later);
    assert_eq!(here, there, "both moved the same one");
    take(&mut desks.bo, series, Some("2026-09-25"), AppointmentStep::Cancel);
    desks.meet();
    let AnyRecord::Appointment(one) = page(&mut desks.anna, here).record else { panic!() };
    assert!(one.when.is_clash() && one.purpose.0.is_empty(), "what it is for stands with all of them: {one:?}");
    assert_eq!((one.people.len(), one.state.agreed()), (2, Some(&AppointmentState::Agreed)));
    change(&mut desks.anna, here, FieldPath::root("when"), "2026-09-24T15:00/2026-09-24T16:00[Europe/Copenhagen]");
    desks.meet();
    let entries = calendar(&mut desks.bo, "2026-09-21", "2026-09-27").entries;
    let shown: Vec<_> = entries.iter().map(|one| (one.from.format("%a %H:%M").to_string(), one.cancelled)).collect();
    let expected = [("Tue 09:00", false), ("Wed 09:00", false), ("Thu 15:00", false), ("Fri 09:00", true)];
    assert_eq!(shown, expected.map(|(at, cancelled)| (at.to_owned(), cancelled)));
    take(&mut desks.anna, series, None, AppointmentStep::End { from: "2026-09-23".parse().unwrap() });
    desks.meet();
    let holds = |one: &CalendarEntry| (!one.cancelled).then(|| one.from.format("%a %H:%M").to_string());
    let left: Vec<String> =
        calendar(&mut desks.bo, "2026-09-21", "2026-09-27").entries.iter().filter_map(holds).collect();
    assert_eq!(left, ["Tue 09:00"], "what was moved goes too");
    let no_day = Request::Appointment { record: series, day: "2026-10-24".parse().ok(), step: say("?") };
    assert_eq!(refused(&mut desks.bo, no_day), "appointment.no_such_day");
}

#[test]
fn whoever_is_put_on_a_list_by_two_and_taken_off_by_one_is_asked_about_and_nothing_said_is_lost() {
    let (mut desks, anna, bo) = colleagues();
    let carl = done(&mut desks.anna, create(RecordKind::Employee, &[("name", "Carl Dam")])).record.unwrap();
    let daily = NewAppointment { repeats: "FREQ=DAILY;COUNT=4".into(), ..new("Møde", NINE, &[anna, bo, carl], &[]) };
    let series = agree(&mut desks.anna, daily);
    desks.meet();
    // Each singles the same day out, in either order of what wins.
    for (day, off) in [("2026-09-23", true), ("2026-09-24", false)] {
        let one = take(&mut desks.anna, series, Some(day), say("Hvem kommer?"));
        take(&mut desks.bo, series, Some(day), say("Jeg kommer"));
        let who = if off { &mut desks.anna } else { &mut desks.bo };
        take(who, one, None, AppointmentStep::Leave { who: carl });
        desks.meet();
        let shown = page(&mut desks.bo, one);
        let asked: Vec<String> = shown.clashes.iter().map(|clash| clash.path.to_string()).collect();
        assert!(asked.len() == 1 && asked[0].starts_with("people/") && asked[0].ends_with("/life"), "{day}: {asked:?}");
        let AnyRecord::Appointment(met) = shown.record else { panic!() };
        assert_eq!(met.comments.len(), 2);
    }
}

#[test]
fn whoever_is_in_two_places_at_once_is_told_and_whoever_is_only_told_is_not() {
    let (mut desks, anna, bo) = colleagues();
    let visit = agree(&mut desks.anna, new("Ventiler", NINE, &[anna, bo], &[]));
    let half_past = "2026-09-22T09:30/2026-09-22T10:30[Europe/Copenhagen]";
    let meeting = agree(&mut desks.bo, new("Møde", half_past, &[bo], &[anna]));
    let after =
        agree(&mut desks.bo, new("Frokost", "2026-09-22T10:30/2026-09-22T11:00[Europe/Copenhagen]", &[bo], &[]));
    let note =
        NewAppointment { sort: AppointmentSort::Note, ..new("Messe i Herning", "2026-09-22/2026-09-23", &[bo], &[]) };
    let note = agree(&mut desks.bo, note);
    desks.meet();
    for (record, twice) in [(visit, vec![bo]), (meeting, vec![bo]), (after, vec![]), (note, vec![])] {
        assert_eq!(entry(&mut desks.anna, record).taken_twice, twice);
    }
    take(&mut desks.anna, visit, None, AppointmentStep::Leave { who: bo });
    desks.meet();
    assert_eq!(entry(&mut desks.bo, meeting).taken_twice, []);
}

#[test]
fn a_room_that_two_took_without_a_line_is_taken_twice() {
    let (mut desks, anna, bo) = colleagues();
    let room = done(&mut desks.anna, create(RecordKind::Resource, &[("name", "Mødelokale 1")])).record.unwrap();
    desks.meet();
    let hers = agree(&mut desks.anna, new("Møde", NINE, &[anna, room], &[]));
    let his = agree(&mut desks.bo, new("Besøg", NINE, &[bo, room], &[]));
    desks.meet();
    for record in [hers, his] {
        assert_eq!(entry(&mut desks.anna, record).taken_twice, [room]);
    }
    let offered = |engine: &mut Engine| {
        let people = calendar(engine, TUESDAY, TUESDAY).people;
        people.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(offered(&mut desks.bo), ["Anna Ask", "bo berg", "Mødelokale 1"]);
    change(&mut desks.anna, room, FieldPath::root("discontinued"), "true");
    assert_eq!(offered(&mut desks.anna), ["Anna Ask", "bo berg"]);
}

#[test]
fn an_appointment_says_where_a_colleague_is_until_somebody_knows_better() {
    let worlds = [Told::new(1), Told::new(2)];
    let (mut desks, anna, bo) = colleagues_of(Desks::in_worlds(&worlds));
    let passes = |minutes: u64| worlds.iter().for_each(|world| world.goes_on(minutes * 60_000));
    let now = board(&mut desks.bo, Request::Presence).now;
    let wall = |minutes: i64| {
        let at = (now + chrono::Duration::minutes(minutes)).with_timezone(&mera_business::calendar::HOME);
        at.format("%Y-%m-%dT%H:%M").to_string()
    };
    board(
        &mut desks.bo,
        Request::SayPresence { employee: None, state: Whereabouts::In, until: None, place: String::new() },
    );
    let now_on = format!("{}/{}[Europe/Copenhagen]", wall(5), wall(65));
    let visit = agree(&mut desks.anna, new("Ventiler", &now_on, &[bo], &[anna]));
    desks.meet();
    assert_eq!(said(&mut desks.anna, bo).unwrap().state, Whereabouts::In, "it has not begun");
    passes(10);
    let found = said(&mut desks.anna, bo).unwrap();
    assert_eq!((found.state, found.place.as_str(), found.by), (Whereabouts::Out, "Vejle", None));
    assert_eq!(found.appointment.unwrap().record, visit);
    let state = Whereabouts::Sick;
    board(&mut desks.bo, Request::SayPresence { employee: None, state, until: None, place: String::new() });
    assert_eq!(said(&mut desks.bo, bo).unwrap().state, Whereabouts::Sick, "he says so himself");
    passes(120);
    assert_eq!(
        said(&mut desks.anna, bo).unwrap().state,
        Whereabouts::In,
        "it is over; she has not heard that he is ill"
    );
}

#[test]
fn a_visit_that_comes_of_a_call_knows_whom_and_what_and_goes_with_the_customer_when_that_is_erased() {
    let (mut desks, anna, bo) = colleagues();
    let customer = done(&mut desks.anna, create(RecordKind::Customer, &[("name", "Aalborg Værft")])).record.unwrap();
    let contact = [("name", "Mette Holm"), ("party", &customer.to_string())];
    let contact = done(&mut desks.anna, create(RecordKind::Contact, &contact)).record.unwrap();
    let call = [
        ("party", customer.to_string()),
        ("contact", contact.to_string()),
        ("subject", "Lækage".to_owned()),
        ("for_whom", bo.to_string()),
    ];
    let call: Vec<(&str, &str)> = call.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let call = done(&mut desks.anna, create(RecordKind::Call, &call)).record.unwrap();
    desks.meet();
    let visit = NewAppointment { about: Some(call), ..new("", NINE, &[], &[anna]) };
    let visit = agree(&mut desks.bo, visit);
    let AnyRecord::Appointment(one) = page(&mut desks.bo, visit).record else { panic!() };
    assert_eq!((one.party.agreed(), one.subject.agreed().map(String::as_str)), (Some(&customer), Some("Lækage")));
    assert_eq!(one.guests.values().next().unwrap().contact.agreed(), Some(&contact));
    assert_eq!(one.people.values().filter(|one| one.part.agreed() == Some(&Part::Present)).count(), 1, "he himself");
    let linked = page(&mut desks.bo, call).linked.into_iter().map(|row| row.record).collect::<Vec<_>>();
    assert_eq!(linked, [visit], "the message leads to the visit");
    let Answer::Ok(Reply::Erased(_)) = desks.bo.answer(Request::Erase { record: customer }) else { panic!() };
    assert_eq!(week(&mut desks.bo), []);
}

#[test]
fn two_reports_of_one_visit_written_without_a_line_are_both_kept_and_tell_those_concerned_and_the_customer() {
    let (mut desks, anna, bo) = colleagues();
    let customer = done(&mut desks.anna, create(RecordKind::Customer, &[("name", "Aalborg Værft")])).record.unwrap();
    let visit = NewAppointment { party: Some(customer), ..new("Ventiler", NINE, &[anna, bo], &[]) };
    let visit = agree(&mut desks.anna, visit);
    desks.meet();
    take(&mut desks.bo, visit, None, AppointmentStep::Read);
    let begin = |engine: &mut Engine| done(engine, Request::BeginReport { appointment: visit }).record.unwrap();
    let report = |engine: &mut Engine, record, step| done(engine, Request::Report { record, step });
    let interested = |engine: &mut Engine, record, member: &str| {
        let edits = vec![Edit::Include { path: FieldPath::root("interests"), member: member.into() }];
        let seen = page(engine, record).heads;
        done(engine, Request::Change { record, seen, edits });
    };
    let (hers, his) = (begin(&mut desks.anna), begin(&mut desks.bo));
    assert_eq!(begin(&mut desks.anna), hers, "she goes on with it");
    let AnyRecord::Report(begun) = page(&mut desks.anna, hers).record else { panic!() };
    assert_eq!(begun.present.0, "Anna Ask\nbo berg");
    interested(&mut desks.anna, hers, "Ventiler");
    interested(&mut desks.bo, his, "Service");
    desks.meet();
    assert_eq!(news(&mut desks.bo), [], "she is not done with it");
    report(&mut desks.anna, hers, ReportStep::File);
    report(&mut desks.bo, his, ReportStep::File);
    desks.meet();
    let told = |engine: &mut Engine| news(engine).into_iter().map(|one| one.record).collect::<Vec<_>>();
    assert_eq!((told(&mut desks.anna), told(&mut desks.bo)), (vec![his], vec![hers]), "each is told of the other's");
    let AnyRecord::Customer(known) = page(&mut desks.bo, customer).record else { panic!() };
    assert_eq!(known.interests.0.into_iter().collect::<Vec<_>>(), ["Service", "Ventiler"]);
    report(&mut desks.bo, hers, ReportStep::Read);
    assert_eq!(news(&mut desks.bo), []);
    let mut linked: Vec<RecordRef> = page(&mut desks.anna, visit).linked.into_iter().map(|row| row.record).collect();
    linked.sort();
    let mut both = [hers, his];
    both.sort();
    assert_eq!(linked, both, "both stand with the visit");
    let task = [("title", "Send tilbud"), ("about", &*hers.to_string())];
    let task = done(&mut desks.bo, create(RecordKind::Task, &task)).record.unwrap();
    let Answer::Ok(Reply::Erased(_)) = desks.bo.answer(Request::Erase { record: customer }) else { panic!() };
    for gone in [hers, his, visit, task] {
        assert!(desks.bo.views.listed(gone).is_none(), "{gone} was about the customer");
    }
}

#[test]
fn what_cannot_be_agreed_is_refused_and_nothing_is_written() {
    let (mut desks, anna, bo) = colleagues();
    let stranger: RecordRef = format!("employee/{}", uuid::Uuid::from_u128(9)).parse().unwrap();
    let with = |change: fn(&mut NewAppointment)| {
        let mut one = new("Ventiler", NINE, &[], &[]);
        change(&mut one);
        one
    };
    let table = [
        (with(|one| one.subject.clear()), "record.missing"),
        (with(|one| one.repeats = "sometimes".into()), "appointment.not_a_rule"),
        (with(|one| one.repeats = "FREQ=WEEKLY;BYDAY=MO".into()), "appointment.first_not_in_rule"),
        (
            with(|one| one.when = "2026-09-22T09:00/2026-09-22T10:00[Moon/Tycho]".parse().unwrap()),
            "appointment.no_such_zone",
        ),
        (NewAppointment { present: vec![stranger], ..with(|_| ()) }, "record.unknown"),
        (NewAppointment { party: Some(anna), ..with(|_| ()) }, "appointment.no_party"),
        (NewAppointment { guests: vec![bo], ..with(|_| ()) }, "appointment.no_guest"),
        (NewAppointment { about: Some(bo), ..with(|_| ()) }, "appointment.about"),
    ];
    for (one, code) in table {
        assert_eq!(refused(&mut desks.anna, Request::Agree { appointment: one.into() }), code);
    }
    assert_eq!(week(&mut desks.anna), []);
    let backwards = Request::Calendar { from: "2026-09-27".parse().unwrap(), to: TUESDAY.parse().unwrap() };
    assert_eq!(refused(&mut desks.anna, backwards), "calendar.days");
}
