//! A device that runs writes files beside what its person downloads, and says where.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Device, Founding, Place, RealWorld, Surroundings};
use chrono::NaiveDate;
use mera_schema::{Desk, RecordKind};

/// A person with a folder for downloads.
struct Person(PathBuf);

impl Surroundings for Person {
    fn millis(&self) -> u64 {
        RealWorld.millis()
    }
    fn today(&self) -> NaiveDate {
        "2026-11-27".parse().unwrap()
    }
    fn random(&self, bytes: &mut [u8]) -> Result<(), String> {
        RealWorld.random(bytes)
    }
    fn saves_into(&self) -> Option<PathBuf> {
        Some(self.0.clone()).filter(|folder| folder.ends_with("Downloads"))
    }
}

/// A device with a customer, whose person downloads into this folder.
async fn device(place: &Path, downloads: &str) -> Device {
    let founding = Founding {
        name: "Annas pc".into(),
        person: "Anna".into(),
        desk: Desk::Sales,
        series: "A1".into(),
        relay: None,
        vault: Place::InFolder,
    };
    let world = Arc::new(Person(place.join(downloads)));
    let device = Device::start(Engine::found(&place.join("device"), founding, world).unwrap());
    let values = vec![("name".to_owned(), "Nordhavn".to_owned())];
    ok(&device, Request::Create { kind: RecordKind::Customer, values }).await;
    device
}

async fn ok(device: &Device, request: Request) -> Reply {
    match device.request(request).await {
        Answer::Ok(reply) => reply,
        Answer::Refused(refused) => panic!("{refused:?}"),
    }
}

async fn refused(device: &Device, request: Request) -> String {
    match device.request(request).await {
        Answer::Refused(refused) => refused.code,
        other => panic!("it was not refused: {other:?}"),
    }
}

fn take_backup() -> Request {
    Request::Backup { file: None, passphrase: "korrekt hest batteri".into() }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_and_exports_lie_beside_what_the_person_downloads_each_under_a_name_of_its_own() {
    let place = tempfile::tempdir().unwrap();
    let (device, downloads) = (device(place.path(), "Downloads").await, place.path().join("Downloads"));
    let last = async || {
        let Reply::About(about) = ok(&device, Request::About).await else { panic!() };
        about.last_backup
    };
    assert_eq!(last().await, None);
    let mut notices = device.notices();
    for name in ["mera-backup-2026-11-27.age", "mera-backup-2026-11-27-2.age"] {
        let Reply::BackedUp { file, entries } = ok(&device, take_backup()).await else { panic!() };
        assert_eq!((PathBuf::from(file), entries), (downloads.join(name), 2));
    }
    assert_eq!(last().await.map(|day| day.to_string()), Some("2026-11-27".into()));
    let mut heard = Vec::new();
    while let Ok(notice) = notices.try_recv() {
        heard.push(notice);
    }
    assert!(heard.iter().any(|notice| notice.contains("saving")), "how far it is: {heard:?}");
    for (what, name, count) in [
        (ExportOf::RecordsCsv, "mera-csv-2026-11-27", 2),
        (ExportOf::RecordsJson, "mera-json-2026-11-27", 2),
        (ExportOf::AuditCsv, "mera-audit-2026-11-27.csv", 3),
        (ExportOf::AuditLines, "mera-audit-2026-11-27.jsonl", 3),
        (ExportOf::Calendar, "mera-calendar-2026-11-27.ics", 0),
    ] {
        let Reply::Exported { to, count: told } = ok(&device, Request::Export { what, to: None }).await else {
            panic!()
        };
        assert_eq!((PathBuf::from(to), told), (downloads.join(name), count));
    }
    assert!(fs::read_to_string(downloads.join("mera-csv-2026-11-27/customer.csv")).unwrap().contains("Nordhavn"));
    assert!(fs::read_to_string(downloads.join("mera-audit-2026-11-27.csv")).unwrap().contains("Nordhavn"));
    let undelivered = Request::Export { what: ExportOf::Undelivered, to: None };
    assert_eq!(refused(&device, undelivered).await, "judging.nothing");
    let all = names(&downloads);
    assert_eq!(all.len(), 7, "nothing half made: {all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_is_written_at_a_time_and_where_no_folder_is_named_that_is_said() {
    let place = tempfile::tempdir().unwrap();
    let device = device(place.path(), "nowhere").await;
    let under_way = device.shared().saving.begin().unwrap();
    assert_eq!(refused(&device, take_backup()).await, "saving.under_way");
    drop(under_way);
    assert_eq!(refused(&device, take_backup()).await, "saving.no_folder");
    let to = place.path().join("audit.csv");
    let export = || Request::Export { what: ExportOf::AuditCsv, to: Some(to.display().to_string()) };
    ok(&device, export()).await;
    assert_eq!(refused(&device, export()).await, "export.exists");
    let short = Request::Backup { file: None, passphrase: "kort".into() };
    assert_eq!(refused(&device, short).await, "backup.passphrase_short");
    assert_eq!(names(place.path()), ["audit.csv", "device"]);
}
