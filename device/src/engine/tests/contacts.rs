//! People at customers: what goes when one is erased, and what the law wants kept.

use super::members::{House, refused as refusal};
use super::*;
use mera_device_api::{BeforeErasing, Erased, Kept};
use mera_schema::Addressee;

const NAME: &str = "Karen Blixen";

/// A customer with an address and a contact, and a quote that was sent to her, which both have.
struct Sent {
    desks: Desks,
    contact: RecordRef,
    quote: RecordRef,
}

fn send(engine: &mut Engine, contact: RecordRef) -> RecordRef {
    let AnyRecord::Contact(known) = page(engine, contact).record else { panic!() };
    let customer = known.party.agreed().unwrap().to_string();
    let values = [("customer", customer.as_str()), ("contact", &contact.to_string()), ("subject", "Ventiler")];
    let quote = done(engine, create(RecordKind::Quote, &values)).record.unwrap();
    add_line(engine, quote, "Kugleventil DN50", "100 DKK");
    let seen = page(engine, quote).heads;
    done(engine, Request::Quote { record: quote, seen, verb: Verb::Send, reason: String::new() });
    quote
}

impl Sent {
    fn new() -> Self {
        let mut desks = Desks::new();
        let anna = &mut desks.anna;
        let customer = done(anna, create(RecordKind::Customer, &[("name", "Rungstedlund A/S")]));
        let record = customer.record.unwrap();
        let values = [("street", "Rungsted Strandvej 111"), ("postal_code", "2960"), ("city", "Rungsted Kyst")];
        let values = values.map(|(field, value)| (field.to_owned(), value.to_owned())).into();
        let item = NewItem { collection: "addresses".into(), values };
        done(anna, Request::AddItem { record, seen: customer.heads, item });
        let values = [("name", NAME), ("party", &record.to_string()), ("phone", "45 12 34 56"), ("title", "Indkøber")];
        let contact = done(anna, create(RecordKind::Contact, &values)).record.unwrap();
        let quote = send(anna, contact);
        desks.meet();
        Self { desks, contact, quote }
    }
}

fn before(engine: &mut Engine, record: RecordRef) -> BeforeErasing {
    let Answer::Ok(Reply::BeforeErasing(before)) = engine.answer(Request::BeforeErasing { record }) else { panic!() };
    before
}

fn erase(engine: &mut Engine, record: RecordRef) -> Erased {
    match engine.answer(Request::Erase { record }) {
        Answer::Ok(Reply::Erased(erased)) => erased,
        other => panic!("not erased: {other:?}"),
    }
}

fn kept(engine: &mut Engine, record: RecordRef) -> Addressee {
    let AnyRecord::Addressee(kept) = page(engine, record).record else { panic!() };
    kept
}

#[test]
fn of_an_erased_contact_name_and_address_stay_for_the_documents_that_need_them() {
    let Sent { mut desks, contact, quote } = Sent::new();
    let about = [("title", "Ring til Karen"), ("about", &contact.to_string())];
    let task = done(&mut desks.bo, create(RecordKind::Task, &about)).record.unwrap();
    let told = before(&mut desks.bo, contact);
    assert_eq!(told.kept_for.iter().map(|row| row.record).collect::<Vec<_>>(), [quote]);
    assert_eq!((told.with_it[0].record, told.until.unwrap().to_string()), (task, "2031-12-31".into()));
    page(&mut desks.bo, contact);
    let Erased { records, kept: copy } = erase(&mut desks.bo, contact);
    assert_eq!(records, [contact, task]);
    let Kept { record: addressee, until } = copy.unwrap();
    assert_eq!(until.to_string(), "2031-12-31");
    desks.meet();
    for engine in [&mut desks.anna, &mut desks.bo] {
        let copy = kept(engine, addressee);
        let said =
            [&copy.name, &copy.company, &copy.street, &copy.postal_code].map(|field| field.agreed().unwrap().as_str());
        assert_eq!(said, [NAME, "Rungstedlund A/S", "Rungsted Strandvej 111", "2960"]);
        assert!(!serde_json::to_string(&copy).unwrap().contains("45 12 34 56"), "and no more than that");
        assert_eq!(refused(engine, Request::Open { record: contact, at: None }), "record.erased");
        assert_eq!(page(engine, quote).names[&contact.to_string()], NAME, "the quote tells whom it was sent to");
        let Answer::Ok(Reply::Page(found)) = engine.answer(Request::Find { query: NAME.into() }) else { panic!() };
        assert_eq!(found.total, 0, "nobody comes upon her by name");
    }
}

