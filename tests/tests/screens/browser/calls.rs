//! A customer calls: the office takes a message, the salesperson meets it, and it is settled for everybody once handled.

use super::super::chromium::Chromium;
use super::accessibility::{axe, look_at};
use super::shown;
use mera_device_api::{NewCall, Request};
use mera_schema::{RecordKind, RecordRef, Urgency};
use mera_tests::company::{Company, done, ok};

pub async fn made(company: &Company, kind: RecordKind, values: &[(&str, &str)]) -> RecordRef {
    let values = values.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
    done(&company.devices[0], Request::Create { kind, values }).await.record.unwrap()
}

/// Two colleagues, each at a device, and a customer with a person who calls.
pub async fn office() -> (Company, RecordRef) {
    let company = Company::of(&["Anna", "Bo"]).await;
    let bo = made(&company, RecordKind::Employee, &[("name", "Bo Berg"), ("title", "Sælger")]).await;
    let anna = made(&company, RecordKind::Employee, &[("name", "Anna Ask"), ("title", "Kontor")]).await;
    let yard = made(&company, RecordKind::Customer, &[("name", "Aalborg Værft"), ("phone", "98 12 00 00")]).await;
    let of_yard = [("name", "Mette Holm"), ("party", &yard.to_string()), ("phone", "+45 98123456")];
    made(&company, RecordKind::Contact, &of_yard).await;
    company.until_equal().await;
    ok(&company.devices[0], Request::IAm { employee: anna }).await;
    ok(&company.devices[1], Request::IAm { employee: bo }).await;
    company.until_equal().await;
    (company, bo)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_taken_beside_the_phone_met_by_the_salesperson_and_settled_without_a_line() {
    let (company, bo) = office().await;
    let (anna_at, bo_at) = (shown(&company.devices[0]).await, shown(&company.devices[1]).await);
    let (chromium, axe, mut all) = (Chromium::start(), axe(), Vec::new());
    let office = chromium.open(&anna_at.link(), 1024, 800).await;
    let phone = chromium.open(&bo_at.link(), 360, 740).await;
    office.asked(&axe).await;
    phone.asked(&axe).await;

    office.go(&format!("#/calls/{bo}")).await;
    office.type_in("call-caller", "98 12 34").await;
    office.see_part("call-caller-result", "Mette Holm").await;
    all.extend(look_at(&office, "who is calling", 1024).await);
    office.press("\u{E015}").await;
    office.see_as("call-caller-result", "aria-selected", "true").await;
    office.press("\u{E007}").await;
    office.see_part("call-who", "Aalborg Værft").await;
    office.type_in("call-subject", "Tilbud på ventiler").await;
    office.click("call-urgent").await;
    office.click("call-take").await;
    office.see_part("call-row", "Tilbud på ventiler").await;
    office.see_part("call-phone", "+45 98 12 34 56").await;

    phone.see_text("calls-count", "1").await;
    phone.see_part("toast", "Mette Holm").await;
    phone.go("#/calls").await;
    phone.see_part("calls-mine", "Urgent").await;
    all.extend(look_at(&phone, "a message for oneself", 360).await);
    phone.click("call-see").await;
    phone.unsee("calls-count").await;
    office.see_as("call-row", "data-state", "seen").await;

    phone.go("#/sync").await;
    phone.click("online-switch").await;
    phone.see_as("sync-pill", "data-mood", "away").await;
    phone.go("#/calls").await;
    phone.click("call-back").await;
    phone.click("call-close").await;
    phone.see("empty").await;
    office.see_as("call-row", "data-state", "seen").await;
    phone.go("#/sync").await;
    phone.click("online-switch").await;
    office.see("empty").await;
    office.click("all-calls").await;
    office.click("list-row").await;
    office.see_part("call-happened", "Called back").await;
    office.see_part("call-steps", "Settled").await;
    all.extend(look_at(&office, "a settled message", 1024).await);

    assert!(phone.fits().await && office.fits().await);
    assert!(all.is_empty(), "{} findings:\n{}", all.len(), all.join("\n"));
    company.until_equal().await;
    company.doctor().await;
    for served in [anna_at, bo_at] {
        served.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_unknown_becomes_a_customer_on_the_spot_and_a_quote_knows_the_message_it_came_of() {
    let (company, bo) = office().await;
    let for_anna = NewCall {
        for_whom: bo,
        caller: "Aage".into(),
        party: None,
        contact: None,
        phone: "+49 30 901820".into(),
        subject: "Følgeseddel 4711".into(),
        urgency: Urgency::Normal,
        copies: Vec::new(),
        notes: String::new(),
    };
    ok(&company.devices[1], Request::TakeCall { call: for_anna.into() }).await;
    let bo_at = shown(&company.devices[1]).await;
    let chromium = Chromium::start();
    let bo_there = chromium.open(&bo_at.link(), 1024, 800).await;
    bo_there.see_part("calls-mine", "Aage").await;

    bo_there.click("new").await;
    bo_there.choose("call-for", &bo.to_string()).await;
    bo_there.type_in("call-number", "33 44 55 66").await;
    bo_there.type_in("call-caller", "Nordhavn ApS").await;
    bo_there.see_part("call-caller-result", "New customer: Nordhavn ApS").await;
    bo_there.press("\u{E015}").await;
    bo_there.see_as("call-caller-result", "aria-selected", "true").await;
    bo_there.press("\u{E007}").await;
    bo_there.see_part("call-who", "Nordhavn ApS").await;
    bo_there.type_in("call-subject", "Pumper").await;
    bo_there.click("call-take").await;
    bo_there.see_part("call-row", "Pumper").await;
    bo_there.click("call-quote").await;
    bo_there.see_part("came-of", "Pumper").await;
    bo_there.click("came-of").await;
    bo_there.see_part("page", "T-").await;
    company.doctor().await;
    bo_at.stop().await;
}
