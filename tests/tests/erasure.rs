//! A record that is erased is gone everywhere, over real sockets and on real disks.
#![allow(clippy::unwrap_used)]

use mera_device::Device;
use mera_device_api::{Answer, Reply, Request};
use mera_schema::{RecordKind, RecordRef};
use mera_sync_protocol::{Part, Replica};
use mera_tests::company::{Company, done, ok, page, status};
use std::path::Path;

const NAME: &str = "Karen Blixen";

/// The sealed bytes that say something of a record, as they travel.
async fn sealed(device: &Device, record: RecordRef) -> Vec<Vec<u8>> {
    let read = move |engine: &mut mera_device::Engine| {
        let runs = engine.runs_after(engine.device(), 0, usize::MAX).unwrap();
        let entries: Vec<_> = runs.into_iter().flat_map(|run| run.entries).collect();
        let parts = entries.into_iter().flat_map(|entry| entry.subjects.into_iter().zip(entry.payload.0));
        let of_record = parts.filter(|(subject, _)| subject.record() == Some(record));
        of_record.filter_map(|(_, part)| if let Part::Present(part) = part { Some(part.bytes) } else { None }).collect()
    };
    device.with(read).await
}

fn finds(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            finds(&path, needle)
        } else {
            std::fs::read(path).unwrap().windows(needle.len()).any(|bytes| bytes == needle)
        }
    })
}

async fn is_gone(device: &Device, record: RecordRef) {
    let answer = device.request(Request::Open { record, at: None }).await;
    assert!(matches!(&answer, Answer::Refused(refused) if refused.code == "record.erased"), "{answer:?}");
    let Reply::Page(found) = ok(device, Request::Find { query: NAME.into() }).await else { panic!() };
    assert_eq!(found.total, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_erases_is_gone_at_the_relay_and_at_everybody_who_comes_by_also_long_afterwards() {
    let mut company = Company::of(&["Anna", "Bo"]).await;
    let values = vec![("name".into(), NAME.into())];
    let made = done(&company.devices[0], Request::Create { kind: RecordKind::Customer, values }).await;
    let record = made.record.unwrap();
    company.until_equal().await;
    let bytes = sealed(&company.devices[0], record).await;
    assert!(!bytes.is_empty() && bytes.iter().all(|bytes| finds(&company.relay_folder(), bytes)));

    // Bo works on it where there is no network.
    company.plug(&company.devices[1], false).await;
    let seen = page(&company.devices[1], record).await.heads;
    let edits = vec![mera_schema::Edit::set("phone", "45 12 34 56")];
    done(&company.devices[1], Request::Change { record, seen, edits }).await;
    let late = sealed(&company.devices[1], record).await;
    assert!(matches!(ok(&company.devices[0], Request::Erase { record }).await, Reply::Erased(_)));
    company.until(&company.devices[0], async || status(&company.devices[0]).await.waiting_changes == 0).await;
    company.plug(&company.devices[1], true).await;
    company.until_equal().await;
    let trouble = status(&company.devices[1]).await.trouble.unwrap();
    assert_eq!(trouble.code, "record.erased_meanwhile");

    // Someone who comes afterwards never hears of it.
    let cleo = company.join("Cleo").await;
    company.until_equal().await;
    for device in &company.devices {
        is_gone(device, record).await;
        assert_eq!(sealed(device, record).await, Vec::<Vec<u8>>::new());
    }
    // The relay writes its disk anew within a minute, or when it starts.
    company.stop_relay().await;
    company.start_relay().await;
    assert!(bytes.iter().chain(&late).all(|bytes| !finds(&company.relay_folder(), bytes)));
    company.until(&company.devices[cleo], async || status(&company.devices[cleo]).await.connected).await;
    company.until_equal().await;
}
