//! Who may do what, and what it means when that changes.

use super::*;
use mera_device_api::{MembersPage, Refused};
use mera_trust::Role;

/// Anna who founded the company, Bo who does everything, Mads in the warehouse.
pub(super) struct House {
    pub desks: Desks,
    folder: tempfile::TempDir,
    pub mads: Engine,
}

pub(super) fn roles(roles: &[Role]) -> Roles {
    roles.iter().copied().collect()
}

impl House {
    pub fn new() -> Self {
        let (mut desks, folder) = (Desks::new(), tempfile::tempdir().unwrap());
        let founding = founding("Mads", "M1");
        let mads = join(&mut desks.anna, folder.path(), founding, Told::new(3), roles(&[Role::Warehouse]));
        let mut house = Self { desks, folder, mads };
        house.meet();
        house
    }

    /// Everybody hears everything, by way of Anna.
    pub fn meet(&mut self) {
        let Self { desks: Desks { anna, bo, .. }, mads, .. } = self;
        for other in [&*bo, &*mads] {
            carry(other, anna);
        }
        for other in [bo, mads] {
            tell_all(anna, other);
        }
    }

    /// Mads' device is switched off and on.
    pub fn mads_opens_again(&mut self) {
        let nothing = tempfile::tempdir().unwrap();
        let other = Engine::found(nothing.path(), founding("Nobody", "N1"), Told::new(5)).unwrap();
        drop(std::mem::replace(&mut self.mads, other));
        self.mads = Engine::open(self.folder.path(), Told::new(6)).unwrap();
    }

    pub fn says(&mut self, intent: &Intent) {
        let said = self.desks.anna.draft(intent).unwrap();
        self.desks.anna.learn(&[said]).unwrap();
    }
}

/// Everything that one holds goes to the other.
pub(super) fn tell_all(from: &Engine, to: &mut Engine) {
    to.learn(&from.statements(to.chain().length, usize::MAX).unwrap()).unwrap();
    for (device, _) in from.vector.iter() {
        let runs = from.runs_after(device, to.vector.of(device), 0).unwrap();
        to.take(runs, Cursor { epoch: [0; 16], arrival: 1 }).unwrap();
    }
}

pub(super) fn refused(engine: &mut Engine, request: Request) -> Refused {
    match engine.answer(request) {
        Answer::Refused(refused) => refused,
        other => panic!("it was not refused: {other:?}"),
    }
}

fn members(engine: &mut Engine) -> MembersPage {
    let Answer::Ok(Reply::Members(page)) = engine.answer(Request::Members) else { panic!() };
    page
}

fn total(engine: &mut Engine, kind: RecordKind) -> usize {
    let request = Request::List { kind, query: String::new(), offset: 0, limit: 50 };
    let Answer::Ok(Reply::Page(page)) = engine.answer(request) else { panic!() };
    page.total
}

#[test]
fn the_warehouse_sees_orders_and_no_quotes_and_may_change_neither_quotes_nor_customers() {
    let mut house = House::new();
    let quote = done(&mut house.desks.anna, create(RecordKind::Quote, &[])).record.unwrap();
    let customer = done(&mut house.desks.anna, create(RecordKind::Customer, &[("name", "Aalborg Værft")]));
    done(&mut house.desks.anna, create(RecordKind::Order, &[]));
    house.meet();
    assert_eq!(total(&mut house.mads, RecordKind::Order), 1);
    assert_eq!(total(&mut house.mads, RecordKind::Quote), 0);
    assert_eq!(total(&mut house.desks.bo, RecordKind::Quote), 1);
    assert_eq!(refused(&mut house.mads, Request::Open { record: quote, at: None }).code, "record.unknown");
    let no = refused(&mut house.mads, create(RecordKind::Quote, &[]));
    assert_eq!((no.code.as_str(), no.args["kind"].as_str()), ("right.none", "quote"));
    let edits = vec![Edit::set("name", "Mads was here")];
    let change = Request::Change { record: customer.record.unwrap(), seen: customer.heads, edits };
    assert_eq!(refused(&mut house.mads, change).code, "right.none");
    assert_eq!(house.mads.written(), 1, "nothing was written but who he is");
    well(&mut house.mads);
    let told = |engine: &mut Engine| engine.take(Vec::new(), None).unwrap().digests;
    let (mads, anna) = (told(&mut house.mads), told(&mut house.desks.anna));
    assert!(!mads.marks().disagree(&anna.marks()), "what both may read is compared, and equal");
}

