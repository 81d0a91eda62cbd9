//! The recovery code on the screens: a new one is made and kept, and the company comes back by it on an empty device.

use super::super::chromium::Chromium;
use super::accessibility::{axe, look_at};
use super::members::{PASSPHRASE, at_members, empty};
use super::to_quote;
use mera_tests::company::{Company, new_quote, status};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_code_is_made_on_one_screen_and_brings_the_company_back_on_an_empty_one() {
    let (company, chromium, axe, mut all) = (Company::of(&["Anna"]).await, Chromium::start(), axe(), Vec::new());
    let anna = &company.devices[0];
    let quote = new_quote(anna, "Kugleventil DN50", "100 DKK").await;
    company.until(anna, async || status(anna).await.waiting_changes == 0).await;
    let (anna_at, tab) = at_members(&company, 0, &chromium, 1024).await;
    tab.asked(&axe).await;
    tab.click("new-code").await;
    tab.see_part("confirm", "Destroy the paper").await;
    all.extend(look_at(&tab, "a question about a new code", 1024).await);
    tab.click("confirm-no").await;
    tab.unsee("confirm").await;
    tab.click("new-code").await;
    tab.click("confirm-yes").await;
    tab.see_part("recovery-relay", &company.relay_address()).await;
    all.extend(look_at(&tab, "a new code", 1024).await);
    let code = tab.keep_recovery_code().await;
    assert!(code.starts_with("MERA-RECOVERY2-"), "{code}");
    tab.see("member").await;

    let (_folder, at) = empty().await;
    let rikke = chromium.begin(&at.link(), 360, 900).await;
    rikke.asked(&axe).await;
    rikke.click("founding-recover").await;
    rikke.type_into("founding-relay", &company.relay_address()).await;
    rikke.type_into("founding-passphrase", PASSPHRASE).await;
    rikke.type_into("founding-person", "Rikke Holm").await;
    rikke.type_over("founding-code", &company.recovery_code).await;
    rikke.see_part("founding-code-refused", "holds no more").await;
    all.extend(look_at(&rikke, "recovering", 360).await);
    rikke.type_over("founding-code", "MERA-RECOVERY1-ABCDE").await;
    rikke.see_part("founding-code-refused", "not a whole").await;
    rikke.see("founding-company").await;
    rikke.type_over("founding-code", &format!("The code: {}", code.to_lowercase().replace('-', " "))).await;
    rikke.see("sync-pill").await;
    rikke.go("#/members").await;
    rikke.see_part("member-name", "Rikke Holm").await;
    rikke.see("invite").await;
    to_quote(&rikke, quote).await;
    rikke.see_text("net", "100.00 kr.").await;
    for served in [anna_at, at] {
        served.stop().await;
    }
    assert!(all.is_empty(), "{} findings:\n{}", all.len(), all.join("\n"));
}
