//! Who belongs to the company, on the screens: an invitation, a device that is taken out, what a role does not allow.

use super::super::chromium::{Chromium, Tab};
use super::{shown, to_quote};
use mera_device::Home;
use mera_device::loopback::{Offer, Served, serve};
use mera_device_api::Request;
use mera_schema::RecordKind;
use mera_tests::company::{Company, done, new_quote, status};
use mera_tests::person::Person;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// Somebody with a keyring could leave it empty; who runs this test may have none.
pub const PASSPHRASE: &str = "en hest på taget";

/// Who sits there: the folder beside the device's is for downloads.
pub fn person(folder: &TempDir) -> Arc<Person> {
    Arc::new(Person { saves_into: folder.path().join("downloads") })
}

/// A folder without a device, on a screen.
pub async fn empty() -> (TempDir, Served) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(&folder.path().join("device"), person(&folder)).await;
    let ui = std::env::var_os("MERA_UI_DIST").map(PathBuf::from);
    let at = serve(home, Offer { port: 0, ui, token: None }).await.unwrap();
    (folder, at)
}

/// The page of members on the screen of a device that speaks with its relay.
pub async fn at_members(company: &Company, place: usize, chromium: &Chromium, width: u32) -> (Served, Tab) {
    let device = &company.devices[place];
    company.until(device, async || status(device).await.connected).await;
    let at = shown(device).await;
    let tab = chromium.open(&at.link(), width, 900).await;
    tab.go("#/members").await;
    tab.see("member").await;
    (at, tab)
}

