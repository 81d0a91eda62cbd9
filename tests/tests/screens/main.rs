//! The screens in a real Chromium, on real devices, with a relay between them.
#![allow(clippy::unwrap_used, missing_docs)]

mod chromium;
mod code;

/// Named so that the runner takes these one at a time.
mod browser {
    mod accessibility;
    mod audit;
    mod calendar;
    mod calls;
    mod device;
    mod erasing;
    mod grid;
    mod import;
    mod keyboard;
    mod long_lists;
    mod looks;
    mod members;
    mod presence;
    mod recovery;
    mod same;
    mod scanning;

    use super::chromium::{Chromium, Tab};
    use mera_device::Device;
    use mera_device::loopback::{Offer, Served, serve};
    use mera_schema::RecordRef;
    use mera_tests::company::{Company, new_quote, page};

    async fn shown(device: &Device) -> Served {
        let ui = std::env::var_os("MERA_UI_DIST").expect("`cargo xtask test` builds the screens and sets MERA_UI_DIST");
        serve(device.clone(), Offer { port: 0, ui: Some(ui.into()), token: None }).await.unwrap()
    }

    /// One device with a quote of one line, served to a browser.
    async fn one_screen() -> (Company, RecordRef, Served, Chromium) {
        let company = Company::of(&["Anna"]).await;
        let quote = new_quote(&company.devices[0], "Kugleventil DN50", "100 DKK").await;
        let at = shown(&company.devices[0]).await;
        let chromium = Chromium::start();
        (company, quote, at, chromium)
    }

    async fn to_quote(tab: &Tab, quote: RecordRef) {
        tab.go(&format!("#/record/{quote}")).await;
        tab.see("line").await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_people_disagree_about_a_price_offline_and_settle_it_on_the_screen() {
        let company = Company::of(&["Anna", "Bo"]).await;
        let quote = new_quote(&company.devices[0], "Kugleventil DN50", "100 DKK").await;
        company.until_equal().await;
        let (anna_at, bo_at) = (shown(&company.devices[0]).await, shown(&company.devices[1]).await);
        let chromium = Chromium::start();
        let (anna, bo) =
            (chromium.open(&anna_at.link(), 1024, 800).await, chromium.open(&bo_at.link(), 1024, 800).await);

        anna.go("#/sync").await;
        anna.click("online-switch").await;
        anna.see_as("sync-pill", "data-mood", "away").await;
        to_quote(&anna, quote).await;
        anna.type_over("line-unit_price", "95").await;
        anna.see_text("net", "95.00 kr.").await;
        anna.see_text("sync-pill", "Offline · 1 change waits").await;
        to_quote(&bo, quote).await;
        bo.type_over("line-unit_price", "90,00").await;
        bo.see_text("net", "90.00 kr.").await;

        anna.go("#/sync").await;
        anna.click("online-switch").await;
        company.until_equal().await;
        to_quote(&anna, quote).await;
        assert_eq!(anna.count("clash-candidate").await, 2);
        bo.see("clash").await;
        assert_eq!(bo.count("clash-candidate").await, 2);
        bo.click_in("clash-candidate", "button").await;
        bo.unsee("clash").await;
        anna.unsee("clash").await;
        assert_eq!(anna.text("net").await, bo.text("net").await);
        company.until_equal().await;
        assert!(page(&company.devices[0], quote).await.clashes.is_empty());
        company.doctor().await;
        for served in [anna_at, bo_at] {
            served.stop().await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_refusal_stands_at_the_field_and_what_was_typed_stays() {
        let (_company, quote, at, chromium) = one_screen().await;
        let tab = chromium.open(&at.link(), 1024, 800).await;
        to_quote(&tab, quote).await;
        tab.type_over("line-quantity", "-4").await;
        tab.see_as("line-quantity", "aria-invalid", "true").await;
        assert_eq!(tab.value("line-quantity").await, "-4");
        tab.type_over("line-quantity", "4").await;
        tab.see_text("net", "400.00 kr.").await;
        tab.click("lang-switch").await;
        tab.see_text("verb-lose", "Tabt").await;
        assert_eq!(tab.value("line-quantity").await, "4 stk.");
        at.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_earlier_state_can_be_looked_at_and_left() {
        let (_company, quote, at, chromium) = one_screen().await;
        let tab = chromium.open(&at.link(), 1024, 800).await;
        to_quote(&tab, quote).await;
        tab.type_over("line-unit_price", "80").await;
        tab.see_text("net", "80.00 kr.").await;
        tab.click("history-link").await;
        tab.see("history-row").await;
        assert_eq!(tab.count("history-row").await, 3, "created, a line, its price");
        tab.click_nth("history-look", 1).await;
        tab.see_text("net", "100.00 kr.").await;
        tab.click("back-to-now").await;
        tab.see_text("net", "80.00 kr.").await;
        at.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_page_is_wider_than_a_telephone_and_search_finds_as_one_types() {
        let (_company, quote, at, chromium) = one_screen().await;
        for (width, height) in [(360, 740), (1024, 800), (1920, 1000)] {
            let tab = chromium.open(&at.link(), width, height).await;
            tab.see("list-row").await;
            for place in [
                format!("#/record/{quote}"),
                "#/list/customer".into(),
                "#/sync".into(),
                "#/device".into(),
                "#/members".into(),
            ] {
                tab.go(&place).await;
                tab.see("page").await;
                assert!(tab.fits().await, "{place} is wider than {width}");
            }
            tab.type_over("find", "A-0001").await;
            tab.see("line").await;
            tab.close().await;
        }
        at.stop().await;
    }
}