#[test]
fn a_screen_is_told_what_its_person_may_write_and_read_and_what_every_role_allows() {
    let mut house = House::new();
    let customer = done(&mut house.desks.anna, create(RecordKind::Customer, &[("name", "Aalborg Værft")]));
    house.meet();
    let Answer::Ok(Reply::About(mads)) = house.mads.answer(Request::About) else { panic!() };
    let Answer::Ok(Reply::About(anna)) = house.desks.anna.answer(Request::About) else { panic!() };
    // What the law has kept is written by erasing, and not by hand.
    let by_hand: Vec<RecordKind> =
        RecordKind::ALL.iter().copied().filter(|kind| *kind != RecordKind::Addressee).collect();
    assert_eq!((anna.may_write, anna.may_read.as_slice()), (by_hand, RecordKind::ALL));
    assert!(!mads.may_write.contains(&RecordKind::Customer) && mads.may_write.contains(&RecordKind::Order));
    assert!(!mads.may_read.contains(&RecordKind::Quote) && mads.may_read.contains(&RecordKind::Customer));
    let customer = customer.record.unwrap();
    assert!(page(&mut house.mads, customer).locked() && !page(&mut house.desks.anna, customer).locked());
    let Answer::Ok(Reply::Members(page)) = house.mads.answer(Request::Members) else { panic!() };
    let warehouse = page.roles.iter().find(|row| row.role == "warehouse").unwrap();
    assert_eq!((&warehouse.may_write, &warehouse.may_read), (&mads.may_write, &mads.may_read));
    assert_eq!(page.roles.len(), Role::ALL.len());
}

#[test]
fn more_roles_open_what_was_carried_along_and_fewer_take_it_away() {
    let mut house = House::new();
    let quote = new_quote(&mut house.desks.anna);
    house.meet();
    let person = house.mads.identity.person_id;
    let (both, warehouse) = (roles(&[Role::Sales, Role::Warehouse]), roles(&[Role::Warehouse]));
    house.says(&Intent::SetRoles { person, roles: both });
    house.meet();
    assert_eq!(total(&mut house.mads, RecordKind::Quote), 1);
    assert_eq!(page(&mut house.mads, quote).record, page(&mut house.desks.anna, quote).record);
    done(&mut house.mads, create(RecordKind::Quote, &[]));
    house.meet();
    assert_eq!(total(&mut house.desks.bo, RecordKind::Quote), 2, "he may write them now");
    house.says(&Intent::SetRoles { person, roles: warehouse });
    house.meet();
    assert_eq!(total(&mut house.mads, RecordKind::Quote), 0);
    assert!(house.mads.store.document(quote, house.mads.members.keys()).unwrap().is_none(), "not in the store either");
    assert_eq!(total(&mut house.desks.bo, RecordKind::Quote), 2, "what he wrote when he might stays");
    for engine in [&mut house.mads, &mut house.desks.anna, &mut house.desks.bo] {
        well(engine);
    }
    let House { folder, mads, .. } = house;
    drop(mads);
    let mut mads = Engine::open(folder.path(), Told::new(9)).unwrap();
    assert_eq!(total(&mut mads, RecordKind::Quote), 0, "nor after a restart");
    well(&mut mads);
}

pub(super) fn new_quote(engine: &mut Engine) -> RecordRef {
    let quote = done(engine, create(RecordKind::Quote, &[])).record.unwrap();
    add_line(engine, quote, "Kugleventil DN50", "100 DKK");
    quote
}

