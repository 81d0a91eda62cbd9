//! What was backed up is there after it was restored; what is no whole backup leaves nothing behind.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::Place;
use crate::engine::tests::misfortune::welcome;
use crate::engine::tests::{Desks, Told, carry, change, create, done, finds, of_line, page, refused, status, well};
use mera_device_api::{Answer, Reply, Request};
use mera_schema::{FieldPath, RecordKind, RecordRef};
use mera_sync_protocol::Replica;
use mera_trust::Intent;
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::fs;
use std::io::Read;

const SAID: &str = "korrekt hest batteri";

fn passphrase() -> Passphrase {
    Passphrase::of_little_work(SAID)
}

fn taken(engine: &Engine, file: &Path) -> Result<u64, BackupFault> {
    backup(|look| look(engine), file, &passphrase(), |_| true)
}

fn put_back(file: &Path, folder: &Path) -> Result<Engine, BackupFault> {
    restore(file, &passphrase(), folder, &Place::InFolder, Told::new(30), |_| true)?;
    Ok(Engine::open(folder, Told::new(31))?)
}

/// Everything that a device shows: lists, pages, histories, sums, clashes.
fn shown(engine: &mut Engine) -> Vec<Answer> {
    let records: Vec<RecordRef> = RecordKind::ALL.iter().flat_map(|kind| engine.records(*kind)).collect();
    let lists =
        RecordKind::ALL.iter().map(|kind| Request::List { kind: *kind, query: String::new(), offset: 0, limit: 500 });
    let histories = records.iter().map(|record| Request::History { record: *record });
    let requests = lists.chain(histories).chain([Request::Clashes, Request::QuoteStock, Request::Tasks { done: true }]);
    let mut answers: Vec<Answer> = requests.map(|request| engine.answer(request)).collect();
    answers.extend(records.into_iter().map(|record| {
        let mut page = page(engine, record);
        // Where a record is safe is a matter of the connection, and of no record.
        page.sync = mera_device_api::SyncState::Here;
        Answer::Ok(Reply::Record(Box::new(page)))
    }));
    answers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_restored_device_holds_and_shows_what_the_original_did(steps in prop::collection::vec((any::<bool>(), 0..4_u8), 1..14)) {
        let (mut desks, quote, line) = Desks::with_quote();
        for (n, (hers, what)) in steps.into_iter().enumerate() {
            let who = if hers { &mut desks.anna } else { &mut desks.bo };
            match what {
                0 => drop(done(who, create(RecordKind::Customer, &[("name", &format!("Kunde {n}"))]))),
                1 => change(who, quote, of_line(line, "unit_price"), &format!("{} DKK", n + 1)),
                2 => change(who, quote, FieldPath::root("subject"), &format!("Ventiler {n}")),
                _ => desks.meet(),
            }
        }
        let place = tempfile::tempdir().unwrap();
        let (file, folder) = (place.path().join("anna.backup"), place.path().join("anna"));
        taken(&desks.anna, &file).unwrap();
        let mut again = put_back(&file, &folder).unwrap();
        prop_assert!(again.holds(&desks.anna.kept().unwrap().vector, &desks.anna.kept().unwrap().digests));
        prop_assert_eq!(shown(&mut again), shown(&mut desks.anna));
        prop_assert_eq!((again.device(), again.workspace()), (desks.anna.device(), desks.anna.workspace()));
        well(&mut again);
        // It goes on with its log, and its colleagues follow.
        change(&mut again, quote, FieldPath::root("subject"), "Videre");
        carry(&again, &mut desks.bo);
        well(&mut desks.bo);
    }
}

#[test]
fn a_restored_device_fetches_what_it_wrote_after_the_backup_before_it_writes() {
    let (desks, quote, line) = Desks::with_quote();
    let Desks { folders, anna, mut bo } = desks;
    drop(anna);
    crate::redirect(folders[0].path(), Some("ws://relay/sync".into())).unwrap();
    let mut anna = Engine::open(folders[0].path(), Told::new(3)).unwrap();
    let place = tempfile::tempdir().unwrap();
    let (file, folder) = (place.path().join("anna.backup"), place.path().join("anna"));
    taken(&anna, &file).unwrap();
    change(&mut anna, quote, of_line(line, "quantity"), "5 pcs");
    carry(&anna, &mut bo);
    let at_relay = anna.written();
    drop(anna);
    for _ in 0..2 {
        // Also one that is switched off again before it has spoken to the relay.
        let mut again = if folder.exists() {
            Engine::open(&folder, Told::new(4)).unwrap()
        } else {
            put_back(&file, &folder).unwrap()
        };
        assert_eq!(refused(&mut again, create(RecordKind::Quote, &[])), "device.recovering");
        assert_eq!(status(&mut again).trouble.unwrap().code, "device.recovering");
    }
    let mut again = Engine::open(&folder, Told::new(5)).unwrap();
    welcome(&mut again, at_relay);
    assert_eq!(refused(&mut again, create(RecordKind::Quote, &[])), "device.recovering", "it has not come yet");
    let runs = mera_sync_protocol::Replica::runs_after(&bo, again.device(), again.written(), 0).unwrap();
    again.take(runs, None).unwrap();
    change(&mut again, quote, of_line(line, "quantity"), "6 pcs");
    carry(&again, &mut bo);
    assert!(bo.set_aside().unwrap().is_empty(), "no fork");
    drop(again);
    let mut again = Engine::open(&folder, Told::new(6)).unwrap();
    change(&mut again, quote, of_line(line, "quantity"), "7 pcs");
}

