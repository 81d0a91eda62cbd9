//! Where colleagues are: said in one touch, offline, by themselves or by whoever takes the phone.

use super::*;
use chrono::{DateTime, Utc};
use mera_device_api::{PresenceBoard, PresenceRow, PresenceSaid};
use mera_schema::Whereabouts;

pub(super) fn board(engine: &mut Engine, request: Request) -> PresenceBoard {
    match engine.answer(request) {
        Answer::Ok(Reply::Presence(board)) => board,
        other => panic!("no board: {other:?}"),
    }
}

fn say(employee: Option<RecordRef>, state: Whereabouts, until: Option<DateTime<Utc>>, place: &str) -> Request {
    Request::SayPresence { employee, state, until, place: place.into() }
}

pub(super) fn said(engine: &mut Engine, employee: RecordRef) -> Option<PresenceSaid> {
    let rows = board(engine, Request::Presence).rows;
    rows.into_iter().find(|row| row.employee == employee).unwrap().said
}

/// A company with two colleagues, of whom each of the two uses a device.
pub(super) fn colleagues() -> (Desks, RecordRef, RecordRef) {
    colleagues_of(Desks::new())
}

/// The same of a company that there is.
pub(super) fn colleagues_of(mut desks: Desks) -> (Desks, RecordRef, RecordRef) {
    let employee = |engine: &mut Engine, name: &str, title: &str| {
        done(engine, create(RecordKind::Employee, &[("name", name), ("title", title)])).record.unwrap()
    };
    let bo = employee(&mut desks.anna, "bo berg", "Sælger");
    let anna = employee(&mut desks.anna, "Anna Ask", "Kontor");
    desks.meet();
    board(&mut desks.anna, Request::IAm { employee: anna });
    board(&mut desks.bo, Request::IAm { employee: bo });
    desks.meet();
    (desks, anna, bo)
}

#[test]
fn the_board_has_every_colleague_by_name_and_says_of_whom_nobody_said_anything() {
    let (mut desks, anna, bo) = colleagues();
    let shown = board(&mut desks.anna, Request::Presence);
    let row = |row: PresenceRow| (row.employee, row.name, row.title, row.said);
    let rows: Vec<_> = shown.rows.into_iter().map(row).collect();
    assert_eq!(shown.me, Some(anna));
    assert_eq!(rows, [(anna, "Anna Ask".into(), "Kontor".into(), None), (bo, "bo berg".into(), "Sælger".into(), None)]);
}

#[test]
fn the_board_says_how_a_colleague_is_reached_and_a_colleague_is_no_caller() {
    let (mut desks, anna, _) = colleagues();
    change(&mut desks.anna, anna, FieldPath::root("phone"), "+45 98123456");
    desks.meet();
    let row = board(&mut desks.bo, Request::Presence).rows.into_iter().find(|row| row.employee == anna).unwrap();
    assert_eq!((row.phone.as_str(), row.dial.as_deref()), ("+45 98 12 34 56", Some("+4598123456")));
    let found = |engine: &mut Engine, request| match engine.answer(request) {
        Answer::Ok(Reply::Page(page)) => page.rows.into_iter().map(|row| row.record).collect::<Vec<_>>(),
        other => panic!("nothing is found: {other:?}"),
    };
    assert_eq!(found(&mut desks.bo, Request::Callers { text: "98 12 34".into() }), []);
    assert_eq!(found(&mut desks.bo, Request::Find { query: "98123456".into() }), [anna]);
}

#[test]
fn what_one_says_of_oneself_offline_stands_on_the_colleagues_board_with_its_age_once_they_meet() {
    let (mut desks, _, bo) = colleagues();
    let back = board(&mut desks.bo, Request::Presence).now + chrono::Duration::hours(4);
    let here = board(&mut desks.bo, say(None, Whereabouts::Out, Some(back), "  Vejle "));
    assert_eq!(said(&mut desks.anna, bo), None, "she has not heard of it");
    desks.meet();
    let found = said(&mut desks.anna, bo).unwrap();
    assert_eq!((found.state, found.place.as_str(), found.overdue), (Whereabouts::Out, "Vejle", false));
    assert_eq!(found.until.map(|until| until.timestamp()), Some(back.timestamp()));
    assert!(found.since < here.now && found.by.unwrap().person == "Bo");
}

#[test]
fn of_two_words_said_apart_one_stands_whole_everywhere_and_the_same_word_again_is_newer() {
    let (mut desks, _, bo) = colleagues();
    board(&mut desks.bo, say(None, Whereabouts::In, None, "lageret"));
    desks.meet();
    let first = said(&mut desks.anna, bo).unwrap();
    let back = first.since + chrono::Duration::hours(9);
    board(&mut desks.anna, say(Some(bo), Whereabouts::Holiday, Some(back), ""));
    board(&mut desks.bo, say(None, Whereabouts::In, None, "lageret"));
    desks.meet();
    let found = said(&mut desks.anna, bo).unwrap();
    match found.state {
        Whereabouts::Holiday => assert_eq!((found.until, found.place.as_str()), (Some(back), "")),
        state => assert_eq!((state, found.until, found.place.as_str()), (Whereabouts::In, None, "lageret")),
    }
    board(&mut desks.bo, say(None, Whereabouts::In, None, "lageret"));
    desks.meet();
    let again = said(&mut desks.anna, bo).unwrap();
    assert!(again.state == Whereabouts::In && again.since > first.since, "it is known to be so still");
}

