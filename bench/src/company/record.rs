//! One record of the made-up company.

use super::Chance;
use super::words::{
    CARRIERS, FIRMS, FIRST_NAMES, FORMS, GOODS, JOBS, LAST_NAMES, MAKES, REMARKS, SIZES, STREETS, TOWNS, TRADES,
};
use chrono::{DateTime, Days, NaiveDate};
use mera_schema::{Edit, FieldPath, ItemId, RecordKind, RecordRef};

/// What later records point at.
#[derive(Default)]
pub struct Known {
    customers: Vec<RecordRef>,
    people: Vec<RecordRef>,
    /// With name and list price in kroner.
    products: Vec<(RecordRef, String, usize)>,
}

/// Which kind the record with this number is: of a hundred, one colleague, 20 customers, 20 products, 35 quotes,
/// 20 orders and 4 tasks.
pub fn kind(number: usize) -> RecordKind {
    match number % 100 {
        0 => RecordKind::Employee,
        1..21 => RecordKind::Customer,
        21..41 => RecordKind::Product,
        41..76 => RecordKind::Quote,
        76..96 => RecordKind::Order,
        _ => RecordKind::Task,
    }
}

/// What is written when the record is made.
pub fn edits(record: RecordRef, number: usize, millis: u64, chance: &mut Chance, known: &mut Known) -> Vec<Edit> {
    let day = day(millis);
    match record.kind {
        RecordKind::Customer => customer(record, number, chance, known),
        RecordKind::Product => product(record, number, chance, known),
        RecordKind::Quote => quote(number, millis, chance, known),
        RecordKind::Order => order(number, millis, chance, known),
        RecordKind::Task => vec![
            Edit::set("title", format!("{} {}", REMARKS[number % REMARKS.len()], person(chance))),
            Edit::set("about", chance.one(&known.customers)),
            Edit::set("due", day + Days::new(14)),
            Edit::set("state", ["open", "done"][number % 2]),
        ],
        _ => {
            known.people.push(record);
            vec![Edit::set("name", person(chance)), Edit::set("desk", "sales"), Edit::set("title", "Sælger")]
        }
    }
}

/// What somebody changes in it later.
pub fn amendment(kind: RecordKind, chance: &mut Chance) -> Edit {
    let number = chance.between(10_000_000, 99_999_999);
    match kind {
        RecordKind::Product => Edit::set("list_price", format!("{} DKK", chance.between(80, 9_000))),
        RecordKind::Quote => Edit::set("reference", format!("Rekv. {number}")),
        RecordKind::Order => Edit::set("carrier", format!("{} {number}", chance.one(&CARRIERS))),
        RecordKind::Task => Edit::set("title", format!("Ring til {}", person(chance))),
        _ => Edit::set("phone", format!("+45 {number}")),
    }
}

fn customer(record: RecordRef, number: usize, chance: &mut Chance, known: &mut Known) -> Vec<Edit> {
    known.customers.push(record);
    let name = format!("{} {} {} {}", chance.one(&FIRMS), chance.one(&TRADES), number, chance.one(&FORMS));
    let contact = person(chance);
    let mail = format!("{}@eksempel-{number}.dk", contact.to_lowercase().replace(' ', "."));
    vec![
        Edit::set("name", name),
        Edit::set("number", format!("K-{:06}", 100_000 + number)),
        Edit::set("vat_number", format!("DK{}", chance.between(10_000_000, 49_999_999))),
        Edit::set("phone", format!("+45 {}", chance.between(20_000_000, 99_999_999))),
        Edit::set("email", &mail),
        Edit::set("currency", "DKK"),
        Edit::set("credit_limit", format!("{}000 DKK", chance.between(10, 500))),
        Edit::set("discount", chance.below(13)),
        Edit::set("salesperson", chance.one(&known.people)),
        Edit::Write { path: FieldPath::root("notes"), text: (*chance.one(&REMARKS)).to_owned() },
        add("addresses", chance.identity(number as u64), address(chance)),
    ]
}