#[test]
fn a_contact_whom_no_sent_document_names_leaves_nothing() {
    let mut desks = Desks::new();
    let contact = done(&mut desks.anna, create(RecordKind::Contact, &[("name", NAME)])).record.unwrap();
    let values = [("contact", contact.to_string())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    done(&mut desks.anna, create(RecordKind::Quote, &values));
    assert_eq!(before(&mut desks.anna, contact).until, None);
    assert_eq!(erase(&mut desks.anna, contact), Erased { records: vec![contact], kept: None });
    desks.meet();
    assert_eq!(desks.bo.records(RecordKind::Addressee), []);
}

#[test]
fn what_is_kept_is_not_changed_by_hand_nor_erased_before_its_day() {
    let Sent { mut desks, contact, .. } = Sent::new();
    let addressee = erase(&mut desks.anna, contact).kept.unwrap().record;
    let no = refusal(&mut desks.anna, Request::Erase { record: addressee });
    assert_eq!((no.code.as_str(), no.args["until"].as_str()), ("erasure.kept_by_law", "2031-12-31"));
    let shown = page(&mut desks.anna, addressee);
    assert!(shown.locked());
    let edits = vec![Edit::set("name", "En anden")];
    let change = Request::Change { record: addressee, seen: shown.heads, edits };
    assert_eq!(refused(&mut desks.anna, change), "erasure.kept_as_it_is");
    assert_eq!(refused(&mut desks.anna, create(RecordKind::Addressee, &[("name", "x")])), "erasure.kept_as_it_is");
}

#[test]
fn what_is_kept_goes_by_itself_after_its_day_where_the_person_may_erase() {
    let mut house = House::new();
    let contact = done(&mut house.desks.anna, create(RecordKind::Contact, &[("name", NAME)])).record.unwrap();
    let values = [("contact", contact.to_string()), ("number", "10".into()), ("date", "2026-09-22".into())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    done(&mut house.desks.anna, create(RecordKind::Order, &values));
    let addressee = erase(&mut house.desks.anna, contact).kept.unwrap().record;
    house.meet();
    for (day, there) in [("2031-12-31", true), ("2032-01-01", false)] {
        for engine in [&mut house.mads, &mut house.desks.anna] {
            engine.world = Told::on(40, day);
            engine.tidy().unwrap();
        }
        let anna = &mut house.desks.anna;
        assert_eq!(anna.records(RecordKind::Addressee) == [addressee], there, "{day}");
        assert!(!house.mads.erasures.has(&addressee.into()), "his person may not");
    }
    house.desks.meet();
    assert_eq!(refused(&mut house.desks.bo, Request::Open { record: addressee, at: None }), "record.erased");
}

#[test]
fn two_who_erase_one_contact_at_once_keep_what_the_documents_of_both_need() {
    let Sent { mut desks, contact, quote } = Sent::new();
    let other = send(&mut desks.bo, contact);
    let [one, two] = [&mut desks.anna, &mut desks.bo].map(|engine| erase(engine, contact).kept.unwrap().record);
    assert_eq!(one, two);
    desks.meet();
    let mut needed: Vec<_> =
        kept(&mut desks.anna, one).documents.values().map(|kept| *kept.document.agreed().unwrap()).collect();
    needed.sort_unstable();
    let mut expected = [quote, other];
    expected.sort_unstable();
    assert_eq!(needed, expected);
}

#[test]
fn a_quote_that_was_sent_without_a_network_while_its_contact_was_erased_still_tells_whom_it_went_to() {
    for there_is_a_copy in [false, true] {
        let mut house = House::new();
        // Bo is in sales: he may not erase, and sends quotes.
        let person = house.desks.bo.identity.person_id;
        house.says(&Intent::SetRoles { person, roles: [mera_trust::Role::Sales].into_iter().collect() });
        let anna = &mut house.desks.anna;
        let customer = done(anna, create(RecordKind::Customer, &[("name", "Rungstedlund A/S")])).record.unwrap();
        let values = [("name", NAME), ("party", &customer.to_string()), ("phone", "45 12 34 56")];
        let contact = done(anna, create(RecordKind::Contact, &values)).record.unwrap();
        if there_is_a_copy {
            send(anna, contact);
        }
        house.meet();
        let quote = send(&mut house.desks.bo, contact);
        let erased = erase(&mut house.desks.anna, contact);
        assert_eq!(erased.kept.is_some(), there_is_a_copy, "she has not heard of his quote");
        house.meet();
        house.meet();
        let addressee = mera_business::retention::addressee_of(contact);
        for engine in [&mut house.desks.anna, &mut house.desks.bo] {
            assert_eq!(status(engine).trouble, None);
            assert_eq!(refused(engine, Request::Open { record: contact, at: None }), "record.erased");
            let copy = kept(engine, addressee);
            assert_eq!(copy.name.agreed().map(String::as_str), Some(NAME));
            let documents: Vec<_> = copy.documents.values().map(|kept| *kept.document.agreed().unwrap()).collect();
            assert!(documents.contains(&quote) && documents.len() == 1 + usize::from(there_is_a_copy), "{documents:?}");
            assert_eq!(page(engine, quote).names[&contact.to_string()], NAME);
            well(engine);
        }
        assert_eq!(house.desks.anna.books.digests.whole(), house.desks.bo.books.digests.whole());
    }
}

#[test]
fn where_it_cannot_be_kept_whom_a_quote_went_to_the_person_is_told() {
    let mut house = House::new();
    let contact = done(&mut house.desks.anna, create(RecordKind::Contact, &[("name", NAME)])).record.unwrap();
    house.meet();
    // Mads takes orders in the warehouse, and may keep nothing.
    let values = [("contact", contact.to_string()), ("number", "O-7".into()), ("date", "2026-09-22".into())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    done(&mut house.mads, create(RecordKind::Order, &values));
    erase(&mut house.desks.anna, contact);
    house.meet();
    let told = status(&mut house.mads).trouble.unwrap();
    assert_eq!((told.code.as_str(), told.args["number"].as_str()), ("erasure.no_copy", "O-7"));
    assert!(!told.says.contains(NAME), "nobody is named who was erased");
    assert_eq!(status(&mut house.desks.bo).trouble, None, "who did not write it need not know");
    well(&mut house.mads);
}

#[test]
fn who_was_interrupted_after_the_copy_erases_once_more_and_nothing_is_doubled() {
    let Sent { mut desks, contact, .. } = Sent::new();
    let erasing = desks.anna.decide_erasing(contact).unwrap();
    let addressee = desks.anna.keep_copy(contact, &erasing).unwrap().unwrap().record;
    let written = desks.anna.written();
    page(&mut desks.anna, contact);
    assert_eq!(erase(&mut desks.anna, contact).kept.unwrap().record, addressee);
    assert_eq!(desks.anna.written(), written + 1, "only the erasure was missing");
    assert_eq!(kept(&mut desks.anna, addressee).documents.len(), 1);
    desks.meet();
}
