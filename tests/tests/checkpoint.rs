//! Checkpoints over real sockets and on real disks, and what they save.
#![allow(clippy::unwrap_used)]

use mera_device::{Device, Engine};
use mera_device_api::{Answer, Reply, Request};
use mera_schema::{FieldPath, RecordKind, RecordRef};
use mera_sync_protocol::{RelayStore, Replica};
use mera_sync_server::RelayDisk;
use mera_tests::company::{Company, await_all, done, ok, page, status};
use std::path::Path;

const DAY: u64 = 24 * 60 * 60 * 1000;

fn customer(name: &str) -> Request {
    Request::Create { kind: RecordKind::Customer, values: vec![("name".into(), name.into())] }
}

async fn phone(device: &Device, record: RecordRef, number: u32) {
    let seen = page(device, record).await.heads;
    let edits = vec![mera_schema::Edit::set("phone", format!("45 00 00 {number:04}"))];
    done(device, Request::Change { record, seen, edits }).await;
}

/// How many entries a device could give to others.
async fn entries(device: &Device) -> usize {
    let count = |engine: &mut Engine| {
        let logs = engine.vector().unwrap();
        let mut count = 0;
        for (log, last) in logs.iter() {
            let mut after = engine.base(log).unwrap();
            while after < last {
                let run = engine.runs_after(log, after, usize::MAX).unwrap().remove(0);
                count += run.entries.len();
                after = run.last();
            }
        }
        count
    };
    device.with(count).await
}

async fn let_go(device: &Device) {
    while device.with(Engine::let_go_some).await.unwrap() {}
}

/// The relay tidies as it does every minute, so many days later.
async fn the_relay_lets_go(company: &mut Company, days: u64) -> bool {
    company.stop_relay().await;
    let disk = RelayDisk::open(&company.relay_folder()).unwrap();
    let went = disk.let_go(mera_device::Surroundings::millis(&mera_device::RealWorld) + days * DAY).unwrap();
    disk.write_anew().unwrap();
    drop(disk);
    company.start_relay().await;
    went
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_begin_at_a_checkpoint_for_who_is_here_who_comes_and_who_was_away() {
    let mut company = Company::of(&["Anna", "Bo"]).await;
    let (anna, bo) = (company.devices[0].clone(), company.devices[1].clone());
    let record = done(&anna, customer("Aalborg Værft")).await.record.unwrap();
    for n in 0..40 {
        phone(&anna, record, n).await;
    }
    company.until_equal().await;
    for n in 40..60 {
        phone(&bo, record, n).await;
    }
    company.until_equal().await;
    // Bo goes to a customer, and works there.
    company.plug(&bo, false).await;
    phone(&bo, record, 7).await;
    let away = done(&bo, customer("Fra en kælder")).await.record.unwrap();
    let others = done(&anna, customer("Wivel A/S")).await.record.unwrap();

    let Reply::SyncStatus(told) = ok(&anna, Request::Checkpoint).await else { panic!() };
    let checkpoint = told.checkpoint.unwrap();
    assert_eq!((checkpoint.by.person.as_str(), checkpoint.records), ("Anna", 4), "two customers, two devices");
    assert!(checkpoint.covers > 60);
    let_go(&anna).await;
    assert!(entries(&anna).await < 5);
    assert!(!the_relay_lets_go(&mut company, 1).await, "Bo was here just now");
    assert!(the_relay_lets_go(&mut company, 31).await);

    // Cleo is new; she gets four records instead of sixty entries.
    let cleo = company.join("Cleo").await;
    let cleo = company.devices[cleo].clone();
    await_all(&[anna.clone(), cleo.clone()], async || status(&anna).await.digest == status(&cleo).await.digest).await;
    assert!(entries(&cleo).await < 10 && status(&cleo).await.loading.is_none());
    phone(&cleo, others, 1).await;

    // Bo comes back: his work is everywhere, and he has what all have.
    company.plug(&bo, true).await;
    company.until_equal().await;
    for device in &company.devices {
        page(device, away).await;
        page(device, others).await;
        let_go(device).await;
    }
    company.doctor().await;

    // A relay that has lost its disk is filled from the checkpoint on, and serves who comes then.
    company.stop_relay().await;
    company.lose_the_relays_disk();
    company.start_relay().await;
    let all = company.devices.clone();
    await_all(&all, async || {
        let mut up = true;
        for device in &all {
            up &= status(device).await.connected;
        }
        up
    })
    .await;
    company.join("Dan").await;
    company.until_equal().await;
    company.doctor().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_make_one_is_told_so() {
    let mut company = Company::of(&["Anna"]).await;
    let carla = company.join_as("Carla", &["sales"]).await;
    let carla = company.devices[carla].clone();
    company.until(&carla, async || status(&carla).await.connected).await;
    let Answer::Refused(refused) = carla.request(Request::Checkpoint).await else { panic!() };
    assert_eq!(refused.code, "membership.not_administrator");
}

fn bytes_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { bytes_of(&path) } else { path.metadata().unwrap().len() }).sum()
}

