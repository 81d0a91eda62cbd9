//! Checkpoints over real sockets and on real disks, and what they save.
#![allow(clippy::unwrap_used)]

use mera_device::{Device, Engine};
use mera_device_api::{Answer, Reply, Request};
use mera_schema::{FieldPath, RecordKind, RecordRef};
use mera_sync_protocol::{RelayStore, Replica};
use mera_sync_server::RelayDisk;
use mera_tests::company::{Company, await_all, done, ok, page, status};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
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

/// A device and a relay's disk, between which everything is carried at once.
struct Pair {
    anna: Engine,
    relay: RelayDisk,
}

impl Pair {
    fn deliver(&mut self) {
        let (ws, device) = (self.anna.workspace(), self.anna.device());
        self.relay.learn(ws, self.anna.statements(0, usize::MAX).unwrap()).unwrap();
        let mut held = self.relay.vector(ws).unwrap().of(device);
        while held < self.anna.vector().unwrap().of(device) {
            for run in self.anna.runs_after(device, held, usize::MAX).unwrap() {
                held = self.relay.accept(ws, run.verify(ws).unwrap()).unwrap();
            }
        }
        self.anna.acked(held).unwrap();
    }

    fn change(&mut self, record: Option<RecordRef>, edit: mera_schema::Edit) -> RecordRef {
        let answered = |answer| {
            let Answer::Ok(Reply::Done(done)) = answer else { panic!("{answer:?}") };
            done
        };
        let record =
            record.unwrap_or_else(|| answered(self.anna.answer(customer("Aalborg Værft A/S"))).record.unwrap());
        let Answer::Ok(Reply::Record(page)) = self.anna.answer(Request::Open { record, at: None }) else { panic!() };
        answered(self.anna.answer(Request::Change { record, seen: page.heads, edits: vec![edit] }));
        record
    }
}

/// The figures of a larger company are `cargo xtask bench storage`; this holds them where they are.
#[test]
fn after_a_checkpoint_the_files_take_at_most_twice_what_the_records_take() {
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
    let anna = Engine::found(&folder, founding, std::sync::Arc::new(mera_device::RealWorld)).unwrap();
    let mut pair = Pair { anna, relay: RelayDisk::open(&at_relay).unwrap() };
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    let mut records = Vec::new();
    for _ in 0..100 {
        // Digits are packed to less than half their length.
        let notes = (0..300).map(|_| format!("{} ", chance.random_range(0..1_000_000))).collect();
        records.push(pair.change(None, mera_schema::Edit::Write { path: FieldPath::root("notes"), text: notes }));
    }
    for n in 0..400 {
        let record = records[chance.random_range(0..100)];
        pair.change(
            Some(record),
            mera_schema::Edit::set("phone", format!("{:08}", chance.random_range(0..100_000_000))),
        );
        if n % 80 == 0 {
            pair.deliver();
        }
    }
    pair.deliver();
    pair.anna.begin_checkpoint().unwrap();
    while let mera_device::Making::Goes { .. } = pair.anna.make_some().unwrap() {}
    pair.deliver();
    while pair.anna.let_go_some().unwrap() {}
    pair.anna.tidy().unwrap();
    pair.deliver();
    assert!(pair.relay.let_go(0).unwrap());
    pair.relay.write_anew().unwrap();
    let saved = pair.anna.saved_bytes().unwrap();
    drop(pair);
    let (device, relay) = (bytes_of(&folder), bytes_of(&at_relay));
    assert!(device <= 2 * saved && relay <= 2 * saved, "device {device}, relay {relay}, records {saved} bytes");
}
