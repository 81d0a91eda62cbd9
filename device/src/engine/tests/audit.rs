//! The audit trail: what was done is told to everybody alike, and what was changed afterwards is found.

use super::members::{House, new_quote, roles, tell_all};
use super::*;
use crate::store::Batch;
use mera_device_api::{
    AuditAct, AuditFilter, AuditForm, AuditKind, AuditPage, AuditPlace, AuditRow, AuditSays, AuditStanding,
};
use mera_sync_protocol::{Part, SignedEntry};
use mera_trust::Role;

fn asked(engine: &mut Engine, filter: AuditFilter, from: Option<AuditPlace>, limit: usize) -> AuditPage {
    match engine.answer(Request::Audit { filter, from, limit }) {
        Answer::Ok(Reply::Audit(page)) => page,
        other => panic!("no trail: {other:?}"),
    }
}

/// The whole trail, page by page.
fn trail(engine: &mut Engine, filter: &AuditFilter, limit: usize) -> Vec<AuditRow> {
    let (mut rows, mut from) = (Vec::new(), None);
    loop {
        let page = asked(engine, filter.clone(), from, limit);
        rows.extend(page.rows);
        from = page.next;
        if from.is_none() {
            return rows;
        }
    }
}

fn all(engine: &mut Engine) -> Vec<AuditRow> {
    trail(engine, &AuditFilter::default(), 7)
}

/// What a row says in a few words.
fn says(row: &AuditRow) -> String {
    let did = match &row.act {
        AuditAct::Changed { records, .. } => {
            let record = &records[0];
            let fields: Vec<String> = record
                .fields
                .iter()
                .filter(|field| field.before.is_some())
                .map(|field| {
                    let value = |value: &Option<String>| value.clone().unwrap_or_default();
                    format!("{} {} > {}", field.path.field, value(&field.before), value(&field.after))
                })
                .collect();
            let kind = record.record.map(|record| record.kind.to_string()).unwrap_or_default();
            if record.created { format!("new {kind}") } else { format!("{kind}: {}", fields.join(", ")) }
        }
        AuditAct::Founded => "founds".into(),
        AuditAct::Admitted { who, roles, .. } => format!("admits {} as {}", who.person, roles.join(", ")),
        AuditAct::RolesSet { name, roles, .. } => format!("lets {name} do {}", roles.join(", ")),
        AuditAct::Revoked { who, .. } => format!("takes out {}", who[0].device),
        other => format!("{other:?}"),
    };
    format!("{} {did}", row.by.person)
}

/// A price is agreed and changed, Mads becomes a seller, and Bo is taken out.
fn story() -> (House, RecordRef) {
    let mut house = House::new();
    let quote = new_quote(&mut house.desks.anna);
    house.meet();
    let line = *quote_of(&page(&mut house.desks.bo, quote)).lines.keys().next().unwrap();
    change(&mut house.desks.bo, quote, of_line(line, "unit_price"), "90 DKK");
    house.meet();
    let person = house.mads.identity.person_id;
    house.says(&Intent::SetRoles { person, roles: roles(&[Role::Sales, Role::Warehouse]) });
    house.meet();
    change(&mut house.mads, quote, FieldPath::root("subject"), "Ventiler");
    house.meet();
    (house, quote)
}

#[test]
fn the_trail_tells_who_did_what_and_is_the_same_for_everybody_who_may_see_it() {
    let (mut house, quote) = story();
    let bo = house.desks.bo.device();
    house.says(&Intent::Revoke { device: bo });
    tell_all(&house.desks.anna, &mut house.mads);
    let rows = all(&mut house.desks.anna);
    assert!(rows.iter().all(|row| row.standing == AuditStanding::Verified), "{rows:#?}");
    // Whose clock stands where is chance in this story; what each has done stands in order.
    let of = |name: &str| rows.iter().rev().map(says).filter(|says| says.starts_with(name)).collect::<Vec<_>>();
    assert_eq!(
        of("Anna"),
        [
            "Anna founds",
            "Anna new device",
            "Anna admits Bo as sales, office, warehouse, finance, administrator",
            "Anna admits Mads as warehouse",
            "Anna new quote",
            "Anna quote: ",
            "Anna lets Mads do sales, warehouse",
            "Anna takes out Bos pc",
        ]
    );
    assert_eq!(of("Bo "), ["Bo new device", "Bo quote: unit_price 100 DKK > 90 DKK"]);
    assert_eq!(of("Mads"), ["Mads new device", "Mads quote: "]);
    let only = AuditFilter { record: Some(quote), ..AuditFilter::default() };
    let (anna, mads) = (trail(&mut house.desks.anna, &only, 50), trail(&mut house.mads, &only, 50));
    assert_eq!(anna.len(), 4);
    assert_eq!(anna.iter().map(says).collect::<Vec<_>>(), mads.iter().map(says).collect::<Vec<_>>());
}

