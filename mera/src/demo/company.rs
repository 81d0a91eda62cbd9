//! The demo company, our own invention: a Danish trader in valves and instruments.

use super::cast::Player;
use anyhow::{Result, bail};
use mera_device_api::{NewItem, Reply, Request, Verb};
use mera_schema::{Desk, RecordKind, RecordRef};

/// What it is called.
pub const NAME: &str = "Nordhavn Ventil & Instrument A/S";

/// Who has a device: person, desk, the letters of the numbers it gives out, and what people call it.
pub const PEOPLE: [(&str, Desk, &str, &str); 3] = [
    ("Mette Holm", Desk::Sales, "S1", "Mettes bærbare"),
    ("Jens Kruse", Desk::Office, "K1", "Kontorets pc"),
    ("Amina Yusuf", Desk::Warehouse, "L1", "Lagerets tablet"),
];

/// What each of them does: in a small company everybody does everything but the books.
pub const ROLES: [&str; 3] = ["sales", "office", "warehouse"];

/// Name, street, postal code, city, contact, position, customer's discount.
const CUSTOMERS: [[&str; 7]; 25] = [
    ["Limfjordens Mejeri A/S", "Havnegade 12", "9000", "Aalborg", "Birgit Toft", "Teknisk chef", "8"],
    ["Vestkysten Fiskemel ApS", "Kajen 3", "6700", "Esbjerg", "Henrik Sand", "Vedligehold", "5"],
    ["Bryghuset Tre Tårne", "Møllevej 41", "5000", "Odense C", "Signe Lund", "Brygmester", ""],
    ["Sydhavnens Kraftvarme", "Energivej 8", "2450", "København SV", "Poul Rask", "Driftschef", "10"],
    ["Kronjyllands Slagteri", "Industrivej 77", "8900", "Randers C", "Ulla Krog", "Indkøber", "7"],
    ["Djursland Papir A/S", "Fabriksvej 5", "8500", "Grenaa", "Erik Bang", "Indkøber", ""],
    ["Fyns Farmaceutiske", "Laboratorievej 2", "5230", "Odense M", "Lone Friis", "Kvalitet", "4"],
    ["Nordsø Offshore Service", "Dokvej 19", "6700", "Esbjerg", "Kaj Mikkelsen", "Projektleder", "12"],
    ["Bornholms Vandværk", "Kildevej 1", "3700", "Rønne", "Tove Kofoed", "Driftsleder", ""],
    ["Skive Biogas I/S", "Grønnevej 60", "7800", "Skive", "Anders Vad", "Anlægschef", "6"],
    ["Thy Savværk", "Skovvej 14", "7700", "Thisted", "Jørn Odde", "Ejer", ""],
    ["Roskilde Fjernvarme", "Rørvej 9", "4000", "Roskilde", "Pia Storm", "Ingeniør", "9"],
    ["Havblik Rederi", "Ankergade 22", "1437", "København K", "Sofus Brandt", "Teknisk inspektør", "5"],
    ["Møns Kridt og Kalk", "Klintevej 101", "4780", "Stege", "Gerda Juul", "Værkfører", ""],
    ["Horsens Køleteknik", "Polarvej 4", "8700", "Horsens", "Mads Ring", "Montørleder", "11"],
    ["Lolland Sukker", "Roevej 30", "4900", "Nakskov", "Karen Dam", "Indkøbschef", "8"],
    ["Silkeborg Papirmuseum", "Papirfabrikken 10", "8600", "Silkeborg", "Ib Lykke", "Pedel", ""],
    ["Viborg Plastteknik", "Støbervej 6", "8800", "Viborg", "Dorte Hede", "Produktionschef", "3"],
    ["Kolding Kemi A/S", "Syrevej 13", "6000", "Kolding", "Niels Skov", "Sikkerhedschef", "6"],
    ["Frederikshavn Værft", "Værftsvej 1", "9900", "Frederikshavn", "Rikke Bruun", "Indkøber", "10"],
    ["Himmerlands Gartneri", "Drivhusvej 55", "9500", "Hobro", "Torben Nøhr", "Gartner", ""],
    ["Øresund Vandrens", "Filtervej 17", "2300", "København S", "Camilla Berg", "Procesingeniør", "5"],
    ["Sønderjysk Varmeteknik", "Grænsevej 88", "6330", "Padborg", "Uwe Petersen", "Direktør", "7"],
    ["Samsø Grøn Energi", "Vindvej 2", "8305", "Samsø", "Inge Holst", "Leder", ""],
    ["Nakkehoved Fyr og Museum", "Fyrvej 1", "3250", "Gilleleje", "Ole Strand", "Driftsansvarlig", ""],
];