#[test]
fn what_was_written_offline_without_the_right_is_set_aside_everywhere_and_the_log_goes_on() {
    let mut house = House::new();
    let person = house.mads.identity.person_id;
    house.says(&Intent::SetRoles { person, roles: roles(&[Role::Sales, Role::Warehouse]) });
    house.meet();
    // Offline he writes a quote and an order, while Anna takes sales away from him.
    let quote = new_quote(&mut house.mads);
    done(&mut house.mads, create(RecordKind::Order, &[]));
    house.says(&Intent::SetRoles { person, roles: roles(&[Role::Warehouse]) });
    house.meet();
    for engine in [&mut house.desks.anna, &mut house.desks.bo, &mut house.mads] {
        assert_eq!(total(engine, RecordKind::Order), 1, "what he may stands");
        assert_eq!(total(engine, RecordKind::Quote), 0, "what he may not does not");
        well(engine);
    }
    let aside = house.mads.set_aside().unwrap();
    assert_eq!(aside.iter().filter(|(code, _)| code == "sync.no_right").count(), 2, "kept for a person: {aside:?}");
    let mads = house.mads.device();
    let log: Vec<_> = house.mads.store.log(mads, 0).map(Result::unwrap).collect();
    let erased = log.iter().filter(|signed| !signed.entry.payload.is_present()).count();
    assert_eq!((log.len(), erased), (4, 2));
    assert_eq!(house.desks.anna.document(quote).unwrap().stands, None);
}

#[test]
fn a_revoked_device_shows_nothing_and_what_it_wrote_afterwards_counts_nowhere() {
    let mut house = House::new();
    done(&mut house.desks.bo, create(RecordKind::Customer, &[("name", "before")]));
    house.meet();
    let bo = house.desks.bo.device();
    // Offline he writes more, and Mads happens to hear of it before either knows.
    done(&mut house.desks.bo, create(RecordKind::Customer, &[("name", "after")]));
    carry(&house.desks.bo, &mut house.mads);
    assert_eq!(total(&mut house.mads, RecordKind::Customer), 2);
    let epoch = house.desks.anna.members.now().epoch();
    house.says(&Intent::Revoke { device: bo });
    let chain = house.desks.anna.statements(0, usize::MAX).unwrap();
    house.mads.learn(&chain).unwrap();
    assert_eq!(total(&mut house.mads, RecordKind::Customer), 1, "it goes again");
    well(&mut house.mads);
    assert_eq!(house.mads.vector.of(bo), house.desks.anna.vector.of(bo));
    let runs = house.desks.bo.runs_after(bo, house.desks.anna.vector.of(bo), 0).unwrap();
    house.desks.anna.take(runs, None).unwrap();
    assert_eq!(house.desks.anna.set_aside().unwrap()[0].0, "membership.revoked");
    assert_eq!(total(&mut house.desks.anna, RecordKind::Customer), 1);
    house.desks.bo.learn(&chain).unwrap();
    for request in [Request::About, Request::Clashes, create(RecordKind::Customer, &[("name", "x")])] {
        assert_eq!(refused(&mut house.desks.bo, request).code, "membership.revoked");
    }
    assert_eq!(house.desks.bo.written(), 3, "his own unsent work is still there for a person to judge");
    done(&mut house.desks.anna, create(RecordKind::Customer, &[("name", "under the new keys")]));
    assert!(!house.desks.bo.members.keys().has(mera_trust::Group::HOUSE, epoch + 1));
    let Desks { folders, bo, .. } = house.desks;
    drop(bo);
    let mut bo = Engine::open(folders[1].path(), Told::new(9)).unwrap();
    assert_eq!(refused(&mut bo, Request::About).code, "membership.revoked", "also after a restart");
}

/// A run has one signature, at its end: who hears a log in one piece has none in the midst of it, where the chain ends it.
#[test]
fn a_log_that_is_ended_in_the_midst_of_what_was_heard_in_one_piece_can_be_handed_on() {
    let mut house = House::new();
    let device = house.mads.device();
    done(&mut house.mads, create(RecordKind::Order, &[]));
    carry(&house.mads, &mut house.desks.anna);
    done(&mut house.mads, create(RecordKind::Order, &[]));
    carry(&house.mads, &mut house.desks.bo);
    house.says(&Intent::Revoke { device });
    let Desks { anna, bo, .. } = &mut house.desks;
    bo.learn(&anna.statements(0, usize::MAX).unwrap()).unwrap();
    assert_eq!(bo.vector.of(device), anna.vector.of(device));
    let mut check = bo.audit_check().unwrap();
    while bo.audit_check_step(&mut check).unwrap() {}
    assert_eq!(check.report(false).broken, 0, "what counts of it is signed");
    let folder = tempfile::tempdir().unwrap();
    let mut erik = join(anna, folder.path(), founding("Erik", "E1"), Told::new(4), roles(&[Role::Warehouse]));
    tell_all(bo, &mut erik);
    assert_eq!(total(&mut erik, RecordKind::Order), 1);
    assert_eq!(erik.vector.of(device), bo.vector.of(device));
}

