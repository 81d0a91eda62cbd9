//! Sheets of a small company, and what is wrong with some of their rows.
#![allow(clippy::unwrap_used)]

use super::*;
use mera_schema::{FieldPath, RecordId, RecordKind};

const PROFILE: &str = r#"
name = "small"
currency = "DKK"
decimal = ","
days = ["%d.%m.%Y"]
[[sheets]]
name = "customers"
record = "customer"
key = "nr"
[sheets.fields]
name = "navn"
credit_limit = "kredit"
interests = { column = "interesser", split = "/" }
notes = "noter"
[[sheets.beside]]
record = "contact"
link = "party"
fields = { name = "kontakt" }
[[sheets]]
name = "orders"
record = "order"
key = "nr"
[sheets.fields]
number = "nr"
customer = { column = "kunde", link = "customer" }
date = "dato"
[[sheets]]
name = "lines"
of = "order"
owner = "ordre"
into = "lines"
key = "pos"
[sheets.fields]
text = "vare"
quantity = { column = "antal", unit = "pcs" }
unit_price = "pris"
"#;
const CUSTOMERS: &str =
    "nr;navn;kredit;interesser;noter;kontakt\n1;Ærø Havn;1.250,50;ventiler/pumper;;Bo\n2;Lys A/S;;;Ring;\n";
const ORDERS: &str = "nr;kunde;dato\n10;1;04.07.2026\n11;2;05.07.2026\n";
const LINES: &str = "ordre;pos;vare;antal;pris\n10;1;Ventil;2;99,5\n10;2;Pakning;4;1.000\n11;1;Flange;1;7\n";

fn planned(sheets: &[(&str, &str)]) -> Result<Plan, PlanFault> {
    let mut all = Sheets::default();
    for (name, text) in sheets {
        all.add(&format!("{name}.csv"), text.as_bytes()).unwrap();
    }
    plan(&Profile::read(PROFILE).unwrap(), &all, |_| false)
}

fn named(kind: RecordKind, key: &str) -> RecordRef {
    RecordRef::new(kind, RecordId::derived(kind, "small", key))
}

/// Line, column and code of a refusal.
type Told<'a> = (u64, Option<&'a str>, &'a str);

fn refusals(plan: &Plan) -> Vec<Told<'_>> {
    plan.refused.iter().map(|refused| (refused.line, refused.column.as_deref(), refused.code.as_str())).collect()
}

fn orders(plan: &Plan) -> Vec<RecordRef> {
    plan.drafts.iter().map(|draft| draft.record).filter(|record| record.kind == RecordKind::Order).collect()
}

#[test]
fn rows_become_records_with_their_items_in_written_form() {
    let plan = planned(&[("customers", CUSTOMERS), ("orders", ORDERS), ("lines", LINES)]).unwrap();
    assert_eq!(refusals(&plan), []);
    assert_eq!(plan.drafts.len(), 5, "a contact without a name is none");
    let customer = &plan.drafts[0];
    assert_eq!(customer.record, named(RecordKind::Customer, "1"));
    let own = &customer.parts[0].edits;
    assert!(
        own.contains(&Edit::set("credit_limit", "1250.50 DKK"))
            || own.contains(&Edit::set("credit_limit", "1250.5 DKK"))
    );
    assert!(own.contains(&Edit::Include { path: FieldPath::root("interests"), member: "pumper".into() }));
    let contact = &plan.drafts[1];
    assert_eq!(contact.record, named(RecordKind::Contact, "customer\u{1f}1"), "its identity follows from the row's");
    assert_eq!(contact.parts[0].edits, [Edit::set("name", "Bo"), Edit::set("party", customer.record)]);
    let order = &plan.drafts[3];
    assert!(order.parts[0].edits.contains(&Edit::set("date", "2026-07-04")));
    assert!(order.parts[0].edits.contains(&Edit::set("customer", customer.record)));
    let [Edit::Add { values, .. }] = &order.parts[2].edits[..] else { panic!() };
    for (field, value) in [("quantity", "4 pcs"), ("unit_price", "1000 DKK"), ("text", "Pakning")] {
        assert!(values.contains(&(field.into(), value.into())), "{values:?}");
    }
}

#[test]
fn the_same_sheets_give_the_same_identities_every_time() {
    let sheets = [("customers", CUSTOMERS), ("orders", ORDERS), ("lines", LINES)];
    assert_eq!(planned(&sheets).unwrap().drafts, planned(&sheets).unwrap().drafts);
}

