//! Sheets that are imported again after people, or the sheets, have changed.
#![allow(clippy::unwrap_used)]

use super::super::tests::{Desks, change, done, page, refused, well};
use super::*;
use mera_device_api::{Answer, Reply, Request};
use mera_import::{Profile, Sheets, plan};
use mera_schema::{AnyRecord, Customer, Order, RecordId};

const PROFILE: &str = r#"
name = "erp"
currency = "DKK"
[[sheets]]
name = "customers"
record = "customer"
key = "nr"
fields = { name = "name", discount = "discount", notes = "notes" }
[[sheets]]
name = "orders"
record = "order"
key = "nr"
repeats = true
fields = { number = "nr", customer = { column = "customer", link = "customer" } }
[[sheets.items]]
into = "lines"
key = "pos"
fields = { text = "text", quantity = { column = "pieces", unit = "pcs" }, unit_price = "price" }
"#;
const CUSTOMERS: &str = "nr,name,discount,notes\n1,Havn,5,Ring kl. 8\n2,Lys,,\n";
const ORDERS: &str = "nr,customer,pos,text,pieces,price\n10,1,1,Ventil,2,100\n10,1,2,Pakning,4,5\n11,2,1,Flange,1,30\n";

fn drafts(customers: &str, orders: &str) -> Vec<Draft> {
    let mut sheets = Sheets::default();
    sheets.add("customers.csv", customers.as_bytes()).unwrap();
    sheets.add("orders.csv", orders.as_bytes()).unwrap();
    let plan = plan(&Profile::read(PROFILE).unwrap(), &sheets, |_| false).unwrap();
    assert_eq!(plan.refused, []);
    plan.drafts
}

fn counts(imported: &Imported) -> [usize; 3] {
    [&imported.created, &imported.changed, &imported.unchanged].map(|counts| counts.values().sum())
}

fn named(kind: RecordKind, key: &str) -> RecordRef {
    RecordRef::new(kind, RecordId::derived(kind, "erp", key))
}

fn customer(engine: &mut Engine) -> Customer {
    let AnyRecord::Customer(customer) = page(engine, named(RecordKind::Customer, "1")).record else { panic!() };
    customer
}

fn order(engine: &mut Engine, key: &str) -> Order {
    let AnyRecord::Order(order) = page(engine, named(RecordKind::Order, key)).record else { panic!() };
    order
}

fn pieces(order: &Order) -> Vec<String> {
    let live = order.lines.values().filter(|line| line.is_live());
    let mut pieces: Vec<String> = live.filter_map(|line| line.quantity.agreed().map(ToString::to_string)).collect();
    pieces.sort();
    pieces
}

#[test]
fn the_same_sheets_again_change_nothing_not_even_what_people_have_changed_since() {
    let mut desks = Desks::new();
    let drafts = drafts(CUSTOMERS, ORDERS);
    assert_eq!(counts(&desks.anna.import("erp", &drafts).unwrap()), [4, 0, 0]);
    change(&mut desks.anna, named(RecordKind::Customer, "1"), FieldPath::root("discount"), "7");
    let before = desks.anna.vector.clone();
    assert_eq!(counts(&desks.anna.import("erp", &drafts).unwrap()), [0, 0, 4]);
    assert_eq!(desks.anna.vector, before, "nothing was written");
    assert_eq!(customer(&mut desks.anna).discount.agreed().unwrap().to_string(), "7");
    desks.meet();
    assert_eq!(counts(&desks.bo.import("erp", &drafts).unwrap()), [0, 0, 4], "a colleague knows what was imported");
}

#[test]
fn what_the_sheets_say_anew_comes_in_and_is_asked_about_where_a_person_said_otherwise() {
    let mut desks = Desks::new();
    desks.anna.import("erp", &drafts(CUSTOMERS, ORDERS)).unwrap();
    change(&mut desks.anna, named(RecordKind::Customer, "1"), FieldPath::root("discount"), "7");
    let customers = CUSTOMERS.replace("Havn,5", "Havnen,6");
    let orders = ORDERS.replace("Pakning,4", "Pakning,9") + "11,2,2,Bolt,8,1\n";
    assert_eq!(counts(&desks.anna.import("erp", &drafts(&customers, &orders)).unwrap()), [0, 3, 1]);
    let shown = customer(&mut desks.anna);
    assert_eq!(shown.name.agreed().unwrap(), "Havnen", "nobody else had changed it");
    assert!(shown.discount.is_clash(), "7 or 6? A person decides");
    assert_eq!(pieces(&order(&mut desks.anna, "10")), ["2 pcs", "9 pcs"]);
    assert_eq!(pieces(&order(&mut desks.anna, "11")), ["1 pcs", "8 pcs"]);
    desks.meet();
    assert_eq!(order(&mut desks.bo, "11").lines.len(), 2);
    let noted = CUSTOMERS.replace("Ring kl. 8", "Ring kl. 9").replace("Havn,5", "Havnen,6");
    for desk in [&mut desks.anna, &mut desks.bo] {
        assert_eq!(counts(&desk.import("erp", &drafts(&noted, &orders)).unwrap())[..2], [0, 1], "only the note is new");
        assert_eq!(counts(&desk.import("erp", &drafts(&noted, &orders)).unwrap()), [0, 0, 4]);
    }
    desks.meet();
    assert_eq!(customer(&mut desks.anna).notes.0, "Ring kl. 9", "both imported it, and it stands once");
    assert!(customer(&mut desks.anna).discount.is_clash(), "and what was asked is still open");
}