#[test]
fn a_store_that_is_older_than_the_chain_follows_it_when_the_device_opens() {
    let mut house = House::new();
    done(&mut house.desks.bo, create(RecordKind::Customer, &[("name", "after")]));
    let quote = new_quote(&mut house.desks.anna);
    carry(&house.desks.bo, &mut house.mads);
    let person = house.mads.identity.person_id;
    house.says(&Intent::Revoke { device: house.desks.bo.device() });
    house.says(&Intent::SetRoles { person, roles: roles(&[Role::Sales, Role::Warehouse]) });
    carry(&house.desks.anna, &mut house.mads);
    assert_eq!(total(&mut house.mads, RecordKind::Customer), 0);
    let House { folder, mads, desks } = house;
    drop(mads);
    // As after a power cut: the chain is on the disk, and the store is not as far.
    let (store, aside) = (folder.path().join("store"), tempfile::tempdir().unwrap());
    let mut older = House::new();
    done(&mut older.desks.bo, create(RecordKind::Customer, &[("name", "after")]));
    assert_eq!(new_quote(&mut older.desks.anna), quote, "the same story up to there");
    carry(&older.desks.bo, &mut older.mads);
    assert_eq!(total(&mut older.mads, RecordKind::Customer), 1);
    drop(older.mads);
    std::fs::rename(&store, aside.path().join("store")).unwrap();
    std::fs::rename(older.folder.path().join("store"), &store).unwrap();
    let mut mads = Engine::open(folder.path(), Told::new(9)).unwrap();
    assert_eq!(total(&mut mads, RecordKind::Customer), 0, "what counts no more is gone");
    tell_all(&desks.anna, &mut mads);
    assert_eq!(total(&mut mads, RecordKind::Quote), 1, "and what may be read now is there");
    well(&mut mads);
}

#[test]
fn a_change_of_roles_that_was_interrupted_is_no_damage_and_is_followed_by_itself() {
    for opens_again in [false, true] {
        let mut house = House::new();
        let person = house.mads.identity.person_id;
        house.says(&Intent::SetRoles { person, roles: roles(&[Role::Sales, Role::Warehouse]) });
        house.meet();
        let quote = new_quote(&mut house.desks.anna);
        house.meet();
        super::checkpoint::checkpoint(&mut house.desks.anna);
        tell_all(&house.desks.anna, &mut house.mads);
        while house.mads.let_go_some().unwrap() {}
        let row = house.mads.store.row(quote).unwrap().unwrap();
        assert!(row.stands.entry.is_some(), "it is read from the log, with its key");
        // The list of members is on the disk, and then the disk is full: the records have not followed.
        let said = house.desks.anna.draft(&Intent::SetRoles { person, roles: roles(&[Role::Warehouse]) }).unwrap();
        house.desks.anna.learn(std::slice::from_ref(&said)).unwrap();
        house.mads.members.learn(&[said]).unwrap();
        house.mads.open.clear();
        let House { folder, mut mads, .. } = house;
        let told = refused(&mut mads, Request::Open { record: quote, at: None });
        assert_eq!(told.code, "device.key_missing", "{}", told.says);
        if opens_again {
            // As after an update that tells other facts of records.
            let mut batch = crate::store::Batch::default();
            batch.facts_version(0);
            mads.store.commit(batch).unwrap();
            drop(mads);
            mads = Engine::open(folder.path(), Told::new(9)).unwrap();
        } else {
            mads.let_go_some().unwrap();
        }
        assert_eq!(refused(&mut mads, Request::Open { record: quote, at: None }).code, "record.unknown");
        assert_eq!(status(&mut mads).trouble, None, "nothing was called damaged");
        let stores = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(stores.map(|name| name.into_string().unwrap()).all(|name| !name.contains("damaged")));
        well(&mut mads);
    }
}

