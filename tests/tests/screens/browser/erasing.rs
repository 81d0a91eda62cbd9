//! A person at a customer is erased on the screen: what goes, what the law wants kept, and where that stands.

use super::super::chromium::Chromium;
use super::accessibility::{axe, look_at};
use super::shown;
use mera_device_api::{NewItem, Request, Verb};
use mera_schema::{RecordKind, RecordRef};
use mera_tests::company::{Company, done, page};

fn values(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A customer with a contact to whom a quote was sent.
async fn sent(company: &Company) -> (RecordRef, RecordRef) {
    let anna = &company.devices[0];
    let create = async |kind, fields: &[(&str, &str)]| {
        done(anna, Request::Create { kind, values: values(fields) }).await.record.unwrap()
    };
    let customer = create(RecordKind::Customer, &[("name", "Rungstedlund A/S")]).await;
    let seen = page(anna, customer).await.heads;
    let street = values(&[("street", "Rungsted Strandvej 111"), ("postal_code", "2960"), ("city", "Rungsted Kyst")]);
    let item = NewItem { collection: "addresses".into(), values: street };
    done(anna, Request::AddItem { record: customer, seen, item }).await;
    let party = customer.to_string();
    let contact =
        create(RecordKind::Contact, &[("name", "Karen Blixen"), ("party", &party), ("phone", "45 12 34 56")]).await;
    let to = contact.to_string();
    let quote = create(RecordKind::Quote, &[("customer", &party), ("contact", &to), ("subject", "Ventiler")]).await;
    let seen = page(anna, quote).await.heads;
    let line = values(&[("text", "Kugleventil DN50"), ("unit_price", "100 DKK"), ("vat_rate", "25")]);
    let item = NewItem { collection: "lines".into(), values: line };
    done(anna, Request::AddItem { record: quote, seen, item }).await;
    let seen = page(anna, quote).await.heads;
    done(anna, Request::Quote { record: quote, seen, verb: Verb::Send, reason: String::new() }).await;
    (customer, quote)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_erased_from_its_customer_and_what_the_law_wants_stands_on_a_page_of_its_own() {
    let (chromium, axe, mut all) = (Chromium::start(), axe(), Vec::new());
    for width in [1024, 360] {
        let company = Company::of(&["Anna"]).await;
        let (customer, quote) = sent(&company).await;
        let at = shown(&company.devices[0]).await;
        let tab = chromium.open(&at.link(), width, 900).await;
        tab.asked(&axe).await;
        tab.go(&format!("#/record/{customer}")).await;
        tab.see_part("contact", "Karen Blixen").await;
        tab.click("contact").await;
        tab.until_true("her page", "return document.querySelector('h1')?.textContent === 'Karen Blixen'").await;
        tab.click("erase").await;
        tab.see_part("confirm", "Erase Karen Blixen for good?").await;
        tab.see_part("erase-kept", "bookkeeping act").await;
        all.extend(look_at(&tab, "before erasing", width).await);
        tab.click("confirm-no").await;
        tab.unsee("confirm").await;
        tab.see("erase").await;
        tab.click("erase").await;
        tab.click("confirm-yes").await;
        tab.see_part("toast", "Erased for good.").await;
        tab.unsee("list-row").await;
        tab.go(&format!("#/record/{customer}")).await;
        tab.see("add-contact").await;
        tab.unsee("contact").await;

        tab.click("nav-kept").await;
        tab.see_part("list-row", "Karen Blixen").await;
        all.extend(look_at(&tab, "what is kept", width).await);
        tab.click("list-row").await;
        tab.see("kept").await;
        let values =
            tab.asked("return [...document.querySelectorAll('main input')].map((one) => one.value).join('; ')").await;
        let values = values.as_str().unwrap();
        assert!(values.contains("Karen Blixen") && values.contains("Rungsted Strandvej 111"), "{values}");
        assert!(!values.contains("45 12 34 56"), "her telephone is in no document: {values}");
        all.extend(look_at(&tab, "one that is kept", width).await);
        tab.go(&format!("#/record/{quote}")).await;
        tab.see("line").await;
        tab.close().await;
        at.stop().await;
    }
    assert!(all.is_empty(), "{} findings:\n{}", all.len(), all.join("\n"));
}