#[test]
fn replicas_that_hold_the_same_tell_the_same_in_whatever_pages() {
    let (mut house, _) = story();
    let plain = |rows: Vec<AuditRow>| {
        rows.into_iter().map(|row| (row.device, row.number, row.at, row.act, row.proof.hash)).collect::<Vec<_>>()
    };
    let anna = plain(trail(&mut house.desks.anna, &AuditFilter::default(), 1));
    let bo = plain(trail(&mut house.desks.bo, &AuditFilter::default(), 100));
    assert_eq!(anna, bo);
    let numbers = |rows: &[(Option<DeviceId>, u64, _, AuditAct, String)], log: DeviceId| {
        let entries = rows.iter().filter(|(device, ..)| *device == Some(log));
        let entries = entries.filter(|(.., act, _)| matches!(act, AuditAct::Changed { .. }));
        entries.map(|(_, number, ..)| *number).collect::<Vec<_>>()
    };
    for engine in [&house.desks.anna, &house.desks.bo, &house.mads] {
        let log = engine.device();
        let last = engine.vector.of(log);
        assert_eq!(numbers(&anna, log), (1..=last).rev().collect::<Vec<_>>(), "each log in its own order, and whole");
    }
}

#[test]
fn a_filter_finds_what_is_asked_for_and_nothing_else() {
    let (mut house, quote) = story();
    let anna = &mut house.desks.anna;
    let (me, mads) = (anna.identity.person_id, house.mads.device());
    let whole = all(anna);
    let base = AuditFilter::default();
    let early = whole.last().unwrap().at + chrono::Duration::milliseconds(1);
    let table = [
        (AuditFilter { person: Some(me), ..base.clone() }, whole.iter().filter(|row| row.person == Some(me)).count()),
        (AuditFilter { device: Some(mads), ..base.clone() }, 2),
        (AuditFilter { record: Some(quote), ..base.clone() }, 4),
        (AuditFilter { kind: Some(AuditKind::Members), ..base.clone() }, 4),
        (AuditFilter { kind: Some(AuditKind::Changes), ..base.clone() }, whole.len() - 4),
        (AuditFilter { kind: Some(AuditKind::Erasures), ..base.clone() }, 0),
        (AuditFilter { until: Some(early), ..base.clone() }, 1),
        (AuditFilter { since: Some(early), ..base.clone() }, whole.len() - 1),
    ];
    for (filter, count) in table {
        assert_eq!(trail(anna, &filter, 3).len(), count, "{filter:?}");
    }
}

#[test]
fn only_administrators_and_finance_see_everything_and_others_what_they_may_read() {
    let mut house = House::new();
    let quote = new_quote(&mut house.desks.anna);
    let customer = done(&mut house.desks.anna, create(RecordKind::Customer, &[("name", "Aalborg Værft")]));
    house.meet();
    let ask = |record| Request::Audit { filter: AuditFilter { record, ..Default::default() }, from: None, limit: 5 };
    assert_eq!(refused(&mut house.mads, ask(None)), "audit.no_right");
    assert_eq!(refused(&mut house.mads, ask(Some(quote))), "audit.no_right");
    let export = Request::AuditExport { form: AuditForm::Csv, from: None };
    assert_eq!(refused(&mut house.mads, export), "audit.no_right");
    assert_eq!(house.mads.audit_check().err().unwrap().code, "audit.no_right");
    assert!(matches!(house.mads.answer(ask(customer.record)), Answer::Ok(Reply::Audit(page)) if page.rows.len() == 1));
    // Finance sees everything; what is sealed for sales it may read.
    let person = house.mads.identity.person_id;
    house.says(&Intent::SetRoles { person, roles: roles(&[Role::Finance]) });
    house.meet();
    assert!(all(&mut house.mads).iter().all(|row| row.standing == AuditStanding::Verified));
}

