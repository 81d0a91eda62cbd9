//! What befalls a device: lost and strange folders, full disks, wrong clocks, changes and records that cannot be read.

use super::*;
use crate::beginning::Beginning;
use crate::identity::redirect;
use crate::store::{Batch, RecordRow, Standing};
use mera_schema::RecordDef;
use mera_schema::document::Moment;
use mera_sync_protocol::{Collection, Digest, EntryKind};
use std::fs;
use std::path::Path;

/// Anna's device is off, and its store is gone. The relay had everything but its last change.
struct Robbed {
    folders: [tempfile::TempDir; 2],
    bo: Engine,
    /// How far the relay has Anna's log.
    at_relay: u64,
    digest: Digest,
}

fn robbed() -> Robbed {
    let (desks, quote, line) = Desks::with_quote();
    let Desks { folders, mut anna, bo } = desks;
    let at_relay = anna.written();
    anna.acked(at_relay).unwrap();
    change(&mut anna, quote, of_line(line, "quantity"), "5 pcs");
    // As a long outbox does by itself.
    anna.outbox.tidy(at_relay).unwrap();
    let digest = anna.books.digests.whole();
    drop(anna);
    fs::remove_dir_all(folders[0].path().join("store")).unwrap();
    Robbed { folders, bo, at_relay, digest }
}

impl Robbed {
    fn anna(&self) -> &Path {
        self.folders[0].path()
    }

    /// The relay says how far it has Anna's log, and gives it to her with Bo's.
    fn give_back(&self, anna: &mut Engine) {
        welcome(anna, self.at_relay);
        let nowhere = Cursor { epoch: [0; 16], arrival: 0 };
        anna.take(self.bo.runs_after(anna.device(), anna.written(), 0).unwrap(), nowhere).unwrap();
        carry(&self.bo, anna);
    }
}

pub(crate) fn welcome(engine: &mut Engine, own: u64) {
    let mut session = engine.session();
    follow(engine, &mut session, vec![ClientEffect::Welcomed { own }]).unwrap();
}

#[test]
fn a_device_whose_outbox_let_go_of_its_beginning_writes_nothing_before_that_is_fetched() {
    let robbed = robbed();
    let mut anna = Engine::open(robbed.anna(), Told::new(5)).unwrap();
    assert_eq!(refused(&mut anna, create(RecordKind::Quote, &[])), "device.recovering");
    assert_eq!(status(&mut anna).trouble.unwrap().code, "device.recovering");
    robbed.give_back(&mut anna);
    assert_eq!((status(&mut anna).trouble, anna.books.digests.whole()), (None, robbed.digest), "also her last change");
    let quote = done(&mut anna, create(RecordKind::Quote, &[])).record.unwrap();
    assert_eq!(quote_of(&page(&mut anna, quote)).number, Field::One("T-A1-0002".into()), "no number is given twice");
    well(&mut anna);
}

#[test]
fn a_device_that_has_nothing_but_its_identity_asks_the_relay_where_its_log_stands() {
    let robbed = robbed();
    fs::remove_file(robbed.anna().join("outbox")).unwrap();
    redirect(robbed.anna(), Some("ws://relay/sync".into())).unwrap();
    drop(Engine::open(robbed.anna(), Told::new(5)).unwrap());
    let mut anna = Engine::open(robbed.anna(), Told::new(6)).unwrap();
    assert_eq!((anna.written(), status(&mut anna).trouble.unwrap().code), (0, "device.recovering".into()));
    welcome(&mut anna, robbed.at_relay);
    drop(anna);
    let mut anna = Engine::open(robbed.anna(), Told::new(7)).unwrap();
    assert_eq!(
        refused(&mut anna, create(RecordKind::Quote, &[])),
        "device.recovering",
        "it knows without asking again"
    );
    robbed.give_back(&mut anna);
    assert_eq!((anna.written(), status(&mut anna).trouble), (robbed.at_relay, None));
    done(&mut anna, create(RecordKind::Quote, &[]));
}

