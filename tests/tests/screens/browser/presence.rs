//! Who is in: a salesperson says it in one touch, also without a line, and the office sees it beside the phone.

use super::super::chromium::Chromium;
use super::accessibility::{axe, look_at};
use super::shown;
use mera_device_api::Request;
use mera_schema::{RecordKind, RecordRef};
use mera_tests::company::{Company, done};

async fn colleague(company: &Company, name: &str, title: &str) -> RecordRef {
    let values = [("name", name), ("title", title)].map(|(field, value)| (field.to_owned(), value.to_owned()));
    let request = Request::Create { kind: RecordKind::Employee, values: values.into() };
    done(&company.devices[0], request).await.record.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_touch_says_where_one_is_and_the_office_sees_it_at_once_or_with_its_age() {
    let company = Company::of(&["Anna", "Bo"]).await;
    let bo = colleague(&company, "Bo Berg", "Sælger").await;
    colleague(&company, "Anna Ask", "Kontor").await;
    company.until_equal().await;
    let (anna_at, bo_at) = (shown(&company.devices[0]).await, shown(&company.devices[1]).await);
    let (chromium, axe, mut all) = (Chromium::start(), axe(), Vec::new());
    let office = chromium.open(&anna_at.link(), 1024, 800).await;
    let phone = chromium.open(&bo_at.link(), 360, 740).await;
    office.asked(&axe).await;
    phone.asked(&axe).await;

    office.click("nav-presence").await;
    office.see_part("presence-row", "Bo Berg").await;
    all.extend(look_at(&office, "nobody has said who they are", 1024).await);
    phone.go("#/presence").await;
    phone.choose("who-am-i", &bo.to_string()).await;
    phone.click("say-meeting").await;
    phone.see_as("say-meeting", "aria-pressed", "true").await;
    phone.click("not-me").await;
    phone.choose("who-am-i", &bo.to_string()).await;
    phone.see_as("say-meeting", "aria-pressed", "true").await;
    office.see_part("presence-row", "In a meeting").await;
    all.extend(look_at(&phone, "where one is oneself", 360).await);

    phone.go("#/sync").await;
    phone.click("online-switch").await;
    phone.see_as("sync-pill", "data-mood", "away").await;
    phone.go("#/presence").await;
    phone.see_part("presence-age", "No line since").await;
    phone.click("say-out").await;
    phone.see_as("say-out", "aria-pressed", "true").await;
    phone.type_over("presence-place", "Vejle").await;
    phone.click("presence-say").await;
    phone.see_part("presence-row", "Vejle").await;
    all.extend(look_at(&phone, "without a line", 360).await);
    assert!(!office.text("presence-board").await.contains("Vejle"), "the office has not heard of it");

    phone.go("#/sync").await;
    phone.click("online-switch").await;
    company.until_equal().await;
    office.see_part("presence-row", "Vejle").await;
    office.click("lang-switch").await;
    office.see_part("presence-row", "Ude").await;
    all.extend(look_at(&office, "the board", 1024).await);
    assert!(phone.fits().await && office.fits().await);
    assert!(all.is_empty(), "{} findings:\n{}", all.len(), all.join("\n"));
    company.doctor().await;
    for served in [anna_at, bo_at] {
        served.stop().await;
    }
}
