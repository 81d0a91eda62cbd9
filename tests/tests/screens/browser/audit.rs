//! The audit trail on the screen: what was done, what proves it, and a check of everything.

use super::one_screen;

#[tokio::test(flavor = "multi_thread")]
async fn who_did_what_is_told_with_its_proof_and_every_signature_is_checked_on_demand() {
    let (_company, quote, at, chromium) = one_screen().await;
    let tab = chromium.open(&at.link(), 1024, 800).await;
    tab.click("nav-audit").await;
    tab.see_part("audit-act", "Founded the company.").await;
    tab.see_part("audit-row", "Verified").await;
    tab.see_part("audit-act", "created").await;
    let all = tab.count("audit-row").await;
    tab.choose("audit-kind", "2").await;
    tab.see_part("audit-act", "Founded the company.").await;
    tab.until_true("only members' acts", "return !document.body.innerText.includes(': created')").await;
    assert!(tab.count("audit-row").await < all);
    tab.click("audit-proof").await;
    tab.see_part("audit-row", "Its author signed this entry.").await;
    tab.click("audit-check").await;
    tab.see_part("audit-checked", "Everything fits").await;
    tab.click("audit-csv").await;
    let sheet = std::fs::read_to_string(tab.value("audit-place").await).unwrap();
    assert!(sheet.starts_with("number,device,person") && sheet.contains("Kugleventil DN50"), "{sheet}");
    tab.go(&format!("#/history/{quote}")).await;
    tab.click("to-audit").await;
    tab.see_part("audit-act", "created").await;
    tab.unsee("audit-check").await;
    assert!(tab.fits().await);
    at.stop().await;
}