#[test]
fn a_device_that_was_switched_off_while_it_was_made_introduces_itself_once_the_relay_knows_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut founding = founding("Anna", "A1");
    founding.relay = Some("ws://relay/sync".into());
    let beginning = Beginning::of_a_company(Told::new(1).as_ref()).unwrap();
    Members::begin(folder.path(), &beginning.chain).unwrap();
    Identity::found(folder.path(), founding, &beginning, Told::new(1).as_ref()).unwrap();
    let mut anna = Engine::open(folder.path(), Told::new(2)).unwrap();
    assert_eq!(anna.written(), 0);
    welcome(&mut anna, 0);
    assert_eq!((anna.written(), status(&mut anna).trouble), (1, None));
}

#[test]
fn a_later_entry_of_the_own_log_that_comes_before_the_lost_ones_is_no_fault() {
    let robbed = robbed();
    let mut anna = Engine::open(robbed.anna(), Told::new(5)).unwrap();
    welcome(&mut anna, robbed.at_relay - 1);
    // The relay had it from a line that broke, and worked on it only now.
    let late = robbed.bo.runs_after(anna.device(), robbed.at_relay - 1, 0).unwrap();
    anna.take(late, Cursor { epoch: [0; 16], arrival: 1 }).unwrap();
    assert_eq!(status(&mut anna).trouble.unwrap().code, "device.recovering");
    robbed.give_back(&mut anna);
    assert_eq!(anna.books.digests.whole(), robbed.digest);
}

#[test]
fn a_device_restored_from_a_backup_writes_nothing_once_the_relay_told_that_its_log_goes_further() {
    let (desks, quote, line) = Desks::with_quote();
    let Desks { folders, anna, mut bo } = desks;
    drop(anna);
    let backup = tempfile::tempdir().unwrap();
    copy(folders[0].path(), backup.path());
    let mut anna = Engine::open(folders[0].path(), Told::new(3)).unwrap();
    change(&mut anna, quote, of_line(line, "quantity"), "5 pcs");
    carry(&anna, &mut bo);
    let (at_relay, digest) = (anna.written(), anna.books.digests.whole());
    drop(anna);
    let robbed = Robbed { folders: [backup, tempfile::tempdir().unwrap()], bo, at_relay, digest };
    let mut anna = Engine::open(robbed.anna(), Told::new(4)).unwrap();
    welcome(&mut anna, at_relay);
    let seen = page(&mut anna, quote).heads;
    let edits = vec![Edit::set_in("lines", line, "quantity", "6 pcs")];
    assert_eq!(refused(&mut anna, Request::Change { record: quote, seen, edits }), "device.recovering");
    robbed.give_back(&mut anna);
    assert_eq!(anna.books.digests.whole(), robbed.digest);
    change(&mut anna, quote, of_line(line, "quantity"), "6 pcs");
}

