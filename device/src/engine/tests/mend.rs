//! Two devices with the same entries and other records: the one that went wrong finds it and mends it.

use super::*;
use crate::store::{Batch, RecordRow, Standing};

/// A quote as it stood in the store at some time.
struct Stood {
    bytes: Vec<u8>,
    row: RecordRow,
}

fn stands(engine: &Engine, record: RecordRef) -> Stood {
    Stood {
        bytes: engine.store.document(record, engine.members.keys()).unwrap().unwrap(),
        row: engine.store.row(record).unwrap().unwrap(),
    }
}

/// The store says of a record what it said before, or nothing, and all its bookkeeping agrees: a program that went wrong
/// or a machine with bad memory, not a damaged disk.
fn goes_wrong(engine: &mut Engine, record: RecordRef, stood: Option<&Stood>) {
    let now = engine.store.row(record).unwrap().unwrap();
    let mut batch = Batch::default();
    engine.books.digests.toggle(record, &now.heads);
    match stood {
        Some(stood) => {
            engine.books.digests.toggle(record, &stood.row.heads);
            let stands = batch.snapshot(record, &stood.bytes, Some(now.stands));
            batch.row(record, &RecordRow { stands, ..stood.row.clone() });
        }
        None => batch.forget(record, Some(now.stands)),
    }
    batch.bookkeeping(&engine.books);
    batch.standing(&Standing { digests: engine.books.digests.clone(), vector: engine.vector.clone() });
    engine.store.commit(batch).unwrap();
    engine.views.replace(record, &now.facts, stood.map(|stood| stood.row.facts.clone()).unwrap_or_default());
    engine.open.clear();
}

fn is_told_that_it_differs_from(engine: &mut Engine, other: DeviceId) {
    let mut session = engine.session();
    let mut outcome = follow(engine, &mut session, vec![ClientEffect::Diverged(other)]).unwrap();
    while outcome.more {
        outcome = follow(engine, &mut session, Vec::new()).unwrap();
    }
}

#[test]
fn a_record_that_lost_a_change_and_one_that_is_gone_are_made_anew_from_the_logs() {
    let (mut desks, quote, line) = Desks::with_quote();
    let stood = stands(&desks.anna, quote);
    change(&mut desks.anna, quote, of_line(line, "quantity"), "5 pcs");
    let customer = done(&mut desks.anna, create(RecordKind::Customer, &[("name", "Skagen Fisk")])).record.unwrap();
    desks.meet();
    let right = desks.anna.books.digests.clone();
    for (name, record, before) in [("an older quote", quote, Some(&stood)), ("no customer", customer, None)] {
        goes_wrong(&mut desks.anna, record, before);
        assert!(!desks.anna.books.digests.equal(&right), "{name}: it is to be found");
        let bo = desks.bo.device();
        is_told_that_it_differs_from(&mut desks.anna, bo);
        assert!(desks.anna.books.digests.equal(&right), "{name}");
        let told = status(&mut desks.anna).trouble.unwrap();
        assert_eq!((&*told.code, &*told.args["differed"]), ("sync.mended", "1"), "{name}");
        desks.meet();
    }
    assert_eq!(quote_of(&page(&mut desks.anna, quote)).lines[&line].quantity.agreed().unwrap().to_string(), "5 pcs");
    // It also stands so on disk.
    let Desks { folders, anna, .. } = desks;
    drop(anna);
    let mut again = Engine::open(folders[0].path(), Told::new(3)).unwrap();
    assert!(again.books.digests.equal(&right));
    well(&mut again);
}

#[test]
fn a_sum_that_is_not_that_of_the_records_is_summed_again() {
    let (mut desks, quote, _) = Desks::with_quote();
    let right = desks.anna.books.digests.clone();
    desks.anna.books.digests.toggle(quote, &vec!["00".repeat(32)]);
    let bo = desks.bo.device();
    is_told_that_it_differs_from(&mut desks.anna, bo);
    assert!(desks.anna.books.digests.equal(&right));
    let told = status(&mut desks.anna).trouble.unwrap();
    assert_eq!((&*told.code, &*told.args["differed"]), ("sync.mended", "0"));
    desks.meet();
}

#[test]
fn who_is_right_says_so_and_whose_records_are_others_until_the_relay_finds_them_equal() {
    let (mut desks, ..) = Desks::with_quote();
    let (bo, before) = (desks.bo.device(), desks.anna.books.digests.clone());
    is_told_that_it_differs_from(&mut desks.anna, bo);
    let told = status(&mut desks.anna).trouble.unwrap();
    assert_eq!((&*told.code, &*told.args["device"], &*told.args["compared"]), ("sync.diverged", "Bos pc", "4"));
    assert!(desks.anna.books.digests.equal(&before));
    desks.meet();
    misfortune::welcome(&mut desks.anna, 0);
    assert_eq!(status(&mut desks.anna).trouble, None, "a relay that still finds a difference says so again");
}
