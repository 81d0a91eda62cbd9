//! A customer who is in the records twice is made one on its page, and taken apart again.

use super::super::chromium::Chromium;
use super::accessibility::{axe, look_at};
use super::shown;
use mera_device_api::Request;
use mera_schema::{RecordKind, RecordRef};
use mera_tests::company::{Company, done};

async fn customer(company: &Company, name: &str, phone: &str) -> RecordRef {
    let values = [("name", name), ("phone", phone)].map(|(field, value)| (field.to_owned(), value.to_owned()));
    let request = Request::Create { kind: RecordKind::Customer, values: values.into() };
    done(&company.devices[0], request).await.record.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_be_the_same_is_suggested_made_one_and_taken_apart_again() {
    let company = Company::of(&["Anna"]).await;
    let stays = customer(&company, "Aalborg Værft A/S", "98 12 34 56").await;
    let goes = customer(&company, "Ålborg Skibsværft", "+4598123456").await;
    let far = customer(&company, "Værftet ved Limfjorden", "").await;
    let at = shown(&company.devices[0]).await;
    let (chromium, axe, mut all) = (Chromium::start(), axe(), Vec::new());
    let tab = chromium.open(&at.link(), 1024, 800).await;
    tab.asked(&axe).await;

    tab.go(&format!("#/record/{stays}")).await;
    tab.see_part("same-suggested", "Ålborg Skibsværft").await;
    all.extend(look_at(&tab, "who may be the same", 1024).await);
    tab.click("same-make").await;
    tab.see_part("confirm", "Ålborg Skibsværft").await;
    tab.click("confirm-yes").await;
    tab.see_part("same-row", "Ålborg Skibsværft").await;
    tab.unsee("same-suggested").await;

    // One who is not suggested is found by hand.
    tab.type_over("same-pick", "limfjorden").await;
    tab.see_part("confirm", "Limfjorden").await;
    tab.click("confirm-yes").await;
    tab.see_part("same-row", "Limfjorden").await;
    tab.go("#/list/customer").await;
    tab.see_part("list-total", "1 record").await;

    tab.go(&format!("#/record/{goes}")).await;
    tab.see_part("stands-elsewhere", "Aalborg Værft A/S").await;
    all.extend(look_at(&tab, "one for which another stands", 1024).await);
    tab.click("same-apart").await;
    tab.unsee("stands-elsewhere").await;
    tab.go("#/list/customer").await;
    tab.see_part("list-total", "2 records").await;
    tab.go(&format!("#/record/{far}")).await;
    tab.see("stands-elsewhere").await;

    assert!(tab.fits().await);
    assert!(all.is_empty(), "{} findings:\n{}", all.len(), all.join("\n"));
    company.doctor().await;
    at.stop().await;
}