/// A year of a company in one go: `MERA_RECORDS` records (1,000) of 1 to 2 kB, `MERA_CHANGES` changes (20,000). Prints what it
/// takes before and after a checkpoint, against what the records take when each is saved alone.
#[test]
#[ignore = "takes minutes; figures"]
fn what_a_year_of_edits_takes_before_and_after_a_checkpoint() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |said| said.parse().unwrap());
    let (records, changes) = (number("MERA_RECORDS", 1_000), number("MERA_CHANGES", 20_000));
    let mut chance = number("MERA_SEED", 1);
    let mut below = |limit: u64| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % limit
    };
    let root = tempfile::tempdir().unwrap();
    let (folder, at_relay) = (root.path().join("anna"), root.path().join("relay"));
    let founding = mera_device::Founding {
        name: "pc".into(),
        person: "Anna".into(),
        desk: mera_schema::Desk::Sales,
        series: "A".into(),
        relay: None,
        vault: mera_device::Place::InFolder,
    };
    let mut anna = Engine::found(&folder, founding, std::sync::Arc::new(mera_device::RealWorld)).unwrap();
    let relay = RelayDisk::open(&at_relay).unwrap();
    let (ws, device) = (anna.workspace(), anna.device());
    relay.learn(ws, anna.statements(0, usize::MAX).unwrap()).unwrap();
    let deliver = |anna: &Engine| {
        let mut held = relay.vector(ws).unwrap().of(device);
        while held < anna.vector().unwrap().of(device) {
            for run in anna.runs_after(device, held, usize::MAX).unwrap() {
                held = relay.accept(ws, run.verify(ws).unwrap()).unwrap();
            }
        }
    };
    let mut all: Vec<RecordRef> = Vec::new();
    for n in 0..records {
        // Words as people write them: of syllables, so that a record saved alone takes 1 to 2 kB although it is packed.
        let words: String = (0..180 + below(180)).map(|_| word(&mut below)).collect();
        let made = answered(anna.answer(customer(&format!("Kunde {n}"))));
        let edits = vec![mera_schema::Edit::Write { path: FieldPath::root("notes"), text: words }];
        answered(anna.answer(Request::Change { record: made.record.unwrap(), seen: made.heads, edits }));
        all.push(made.record.unwrap());
    }
    for n in 0..changes {
        let record = all[usize::try_from(below(records)).unwrap()];
        let Answer::Ok(Reply::Record(page)) = anna.answer(Request::Open { record, at: None }) else { panic!() };
        let field = ["phone", "email", "fax"][below(3) as usize];
        let value = if field == "email" { format!("k{n}@firma.dk") } else { format!("{:08}", below(100_000_000)) };
        let edits = vec![mera_schema::Edit::set(field, &value)];
        answered(anna.answer(Request::Change { record, seen: page.heads, edits }));
        if n % 500 == 0 {
            deliver(&anna);
            let written = anna.written();
            anna.acked(written).unwrap();
        }
    }
    deliver(&anna);
    let before = (relay.usage().1.bytes, bytes_of(&at_relay), bytes_of(&folder));
    anna.begin_checkpoint().unwrap();
    while let mera_device::Making::Goes { .. } = anna.make_some().unwrap() {}
    deliver(&anna);
    let written = anna.written();
    anna.acked(written).unwrap();
    while anna.let_go_some().unwrap() {}
    anna.tidy().unwrap();
    relay.learn(ws, anna.statements(0, usize::MAX).unwrap()).unwrap();
    assert!(relay.let_go(0).unwrap());
    relay.write_anew().unwrap();
    let saved = anna.saved_bytes().unwrap();
    drop(anna);
    let after = (relay.usage().1.bytes, bytes_of(&at_relay), bytes_of(&folder));
    eprintln!(
        "{records} records, {changes} changes; saved alone the records take {saved} bytes, {} each",
        saved / records
    );
    let times = |bytes: u64| format!("{bytes} bytes, {}.{:02} times", bytes / saved, bytes * 100 / saved % 100);
    for (when, (values, relay, device)) in [("before", before), ("after", after)] {
        eprintln!(
            "{when}: relay's values {}; its files {}; the device's folder {}",
            times(values),
            times(relay),
            times(device)
        );
    }
    assert!(after.0 <= saved * 2, "the relay's values stay within twice the records");
}

fn word(below: &mut impl FnMut(u64) -> u64) -> String {
    const BEGIN: [&str; 20] =
        ["b", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st", "sk", "kr", "fl", "gr"];
    const MIDDLE: [&str; 10] = ["a", "e", "i", "o", "u", "y", "æ", "ø", "å", "ei"];
    const END: [&str; 8] = ["", "n", "r", "l", "s", "nd", "rk", "t"];
    let mut pick = |from: &[&'static str]| from[usize::try_from(below(from.len() as u64)).unwrap()];
    let syllables = (0..=pick(&["", "x"]).len() + 1).map(|_| [pick(&BEGIN), pick(&MIDDLE), pick(&END)].concat());
    syllables.collect::<String>() + " "
}

fn answered(answer: Answer) -> mera_device_api::Done {
    let Answer::Ok(Reply::Done(done)) = answer else { panic!("{answer:?}") };
    done
}
