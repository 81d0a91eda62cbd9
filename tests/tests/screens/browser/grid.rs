//! The lines of a quote behave like a spreadsheet.

use super::super::chromium::Tab;
use super::keyboard::{DOWN, ENTER, ESCAPE, LEFT, RIGHT, UP, focused};
use super::{one_screen, to_quote};
use mera_device_api::{Reply, Request};
use mera_schema::Edit;
use mera_tests::company::{done, ok, page};
use serde_json::json;

/// What Ctrl-V does with a block that a spreadsheet put on the clipboard.
async fn paste(tab: &Tab, block: &str) {
    let script = format!(
        "const data = new DataTransfer(); data.setData('text/plain', {});\
         return document.activeElement.dispatchEvent(new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }}))",
        json!(block)
    );
    assert_eq!(tab.asked(&script).await, json!(false), "the grid took the block");
}

/// The texts of a column.
async fn column(tab: &Tab, test: &str) -> serde_json::Value {
    tab.asked(&format!("return [...document.querySelectorAll(\"[data-testid='{test}']\")].map((cell) => cell.value)"))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_from_excel_adds_and_changes_lines_and_what_is_refused_stands_in_its_cell() {
    let (company, quote, at, chromium) = one_screen().await;
    let tab = chromium.open(&at.link(), 1024, 800).await;
    tab.click("lang-switch").await;
    to_quote(&tab, quote).await;
    tab.click("add-line").await;
    paste(&tab, "Flange DN50\t4\t1.234,50\t10\r\nPakning\tmange\t12,00\t\r\n").await;
    tab.until_true("two lines came in", "return document.querySelectorAll(\"[data-testid='line']\").length === 3")
        .await;
    let refused = "return document.querySelectorAll('.mera-grid [aria-invalid]').length === 1";
    tab.until_true("one cell is refused", refused).await;
    assert_eq!(column(&tab, "line-text").await, json!(["Kugleventil DN50", "Flange DN50", "Pakning"]));
    assert_eq!(column(&tab, "line-unit_price").await, json!(["100,00 kr.", "1.234,50 kr.", "12,00 kr."]));
    assert_eq!(column(&tab, "line-quantity").await, json!(["1 stk.", "4 stk.", "mange"]));
    assert_eq!(column(&tab, "line-discount").await, json!(["", "10 %", ""]));
    assert!(tab.text("toast").await.starts_with("1 celle"));

    let before = history(&company, quote).await;
    tab.click("line-quantity").await;
    paste(&tab, "2\t95\n3\t1.000\n").await;
    let changed = "return [...document.querySelectorAll(\"[data-testid='line-unit_price']\")].map((cell) => cell.value).join() === '95,00 kr.,1.000,00 kr.,12,00 kr.'";
    tab.until_true("two prices changed", changed).await;
    assert_eq!(history(&company, quote).await, before + 1, "a block over lines that exist is one change");
    let figures = page(&company.devices[0], quote).await.figures.unwrap();
    assert_eq!(figures.sum.to_string(), "2902.00 DKK", "2 × 95, 3 × 1000 less 10 %, 1 × 12");
    at.stop().await;
}

async fn history(company: &mera_tests::company::Company, record: mera_schema::RecordRef) -> usize {
    let Reply::History(rows) = ok(&company.devices[0], Request::History { record }).await else { panic!() };
    rows.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn arrows_and_enter_go_from_cell_to_cell_and_escape_puts_back() {
    let (_company, quote, at, chromium) = one_screen().await;
    let tab = chromium.open(&at.link(), 1024, 800).await;
    to_quote(&tab, quote).await;
    tab.click("add-line").await;
    paste(&tab, "Flange\t4\t50\nPakning\t9\t12\n").await;
    tab.until_true("two lines came in", "return document.querySelectorAll(\"[data-testid='line']\").length === 3")
        .await;
    let row =
        "return [...document.querySelectorAll(\"[data-testid='line']\")].indexOf(document.activeElement.closest('tr'))";

    tab.press(UP).await;
    focused(&tab, "line-text").await;
    assert_eq!(tab.asked(row).await, json!(2), "up from below leads to the last line");
    tab.press(RIGHT).await;
    focused(&tab, "line-quantity").await;
    tab.press(UP).await;
    assert_eq!(tab.asked(row).await, json!(1));
    tab.press("7").await;
    tab.press(LEFT).await;
    focused(&tab, "line-quantity").await;
    tab.press(ESCAPE).await;
    assert_eq!(column(&tab, "line-quantity").await, json!(["1 pcs", "4 pcs", "9 pcs"]));
    tab.press(DOWN).await;
    tab.press("6").await;
    tab.press(ENTER).await;
    focused(&tab, "add-line").await;
    tab.see_text("net", "372.00 kr.").await;
    tab.press(ENTER).await;
    tab.press(ENTER).await;
    assert_eq!(tab.count("line").await, 3, "Enter without a search adds nothing");
    at.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_price_is_in_the_currency_of_the_quote() {
    let (company, quote, at, chromium) = one_screen().await;
    let device = &company.devices[0];
    let shown = page(device, quote).await;
    let line = mera_tests::company::line_of(&shown);
    let edits = vec![Edit::set("currency", "EUR"), Edit::set_in("lines", line, "life", "removed")];
    done(device, Request::Change { record: quote, seen: shown.heads, edits }).await;
    let tab = chromium.open(&at.link(), 1024, 800).await;
    tab.go(&format!("#/record/{quote}")).await;
    tab.click("add-free-line").await;
    tab.see("line").await;
    tab.type_over("line-unit_price", "12.50").await;
    tab.see_text("net", "12.50 EUR").await;
    tab.see_text("total", "15.63 EUR").await;
    at.stop().await;
}
