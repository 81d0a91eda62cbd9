//! How pages answer a person: in their place, in the person's language, large enough for a finger.

use super::super::chromium::Chromium;
use super::keyboard::{ENTER, ESCAPE};
use super::{one_screen, shown, to_quote};
use mera_device_api::Request;
use mera_schema::RecordKind;
use mera_tests::company::{Company, disagree_about_price, done, new_quote, page};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn why_a_quote_was_lost_is_asked_in_its_place() {
    let (_company, quote, at, chromium) = one_screen().await;
    let tab = chromium.open(&at.link(), 1024, 800).await;
    to_quote(&tab, quote).await;
    tab.click("verb-lose").await;
    tab.see("why-lost").await;
    tab.press(ESCAPE).await;
    tab.unsee("why-lost").await;
    tab.see_text("stage", "Draft").await;
    tab.press(ENTER).await;
    tab.see("why-lost").await;
    tab.press("The price").await;
    tab.press(ENTER).await;
    tab.see_text("stage", "Lost").await;
    tab.see_text("reason", "Reason: The price").await;
    at.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_read_and_written_as_the_language_has_them() {
    let (_company, quote, at, chromium) = one_screen().await;
    let tab = chromium.open(&at.link(), 1024, 800).await;
    to_quote(&tab, quote).await;
    tab.type_over("field-valid_until", "24 Dec 2031").await;
    tab.click("lang-switch").await;
    tab.until_true("Danish", "return document.documentElement.lang === 'da'").await;
    tab.until_true(
        "the day",
        "return document.querySelector(\"[data-testid='field-valid_until']\").value === '24.12.2031'",
    )
    .await;
    tab.type_over("field-valid_until", "31.02.2031").await;
    tab.see_as("field-valid_until", "aria-invalid", "true").await;
    tab.type_over("field-valid_until", "1/3-31").await;
    tab.until_true(
        "the day",
        "return document.querySelector(\"[data-testid='field-valid_until']\").value === '01.03.2031'",
    )
    .await;
    at.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_third_answer_can_be_written_and_says_what_it_costs() {
    let company = Company::of(&["Anna", "Bo"]).await;
    let anna = &company.devices[0];
    let quote = new_quote(anna, "Kugleventil", "100 DKK").await;
    disagree_about_price(&company, quote).await;
    let (at, chromium) = (shown(anna).await, Chromium::start());
    let tab = chromium.open(&at.link(), 360, 740).await;
    tab.go("#/clashes").await;
    tab.see("clash").await;
    tab.click("clash-third").await;
    tab.press("92").await;
    let told = "return [...document.querySelectorAll(\"[data-testid='outcome']\")].some((one) => one.textContent.includes('115.00'))";
    tab.until_true("it says what 92 would make of the total", told).await;
    tab.press(ENTER).await;
    tab.unsee("clash").await;
    assert_eq!(page(anna, quote).await.figures.unwrap().net.to_string(), "92.00 DKK");
    at.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_touched_on_a_telephone_is_large_enough() {
    let (company, quote, at, chromium) = one_screen().await;
    let values = vec![("name".to_owned(), "Aalborg Værft".to_owned())];
    let customer =
        done(&company.devices[0], Request::Create { kind: RecordKind::Customer, values }).await.record.unwrap();
    let tab = chromium.open(&at.link(), 360, 740).await;
    for place in [
        "#/list/quote".to_owned(),
        "#/list/customer".into(),
        format!("#/record/{quote}"),
        format!("#/record/{customer}"),
        format!("#/history/{quote}"),
        "#/clashes".into(),
        "#/tasks".into(),
        "#/sync".into(),
        "#/device".into(),
        "#/members".into(),
    ] {
        tab.go(&place).await;
        tab.settled(&place).await;
        // A link inside a sentence is as high as the sentence.
        let small = "return [...document.querySelectorAll('button, a, select, input, textarea, [role=switch]')]\
            .filter((one) => !one.closest('p, dialog, .mera-skip') && !one.matches('.mera-skip, .mera-brand, .mera-calendar') && one.checkVisibility())\
            .map((one) => [one.closest('label') ?? one, one]).filter(([box]) => box.getBoundingClientRect().height < 43.5)\
            .map(([box, one]) => `${one.dataset.testid ?? one.className} ${Math.round(box.getBoundingClientRect().height)}`)";
        assert_eq!(tab.asked(small).await, json!([]), "too small for a finger on {place}");
    }
    at.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_light_follows_the_system_until_it_is_chosen() {
    let (_company, _quote, at, chromium) = one_screen().await;
    let tab = chromium.open(&at.link(), 1024, 800).await;
    tab.see_as("theme-switch", "data-light", "auto").await;
    tab.click("theme-switch").await;
    tab.see_as("theme-switch", "data-light", "light").await;
    tab.click("theme-switch").await;
    tab.see_as("theme-switch", "data-light", "dark").await;
    let dark = "return document.documentElement.classList.contains('pf-v6-theme-dark')";
    tab.until_true("it is dark", dark).await;
    assert_eq!(tab.asked("location.reload(); return true").await, json!(true));
    tab.see_as("theme-switch", "data-light", "dark").await;
    tab.until_true("it is still dark", dark).await;
    tab.click("theme-switch").await;
    tab.see_as("theme-switch", "data-light", "auto").await;
    at.stop().await;
}
