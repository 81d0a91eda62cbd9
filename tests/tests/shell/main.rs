//! The desktop window itself, clicked in as a person would: it opens without a network and without a terminal.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod window;

/// Named so that the runner takes these one at a time.
mod shell {
    use super::window::Desktop;
    use mera_device::{Home, RealWorld};
    use mera_device_api::{Answer, Request};
    use mera_schema::Desk;
    use mera_tests::tab::Tab;
    use serde_json::{Value, json};
    use std::fs;
    use std::path::PathBuf;
    use std::sync::Arc;

    /// A white window has one colour; a page with letters on it has dozens.
    const COLOURS: usize = 24;
    /// Chosen also where a keyring answers, so that no test leaves anything in a person's keyring.
    const PASSPHRASE: &str = "en hest på taget";

    async fn in_danish(tab: &Tab) {
        tab.see("lang-switch").await;
        if tab.asked("return document.documentElement.lang").await != json!("da") {
            tab.click("lang-switch").await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_company_is_founded_in_the_window_and_a_customer_is_there_when_it_opens_again() {
        let desktop = Desktop::new();
        let window = desktop.open().await;
        let tab = &window.tab;
        in_danish(tab).await;
        tab.see("founding").await;
        assert!(tab.colours().await > COLOURS, "the founding page is not white");
        tab.click("founding-do").await;
        tab.see_text("founding-person-refused", "Skriv, hvem der bruger enheden.").await;
        tab.type_into("founding-passphrase", PASSPHRASE).await;
        tab.type_into("founding-person", "Anna Berg").await;
        assert!(tab.keep_recovery_code().await.starts_with("MERA-RECOVERY2-"));
        tab.see_as("sync-pill", "data-mood", "away").await;
        tab.go("#/list/customer").await;
        tab.click("new").await;
        tab.type_into("field-name", "Nordhavn Maskinfabrik A/S").await;
        tab.go("#/list/customer").await;
        tab.see_part("list-row", "Nordhavn Maskinfabrik A/S").await;
        tab.see_part("list-row", "K-AB1-0001").await;
        tab.go("#/sync").await;
        tab.see_part("sync-state", "Intet relæ er valgt").await;
        assert!(tab.fits().await);
        // The window saves files as a browser's tab does: the device writes them, and says where.
        tab.click("nav-device").await;
        tab.click("export-csv").await;
        let sheets = PathBuf::from(tab.value("export-place").await);
        assert!(sheets.starts_with(desktop.place("")), "{}", sheets.display());
        assert!(fs::read_to_string(sheets.join("customer.csv")).unwrap().contains("Nordhavn Maskinfabrik A/S"));
        tab.see("backup-new").await.send_keys("korrekt hest batteri").await.unwrap();
        tab.type_into("backup-again", "korrekt hest batteri").await;
        let backup = tab.value("backup-place").await;
        assert!(fs::read(&backup).unwrap().starts_with(b"age-encryption.org/v1"), "{backup}");
        window.close().await;

        let window = desktop.open().await;
        window.tab.type_into("unlock-passphrase", PASSPHRASE).await;
        window.tab.see_as("sync-pill", "data-mood", "away").await;
        window.tab.click("nav-customer").await;
        window.tab.see_part("list-row", "Nordhavn Maskinfabrik A/S").await;
        assert!(window.tab.colours().await > COLOURS, "the list is not white");
        window.close().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_device_that_is_open_elsewhere_is_said_to_be_and_opens_when_it_is_free() {
        let desktop = Desktop::new();
        let elsewhere = Home::open(&desktop.folder(), Arc::new(RealWorld)).await;
        let found = Request::Found {
            person: "Bo".into(),
            name: "Bos pc".into(),
            desk: Desk::Office,
            series: "B1".into(),
            relay: None,
            passphrase: Some(PASSPHRASE.into()),
        };
        assert!(matches!(elsewhere.request(found).await, Answer::Ok(_)));
        let window = desktop.open().await;
        in_danish(&window.tab).await;
        window.tab.see_as("shut", "data-code", "device.in_use").await;
        window.tab.see_part("shut-why", "Enheden er åben i et andet vindue eller program.").await;
        drop(elsewhere);
        window.tab.click("shut-again").await;
        window.tab.type_into("unlock-passphrase", PASSPHRASE).await;
        window.tab.see("sync-pill").await;
        window.close().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_second_start_opens_no_second_window_and_leaves_the_first_alone() {
        let desktop = Desktop::new();
        let window = desktop.open_by_default().await;
        window.tab.type_into("founding-passphrase", PASSPHRASE).await;
        window.tab.type_into("founding-person", "Anna").await;
        window.tab.keep_recovery_code().await;
        window.tab.see("sync-pill").await;
        let ended = desktop.start_again().await;
        assert!(ended.success(), "{ended}");
        assert_eq!(desktop.windows().len(), 1);
        window.tab.go("#/list/customer").await;
        window.tab.see("list-search").await;
        assert!(desktop.place("data/dk.mera.device/device.json").is_file());
        window.close().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_window_opens_as_it_stood() {
        let desktop = Desktop::new();
        let file = desktop.window_state();
        let stood = json!({ "main": {
            "width": 900, "height": 640, "x": 60, "y": 40, "prev_x": 0, "prev_y": 0,
            "maximized": false, "visible": true, "decorated": true, "fullscreen": false,
        } });
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, stood.to_string()).unwrap();
        let window = desktop.open().await;
        window.tab.see("founding").await;
        window.tab.until_true("the window has its size", "return innerWidth === 900 && innerHeight === 640").await;
        fs::remove_file(&file).unwrap();
        window.close().await;
        let kept: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        for side in ["width", "height", "x", "y"] {
            assert_eq!(kept["main"][side], stood["main"][side], "{side} in {kept}");
        }
    }
}
