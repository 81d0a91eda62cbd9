//! The last administrator is gone, and the company comes back by what it keeps on paper: whole devices and a relay over real
//! sockets.
#![allow(clippy::unwrap_used, missing_docs)]

use futures_util::future::join;
use mera_device::Device;
use mera_device_api::{Answer, MembersPage, RecoverySheet, Refused, Reply, Request};
use mera_schema::RecordKind;
use mera_tests::company::{Company, done, invitation, new_quote, ok, page, status};
use mera_trust::RecoveryCode;

async fn members(device: &Device) -> MembersPage {
    let Reply::Members(page) = ok(device, Request::Members).await else { panic!() };
    page
}

async fn company_id(device: &Device) -> String {
    let Reply::About(about) = ok(device, Request::About).await else { panic!() };
    about.workspace.to_string()
}

async fn new_code(device: &Device) -> RecoverySheet {
    let Reply::RecoveryCode(sheet) = ok(device, Request::NewRecoveryCode).await else { panic!() };
    sheet
}

async fn refused(company: &Company, code: &str, named: Option<&str>) -> Refused {
    match company.recover("Rikke", code, named).await {
        Err(refused) => refused,
        Ok(engine) => panic!("it was not refused: {}", engine.device()),
    }
}

/// Anna administers, Bo sells; then Anna's machine is gone for good.
async fn without_an_administrator() -> (Company, mera_schema::RecordRef) {
    let mut company = Company::of(&["Anna"]).await;
    let quote = new_quote(&company.devices[0], "Kugleventil DN50", "100 DKK").await;
    company.join_as("Bo", &["sales"]).await;
    company.until_equal().await;
    drop(company.devices.remove(0));
    (company, quote)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_is_lost_and_the_code_brings_everything_back_on_an_empty_machine() {
    let (mut company, quote) = without_an_administrator().await;
    let code = company.recovery_code.clone();
    let rikke = company.recover("Rikke", &code.to_lowercase().replace('-', " "), None).await.unwrap();
    company.devices.push(Device::start(rikke));
    company.until_equal().await;
    let rikke = &company.devices[1];
    assert_eq!(page(rikke, quote).await.figures.unwrap().net.to_string(), "100.00 DKK");
    let listed = members(rikke).await;
    assert!(listed.administrator);
    assert_eq!(listed.people.iter().find(|row| row.name == "Rikke").unwrap().roles.len(), 5);

    // She does what only administrators do: takes the lost device out, and invites.
    let lost = listed.people.iter().find(|row| row.name == "Anna").unwrap().devices[0].device;
    ok(rikke, Request::Revoke { device: lost }).await;
    let invited = invitation(rikke, "Carla", &["warehouse"]).await;
    let carla = company.arrive("Carla", &invited).await.unwrap();
    company.devices.push(Device::start(carla));
    let values = vec![("name".into(), "Aalborg Værft".into())];
    done(&company.devices[0], Request::Create { kind: RecordKind::Customer, values }).await;
    company.until(&company.devices[2], async || status(&company.devices[2]).await.connected).await;
    company.until_equal_records(&[0, 1]).await;
    company.doctor().await;
    assert_eq!(members(&company.devices[0]).await.people.iter().filter(|row| row.roles.len() == 5).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_does_not_hold_is_refused_by_its_own_name_and_nothing_changes() {
    let company = Company::of(&["Anna"]).await;
    let other = Company::of(&["Else"]).await;
    let anna = &company.devices[0];
    company.until(anna, async || status(anna).await.connected).await;
    other.until(&other.devices[0], async || status(&other.devices[0]).await.connected).await;
    let (code, others) = (company.recovery_code.clone(), other.recovery_code.clone());
    let (id, others_id) = (company_id(anna).await, company_id(&other.devices[0]).await);
    let before = members(anna).await;
    let of_nobody = |seed: u8| RecoveryCode::from_seed([seed; 32]).to_string();
    let table = [
        ("MERA-RECOVERY2-AAAAA", None, "recovery.no_code", Some("code")),
        (&code[..code.len() - 1], None, "recovery.no_code", Some("code")),
        (&of_nobody(9), None, "recovery.no_company", Some("company")),
        (&of_nobody(9), Some("no id"), "recovery.not_a_company", Some("company")),
        (&of_nobody(9), Some(id.as_str()), "recovery.unknown", Some("code")),
        (&code.replace("RECOVERY2", "RECOVERY3"), None, "recovery.newer", Some("code")),
        (&code, Some(others_id.as_str()), "recovery.other_company", Some("code")),
        // This relay has never heard of that company.
        (&others, None, "recovery.unknown", Some("code")),
    ];
    for (code, named, why, field) in table {
        let refused = refused(&company, code, named).await;
        assert_eq!((refused.code.as_str(), refused.field.as_deref()), (why, field), "{code} {named:?}");
        assert!(!company.has_folder_of("Rikke"), "{why}: nothing was made");
    }
    assert_eq!(members(anna).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_code_takes_the_place_of_the_old_one_which_opens_nothing_any_more() {
    let mut company = Company::of(&["Anna"]).await;
    company.join_as("Mads", &["warehouse"]).await;
    company.until(&company.devices[1], async || status(&company.devices[1]).await.connected).await;
    let [anna, mads] = company.devices.as_slice() else { panic!() };
    let epoch = members(anna).await.epoch;
    let no = mads.request(Request::NewRecoveryCode).await;
    assert!(matches!(no, Answer::Refused(why) if why.code == "membership.not_administrator"));
    let old = company.recovery_code.clone();
    let sheet = new_code(anna).await;
    assert_eq!((sheet.company.to_string(), &sheet.relay), (company_id(anna).await, &Some(company.relay_address())));
    assert_ne!(sheet.code, old);
    assert_eq!(members(anna).await.epoch, epoch + 1, "everybody has new keys");
    let why = refused(&company, &old, None).await;
    assert_eq!((why.code.as_str(), why.field.as_deref()), ("recovery.replaced", Some("code")));
    assert!(!company.has_folder_of("Rikke"));
    let quote = new_quote(anna, "Flange", "30 DKK").await;
    let rikke = company.recover("Rikke", &sheet.code, None).await.unwrap();
    company.devices.push(Device::start(rikke));
    let rikke = &company.devices[2];
    company
        .until(rikke, async || matches!(rikke.request(Request::Open { record: quote, at: None }).await, Answer::Ok(_)))
        .await;
    let trail = Request::Audit { filter: Default::default(), from: None, limit: 50 };
    let Reply::Audit(trail) = ok(rikke, trail).await else { panic!() };
    let told = serde_json::to_string(&trail.rows).unwrap();
    assert!(told.contains("recovery_code_replaced") && told.contains("recovered"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_relays_word_no_new_code_is_made_and_the_old_one_holds() {
    let company = Company::of(&["Anna"]).await;
    let anna = &company.devices[0];
    company.until(anna, async || status(anna).await.connected).await;
    company.plug(anna, false).await;
    let no = anna.request(Request::NewRecoveryCode).await;
    assert!(matches!(&no, Answer::Refused(why) if why.code == "membership.offline"), "{no:?}");
    assert!(company.recover("Rikke", &company.recovery_code, None).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_recover_at_once_both_come_back_one_after_the_other() {
    let (mut company, quote) = without_an_administrator().await;
    let code = company.recovery_code.clone();
    let (rikke, signe) = join(company.recover("Rikke", &code, None), company.recover("Signe", &code, None)).await;
    for engine in [rikke, signe] {
        company.devices.push(Device::start(engine.unwrap()));
    }
    company.until_equal_records(&[1, 2]).await;
    for place in [1, 2] {
        let device = &company.devices[place];
        assert!(members(device).await.administrator, "{place}");
        assert_eq!(page(device, quote).await.figures.unwrap().net.to_string(), "100.00 DKK");
    }
    company.until(&company.devices[0], async || members(&company.devices[0]).await.statements == 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_has_an_administrator_still_takes_the_code_and_a_folder_that_is_taken_is_left_alone() {
    let company = Company::of(&["Anna"]).await;
    let anna = &company.devices[0];
    company.until(anna, async || status(anna).await.connected).await;
    let before = members(anna).await.statements;
    let taken = company.recover("Anna", &company.recovery_code, None).await.err().unwrap();
    assert_eq!(taken.code, "device.exists");
    assert_eq!(members(anna).await.statements, before, "nobody was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_waits_for_nobody_at_a_relay_that_was_just_started_and_one_without_its_disk_must_be_filled_first() {
    let (mut company, quote) = without_an_administrator().await;
    company.plug(&company.devices[0], false).await;
    company.stop_relay().await;
    company.lose_the_relays_disk();
    company.start_relay().await;
    let code = company.recovery_code.clone();
    assert_eq!(refused(&company, &code, None).await.code, "recovery.unknown", "nobody has told it the list yet");
    company.plug(&company.devices[0], true).await;
    company.plug(&company.devices[0], false).await;
    company.stop_relay().await;
    company.start_relay().await;
    let rikke = company.recover("Rikke", &code, None).await.unwrap();
    company.devices.push(Device::start(rikke));
    // Whatever the relay still lacks of the logs, Bo brings when he is back.
    company.plug(&company.devices[0], true).await;
    company.until_equal().await;
    assert_eq!(page(&company.devices[1], quote).await.figures.unwrap().net.to_string(), "100.00 DKK");
    company.doctor().await;
}