/// Group, item-number prefix, name without the size, and for each size the list price in kroner.
type Range = (&'static str, &'static str, &'static str, &'static [(&'static str, u32)]);
const PRODUCTS: [Range; 12] = [
    (
        "Kugleventiler",
        "KV",
        "Kugleventil rustfri",
        &[("DN15", 245), ("DN20", 310), ("DN25", 395), ("DN32", 540), ("DN40", 720), ("DN50", 980)],
    ),
    (
        "Kugleventiler",
        "KM",
        "Kugleventil messing",
        &[("DN15", 89), ("DN20", 119), ("DN25", 165), ("DN32", 259), ("DN40", 365)],
    ),
    (
        "Butterflyventiler",
        "BF",
        "Butterflyventil EPDM",
        &[("DN50", 610), ("DN65", 690), ("DN80", 795), ("DN100", 960), ("DN150", 1_640), ("DN200", 2_480)],
    ),
    ("Sædeventiler", "SV", "Sædeventil PN16", &[("DN15", 1_120), ("DN25", 1_480), ("DN40", 2_240), ("DN50", 2_960)]),
    ("Kontraventiler", "KO", "Kontraventil rustfri", &[("DN15", 198), ("DN25", 312), ("DN50", 845), ("DN80", 1_560)]),
    (
        "Sikkerhedsventiler",
        "SI",
        "Sikkerhedsventil",
        &[("6 bar", 690), ("10 bar", 690), ("16 bar", 815), ("25 bar", 1_190)],
    ),
    (
        "Aktuatorer",
        "AK",
        "Pneumatisk aktuator",
        &[("AT050", 1_240), ("AT075", 1_690), ("AT100", 2_380), ("AT140", 3_950)],
    ),
    (
        "Manometre",
        "MA",
        "Manometer Ø100",
        &[("0-6 bar", 365), ("0-10 bar", 365), ("0-16 bar", 365), ("0-40 bar", 395), ("0-100 bar", 440)],
    ),
    (
        "Termometre",
        "TE",
        "Bimetaltermometer",
        &[("0-60 °C", 210), ("0-120 °C", 210), ("0-160 °C", 235), ("0-250 °C", 290)],
    ),
    (
        "Transmittere",
        "TR",
        "Tryktransmitter 4-20 mA",
        &[("0-6 bar", 2_150), ("0-16 bar", 2_150), ("0-40 bar", 2_290), ("0-250 bar", 2_690)],
    ),
    (
        "Flowmålere",
        "FL",
        "Magnetisk flowmåler",
        &[("DN25", 9_800), ("DN50", 11_400), ("DN80", 13_900), ("DN100", 16_200)],
    ),
    (
        "Pakninger og flanger",
        "PF",
        "Flange rustfri PN16",
        &[
            ("DN15", 142),
            ("DN25", 188),
            ("DN40", 264),
            ("DN50", 312),
            ("DN80", 498),
            ("DN100", 615),
            ("DN125", 840),
            ("DN150", 1_060),
            ("DN200", 1_720),
            ("DN250", 2_640),
        ],
    ),
];

/// Subject, index of the customer, indices of products with pieces, and how far it is.
type Running = (&'static str, usize, &'static [(usize, u32)], &'static [Verb]);
const QUOTES: [Running; 12] = [
    ("Ventiler til nyt CIP-anlæg", 0, &[(2, 24), (5, 8), (21, 6), (31, 4)], &[]),
    ("Reservedele til melfabrikken", 1, &[(13, 12), (41, 6)], &[Verb::Send]),
    ("Instrumentering af gærtanke", 2, &[(36, 5), (44, 5), (2, 10)], &[Verb::Send]),
    ("Udskiftning af hovedventiler", 3, &[(15, 4), (16, 2), (30, 6)], &[]),
    ("Flowmåling på procesvand", 4, &[(46, 2), (47, 1)], &[Verb::Send, Verb::Win]),
    ("Damp til papirmaskine 3", 5, &[(18, 6), (29, 2)], &[Verb::Send, Verb::Lose]),
    ("Rentvandsventiler", 6, &[(0, 30), (1, 16)], &[]),
    ("Offshore-pakke 2026", 7, &[(5, 40), (45, 12), (55, 40)], &[Verb::Send]),
    ("Trykregulering, kilde 4", 8, &[(27, 3), (37, 6)], &[]),
    ("Gasrensning, etape 2", 9, &[(12, 8), (32, 4), (42, 4)], &[Verb::Send]),
    ("Fjernvarmeveksler, Himmelev", 11, &[(19, 4), (40, 8), (57, 16)], &[Verb::Send, Verb::Win]),
    ("Klasseeftersyn, m/s Havblik", 12, &[(28, 6), (24, 8)], &[]),
];

/// Writes what is not there yet; whoever interrupts it may start it again.
pub async fn found(office: &Player) -> Result<()> {
    let salesperson = person(office).await?;
    let products = products(office).await?;
    let customers = customers(office, salesperson).await?;
    for (subject, customer, lines, verbs) in QUOTES {
        if !known(office, RecordKind::Quote, subject).await?.is_empty() {
            continue;
        }
        let lines: Vec<(RecordRef, u32)> =
            lines.iter().map(|(product, pieces)| (products[*product], *pieces)).collect();
        quote(office, subject, customers[customer], salesperson, &lines, verbs).await?;
    }
    if known(office, RecordKind::Task, "Ring til").await?.is_empty() {
        let values = vec![
            ("title", "Ring til Limfjordens Mejeri om leveringstid".to_owned()),
            ("about", customers[0].to_string()),
        ];
        create(office, RecordKind::Task, values).await?;
    }
    Ok(())
}

async fn person(office: &Player) -> Result<RecordRef> {
    let mut all = Vec::new();
    for (name, desk, _, _) in PEOPLE {
        all.push(match known(office, RecordKind::Employee, name).await?.first() {
            Some(known) => *known,
            None => {
                create(office, RecordKind::Employee, vec![("name", name.into()), ("desk", desk.to_string())]).await?
            }
        });
    }
    Ok(all[0])
}

async fn products(office: &Player) -> Result<Vec<RecordRef>> {
    let mut all = Vec::new();
    for (group, prefix, name, sizes) in PRODUCTS {
        for (place, (size, price)) in sizes.iter().enumerate() {
            let number = format!("{prefix}-{:03}", (place + 1) * 10);
            all.push(match known(office, RecordKind::Product, &number).await?.first() {
                Some(known) => *known,
                None => {
                    let values = vec![
                        ("number", number),
                        ("name", format!("{name} {size}")),
                        ("group", group.to_owned()),
                        ("unit", "pcs".to_owned()),
                        ("list_price", format!("{price} DKK")),
                        ("vat_rate", "25".to_owned()),
                    ];
                    create(office, RecordKind::Product, values).await?
                }
            });
        }
    }
    Ok(all)
}

async fn customers(office: &Player, salesperson: RecordRef) -> Result<Vec<RecordRef>> {
    let mut all = Vec::new();
    for [name, street, postal_code, city, contact, title, discount] in CUSTOMERS {
        if let Some(known) = known(office, RecordKind::Customer, name).await?.first() {
            all.push(*known);
            continue;
        }
        let mut values =
            vec![("name", name.to_owned()), ("salesperson", salesperson.to_string()), ("currency", "DKK".into())];
        if !discount.is_empty() {
            values.push(("discount", discount.to_owned()));
        }
        let record = create(office, RecordKind::Customer, values).await?;
        let address =
            [("purpose", "visit"), ("street", street), ("postal_code", postal_code), ("city", city), ("country", "DK")];
        add(office, record, "addresses", &address).await?;
        let person = vec![("name", contact.to_owned()), ("title", title.to_owned()), ("party", record.to_string())];
        create(office, RecordKind::Contact, person).await?;
        all.push(record);
    }
    Ok(all)
}

async fn quote(
    office: &Player,
    subject: &str,
    customer: RecordRef,
    salesperson: RecordRef,
    lines: &[(RecordRef, u32)],
    verbs: &[Verb],
) -> Result<()> {
    let values = vec![
        ("customer", customer.to_string()),
        ("salesperson", salesperson.to_string()),
        ("subject", subject.to_owned()),
    ];
    let record = create(office, RecordKind::Quote, values).await?;
    for (product, pieces) in lines {
        let (product, quantity) = (product.to_string(), format!("{pieces} pcs"));
        add(office, record, "lines", &[("product", &product), ("quantity", &quantity)]).await?;
    }
    for verb in verbs {
        let seen = office.page(record).await?.heads;
        let reason = if *verb == Verb::Lose { "Leveringstiden var for lang" } else { "" };
        office.write(Request::Quote { record, seen, verb: *verb, reason: reason.to_owned() }).await?;
    }
    Ok(())
}

async fn known(office: &Player, kind: RecordKind, query: &str) -> Result<Vec<RecordRef>> {
    match office.ask(Request::List { kind, query: query.to_owned(), offset: 0, limit: 1 }).await? {
        Reply::Page(page) => Ok(page.rows.into_iter().map(|row| row.record).collect()),
        other => bail!("the device listed something else: {other:?}"),
    }
}

async fn create(office: &Player, kind: RecordKind, values: Vec<(&str, String)>) -> Result<RecordRef> {
    let values = values.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
    match office.write(Request::Create { kind, values }).await?.record {
        Some(record) => Ok(record),
        None => bail!("the device created nothing"),
    }
}

async fn add(office: &Player, record: RecordRef, collection: &str, values: &[(&str, &str)]) -> Result<()> {
    let values = values.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
    let seen = office.page(record).await?.heads;
    office
        .write(Request::AddItem { record, seen, item: NewItem { collection: collection.to_owned(), values } })
        .await?;
    Ok(())
}