#[test]
fn a_damaged_cut_strange_or_newer_file_and_a_wrong_passphrase_leave_nothing_behind() {
    let (desks, ..) = Desks::with_quote();
    let place = tempfile::tempdir().unwrap();
    let (file, wrong, folder) = (place.path().join("good"), place.path().join("wrong"), place.path().join("anna"));
    taken(&desks.anna, &file).unwrap();
    let good = fs::read(&file).unwrap();
    let refused = |bytes: &[u8], said: &str| {
        fs::write(&wrong, bytes).unwrap();
        let fault =
            restore(&wrong, &Passphrase::of_little_work(said), &folder, &Place::InFolder, Told::new(9), |_| true)
                .err()
                .unwrap();
        let left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "{left:?}");
        assert!(fault.to_string().len() > 20, "a sentence: {fault}");
        fault.code().to_owned()
    };
    assert_eq!(refused(&good, "noget helt andet"), "backup.wrong_passphrase");
    assert_eq!(refused(b"Kundeliste 2024", SAID), "backup.not_a_backup");
    assert_eq!(refused(b"", SAID), "backup.not_a_backup");
    for at in (0..good.len()).step_by(good.len() / 60) {
        let mut bytes = good.clone();
        bytes[at] ^= 4;
        let code = refused(&bytes, SAID);
        assert!(code.starts_with("backup."), "byte {at}: {code}");
        let code = refused(&good[..at], SAID);
        assert!(code.starts_with("backup."), "cut at {at}: {code}");
    }
    assert_eq!(refused(&good[..good.len() - 1], SAID), "backup.damaged", "the last byte is missing");
    assert_eq!(refused(&sealed(b"MERA backup 2\nsomething that comes later"), SAID), "backup.newer");
    assert_eq!(refused(&sealed(b"a letter to the bank, and no backup"), SAID), "backup.not_a_backup");
    let opened = opened(&good);
    assert_eq!(refused(&sealed(&opened), "noget helt andet"), "backup.wrong_passphrase");
    assert_eq!(refused(&sealed(&opened[..opened.len() - 9]), SAID), "backup.damaged", "cut before it was sealed");
    assert!(put_back(&file, &folder).is_ok());
}

fn sealed(plain: &[u8]) -> Vec<u8> {
    let recipient = passphrase().recipient();
    age::encrypt(&recipient, plain).unwrap()
}

fn opened(sealed: &[u8]) -> Vec<u8> {
    let key = age::scrypt::Identity::new(SAID.to_owned().into());
    let mut plain = Vec::new();
    age::Decryptor::new(sealed).unwrap().decrypt(std::iter::once(&key as _)).unwrap().read_to_end(&mut plain).unwrap();
    plain
}

#[test]
fn a_backup_shows_nothing_without_its_passphrase_and_writes_over_nothing() {
    let (mut desks, ..) = Desks::with_quote();
    done(&mut desks.anna, create(RecordKind::Customer, &[("name", "Hemmelig Kunde A/S")]));
    let place = tempfile::tempdir().unwrap();
    let (file, folder) = (place.path().join("anna.backup"), place.path().join("anna"));
    assert_eq!(backup(|look| look(&desks.anna), &file, &passphrase(), |_| false).unwrap_err().code(), "backup.stopped");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0, "no half file");
    taken(&desks.anna, &file).unwrap();
    let bytes = fs::read(&file).unwrap();
    assert!(memchr::memmem::find(&bytes, b"Hemmelig").is_none() && bytes.starts_with(b"age-encryption.org/v1"));
    assert_eq!(taken(&desks.anna, &file).unwrap_err().code(), "backup.file_exists");
    assert_eq!(fs::read(&file).unwrap(), bytes);
    fs::create_dir_all(folder.join("something")).unwrap();
    assert_eq!(put_back(&file, &folder).err().unwrap().code(), "backup.folder_taken");
    let stopped = restore(&file, &passphrase(), &place.path().join("else"), &Place::InFolder, Told::new(3), |_| false)
        .err()
        .unwrap();
    assert_eq!((stopped.code(), fs::read_dir(place.path()).unwrap().count()), ("backup.stopped", 2));
    assert_eq!(Passphrase::new("kort".into()).err().unwrap().code(), "backup.passphrase_short");
}