/// Alters what a device holds of Bo's log.
fn alter(engine: &Engine, log: DeviceId, seq: u64, alter: impl FnOnce(&mut SignedEntry)) {
    let mut signed = engine.store.entry(log, seq).unwrap().unwrap();
    alter(&mut signed);
    let mut batch = Batch::default();
    batch.entry(log, seq, &signed);
    engine.store.commit(batch).unwrap();
}

/// Seven entries of Bo's that came to Anna in one run, so that one signature covers them.
fn long_log() -> (Desks, DeviceId) {
    let mut desks = Desks::new();
    for number in 1..=6 {
        done(&mut desks.bo, create(RecordKind::Customer, &[("name", &format!("Kunde {number}"))]));
    }
    let bo = desks.bo.device();
    carry(&desks.bo, &mut desks.anna);
    (desks, bo)
}

/// What the trail and the check say of Bo's log, entry by entry; what is verified is left out.
fn wrong(engine: &mut Engine, log: DeviceId) -> [Vec<(u64, AuditStanding)>; 2] {
    let of_log = AuditFilter { device: Some(log), kind: Some(AuditKind::Changes), ..AuditFilter::default() };
    let rows = trail(engine, &of_log, 2);
    let told = rows.iter().filter(|row| row.standing != AuditStanding::Verified);
    let mut told: Vec<_> = told.map(|row| (row.number, row.standing)).collect();
    told.sort_unstable();
    let mut check = engine.audit_check().unwrap();
    while engine.audit_check_step(&mut check).unwrap() {}
    let report = check.report(false);
    assert_eq!(report.broken, report.rows.len() as u64);
    let mut found: Vec<_> = report.rows.iter().map(|row| (row.number, row.standing)).collect();
    found.sort_unstable();
    [told, found]
}

