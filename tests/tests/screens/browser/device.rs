//! What a person does with their own device: a backup, everything as plain files, another passphrase.

use super::super::chromium::Chromium;
use super::accessibility::{axe, look_at};
use super::members::{PASSPHRASE, empty};
use std::fs;
use std::path::Path;

/// A passphrase that seals a backup.
const SEALED: &str = "korrekt hest batteri klammer";

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_taken_everything_is_exported_and_the_passphrase_is_changed() {
    let (chromium, axe, mut all) = (Chromium::start(), axe(), Vec::new());
    for width in [1024, 360] {
        let (folder, at) = empty().await;
        let tab = chromium.begin(&at.link(), width, 900).await;
        tab.type_into("founding-passphrase", PASSPHRASE).await;
        tab.type_into("founding-person", "Anna Berg").await;
        tab.keep_recovery_code().await;
        tab.see("sync-pill").await;
        tab.go("#/list/customer").await;
        tab.click("new").await;
        tab.type_over("field-name", "Nordhavn Maskinfabrik A/S").await;
        tab.click("nav-device").await;
        tab.asked(&axe).await;
        tab.see_as("backup-last", "data-due", "true").await;
        all.extend(look_at(&tab, "this device", width).await);

        // A passphrase that is too short, or not twice the same, leaves no file.
        tab.type_over("backup-new", "kort").await;
        tab.see_as("backup-strength", "data-strength", "short").await;
        tab.see("backup-again-refused").await;
        tab.type_over("backup-again", "kort").await;
        tab.see_part("backup-new-refused", "at least 12 characters").await;
        all.extend(look_at(&tab, "a refused backup", width).await);
        assert!(!folder.path().join("downloads").exists());
        tab.type_over("backup-new", SEALED).await;
        tab.see_as("backup-strength", "data-strength", "good").await;
        tab.type_over("backup-again", SEALED).await;
        let backup = tab.value("backup-place").await;
        assert!(Path::new(&backup).starts_with(folder.path().join("downloads")), "{backup}");
        assert!(fs::read(&backup).unwrap().starts_with(b"age-encryption.org/v1"));
        tab.see_as("backup-last", "data-due", "false").await;

        tab.click("export-csv").await;
        let sheets = tab.value("export-place").await;
        let customers = fs::read_to_string(Path::new(&sheets).join("customer.csv")).unwrap();
        assert!(customers.contains("Nordhavn Maskinfabrik A/S"), "{customers}");
        tab.click("export-json").await;
        tab.until_true(
            "the other place is told",
            "return document.querySelector(\"[data-testid='export-place']\")?.value.includes('json')",
        )
        .await;
        let records = Path::new(&tab.value("export-place").await).join("records.jsonl");
        assert!(fs::read_to_string(records).unwrap().contains("Nordhavn Maskinfabrik A/S"));
        all.extend(look_at(&tab, "saved files", width).await);

        let key = || fs::read(folder.path().join("device/device.key")).unwrap();
        let before = key();
        for (field, text) in
            [("former", "en hest i haven"), ("new", "fire ord paa et tag"), ("again", "fire ord paa et tag")]
        {
            tab.see(&format!("device-key-{field}")).await.send_keys(text).await.unwrap();
        }
        tab.click("device-key-do").await;
        tab.see_part("device-key-former-refused", "not the device").await;
        assert!(key() == before, "a wrong passphrase changes nothing");
        tab.type_over("device-key-former", PASSPHRASE).await;
        tab.see_part("toast", "the new passphrase opens this device").await;
        assert!(key() != before);
        tab.close().await;
        at.stop().await;
    }
    assert!(all.is_empty(), "{} findings:\n{}", all.len(), all.join("\n"));
}