#[test]
fn two_who_say_it_for_the_first_time_at_once_write_one_record_and_nothing_to_settle() {
    let (mut desks, _, bo) = colleagues();
    board(&mut desks.anna, say(Some(bo), Whereabouts::Meeting, None, ""));
    board(&mut desks.bo, say(None, Whereabouts::Phone, None, ""));
    desks.meet();
    assert_eq!(desks.anna.views.of_kind(RecordKind::Presence), [RecordRef::presence_of(bo.id)]);
    assert_eq!(desks.anna.views.clashes().count(), 0);
}

#[test]
fn who_should_be_back_by_now_is_told_so() {
    let (mut desks, _, bo) = colleagues();
    let soon = board(&mut desks.anna, Request::Presence).now + chrono::Duration::seconds(3);
    board(&mut desks.anna, say(Some(bo), Whereabouts::Phone, Some(soon), ""));
    // The clock of this world goes on a second at each look.
    board(&mut desks.anna, Request::Presence);
    board(&mut desks.anna, Request::Presence);
    assert!(said(&mut desks.anna, bo).unwrap().overdue);
}

#[test]
fn another_device_of_the_same_person_is_that_colleagues_too() {
    let (mut desks, anna, _) = colleagues();
    let folder = tempfile::tempdir().unwrap();
    let (person, world) = (desks.anna.identity.person_id, Told::new(3));
    let candidate = crate::Candidate::new(world.as_ref()).unwrap();
    let admitted = desks.anna.draft(&Intent::Admit { card: candidate.card(person), roles: Roles::all() }).unwrap();
    desks.anna.learn(&[admitted]).unwrap();
    let chain = desks.anna.statements(0, usize::MAX).unwrap();
    let joined = candidate.admitted(person, chain).unwrap();
    let mut phone = Engine::join(folder.path(), founding("Anna", "A2"), joined, world).unwrap();
    carry(&desks.anna, &mut phone);
    assert_eq!(board(&mut phone, Request::Presence).me, Some(anna));
    board(&mut phone, say(None, Whereabouts::Sick, None, ""));
    carry(&phone, &mut desks.anna);
    assert_eq!(said(&mut desks.anna, anna).unwrap().state, Whereabouts::Sick);
}

#[test]
fn what_cannot_be_is_refused_with_its_field_and_nothing_is_written() {
    let (mut desks, anna, _) = colleagues();
    let customer = done(&mut desks.anna, create(RecordKind::Customer, &[("name", "Værft")])).record.unwrap();
    let now = board(&mut desks.anna, Request::Presence).now;
    let stranger = RecordRef::new(RecordKind::Employee, RecordId::new(uuid::Uuid::nil()));
    let nobody = &mut Desks::new().anna;
    assert_eq!(refused(nobody, say(None, Whereabouts::In, None, "")), "presence.nobody");
    let written = desks.anna.written();
    let table = [
        (say(None, Whereabouts::Out, Some(now - chrono::Duration::hours(1)), ""), "presence.past", Some("until")),
        (say(None, Whereabouts::Out, None, "Vejle\nKolding"), "presence.place", Some("place")),
        (say(None, Whereabouts::Out, None, &"a".repeat(121)), "presence.place", Some("place")),
        (say(Some(customer), Whereabouts::Out, None, ""), "presence.no_colleague", Some("employee")),
        (say(Some(stranger), Whereabouts::Out, None, ""), "record.unknown", None),
        (Request::IAm { employee: customer }, "presence.no_colleague", Some("employee")),
    ];
    for (request, code, field) in table {
        let Answer::Refused(refused) = desks.anna.answer(request) else { panic!("{code}") };
        assert_eq!((refused.code.as_str(), refused.field.as_deref()), (code, field));
    }
    assert_eq!((desks.anna.written(), said(&mut desks.anna, anna)), (written, None));
}

#[test]
fn whoever_is_erased_takes_along_where_they_were_and_is_on_nobodys_board() {
    let (mut desks, anna, bo) = colleagues();
    board(&mut desks.bo, say(None, Whereabouts::Sick, None, ""));
    desks.meet();
    let Answer::Ok(Reply::BeforeErasing(before)) = desks.anna.answer(Request::BeforeErasing { record: bo }) else {
        panic!()
    };
    assert_eq!(before.with_it, [], "no task goes with him");
    let Answer::Ok(Reply::Erased(_)) = desks.anna.answer(Request::Erase { record: bo }) else { panic!() };
    desks.meet();
    for engine in [&mut desks.anna, &mut desks.bo] {
        let rows = board(engine, Request::Presence).rows;
        assert_eq!(rows.iter().map(|row| row.employee).collect::<Vec<_>>(), [anna]);
        assert!(engine.views.of_kind(RecordKind::Presence).is_empty());
    }
    assert_eq!(board(&mut desks.bo, Request::Presence).me, None, "he uses no device any more");
    assert_eq!(refused(&mut desks.bo, say(Some(bo), Whereabouts::In, None, "")), "record.erased");
}
