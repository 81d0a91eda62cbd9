//! Who comes in, who goes, and who reads what: whole devices and a relay over real sockets.
#![allow(clippy::unwrap_used, missing_docs)]

use futures_util::future::join;
use mera_device_api::{Answer, MembersPage, Reply, Request};
use mera_schema::{DeviceId, RecordKind};
use mera_tests::company::{Company, done, invitation, new_quote, ok, status};
use std::fs;
use std::path::Path;

async fn members(device: &mera_device::Device) -> MembersPage {
    let Reply::Members(page) = ok(device, Request::Members).await else { panic!() };
    page
}

async fn refused(device: &mera_device::Device, request: Request) -> String {
    match device.request(request).await {
        Answer::Refused(refused) => refused.code,
        other => panic!("it was not refused: {other:?}"),
    }
}

async fn device_of(company: &Company, who: usize) -> DeviceId {
    let Reply::About(about) = ok(&company.devices[who], Request::About).await else { panic!() };
    about.device
}

async fn total(device: &mera_device::Device, kind: RecordKind) -> usize {
    let list = Request::List { kind, query: String::new(), offset: 0, limit: 1 };
    let Reply::Page(page) = ok(device, list).await else { panic!() };
    page.total
}

fn customer(name: &str) -> Request {
    Request::Create { kind: RecordKind::Customer, values: vec![("name".into(), name.into())] }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_brings_in_one_device_and_its_person_by_name() {
    let mut company = Company::of(&["Anna"]).await;
    let code = invitation(&company.devices[0], "Bo", &["sales"]).await;
    let bo = company.arrive("Bo", &code).await.unwrap();
    company.devices.push(mera_device::Device::start(bo));
    company.until_equal().await;
    let page = members(&company.devices[0]).await;
    assert_eq!(page.people.iter().find(|row| row.name == "Bo").unwrap().roles, ["sales"]);
    assert!(page.invitations.is_empty(), "it has been used");
    assert!(!members(&company.devices[1]).await.administrator);
    company.doctor().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_taken_out_is_cut_off_while_it_is_connected_and_everybody_else_works_on() {
    let mut company = Company::of(&["Anna", "Bo"]).await;
    company.join_as("Carla", &["warehouse"]).await;
    company.until(&company.devices[2], async || status(&company.devices[2]).await.connected).await;
    let bo = device_of(&company, 1).await;
    assert_eq!(refused(&company.devices[2], Request::Revoke { device: bo }).await, "membership.not_administrator");
    let gone = company.devices[1].clone();
    let shut = async {
        let mut notices = gone.notices();
        while !matches!(gone.request(Request::About).await, Answer::Refused(why) if why.code == "membership.revoked") {
            notices.recv().await.ok();
        }
    };
    join(ok(&company.devices[0], Request::Revoke { device: bo }), shut).await;
    assert_eq!(refused(&gone, customer("after")).await, "membership.revoked");
    company.devices.remove(1);
    done(&company.devices[0], customer("under the new keys")).await;
    company.until(&company.devices[1], async || total(&company.devices[1], RecordKind::Customer).await == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_at_once_both_get_their_way_one_after_the_other() {
    let company = Company::of(&["Anna", "Bo", "Carla"]).await;
    company.until_equal().await;
    let [anna, bo, carla] = company.devices.as_slice() else { panic!() };
    company.until(bo, async || members(bo).await.statements == 3).await;
    let person = members(carla).await.me;
    let roles = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let (hers, his) =
        join(ok(anna, Request::SetRoles { person, roles: roles(&["office"]) }), ok(bo, Request::RotateKeys)).await;
    assert!(matches!((hers, his), (Reply::Members(_), Reply::Members(_))));
    for device in [anna, bo, carla] {
        company.until(device, async || members(device).await.statements == 5).await;
        assert_eq!(members(device).await.epoch, 3, "fewer rights and the wish for new keys: two epochs");
    }
    done(anna, customer("for everybody")).await;
    company.until(carla, async || total(carla, RecordKind::Customer).await == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_written_is_found_at_the_relay() {
    let mut company = Company::of(&["Anna", "Bo"]).await;
    let secrets = ["Aalborg Vaerft", "Kugleventil DN50", "1234567.89"];
    done(&company.devices[0], customer(secrets[0])).await;
    new_quote(&company.devices[0], secrets[1], "1234567.89 DKK").await;
    company.until_equal().await;
    company.stop_relay().await;
    let found = files(&company.relay_folder());
    let stands = |form: &[u8]| found.iter().any(|bytes| bytes.windows(form.len()).any(|part| part == form));
    for who in [0, 1] {
        let device = device_of(&company, who).await;
        assert!(
            stands(device.uuid().as_bytes()),
            "the relay says in the clear whose entries it has, so they are there"
        );
    }
    for secret in secrets {
        let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for form in [secret.as_bytes(), wide.as_slice()] {
            assert!(!stands(form), "{secret}");
        }
    }
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![fs::read(path).unwrap()] }).collect()
}
