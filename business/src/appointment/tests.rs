//! Who has news of an appointment, what each step writes, and what one time of those that come again is.

use super::*;
use crate::calendar::RecurrenceFault;
use crate::trial::{named, write};
use chrono::DateTime;
use mera_schema::{ItemId, RecordKind, RecordTree};

const VISIT: RecordRef = named(RecordKind::Appointment, 1);
const ANNA: RecordRef = named(RecordKind::Employee, 2);
const BO: RecordRef = named(RecordKind::Employee, 3);
const CARL: RecordRef = named(RecordKind::Employee, 4);
const METTE: RecordRef = named(RecordKind::Contact, 5);

const NINE: &str = "2026-12-07T09:00/2026-12-07T10:00[Europe/Copenhagen]";
const TEN: &str = "2026-12-07T10:00/2026-12-07T11:00[Europe/Copenhagen]";

fn span(text: &str) -> Span {
    text.parse().unwrap()
}

fn plan(repeats: Option<&str>) -> Plan {
    Plan {
        subject: " Ventiler ".into(),
        sort: AppointmentSort::Visit,
        when: span(NINE),
        repeats: repeats.map(|rule| Recurrence::read(rule).unwrap()),
        place: "Vejle".into(),
        organizer: Some(ANNA),
        party: None,
        about: None,
        present: vec![ANNA, BO],
        told: vec![CARL, BO],
        guests: vec![METTE],
        purpose: "Se på anlægget".into(),
    }
}

/// An appointment that Anna made for herself and Bo, of which Carl is told.
fn made(repeats: Option<&str>) -> RecordTree {
    let mut tree = RecordTree::empty(VISIT, 1);
    write(&mut tree, agreed(VISIT, &plan(repeats), Some(ANNA)).unwrap());
    tree
}

fn take(tree: &mut RecordTree, what: Step, me: RecordRef) {
    let edits = step(&Appointment::read(tree), what, Some(me)).unwrap();
    write(tree, edits);
}

/// What is news to Anna, Bo and Carl: whether it is new, was changed, and how many comments.
fn news(tree: &RecordTree) -> [Option<(bool, bool, usize)>; 3] {
    let fact = fact(&Appointment::read(tree)).unwrap();
    [ANNA, BO, CARL].map(|who| fact.news(who).map(|news| (news.new, news.changed, news.comments)))
}

fn comment(number: u128) -> Step {
    let item = ItemId::new(Uuid::from_u128(number));
    Step::Comment { item, text: "Husk tegningerne".into(), at: DateTime::UNIX_EPOCH }
}

#[test]
fn whoever_is_on_the_list_has_news_until_it_is_read_and_whoever_did_something_has_none() {
    let (fresh, changed, said) = (Some((true, false, 0)), Some((false, true, 0)), Some((false, false, 1)));
    let mut tree = made(None);
    assert_eq!(news(&tree), [None, fresh, fresh], "Anna made it");
    take(&mut tree, Step::Read, BO);
    assert_eq!(news(&tree), [None, None, fresh]);
    take(&mut tree, Step::Move { to: span(TEN), was: None }, BO);
    assert_eq!(news(&tree), [changed, None, fresh], "Bo moved it");
    take(&mut tree, Step::Read, ANNA);
    take(&mut tree, Step::Read, CARL);
    assert_eq!(news(&tree), [None; 3]);
    take(&mut tree, comment(9), CARL);
    assert_eq!(news(&tree), [said, said, None]);
    take(&mut tree, Step::Read, BO);
    take(&mut tree, Step::Cancel, ANNA);
    assert_eq!(news(&tree), [None, changed, changed]);
    take(&mut tree, Step::PutBack, ANNA);
    assert_eq!(news(&tree), [None, None, None], "it is as they know it");
}

#[test]
fn what_was_taken_already_writes_nothing() {
    let mut tree = made(None);
    take(&mut tree, Step::Cancel, ANNA);
    let appointment = Appointment::read(&tree);
    for what in [
        Step::Cancel,
        Step::Read,
        Step::Put { who: BO, part: Part::Present },
        Step::Expect { contact: METTE },
        Step::Leave { who: named(RecordKind::Employee, 8) },
        Step::Unexpect { contact: named(RecordKind::Contact, 8) },
    ] {
        assert_eq!(step(&appointment, what.clone(), Some(ANNA)), Ok(Vec::new()), "{what:?}");
    }
    let moved = step(&appointment, Step::Move { to: span(TEN), was: None }, Some(ANNA));
    assert_eq!(moved, Err(Refusal::AppointmentCancelled), "what is called off is put back first");
    let mut tree = made(None);
    let (nine, ten) = (Some(span(NINE)), span(TEN));
    let meanwhile = |was: Option<Span>, tree: &RecordTree| {
        step(&Appointment::read(tree), Step::Move { to: span("2026-12-09/2026-12-09"), was }, Some(ANNA)).map(drop)
    };
    assert_eq!(meanwhile(nine.clone(), &tree), Ok(()));
    take(&mut tree, Step::Move { to: ten.clone(), was: None }, BO);
    assert_eq!(meanwhile(nine, &tree), Err(Refusal::MovedMeanwhile), "she has not seen that he moved it");
    assert_eq!(meanwhile(Some(ten), &tree), Ok(()));
    let empty = Step::Comment { item: ItemId::new(Uuid::nil()), text: "  ".into(), at: DateTime::UNIX_EPOCH };
    assert_eq!(step(&appointment, empty, None), Err(Refusal::Missing { field: "comment" }));
}

