//! What the page of members says, without a browser.

use super::invitation::{Standing, standing};
use super::roles::{role_name, role_says};
use super::*;
use crate::desk::bare as desk;
use crate::words::Language;
use chrono::DateTime;
use mera_device_api::{MemberDevice, RoleRow};
use mera_schema::RecordKind;

fn person(number: u8, name: &str, roles: &[&str], revoked: bool) -> MemberRow {
    let id = format!("00000000-0000-0000-0000-0000000000{number:02}");
    let (device, since) = (id.parse().expect("an identity"), DateTime::UNIX_EPOCH);
    MemberRow {
        person: id.parse().expect("an identity"),
        name: name.into(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        devices: vec![MemberDevice { device, name: format!("{name}s pc"), since, revoked, this: number == 1 }],
    }
}

fn page(people: Vec<MemberRow>) -> MembersPage {
    let me = people[0].person;
    MembersPage { administrator: false, me, people, invitations: vec![], roles: vec![], statements: 1, epoch: 0 }
}

#[test]
fn oneself_comes_first_and_who_is_gone_last_and_is_no_administrator_to_ask() {
    let page = page(vec![
        person(1, "Mads", &["warehouse"], false),
        person(2, "Bo", &["administrator"], true),
        person(3, "Carl", &["administrator", "sales"], false),
        person(4, "Anna", &["administrator"], false),
    ]);
    let names: Vec<&str> = in_order(&page).into_iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["Mads", "Anna", "Carl", "Bo"]);
    assert_eq!(administrators(&page), "Carl, Anna");
}

#[test]
fn a_role_says_what_it_allows_by_the_devices_own_table() {
    let may_read = RecordKind::ALL.iter().copied().filter(|kind| *kind != RecordKind::Quote).collect();
    let warehouse = RoleRow {
        role: "warehouse".into(),
        may_write: vec![RecordKind::Order, RecordKind::Task, RecordKind::Device],
        may_read,
    };
    assert_eq!(role_says(&desk(Language::English), &warehouse), "May change orders, tasks. Does not see quotes.");
    assert_eq!(role_says(&desk(Language::Danish), &warehouse), "Må rette ordrer, opgaver. Ser ikke tilbud.");
    let everything = RoleRow {
        role: "administrator".into(),
        may_write: vec![RecordKind::Employee],
        may_read: RecordKind::ALL.to_vec(),
    };
    let says = role_says(&desk(Language::English), &everything);
    assert_eq!(says, "Invites people, gives roles and takes devices out. May change employees. Sees everything.");
    assert_eq!(role_name(&desk(Language::English), "warehouse"), "Warehouse");
    assert_eq!(role_name(&desk(Language::English), "astronaut"), "astronaut", "a newer program's role");
}

#[test]
fn an_invitation_that_is_waited_for_no_more_was_used_unless_its_time_is_over() {
    let table = [
        (false, false, 5, Standing::Waits),
        (true, true, 5, Standing::Waits),
        (true, false, 5, Standing::Joined),
        (true, false, 11, Standing::Expired),
        (true, true, 11, Standing::Expired),
    ];
    for (waited, open, now, expected) in table {
        assert_eq!(standing(waited, open, now, 10), expected, "{waited} {open} {now}");
    }
}