#[test]
fn a_row_at_fault_is_refused_with_line_column_and_reason_and_holds_back_its_record_alone() {
    let with = |line: &str| {
        [("customers", CUSTOMERS.to_owned()), ("orders", ORDERS.to_owned()), ("lines", format!("{LINES}{line}\n"))]
    };
    let long = format!("10;9;{};1;1", "x".repeat(3_000));
    let table: [(&str, &[Told<'_>]); 8] = [
        ("10;3;Møtrik;mange;1", &[(2, None, "record.held_back"), (5, Some("antal"), "row.no_figure")]),
        (
            "10;3;Møtrik;mange;dyr",
            &[(2, None, "record.held_back"), (5, Some("antal"), "row.no_figure"), (5, Some("pris"), "row.no_figure")],
        ),
        ("10;3;Møtrik;1;1.5", &[(2, None, "record.held_back"), (5, Some("pris"), "row.no_figure")]),
        ("10;1;Møtrik;1;1", &[(2, None, "record.held_back"), (5, Some("pos"), "row.key_twice")]),
        ("10;;Møtrik;1;1", &[(2, None, "record.held_back"), (5, Some("pos"), "row.no_key")]),
        ("99;1;Møtrik;1;1", &[(5, Some("ordre"), "row.unknown_owner")]),
        (";1;Møtrik;1;1", &[(5, Some("ordre"), "row.no_key")]),
        (&long, &[(2, None, "record.held_back"), (5, Some("vare"), "row.does_not_fit")]),
    ];
    for (line, expected) in table {
        let sheets = with(line);
        let plan = planned(&sheets.iter().map(|(name, text)| (*name, text.as_str())).collect::<Vec<_>>()).unwrap();
        assert_eq!(refusals(&plan), expected, "{line:.40}");
        let whole = if expected[0].2 == "record.held_back" { 1 } else { 2 };
        assert_eq!(orders(&plan).len(), whole, "{line:.40}: the other order is taken");
        assert_eq!(plan.drafts.len(), 3 + whole, "two customers, and the contact of one");
    }
}

#[test]
fn what_points_at_nothing_is_refused_and_what_points_at_what_was_refused() {
    let orders_sheet = ORDERS.replace("11;2", "11;7");
    let plan = planned(&[("customers", CUSTOMERS), ("orders", &orders_sheet), ("lines", LINES)]).unwrap();
    assert_eq!(refusals(&plan), [(3, Some("kunde"), "row.unknown_link")]);
    let customers = CUSTOMERS.replace("1.250,50", "meget");
    let plan = planned(&[("customers", &customers), ("orders", ORDERS), ("lines", LINES)]).unwrap();
    let expected = [
        (2, Some("kredit"), "row.no_figure"),
        (2, Some("nr"), "row.unknown_link"),
        (2, Some("kunde"), "row.unknown_link"),
    ];
    assert_eq!(refusals(&plan), expected, "its contact and its order go nowhere");
    assert_eq!(orders(&plan), [named(RecordKind::Order, "11")]);
}

#[test]
fn orders_can_follow_their_customers_later() {
    let mut sheets = Sheets::default();
    sheets.add("orders.csv", ORDERS.as_bytes()).unwrap();
    let plan = plan(&Profile::read(PROFILE).unwrap(), &sheets, |record| record.kind == RecordKind::Customer).unwrap();
    assert_eq!((plan.drafts.len(), plan.refused.len()), (2, 0));
    assert_eq!(plan.missing, ["customers", "lines"]);
}

#[test]
fn a_second_row_of_a_record_is_refused_and_the_first_is_told() {
    let plan = planned(&[("customers", &format!("{CUSTOMERS}1;Anden;;;;\n"))]).unwrap();
    assert_eq!(refusals(&plan), [(4, Some("nr"), "row.key_twice")]);
    assert!(plan.refused[0].says.contains("line 2"), "{}", plan.refused[0].says);
    assert_eq!(plan.drafts.len(), 3);
}

#[test]
fn a_sheet_of_another_kind_is_told_apart_before_anything_is_drafted() {
    let fault = planned(&[("customers", "nr;name\n1;X\n")]).unwrap_err();
    assert_eq!(fault.code(), "import.no_column");
    assert!(fault.to_string().contains("kontakt") || fault.to_string().contains("kredit"), "{fault}");
    let fault = planned(&[("weather", "day;degrees\n1;20\n")]).unwrap_err();
    assert_eq!(fault.code(), "import.nothing_fits");
    let plan = planned(&[("customers", CUSTOMERS), ("weather", "day;degrees\n1;20\n")]).unwrap();
    assert_eq!(plan.unused, ["weather"]);
}