#[test]
fn whatever_is_altered_on_the_disk_is_shown_as_what_it_is() {
    use AuditStanding::{Altered, Unsigned};
    type Alter = fn(&mut SignedEntry);
    type Row = (&'static str, u64, Alter, Vec<(u64, AuditStanding)>);
    let table: [Row; 7] = [
        ("its time", 7, |signed| signed.entry.time.millis += 1, vec![(7, Altered)]),
        (
            "what it says",
            7,
            |signed| {
                let Part::Present(part) = &mut signed.entry.payload.0[0] else { panic!() };
                part.bytes[0] ^= 1;
            },
            vec![(7, Altered)],
        ),
        ("which record", 7, |signed| signed.entry.subjects[0].id[0] ^= 1, vec![(7, Altered)]),
        ("its hash", 7, |signed| signed.hash[0] ^= 1, vec![(7, Altered)]),
        (
            "its signature",
            7,
            |signed| signed.signature.as_mut().unwrap().0[0] ^= 1,
            (1..=7).map(|seq| (seq, Unsigned)).collect(),
        ),
        ("that there is one", 7, |signed| signed.signature = None, (1..=7).map(|seq| (seq, Unsigned)).collect()),
        // One in the midst: those before it hang on nothing any more, those behind it stand.
        ("one in the midst", 4, |signed| signed.entry.epoch += 1, {
            let before = (1..4).map(|seq| (seq, Unsigned));
            before.chain([(4, Altered)]).collect()
        }),
    ];
    for (what, seq, alters, expected) in table {
        let (mut desks, bo) = long_log();
        assert_eq!(wrong(&mut desks.anna, bo), [vec![], vec![]], "nothing is wrong before");
        alter(&desks.anna, bo, seq, alters);
        // The last entry carries the signature of all before it.
        let expected = if seq == 7 && expected == [(7, Altered)] {
            (1..7).map(|seq| (seq, Unsigned)).chain(expected).collect()
        } else {
            expected
        };
        assert_eq!(wrong(&mut desks.anna, bo), [expected.clone(), expected], "{what} of entry {seq}");
    }
}

#[test]
fn an_entry_in_the_place_of_another_and_one_that_is_missing_are_found() {
    let (mut desks, bo) = long_log();
    let other = desks.anna.store.entry(bo, 3).unwrap().unwrap();
    alter(&desks.anna, bo, 5, |signed| *signed = other);
    let [told, found] = wrong(&mut desks.anna, bo);
    assert!(told.contains(&(5, AuditStanding::Altered)) && told.contains(&(6, AuditStanding::Altered)), "{told:?}");
    assert_eq!(told, found);
    let (mut desks, bo) = long_log();
    let mut batch = Batch::default();
    batch.forget_entry(bo, 2);
    desks.anna.store.commit(batch).unwrap();
    let mut check = desks.anna.audit_check().unwrap();
    while desks.anna.audit_check_step(&mut check).unwrap() {}
    let report = check.report(false);
    assert_eq!((report.rows[0].number, report.rows[0].standing), (2, AuditStanding::Damaged), "{report:?}");
    let ask = Request::Audit { filter: AuditFilter { device: Some(bo), ..Default::default() }, from: None, limit: 50 };
    assert_eq!(refused(&mut desks.anna, ask), "device.disk_damaged");
}

#[test]
fn what_does_not_count_is_shown_as_such_and_so_is_what_was_erased_or_cannot_be_read() {
    let mut house = House::new();
    let person = house.mads.identity.person_id;
    house.says(&Intent::SetRoles { person, roles: roles(&[Role::Sales, Role::Warehouse]) });
    house.meet();
    let quote = done(&mut house.mads, create(RecordKind::Quote, &[])).record.unwrap();
    house.says(&Intent::SetRoles { person, roles: roles(&[Role::Warehouse]) });
    house.meet();
    let mads = house.mads.device();
    let row = |engine: &mut Engine, number: u64| {
        let filter = AuditFilter { device: Some(mads), ..AuditFilter::default() };
        trail(engine, &filter, 50).into_iter().find(|row| row.number == number).unwrap()
    };
    let told = row(&mut house.desks.anna, 2);
    assert_eq!(told.standing, AuditStanding::NoRight);
    let AuditAct::Changed { records, .. } = &told.act else { panic!("{told:?}") };
    assert_eq!((records[0].record, records[0].says), (Some(quote), AuditSays::Erased));
    // What was erased stays proved.
    let order = done(&mut house.mads, create(RecordKind::Order, &[])).record.unwrap();
    house.meet();
    alter(&house.desks.anna, mads, 3, |signed| {
        assert!(signed.entry.erase(|subject| subject.record() == Some(order)));
    });
    assert_eq!(row(&mut house.desks.anna, 3).standing, AuditStanding::Erased);
    // Somebody who has no key sees that something was written, and that it is proved. Only finance and administrators
    // see everything, so this stands for a role that a newer program gives.
    let written = new_quote(&mut house.desks.anna);
    house.meet();
    let filter = AuditFilter { record: Some(written), ..AuditFilter::default() };
    let page = house.mads.audit_rows(&filter, None, (50, 25)).unwrap();
    assert!(page.rows.len() == 2 && page.rows.iter().all(|row| row.standing == AuditStanding::Locked), "{page:?}");
    let AuditAct::Changed { records, .. } = &page.rows[0].act else { panic!() };
    assert_eq!((records[0].says, records[0].fields.len()), (AuditSays::Locked, 0));
}

#[test]
fn an_impossible_clock_is_told_and_its_log_stays_in_order() {
    let mut desks = Desks::new();
    for name in ["one", "two", "three"] {
        done(&mut desks.bo, create(RecordKind::Customer, &[("name", name)]));
    }
    desks.meet();
    let bo = desks.bo.device();
    alter(&desks.anna, bo, 3, |signed| signed.entry.time.millis += 400 * 24 * 60 * 60 * 1000);
    let rows = trail(&mut desks.anna, &AuditFilter { device: Some(bo), ..AuditFilter::default() }, 50);
    let told: Vec<_> = rows.iter().map(|row| (row.number, row.ahead)).collect();
    assert_eq!(told, [(4, false), (3, true), (2, false), (1, false)]);
}

#[test]
fn an_exported_trail_holds_what_proves_it() {
    let (mut house, _) = story();
    let anna = &mut house.desks.anna;
    let mut whole = [String::new(), String::new()];
    for (form, text) in [AuditForm::JsonLines, AuditForm::Csv].into_iter().zip(&mut whole) {
        let mut from = None;
        loop {
            let Answer::Ok(Reply::AuditText(part)) = anna.answer(Request::AuditExport { form, from }) else { panic!() };
            text.push_str(&part.text);
            from = part.next;
            if from.is_none() {
                break;
            }
        }
    }
    let [lines, sheet] = whole;
    let mut lines = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let heading = lines.next().unwrap();
    assert_eq!(
        (heading["mera_audit"].as_u64(), heading["company"].as_str()),
        (Some(1), Some(&*anna.workspace().to_string()))
    );
    let rows: Vec<AuditRow> = lines.map(|line| serde_json::from_value(line).unwrap()).collect();
    assert_eq!(rows, trail(anna, &AuditFilter::default(), 100));
    for row in &rows {
        by_hand::check(row, &rows);
    }
    let mut sheet = csv::Reader::from_reader(sheet.as_bytes());
    let price = sheet
        .records()
        .map(Result::unwrap)
        .find(|row| &row[10] == "unit_price" || row[10].ends_with("unit_price") && &row[12] == "100 DKK");
    let price = price.expect("the change of the price has a row");
    assert_eq!((&price[3], &price[6], &price[7], &price[13]), ("Bo", "verified", "changed", "90 DKK"));
}

/// The check of `docs/audit.md`, written from that page and with nothing of this program.
mod by_hand {
    use super::*;
    use data_encoding::HEXLOWER;
    use mera_device_api::AuditOver;

    fn bytes(hex: &str) -> Vec<u8> {
        HEXLOWER.decode(hex.as_bytes()).unwrap()
    }

    fn uuid(text: &str) -> Vec<u8> {
        uuid::Uuid::parse_str(text).unwrap().as_bytes().to_vec()
    }

    pub fn check(row: &AuditRow, all: &[AuditRow]) {
        let proof = &row.proof;
        let hash = match &proof.over {
            AuditOver::Statement { bytes: encoded } => {
                blake3::derive_key("MERA membership statement v1", &bytes(encoded)).to_vec()
            }
            AuditOver::Entry { company, millis, counter, kind, epoch, subjects, parts } => {
                let mut header = blake3::Hasher::new_derive_key("MERA log header v1");
                header.update(&uuid(company)).update(&uuid(&row.device.unwrap().to_string()));
                header.update(&row.number.to_le_bytes()).update(&bytes(&proof.previous));
                header.update(&millis.to_le_bytes()).update(&counter.to_le_bytes());
                header.update(&[*kind]).update(&epoch.to_le_bytes()).update(&(subjects.len() as u64).to_le_bytes());
                for (collection, id) in subjects {
                    header.update(&[*collection]).update(&bytes(id));
                }
                let mut entry = blake3::Hasher::new_derive_key("MERA log entry v3");
                entry.update(header.finalize().as_bytes()).update(&(parts.len() as u64).to_le_bytes());
                for (hash, length) in parts {
                    entry.update(&bytes(hash)).update(&length.to_le_bytes());
                }
                entry.finalize().as_bytes().to_vec()
            }
        };
        assert_eq!(HEXLOWER.encode(&hash), proof.hash);
        assert!(bytes(&proof.message).ends_with(&hash));
        let by = all.iter().find(|other| {
            let same_log = other.proof.key == proof.key && matches!(other.proof.over, AuditOver::Entry { .. });
            other == &row
                || (same_log && matches!(proof.over, AuditOver::Entry { .. }) && Some(other.number) == proof.signed_at)
        });
        let covered = if proof.signature.is_some() { row } else { by.expect("the entry that is signed is there") };
        let signature = bytes(covered.proof.signature.as_ref().unwrap());
        let key = mera_trust::PublicKey(bytes(&covered.proof.key).try_into().unwrap());
        key.verify(&bytes(&covered.proof.message), &mera_trust::Signature(signature)).unwrap();
        if row.number > 1 && matches!(proof.over, AuditOver::Entry { .. }) {
            let before = all.iter().find(|other| {
                other.device == row.device
                    && other.number == row.number - 1
                    && matches!(other.proof.over, AuditOver::Entry { .. })
            });
            assert_eq!(before.unwrap().proof.hash, proof.previous);
        }
    }
}