/// Invites a new person on the page of members, and gives the code that stands on it.
pub async fn invite(tab: &Tab, person: &str) -> String {
    tab.click("invite").await;
    tab.type_over("invite-name", person).await;
    tab.see_as("invitation", "data-standing", "waits").await;
    tab.text("invitation-code").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_is_invited_on_one_screen_and_comes_in_on_an_empty_one() {
    let (company, chromium) = (Company::of(&["Anna"]).await, Chromium::start());
    let quote = new_quote(&company.devices[0], "Kugleventil DN50", "100 DKK").await;
    let (anna_at, anna) = at_members(&company, 0, &chromium, 1024).await;
    anna.click("invite").await;
    anna.click("invite-do").await;
    anna.see_text("invite-name-refused", "Write who uses the device.").await;
    anna.type_over("invite-name", "Bo Holm").await;
    anna.see_as("invitation", "data-standing", "waits").await;
    anna.see("qr").await;
    let code = anna.text("invitation-code").await;
    assert!(code.starts_with("MERA1-"), "{code}");

    let (_folder, bo_at) = empty().await;
    let bo = chromium.begin(&bo_at.link(), 360, 780).await;
    bo.click("founding-join").await;
    bo.type_over("founding-invitation", "mera1 no such thing").await;
    bo.see_as("founding-invitation", "aria-invalid", "true").await;
    bo.type_over("founding-invitation", &format!("your code {}", code.to_lowercase().replace('-', " "))).await;
    bo.see_text("founding-name-refused", "Give the device a name that colleagues know it by.").await;
    bo.type_over("founding-name", "Bos pc").await;
    bo.type_into("founding-passphrase", PASSPHRASE).await;
    bo.see("founding-series-refused").await;
    bo.type_over("founding-series", "BH1").await;
    bo.see("sync-pill").await;
    assert_eq!(
        bo.asked("return !document.querySelector(\"[data-testid='recovery']\")").await,
        true,
        "he founded nothing"
    );

    anna.see_text("invitation-says", "Bo Holm has joined.").await;
    anna.see_part("member-name", "Bo Holm").await;
    assert_eq!(anna.asked("return !document.querySelector(\"[data-testid='open-invitation']\")").await, true);
    bo.go("#/members").await;
    bo.see_part("member-name", "Anna").await;
    bo.see_part("members-read-only", "Administrators: Anna").await;
    bo.unsee("invite").await;
    to_quote(&bo, quote).await;
    bo.see_text("net", "100.00 kr.").await;
    for served in [anna_at, bo_at] {
        served.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_taken_out_on_one_screen_shuts_on_its_own() {
    let (company, chromium) = (Company::of(&["Anna", "Bo"]).await, Chromium::start());
    company.until_equal().await;
    let (anna_at, anna) = at_members(&company, 0, &chromium, 1024).await;
    let (bo_at, bo) = at_members(&company, 1, &chromium, 360).await;
    anna.see_part("member-name", "Bo").await;
    anna.click("take-out").await;
    anna.see_part("confirm", "Take out Bos pc?").await;
    anna.click("confirm-no").await;
    anna.unsee("confirm").await;
    bo.see("member").await;
    anna.click("take-out").await;
    anna.click("confirm-yes").await;
    bo.see_as("shut", "data-code", "membership.revoked").await;
    bo.see_part("shut-unsent", "Ask an administrator").await;
    bo.unsee("sync-pill").await;
    bo.unsee("member").await;
    let gone = "return document.querySelectorAll(\"[data-testid='member-one'][data-out='true']\").length === 1";
    anna.until_true("Bo's device is out", gone).await;
    anna.unsee("take-out").await;
    for served in [anna_at, bo_at] {
        served.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_does_not_allow_is_not_offered_until_an_administrator_gives_another() {
    let (mut company, chromium) = (Company::of(&["Anna"]).await, Chromium::start());
    company.join_as("Mads", &["warehouse"]).await;
    let values = vec![("name".to_owned(), "Aalborg Værft".to_owned())];
    let customer = done(&company.devices[0], Request::Create { kind: RecordKind::Customer, values }).await;
    new_quote(&company.devices[0], "Kugleventil DN50", "100 DKK").await;
    let (anna_at, anna) = at_members(&company, 0, &chromium, 1024).await;
    let (mads_at, mads) = at_members(&company, 1, &chromium, 1024).await;
    mads.go("#/list/customer").await;
    mads.see("list-row").await;
    mads.unsee("new").await;
    mads.go(&format!("#/record/{}", customer.record.unwrap())).await;
    mads.see("only-looked-at").await;
    assert_eq!(mads.asked("return document.querySelector(\"[data-testid='field-name']\").readOnly").await, true);
    mads.go("#/list/product").await;
    mads.see("new").await;
    mads.go("#/list/quote").await;
    mads.see_part("not-for-you", "Quotes are not for your roles").await;
    mads.unsee("new").await;

    let of_mads =
        "[...document.querySelectorAll(\"[data-testid='member']\")].find((one) => one.textContent.includes('Mads'))";
    anna.until_true("Mads is told", &format!("return !!{of_mads}")).await;
    anna.asked(&format!("{of_mads}.querySelector(\"[data-testid='member-roles']\").click()")).await;
    anna.click("role-sales").await;
    anna.click("roles-do").await;
    anna.unsee("roles-form").await;
    mads.see("list-row").await;
    mads.unsee("not-for-you").await;
    mads.see("new").await;
    for served in [anna_at, mads_at] {
        served.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_relay_at_hand_members_are_looked_at_and_an_invitation_can_be_taken_back() {
    let (company, chromium) = (Company::of(&["Anna", "Bo"]).await, Chromium::start());
    let (anna_at, anna) = at_members(&company, 0, &chromium, 360).await;
    invite(&anna, "Carl").await;
    anna.click("invitation-close").await;
    anna.see_part("open-invitation", "Carl").await;
    anna.click("withdraw").await;
    anna.unsee("open-invitation").await;
    company.plug(&company.devices[0], false).await;
    anna.see("members-offline").await;
    anna.click("new-keys").await;
    anna.click("confirm-yes").await;
    anna.see_as("members-refused", "data-bad", "false").await;
    anna.see_part("members-refused", "Nothing was changed").await;
    let epoch = anna.text("members-epoch").await;
    company.plug(&company.devices[0], true).await;
    anna.unsee("members-offline").await;
    anna.click("new-keys").await;
    anna.click("confirm-yes").await;
    let next = (epoch.parse::<u32>().unwrap() + 1).to_string();
    anna.see_text("members-epoch", &next).await;
    anna.unsee("members-refused").await;
    anna_at.stop().await;
}