#[test]
fn whoever_left_and_comes_again_is_told_anew() {
    let mut tree = made(None);
    take(&mut tree, Step::Read, BO);
    take(&mut tree, Step::Leave { who: BO }, ANNA);
    assert_eq!(news(&tree)[1], None, "that one is not on the list");
    assert!(!fact(&Appointment::read(&tree)).unwrap().takes(BO));
    take(&mut tree, Step::Put { who: BO, part: Part::Told }, ANNA);
    assert_eq!(news(&tree)[1], Some((true, false, 0)));
    let fact = fact(&Appointment::read(&tree)).unwrap();
    assert!(fact.takes(ANNA) && !fact.takes(BO), "who is told is not taken");
}

#[test]
fn an_appointment_needs_somebody_and_something() {
    let missing = |field| Err(Refusal::Missing { field });
    let table = [
        (plan(None), Ok(())),
        (Plan { subject: " ".into(), ..plan(None) }, missing("subject")),
        (Plan { subject: " ".into(), party: Some(named(RecordKind::Customer, 7)), ..plan(None) }, Ok(())),
        (Plan { subject: String::new(), sort: AppointmentSort::Holiday, ..plan(None) }, Ok(())),
        (Plan { present: vec![], ..plan(None) }, missing("people")),
        (Plan { present: vec![], sort: AppointmentSort::Note, ..plan(None) }, Ok(())),
    ];
    for (plan, expected) in table {
        assert_eq!(agreed(VISIT, &plan, None).map(drop), expected, "{plan:?}");
    }
}

#[test]
fn a_rule_gives_the_first_day_and_a_zone_is_one_that_there_is() {
    let appointment = Appointment::read(&made(None));
    let day = "2026-12-07".parse().unwrap();
    let table = [
        ("repeats", "FREQ=WEEKLY;BYDAY=MO", Ok(())),
        ("repeats", "FREQ=WEEKLY;BYDAY=TU", Err(Refusal::FirstNotInRule { day })),
        ("repeats", "now and then", Err(Refusal::NotARule(RecurrenceFault::NotARule("now and then".into())))),
        ("when", "2026-12-24/2026-12-26", Ok(())),
        (
            "when",
            "2026-12-07T10:00/2026-12-07T11:00[Moon/Tycho]",
            Err(Refusal::NoSuchZone { zone: "Moon/Tycho".into() }),
        ),
    ];
    for (field, value, expected) in table {
        assert_eq!(allowed(&appointment, &[Edit::set(field, value)]), expected, "{value}");
    }
    let both = [Edit::set("repeats", "FREQ=WEEKLY;BYDAY=TU"), Edit::set("when", "2026-12-08/2026-12-08")];
    assert_eq!(allowed(&appointment, &both), Ok(()));
}

#[test]
fn one_time_of_those_that_come_again_is_as_the_others_until_it_is_changed() {
    let series = made(Some("FREQ=WEEKLY"));
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    assert_eq!(occurrence(&Appointment::read(&series), day("2026-12-15")), None, "it is on Mondays");
    assert_eq!(occurrence(&Appointment::read(&made(None)), day("2026-12-07")), None, "it does not come again");
    let (record, edits) = occurrence(&Appointment::read(&series), day("2026-12-14")).unwrap();
    assert_eq!(occurrence(&Appointment::read(&series), day("2026-12-14")).unwrap().0, record, "whoever singles it out");
    let mut tree = RecordTree::empty(record, 1);
    write(&mut tree, edits);
    let one = Appointment::read(&tree);
    let (fact, of_all) = (fact(&one).unwrap(), fact(&Appointment::read(&series)).unwrap());
    assert_eq!(fact.when, [span("2026-12-14T09:00/2026-12-14T10:00[Europe/Copenhagen]")]);
    assert_eq!((fact.subject, fact.place, fact.repeats), (of_all.subject, of_all.place, None));
    assert_eq!(fact.instead, Some((VISIT, day("2026-12-14"))));
    let on_list = |people: &[Listed]| people.iter().map(|one| (one.who, one.part)).collect::<Vec<_>>();
    assert_eq!(on_list(&fact.people), on_list(&of_all.people));
    assert_eq!(news(&tree), [None, Some((true, false, 0)), Some((true, false, 0))], "Anna knows of all of them");
    assert_eq!(one.guests.len(), 1);
}

#[test]
fn what_comes_again_ends_before_a_day_or_does_not_take_place_at_all() {
    let end = |rule: &str, from: &str| {
        let mut tree = made(Some(rule));
        take(&mut tree, Step::End { from: from.parse().unwrap() }, ANNA);
        let appointment = Appointment::read(&tree);
        (appointment.repeats.agreed().cloned().unwrap(), *appointment.state.agreed().unwrap())
    };
    let (agreed, cancelled) = (AppointmentState::Agreed, AppointmentState::Cancelled);
    let table = [
        ("FREQ=WEEKLY", "2026-12-21", "FREQ=WEEKLY;UNTIL=20261220", agreed),
        ("FREQ=WEEKLY;UNTIL=20271231", "2026-12-21", "FREQ=WEEKLY;UNTIL=20261220", agreed),
        ("FREQ=WEEKLY;UNTIL=20261215", "2026-12-21", "FREQ=WEEKLY;UNTIL=20261215", agreed),
        ("FREQ=WEEKLY;COUNT=10", "2026-12-21", "FREQ=WEEKLY;COUNT=2", agreed),
        ("FREQ=WEEKLY;COUNT=2", "2027-12-21", "FREQ=WEEKLY;COUNT=2", agreed),
        ("FREQ=WEEKLY", "2026-12-07", "FREQ=WEEKLY", cancelled),
    ];
    for (rule, from, expected, state) in table {
        assert_eq!(end(rule, from), (expected.to_owned(), state), "{rule} from {from}");
    }
}