#[test]
fn entries_under_keys_of_which_nobody_has_told_wait_for_the_chain() {
    let mut house = House::new();
    house.says(&Intent::Rotate);
    done(&mut house.desks.anna, create(RecordKind::Customer, &[("name", "under new keys")]));
    let (anna, mads) = (&house.desks.anna, &mut house.mads);
    let runs = anna.runs_after(anna.device(), mads.vector.of(anna.device()), 0).unwrap();
    assert_eq!(mads.take(runs, None).unwrap_err().code(), "membership.newer_keys");
    assert_eq!(mads.set_aside().unwrap(), []);
    tell_all(anna, mads);
    assert_eq!(total(mads, RecordKind::Customer), 1);
    well(mads);
}

#[test]
fn only_administrators_change_members_and_never_the_last_one_away() {
    let mut house = House::new();
    let page = members(&mut house.desks.anna);
    let names: Vec<&str> = page.people.iter().map(|row| row.name.as_str()).collect();
    assert_eq!((page.people.len(), page.administrator, names.contains(&"Mads")), (3, true, true), "{names:?}");
    assert!(!members(&mut house.mads).administrator);
    let anna = house.desks.anna.device();
    assert_eq!(refused(&mut house.mads, Request::Revoke { device: anna }).code, "membership.not_administrator");
    let invite = |roles: &[&str]| Request::Invite {
        person: None,
        name: "Erik".into(),
        roles: roles.iter().map(|role| (*role).into()).collect(),
        hours: 1,
    };
    assert_eq!(refused(&mut house.mads, invite(&["sales"])).code, "membership.not_administrator");
    assert_eq!(refused(&mut house.desks.anna, invite(&["sales"])).code, "invitation.no_relay");
    let me = house.desks.anna.identity.person_id;
    let retire = Request::SetRoles { person: me, roles: vec!["sales".into()] };
    // Bo has every role too, so Anna may go; then he is the last.
    assert!(matches!(house.desks.anna.answer(retire.clone()), Answer::Ok(Reply::Members(_))));
    assert_eq!(refused(&mut house.desks.anna, retire).code, "membership.not_administrator");
    house.meet();
    let bo = house.desks.bo.identity.person_id;
    let last = Request::SetRoles { person: bo, roles: vec!["sales".into()] };
    assert_eq!(refused(&mut house.desks.bo, last).code, "membership.last_administrator");
    let none = Request::SetRoles { person: bo, roles: vec![] };
    assert_eq!(refused(&mut house.desks.bo, none).code, "role.none");
    let unknown = Request::SetRoles { person: bo, roles: vec!["king".into()] };
    assert_eq!(refused(&mut house.desks.bo, unknown).code, "role.unknown");
}

#[test]
fn a_lost_store_is_made_again_under_every_key_there_ever_was() {
    let mut house = House::new();
    let quote = new_quote(&mut house.desks.anna);
    house.says(&Intent::Rotate);
    add_line(&mut house.desks.anna, quote, "Pakning", "5 DKK");
    house.meet();
    let shown = page(&mut house.desks.anna, quote).record;
    let Desks { folders, anna, .. } = house.desks;
    drop(anna);
    std::fs::remove_dir_all(folders[0].path().join("store")).unwrap();
    let mut anna = Engine::open(folders[0].path(), Told::new(9)).unwrap();
    assert_eq!(page(&mut anna, quote).record, shown);
    std::fs::write(folders[0].path().join("members"), b"MERA members 1\nxxxx").unwrap();
    drop(anna);
    let fault = Engine::open(folders[0].path(), Told::new(9)).err().unwrap();
    assert_eq!(fault.code(), "device.members_unreadable");
}

#[test]
fn an_administrator_who_takes_out_his_own_device_is_out_and_the_last_one_cannot() {
    let mut house = House::new();
    let (anna, bo) = (house.desks.anna.device(), house.desks.bo.device());
    house.desks.anna.answer(Request::Revoke { device: anna });
    assert_eq!(refused(&mut house.desks.anna, Request::About).code, "membership.revoked");
    let chain = house.desks.anna.statements(0, usize::MAX).unwrap();
    house.desks.bo.learn(&chain).unwrap();
    let epoch = house.desks.bo.members.now().epoch();
    assert!(!house.desks.anna.members.keys().has(mera_trust::Group::HOUSE, epoch), "the new keys are not hers");
    done(&mut house.desks.bo, create(RecordKind::Customer, &[("name", "without Anna")]));
    assert_eq!(refused(&mut house.desks.bo, Request::Revoke { device: bo }).code, "membership.last_administrator");
    well(&mut house.desks.bo);
}
