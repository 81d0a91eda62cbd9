//! A person takes the sheets of another program in, on the screen.

use super::{one_screen, to_quote};
use std::fs;

const PROFILE: &str = "name = \"erp\"\n[[sheets]]\nname = \"kunder\"\nrecord = \"customer\"\nkey = \"nr\"\n\
    fields = { number = \"nr\", name = \"navn\", discount = \"rabat\" }\n";

#[tokio::test(flavor = "multi_thread")]
async fn sheets_are_looked_at_and_imported_and_every_refused_row_is_told_in_the_persons_language() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let place = folder.path().join(name);
        fs::write(&place, text).unwrap();
        place.to_str().unwrap().to_owned()
    };
    let profile = file("erp.toml", PROFILE);
    let sheet = file("kunder.csv", "nr;navn;rabat\n1;Ærø Havn;5\n2;Lys A/S;\n3;Fejl;meget\n");
    let picture = file("billede.csv", "\u{89}PNG\0\0\0");
    let (_company, quote, at, chromium) = one_screen().await;
    let tab = chromium.open(&at.link(), 1024, 800).await;
    tab.go("#/import").await;
    tab.choose("import-profile", "own").await;
    tab.see("import-own").await.send_keys(&profile).await.unwrap();
    tab.see("import-files").await.send_keys(&sheet).await.unwrap();
    tab.click("import-check").await;
    tab.see_text("import-told", "2 records would be taken. Nothing was written.").await;
    tab.see_text("import-refused", "kunder4rabatThis is no figure that the profile reads.").await;
    tab.click("import-start").await;
    tab.see_text("import-counts", "New2 customers").await;
    tab.click("import-start").await;
    tab.see_text("import-counts", "As before2 customers").await;
    tab.click("lang-switch").await;
    tab.see_text("import-refused", "kunder4rabatDet er ikke et tal, som profilen kan læse.").await;
    tab.see("import-files").await.send_keys(&picture).await.unwrap();
    tab.click("import-check").await;
    tab.see("toast").await;
    tab.go("#/list/customer").await;
    tab.see_text("list-total", "2 poster").await;
    to_quote(&tab, quote).await;
    at.stop().await;
}
