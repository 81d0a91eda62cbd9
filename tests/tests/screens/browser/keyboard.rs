//! A day's work without a mouse.

use super::super::chromium::{Chromium, Tab};
use super::shown;
use mera_device_api::Request;
use mera_schema::{AnyRecord, Money, RecordKind};
use mera_tests::company::{Company, disagree_about_price, done, line_of, new_quote, page};
use serde_json::json;

pub const TAB: &str = "\u{E004}";
pub const ENTER: &str = "\u{E007}";
pub const ESCAPE: &str = "\u{E00C}";
pub const LEFT: &str = "\u{E012}";
pub const UP: &str = "\u{E013}";
pub const RIGHT: &str = "\u{E014}";
pub const DOWN: &str = "\u{E015}";
const SEARCH: &str = "\u{E009}k\u{E000}";
const NEW: &str = "\u{E00A}n\u{E000}";
const HISTORY: &str = "\u{E00A}h\u{E000}";

/// Waits until the focus is somewhere.
pub async fn focused(tab: &Tab, test: &str) {
    let script = format!("return document.activeElement?.dataset.testid === {}", json!(test));
    tab.until_true(&format!("the focus is on {test}"), &script).await;
}

/// Presses Tab until the focus is there; every stop on the way must be seen to have it.
async fn tab_to(tab: &Tab, test: &str) {
    let mut stops = Vec::new();
    for _ in 0..80 {
        tab.press(TAB).await;
        let here = tab
            .asked("const at = document.activeElement; const style = getComputedStyle(at);\
                return [at.dataset.testid ?? at.tagName, at === document.body || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)]")
            .await;
        assert_eq!(here[1], json!(true), "nobody sees that {} has the focus", here[0]);
        if here[0] == json!(test) {
            return;
        }
        stops.push(here[0].to_string());
    }
    panic!("{test} is not reached by Tab; passed {}", stops.join(", "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_is_made_looked_back_at_and_a_clash_settled_by_keyboard_alone() {
    let company = Company::of(&["Anna", "Bo"]).await;
    let anna = &company.devices[0];
    let create = |kind, values: &[(&str, &str)]| {
        let values = values.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        done(anna, Request::Create { kind, values })
    };
    create(RecordKind::Customer, &[("name", "Limfjordens Mejeri"), ("currency", "DKK")]).await;
    create(RecordKind::Product, &[("name", "Flange DN50"), ("list_price", "312 DKK"), ("vat_rate", "25")]).await;
    let disputed = new_quote(anna, "Kugleventil", "100 DKK").await;
    disagree_about_price(&company, disputed).await;
    let second = page(anna, disputed).await.clashes[0].candidates[1].value.clone();

    let (at, chromium) = (shown(anna).await, Chromium::start());
    let tab = chromium.open(&at.link(), 1024, 800).await;
    tab.press(SEARCH).await;
    focused(&tab, "find").await;
    tab.press("limfj").await;
    tab.press(ENTER).await;
    tab.see("field-name").await;
    tab.press(NEW).await;
    tab.see("verb-send").await;
    tab_to(&tab, "add-line").await;
    tab.press("flange").await;
    tab.press(ENTER).await;
    focused(&tab, "line-quantity").await;
    tab.press("4").await;
    tab.press(RIGHT).await;
    focused(&tab, "line-unit_price").await;
    tab.press("300.50").await;
    tab.press(ENTER).await;
    focused(&tab, "add-line").await;
    tab.see_text("net", "1,202.00 kr.").await;

    tab.press(HISTORY).await;
    tab.see("history-row").await;
    tab_to(&tab, "history-look").await;
    tab_to(&tab, "history-look").await;
    tab.press(ENTER).await;
    tab.see_text("net", "1,248.00 kr.").await;
    tab_to(&tab, "back-to-now").await;
    tab.press(ENTER).await;
    tab.see_text("net", "1,202.00 kr.").await;

    tab.press(SEARCH).await;
    tab.press("clash").await;
    tab.press(ENTER).await;
    tab.see("clash").await;
    tab_to(&tab, "clash").await;
    tab.press("2").await;
    tab.unsee("clash").await;
    let settled = page(anna, disputed).await;
    let AnyRecord::Quote(quote) = &settled.record else { panic!() };
    let price = quote.lines[&line_of(&settled)].unit_price.agreed().copied();
    assert_eq!(price, second.parse::<Money>().ok());
    company.until_equal().await;
    company.doctor().await;
    at.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sheet_of_keys_holds_the_focus_until_escape_and_gives_it_back() {
    let company = Company::of(&["Anna"]).await;
    let (at, chromium) = (shown(&company.devices[0]).await, Chromium::start());
    let tab = chromium.open(&at.link(), 1024, 800).await;
    tab.go("#/tasks").await;
    tab.see("empty").await;
    tab.press("?").await;
    let open = "return document.querySelector(\"[data-testid='key-sheet']\").open";
    tab.until_true("the sheet is open", open).await;
    for _ in 0..6 {
        tab.press(TAB).await;
        let inside = "return !document.activeElement.closest('main, header, nav')";
        assert_eq!(tab.asked(inside).await, json!(true), "the focus left the sheet");
    }
    tab.press(ESCAPE).await;
    tab.until_true("the sheet is closed", "return !document.querySelector(\"[data-testid='key-sheet']\").open").await;
    tab.press(SEARCH).await;
    tab.press("?").await;
    assert_eq!(tab.asked(open).await, json!(false), "in a field it is a letter");
    assert_eq!(tab.value("find").await, "?");
    at.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn skipping_the_menu_leads_into_the_page_one_is_on() {
    let company = Company::of(&["Anna"]).await;
    let (at, chromium) = (shown(&company.devices[0]).await, Chromium::start());
    let tab = chromium.open(&at.link(), 1024, 800).await;
    tab.go("#/sync").await;
    tab.see("sync-state").await;
    tab.asked("document.querySelector(\"[data-testid='skip']\").focus()").await;
    tab.press(ENTER).await;
    focused(&tab, "page").await;
    assert_eq!(tab.asked("return location.hash").await, json!("#/sync"));
    at.stop().await;
}