#[test]
fn what_was_erased_is_erased_again_in_what_is_restored_and_is_in_no_later_backup() {
    let mut desks = Desks::new();
    let record = done(&mut desks.anna, create(RecordKind::Customer, &[("name", "Karen Blixen")])).record.unwrap();
    desks.meet();
    let place = tempfile::tempdir().unwrap();
    let [early, late] = ["early", "late"].map(|name| place.path().join(name));
    taken(&desks.bo, &early).unwrap();
    assert!(matches!(desks.anna.answer(Request::Erase { record }), Answer::Ok(Reply::Erased(_))));
    desks.meet();
    taken(&desks.bo, &late).unwrap();
    let folder = place.path().join("bo");
    let mut bo = put_back(&early, &folder).unwrap();
    page(&mut bo, record);
    let bytes = bo.sealed_of(record);
    assert!(finds(&folder, &bytes[0]));
    carry(&desks.anna, &mut bo);
    bo.tidy().unwrap();
    assert!(bytes.iter().all(|bytes| !finds(&folder, bytes)));
    for mut bo in [bo, put_back(&late, &place.path().join("again")).unwrap()] {
        assert_eq!(refused(&mut bo, Request::Open { record, at: None }), "record.erased");
        assert!(bo.holds(&desks.anna.kept().unwrap().vector, &desks.anna.kept().unwrap().digests));
        well(&mut bo);
    }
}

#[test]
fn a_backup_during_which_something_is_erased_is_given_up() {
    let mut desks = Desks::new();
    let record = done(&mut desks.anna, create(RecordKind::Customer, &[("name", "Karen Blixen")])).record.unwrap();
    let place = tempfile::tempdir().unwrap();
    let (file, anna, looks) = (place.path().join("backup"), RefCell::new(desks.anna), Cell::new(0));
    let look = |work: &mut dyn FnMut(&Engine)| {
        looks.set(looks.get() + 1);
        if looks.get() == 2 {
            anna.borrow_mut().answer(Request::Erase { record });
        }
        work(&anna.borrow());
    };
    assert_eq!(backup(look, &file, &passphrase(), |_| true).unwrap_err().code(), "backup.erased_meanwhile");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

/// Anna takes Bo's device out of the company.
fn take_out(desks: &mut Desks) {
    let said = desks.anna.draft(&Intent::Revoke { device: desks.bo.device() }).unwrap();
    desks.anna.learn(&[said]).unwrap();
}

/// What a device that was taken out says to whatever it is asked: the code, and how many changes were not delivered.
fn out(engine: &mut Engine) -> (String, String) {
    let Answer::Refused(why) = engine.answer(Request::About) else { panic!("it works on") };
    assert!(why.says.contains("invitation"), "what to do: {}", why.says);
    (why.code, why.args["unsent"].clone())
}

#[test]
fn a_backup_of_a_device_that_was_taken_out_meanwhile_says_so_and_its_unsent_work_is_handed_in() {
    let (mut desks, quote, line) = Desks::with_quote();
    change(&mut desks.bo, quote, of_line(line, "quantity"), "5 pcs");
    let place = tempfile::tempdir().unwrap();
    let [before, after] = ["before", "after"].map(|name| place.path().join(name));
    taken(&desks.bo, &before).unwrap();
    take_out(&mut desks);
    let chain = desks.anna.statements(0, usize::MAX).unwrap();
    desks.bo.learn(&chain).unwrap();
    // It was backed up once more when it knew already.
    taken(&desks.bo, &after).unwrap();
    let mut early = put_back(&before, &place.path().join("early")).unwrap();
    page(&mut early, quote);
    early.learn(&chain).unwrap();
    for mut bo in [early, put_back(&after, &place.path().join("late")).unwrap()] {
        assert_eq!(out(&mut bo), ("membership.revoked".into(), "1".into()));
        let Answer::Ok(Reply::HandedIn(work)) = bo.answer(Request::HandIn) else { panic!("nothing to hand in") };
        let opened = desks.anna.answer(Request::OpenHandedIn { file: work.file });
        assert_eq!(opened, Answer::Ok(Reply::HandedInOpened { changes: 1 }));
    }
}