#[test]
fn the_history_of_an_imported_record_has_one_entry_with_the_person_who_imported_it() {
    let mut desks = Desks::new();
    desks.anna.import("erp", &drafts(CUSTOMERS, ORDERS)).unwrap();
    for (kind, key, told) in [(RecordKind::Customer, "1", "notes"), (RecordKind::Order, "10", "number")] {
        let Answer::Ok(Reply::History(rows)) = desks.anna.answer(Request::History { record: named(kind, key) }) else {
            panic!()
        };
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0].person.person, "Anna");
        assert!(
            rows[0]
                .fields
                .iter()
                .any(|(path, before, after)| path.field == told && before.is_none() && after.is_some())
        );
    }
}

#[test]
fn two_people_import_one_file_offline_and_meet_as_if_one_had() {
    let mut desks = Desks::new();
    let drafts = drafts(CUSTOMERS, ORDERS);
    desks.anna.import("erp", &drafts).unwrap();
    desks.bo.import("erp", &drafts).unwrap();
    change(&mut desks.bo, named(RecordKind::Customer, "1"), FieldPath::root("discount"), "9");
    desks.meet();
    let shown = customer(&mut desks.anna);
    assert_eq!(shown.notes.0, "Ring kl. 8", "a text that both imported stands once");
    assert_eq!(pieces(&order(&mut desks.anna, "10")), ["2 pcs", "4 pcs"]);
    assert_eq!(counts(&desks.anna.import("erp", &drafts).unwrap()), [0, 0, 4]);
}

#[test]
fn an_import_that_was_interrupted_is_started_over_and_doubles_nothing() {
    let mut desks = Desks::new();
    let drafts = drafts(CUSTOMERS, ORDERS);
    desks.anna.import("erp", &drafts[..3]).unwrap();
    assert_eq!(counts(&desks.anna.import("erp", &drafts).unwrap()), [1, 0, 3]);
    well(&mut desks.anna);
}

#[test]
fn the_rules_of_the_trade_refuse_a_row_at_its_column_and_the_others_go_in() {
    let mut desks = Desks::new();
    let drafts = drafts(CUSTOMERS, &ORDERS.replace("Pakning,4", "Pakning,-4"));
    let imported = desks.anna.import("erp", &drafts).unwrap();
    assert_eq!(counts(&imported), [3, 0, 0]);
    let told: Vec<_> = imported.refused.iter().map(|r| (r.line, r.column.as_deref(), r.code.as_str())).collect();
    assert_eq!(told, [(3, Some("pieces"), "line.quantity_not_positive"), (2, None, "record.held_back")]);
    assert_eq!(
        refused(&mut desks.anna, Request::Open { record: named(RecordKind::Order, "10"), at: None }),
        "record.unknown"
    );
    desks.meet();
}

#[test]
fn a_change_that_no_entry_can_carry_is_refused_and_nothing_is_left_of_it() {
    let mut desks = Desks::new();
    let made = done(&mut desks.anna, Request::Create { kind: RecordKind::Customer, values: vec![] });
    // Text without repetition, so that compression does not help.
    let mut state = 1_u64;
    let mut noise = || -> String {
        (0..99_999)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b' ' + (state >> 57) as u8 % 94)
            })
            .collect()
    };
    let word = |word: &[u8]| {
        let member = String::from_utf8_lossy(word).into_owned();
        Edit::Include { path: FieldPath::root("interests"), member }
    };
    let edits = (0..60).flat_map(|_| noise().as_bytes().chunks(1_900).map(word).collect::<Vec<Edit>>()).collect();
    let before = desks.anna.vector.clone();
    let code = refused(&mut desks.anna, Request::Change { record: made.record.unwrap(), seen: made.heads, edits });
    assert_eq!((code.as_str(), &desks.anna.vector), ("device.too_large", &before));
    let AnyRecord::Customer(customer) = page(&mut desks.anna, made.record.unwrap()).record else { panic!() };
    assert!(customer.interests.0.is_empty());
    desks.meet();
}