/// The neighbour's laptop may be lost before it meets the relay.
#[test]
fn what_a_neighbour_told_is_to_be_brought_to_the_relay_until_it_is_there() {
    let Desks { folders, anna, mut bo } = Desks::with_quote().0;
    bo.redirect(Some("ws://relay.example/sync".into())).unwrap();
    let held = bo.vector.of(anna.device());
    let mut anna = anna;
    done(&mut anna, create(RecordKind::Customer, &[("name", "in the basement")]));
    bo.take_nearby(anna.runs_after(anna.device(), held, 0).unwrap()).unwrap();
    assert_eq!(bo.what_it_brings().iter().collect::<Vec<_>>(), [(anna.device(), held)]);
    drop(bo);
    let mut bo = Engine::open(folders[1].path(), Told::new(9)).unwrap();
    assert_eq!(bo.what_it_brings().of(anna.device()), held, "also after a restart");
    bo.is_at_relay(anna.device(), held).unwrap();
    assert_eq!(bo.what_it_brings().iter().count(), 1, "that is no more than was known");
    bo.is_at_relay(anna.device(), anna.written()).unwrap();
    assert_eq!(bo.what_it_brings().iter().count(), 0);
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

#[test]
fn a_store_of_another_company_is_refused_and_both_stay_as_they_are() {
    let (desks, quote, _) = Desks::with_quote();
    let Desks { folders, anna, .. } = desks;
    let digest = anna.books.digests.whole();
    drop(anna);
    let elsewhere = tempfile::tempdir().unwrap();
    drop(Engine::found(elsewhere.path(), founding("Anna", "A1"), Told::new(7)).unwrap());
    let [store, aside] = ["store", "aside"].map(|name| folders[0].path().join(name));
    fs::rename(&store, &aside).unwrap();
    fs::rename(elsewhere.path().join("store"), &store).unwrap();
    let fault = Engine::open(folders[0].path(), Told::new(3)).err().unwrap();
    assert_eq!(fault.code(), "device.other_owner");
    assert!(fault.to_string().contains("each needs a folder of its own"), "{fault}");
    fs::rename(&store, elsewhere.path().join("store")).unwrap();
    fs::rename(&aside, &store).unwrap();
    assert!(Engine::open(elsewhere.path(), Told::new(7)).is_ok());
    let mut anna = Engine::open(folders[0].path(), Told::new(3)).unwrap();
    assert_eq!((quote_of(&page(&mut anna, quote)).lines.len(), anna.books.digests.whole()), (1, digest));
}

#[test]
#[cfg(target_os = "linux")]
fn on_a_full_disk_a_change_is_refused_and_once_there_is_space_work_goes_on() {
    let (mut desks, quote, line) = Desks::with_quote();
    change(&mut desks.anna, quote, of_line(line, "quantity"), "5 pcs");
    let (shown, before) = (page(&mut desks.anna, quote), status(&mut desks.anna));
    let more = |shown: &RecordPage| {
        let edits = vec![Edit::set_in("lines", line, "quantity", "6 pcs")];
        Request::Change { record: quote, seen: shown.heads.clone(), edits }
    };
    desks.anna.outbox.fill_disk();
    for _ in 0..2 {
        let Answer::Refused(refused) = desks.anna.answer(more(&shown)) else { panic!("the disk is full") };
        assert_eq!(refused.code, "outbox.cannot_write");
        assert!(refused.says.contains("free some space"), "{}", refused.says);
    }
    assert_eq!((page(&mut desks.anna, quote), status(&mut desks.anna)), (shown.clone(), before), "nothing was changed");
    desks.anna.outbox.free_disk();
    done(&mut desks.anna, more(&shown));
    desks.meet();
    let Desks { folders, anna, bo } = desks;
    drop(anna);
    let mut anna = Engine::open(folders[0].path(), Told::new(3)).unwrap();
    assert_eq!(anna.books.digests.whole(), bo.books.digests.whole());
    well(&mut anna);
}

#[test]
fn a_delivery_that_meets_a_damaged_record_leaves_the_others_as_they_are_on_disk() {
    let (mut desks, quote, line) = Desks::with_quote();
    let other = done(&mut desks.anna, create(RecordKind::Quote, &[])).record.unwrap();
    desks.meet();
    change(&mut desks.bo, quote, of_line(line, "quantity"), "9 pcs");
    change(&mut desks.bo, other, FieldPath::root("subject"), "Flanger");
    let (mut damage, row) = (Batch::default(), desks.anna.store.row(other).unwrap().unwrap());
    let stands = damage.snapshot(other, b"no document", Some(row.stands));
    damage.row(other, &RecordRow { stands, ..row });
    desks.anna.store.commit(damage).unwrap();
    desks.anna.open.clear();
    let before = page(&mut desks.anna, quote);
    let held = desks.anna.vector.of(desks.bo.device());
    let runs = desks.bo.runs_after(desks.bo.device(), held, 0).unwrap();
    let fault = desks.anna.take(runs, Cursor { epoch: [0; 16], arrival: 2 }).unwrap_err();
    assert_eq!(fault.code(), "device.record_damaged");
    assert_eq!(page(&mut desks.anna, quote), before, "what is not on disk is not shown");
}

#[test]
fn a_device_whose_store_is_gone_goes_on_from_its_outbox() {
    let (desks, quote, line) = Desks::with_quote();
    let Desks { folders, mut anna, bo } = desks;
    anna.acked(anna.written()).unwrap();
    change(&mut anna, quote, of_line(line, "quantity"), "5 pcs");
    let digest = anna.books.digests.whole();
    drop(anna);
    std::fs::remove_dir_all(folders[0].path().join("store")).unwrap();
    let mut anna = Engine::open(folders[0].path(), Told::new(5)).unwrap();
    carry(&bo, &mut anna);
    assert_eq!(anna.books.digests.whole(), digest, "what the relay has had is still in the outbox");
    well(&mut anna);
}

#[test]
fn a_change_of_a_colleague_that_cannot_be_read_is_set_aside_and_the_record_stays_readable() {
    let (mut desks, quote, line) = Desks::with_quote();
    desks.bo.commit(vec![(quote, b"no change at all".to_vec())]).unwrap();
    carry(&desks.bo, &mut desks.anna);
    assert_eq!(desks.anna.set_aside().unwrap()[0].0, "sync.change_unreadable");
    change(&mut desks.anna, quote, of_line(line, "quantity"), "5 pcs");
    let Desks { folders, anna, .. } = desks;
    drop(anna);
    let mut anna = Engine::open(folders[0].path(), Told::new(5)).unwrap();
    assert_eq!(quote_of(&page(&mut anna, quote)).lines.len(), 1);
    well(&mut anna);
}

#[test]
fn facts_that_an_older_program_wrote_are_told_anew() {
    let (desks, quote, _) = Desks::with_quote();
    let Desks { folders, anna, .. } = desks;
    let row = anna.store.row(quote).unwrap().unwrap();
    let mut older = Batch::default();
    older.row(quote, &RecordRow { facts: Vec::new(), ..row.clone() });
    older.facts_version(0);
    anna.store.commit(older).unwrap();
    drop(anna);
    let mut anna = Engine::open(folders[0].path(), Told::new(5)).unwrap();
    assert_eq!(anna.store.row(quote).unwrap().unwrap(), row);
    well(&mut anna);
    page(&mut anna, quote);
}

/// Has a store be as a program would have left it that knew no kinds but these.
fn as_an_older_program_left_it(engine: &mut Engine, unknown: RecordKind, notes: bool) {
    let mut batch = Batch::default();
    let mut books = engine.books.clone();
    for record in engine.records(unknown) {
        let row = engine.store.row(record).unwrap().unwrap();
        books.digests.toggle(record, &row.heads);
        batch.forget(record, Some(row.stands));
    }
    batch.bookkeeping(&books);
    batch.standing(&Standing { digests: books.digests.clone(), vector: engine.vector.clone() });
    let kinds = RecordKind::ALL.iter().map(|kind| Collection::of(*kind).0);
    if notes {
        batch.kinds_known(&kinds.filter(|kind| *kind != Collection::of(unknown).0).collect());
    } else {
        batch.forget_kinds_known();
    }
    engine.store.commit(batch).unwrap();
    engine.books = books;
}

#[test]
fn kinds_of_record_that_an_older_program_carried_along_are_there_once_the_program_is_updated() {
    for notes in [true, false] {
        let mut desks = Desks::new();
        let contact = done(&mut desks.bo, create(RecordKind::Contact, &[("name", "Karen Blixen")])).record.unwrap();
        let task = done(&mut desks.bo, create(RecordKind::Task, &[("about", &contact.to_string())])).record.unwrap();
        desks.meet();
        let (mut shown, mut digest) = (page(&mut desks.anna, contact).record, desks.anna.books.digests.whole());
        as_an_older_program_left_it(&mut desks.anna, RecordKind::Contact, notes);
        let Desks { folders, anna, mut bo } = desks;
        drop(anna);
        for start in 0..2 {
            let mut anna = Engine::open(folders[0].path(), Told::new(5 + start)).unwrap();
            assert_eq!((page(&mut anna, contact).record, anna.books.digests.whole()), (shown.clone(), digest));
            page(&mut anna, task);
            assert_eq!(anna.records(RecordKind::Contact), [contact]);
            assert_eq!(status(&mut anna).trouble, None);
            well(&mut anna);
            let phone = format!("45 12 34 5{start}");
            change(&mut anna, contact, FieldPath::root("phone"), &phone);
            carry(&anna, &mut bo);
            let AnyRecord::Contact(known) = page(&mut bo, contact).record else { panic!() };
            assert_eq!(known.phone.agreed().map(ToString::to_string), Some(phone));
            (shown, digest) = (page(&mut anna, contact).record, anna.books.digests.whole());
        }
    }
}

#[test]
fn what_was_carried_along_of_somebody_without_the_right_is_set_aside_when_the_kind_is_known() {
    let mut house = super::members::House::new();
    let employee = done(&mut house.desks.anna, create(RecordKind::Employee, &[("name", "Bjarne")])).record.unwrap();
    house.meet();
    // Mads's program does not ask whether he may.
    let seen = page(&mut house.mads, employee).heads;
    let open = house.mads.document(employee).unwrap();
    let moment = Moment { device: DeviceId::new(uuid::Uuid::nil()), millis: 1_790_000_000_000 };
    let edits = [Edit::set("name", "Mads was here")];
    let chunk = document::apply(&mut open.doc, RecordDef::of(RecordKind::Employee), &seen, &edits, moment).unwrap();
    house.mads.commit_entry(EntryKind::CHANGES, vec![(employee.into(), chunk)], Vec::new()).unwrap();
    let (mads, seq) = (house.mads.device(), house.mads.written());
    let signed = house.mads.store.entry(mads, seq).unwrap().unwrap();
    house.meet();
    // Anna's program of then took the entry as it was, for it did not know what it is about.
    let anna = &mut house.desks.anna;
    let mut batch = Batch::default();
    anna.store.set_aside().unwrap().iter().for_each(|aside| batch.forget_aside(aside));
    batch.entry(mads, seq, &signed);
    anna.store.commit(batch).unwrap();
    as_an_older_program_left_it(anna, RecordKind::Employee, true);
    let Desks { folders, anna, .. } = house.desks;
    drop(anna);
    let mut anna = Engine::open(folders[0].path(), Told::new(5)).unwrap();
    let AnyRecord::Employee(shown) = page(&mut anna, employee).record else { panic!() };
    assert_eq!(shown.name.agreed().map(String::as_str), Some("Bjarne"));
    assert_eq!(anna.set_aside().unwrap().into_iter().map(|(code, _)| code).collect::<Vec<_>>(), ["sync.no_right"]);
    well(&mut anna);
}

#[test]
fn entries_of_a_device_whose_clock_was_set_back_while_it_was_off_stay_in_order() {
    let (desks, quote, line) = Desks::with_quote();
    let Desks { folders, mut anna, .. } = desks;
    anna.acked(anna.written()).unwrap();
    drop(anna);
    let mut anna = Engine::open(folders[0].path(), Told::new(5)).unwrap();
    change(&mut anna, quote, of_line(line, "quantity"), "5 pcs");
    let log = anna.runs_after(anna.device(), 0, 0).unwrap().remove(0).entries;
    assert!(log.windows(2).all(|two| two[0].time < two[1].time), "{:?}", log.last());
}