fn address(chance: &mut Chance) -> Vec<(&'static str, String)> {
    let (code, town) = *chance.one(&TOWNS);
    vec![
        ("order", "000001".to_owned()),
        ("purpose", "visit".to_owned()),
        ("street", format!("{} {}", chance.one(&STREETS), chance.between(1, 199))),
        ("postal_code", code.to_owned()),
        ("city", town.to_owned()),
        ("country", "DK".to_owned()),
    ]
}

fn product(record: RecordRef, number: usize, chance: &mut Chance, known: &mut Known) -> Vec<Edit> {
    let (goods, group) = *chance.one(&GOODS);
    let letters: String = group.chars().take(2).collect();
    let name = format!("{goods} {} {} {number}", chance.one(&SIZES), chance.one(&MAKES));
    let price = chance.between(80, 9_000);
    known.products.push((record, name.clone(), price));
    vec![
        Edit::set("number", format!("{}-{number:06}", letters.to_uppercase())),
        Edit::set("name", name),
        Edit::set("group", group),
        Edit::set("unit", "pcs"),
        Edit::set("packing", format!("{} stk. i kasse", chance.between(1, 50))),
        Edit::set("list_price", format!("{price} DKK")),
        Edit::set("vat_rate", 25),
    ]
}

fn quote(number: usize, millis: u64, chance: &mut Chance, known: &Known) -> Vec<Edit> {
    let (stage, day) = (*chance.one(&["draft", "draft", "sent", "won", "lost"]), day(millis));
    let mut edits = vec![
        Edit::set("number", format!("T-A1-{number:06}")),
        Edit::set("customer", chance.one(&known.customers)),
        Edit::set("salesperson", chance.one(&known.people)),
        Edit::set("subject", format!("{} {}", chance.one(&JOBS), chance.between(1, 40))),
        Edit::set("currency", "DKK"),
        Edit::set("date", day),
        Edit::set("valid_until", day + Days::new(30)),
        Edit::set("stage", stage),
        Edit::set("revision", 1),
    ];
    for line in 1..=chance.between(3, 6) {
        let (product, name, price) = chance.one(&known.products);
        let values = vec![
            ("order", format!("{line:06}")),
            ("product", product.to_string()),
            ("text", name.clone()),
            ("quantity", format!("{} pcs", chance.between(1, 40))),
            ("unit_price", format!("{price} DKK")),
            ("vat_rate", "25".to_owned()),
        ];
        edits.push(add("lines", chance.identity(millis), values));
    }
    edits
}

fn order(number: usize, millis: u64, chance: &mut Chance, known: &Known) -> Vec<Edit> {
    let day = day(millis);
    let mut edits = vec![
        Edit::set("number", format!("O-{number:06}")),
        Edit::set("customer", chance.one(&known.customers)),
        Edit::set("salesperson", chance.one(&known.people)),
        Edit::set("currency", "DKK"),
        Edit::set("date", day),
        Edit::set("required", day + Days::new(10)),
        Edit::set("freight", "145 DKK"),
        Edit::set("carrier", chance.one(&CARRIERS)),
        add("addresses", chance.identity(millis), address(chance)),
    ];
    for line in 1..=chance.between(1, 3) {
        let (product, name, price) = chance.one(&known.products);
        let values = vec![
            ("order", format!("{line:06}")),
            ("product", product.to_string()),
            ("text", name.clone()),
            ("quantity", format!("{} pcs", chance.between(1, 40))),
            ("unit_price", format!("{price} DKK")),
        ];
        edits.push(add("lines", chance.identity(millis), values));
    }
    edits
}

fn add(collection: &str, item: uuid::Uuid, values: Vec<(&str, String)>) -> Edit {
    let values = values.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
    Edit::Add { collection: collection.to_owned(), item: ItemId::new(item), values }
}

fn person(chance: &mut Chance) -> String {
    format!("{} {}", chance.one(&FIRST_NAMES), chance.one(&LAST_NAMES))
}

fn day(millis: u64) -> NaiveDate {
    let moment = i64::try_from(millis).ok().and_then(DateTime::from_timestamp_millis);
    moment.unwrap_or_default().date_naive()
}
