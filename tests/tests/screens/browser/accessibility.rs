//! Every page is asked by axe-core, in light and dark, on a telephone and on a desk.

use super::super::chromium::{Chromium, Tab};
use super::super::code::Picture;
use super::members::{PASSPHRASE, at_members, empty, person};
use super::shown;
use mera_device::Home;
use mera_device::loopback::{Offer, serve};
use mera_device_api::{Answer, Reply, Request};
use mera_schema::{RecordKind, RecordRef};
use mera_tests::company::{Company, disagree_about_price, done, new_quote, ok};
use serde_json::Value;
use std::path::PathBuf;
use tempfile::TempDir;

/// The script of axe-core, as `cargo xtask setup browser` installs it.
pub fn axe() -> String {
    let cache = || {
        let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let base = base.or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
        base.unwrap_or_default().join("mera/axe/node_modules/axe-core/axe.min.js")
    };
    let script = std::env::var_os("MERA_AXE").map_or_else(cache, PathBuf::from);
    std::fs::read_to_string(&script).expect("`cargo xtask setup browser` installs axe-core")
}

/// A company in which every page has something to show: a quote over which two people disagree, its earlier states, a
/// customer with a contact, a product, a task.
async fn lived_in() -> (Company, Vec<(&'static str, String)>) {
    let company = Company::of(&["Anna", "Bo"]).await;
    let anna = &company.devices[0];
    let customer = create(&company, RecordKind::Customer, &[("name", "Aalborg Værft"), ("currency", "DKK")]).await;
    let party = customer.to_string();
    let contact = create(&company, RecordKind::Contact, &[("name", "Birgit Toft"), ("party", &party)]).await;
    let product = create(&company, RecordKind::Product, &[("name", "Kugleventil"), ("list_price", "980 DKK")]).await;
    let bo = create(&company, RecordKind::Employee, &[("name", "Bo Berg"), ("title", "Sælger")]).await.to_string();
    let call = [
        ("caller", "Birgit Toft"),
        ("for_whom", &bo),
        ("party", &party),
        ("phone", "98 12 34 56"),
        ("subject", "Pris"),
    ];
    let call = create(&company, RecordKind::Call, &call).await;
    let when = "2027-03-02T09:00/2027-03-02T10:30[Europe/Copenhagen]";
    let visit = [("subject", "Ventiler"), ("sort", "visit"), ("when", when), ("state", "agreed"), ("party", &party)];
    let visit = create(&company, RecordKind::Appointment, &visit).await;
    let report = [("subject", "Ventiler"), ("appointment", &visit.to_string()), ("party", &party), ("author", &bo)];
    let report = create(&company, RecordKind::Report, &report).await;
    create(&company, RecordKind::Task, &[("title", "Ring til værftet"), ("due", "2020-02-29")]).await;
    let quote = new_quote(anna, "Kugleventil DN50", "100 DKK").await;
    disagree_about_price(&company, quote).await;
    let Reply::History(history) = ok(anna, Request::History { record: quote }).await else { panic!() };
    let first: Vec<&str> = history.last().unwrap().heads.iter().map(String::as_str).collect();
    let mut places: Vec<(&'static str, String)> =
        ["quote", "customer", "contact", "product", "order", "supplier", "employee"]
            .map(|kind| ("list", format!("#/list/{kind}")))
            .into();
    places.extend([
        ("customer", format!("#/record/{customer}")),
        ("contact", format!("#/record/{contact}")),
        ("product", format!("#/record/{product}")),
        ("quote with a clash", format!("#/record/{quote}")),
        ("history", format!("#/history/{quote}")),
        ("earlier state", format!("#/record/{quote}/at/{}", first.join(","))),
        ("clashes", "#/clashes".into()),
        ("who is in", "#/presence".into()),
        ("messages", "#/calls".into()),
        ("a new message", format!("#/calls/{bo}")),
        ("a message", format!("#/record/{call}")),
        ("a week", "#/calendar/week/2027-03-02".into()),
        ("a month", "#/calendar/month/2027-03-02".into()),
        ("something is agreed", format!("#/agree/{call}")),
        ("an appointment", format!("#/record/{visit}")),
        ("a report", format!("#/record/{report}")),
        ("tasks", "#/tasks".into()),
        ("stock", "#/stock".into()),
        ("sync", "#/sync".into()),
        ("this device", "#/device".into()),
        ("members", "#/members".into()),
        ("import", "#/import".into()),
        ("audit trail", "#/audit".into()),
        ("set-aside work", "#/judging".into()),
        ("audit trail of a quote", format!("#/audit/{quote}")),
    ]);
    (company, places)
}

async fn create(company: &Company, kind: RecordKind, values: &[(&str, &str)]) -> RecordRef {
    let values = values.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    done(&company.devices[0], Request::Create { kind, values }).await.record.unwrap()
}

/// Rule, place and reason of everything serious on the page.
async fn findings(tab: &Tab) -> Vec<String> {
    let asked = "const done = arguments[arguments.length - 1];\
        axe.run(document, { resultTypes: ['violations'] }).then(\
            (told) => done(told.violations.filter((one) => ['serious', 'critical'].includes(one.impact)).flatMap(\
                (one) => one.nodes.map((node) => one.id + ' (' + one.impact + ') at ' + node.target.join(' ') + ': ' + (node.any[0]?.message ?? one.help)))),\
            (fault) => done(['axe failed: ' + fault]));";
    let Value::Array(found) = tab.ask_later(asked).await else { panic!("axe answers with a list") };
    found.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_has_a_serious_finding_in_light_or_dark_on_a_telephone_or_a_desk() {
    let (company, places) = lived_in().await;
    let at = shown(&company.devices[0]).await;
    let (chromium, axe) = (Chromium::start(), axe());
    let (mut all, mut asked) = (Vec::new(), 0);
    for width in [360, 1024] {
        let tab = chromium.open(&at.link(), width, 800).await;
        tab.asked(&axe).await;
        for light in ["light", "dark"] {
            while tab.see("theme-switch").await.attr("data-light").await.unwrap().as_deref() != Some(light) {
                tab.click("theme-switch").await;
            }
            for (name, place) in &places {
                tab.go(place).await;
                tab.settled(place).await;
                asked += 1;
                all.extend(findings(&tab).await.iter().map(|one| format!("{name} {place}, {light}, {width}: {one}")));
            }
        }
        tab.press("\u{E009}k\u{E000}").await;
        tab.press("a").await;
        tab.see("find-result").await;
        all.extend(findings(&tab).await.iter().map(|one| format!("search, {width}: {one}")));
        tab.close().await;
    }
    eprintln!("axe-core looked at {asked} pages");
    assert!(all.is_empty(), "{} findings:\n{}", all.len(), all.join("\n"));
    at.stop().await;
}

/// In light and dark: what axe-core finds, and whether anything hangs over the edge.
pub async fn look_at(tab: &Tab, name: &str, width: u32) -> Vec<String> {
    let mut all = Vec::new();
    for dark in [false, true] {
        tab.asked(&format!("document.documentElement.classList.toggle('pf-v6-theme-dark', {dark})")).await;
        let still = "return document.getAnimations().every((one) => one.playState !== 'running')";
        tab.until_true("nothing moves", still).await;
        all.extend(findings(tab).await.iter().map(|one| format!("{name}, dark {dark}, {width}: {one}")));
        if !tab.fits().await {
            all.push(format!("{name} is wider than {width}"));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_before_and_after_a_company_is_founded_have_no_serious_finding() {
    let (chromium, axe, mut all) = (Chromium::start(), axe(), Vec::new());
    for width in [360, 1024] {
        let (folder, at) = empty().await;
        let tab = chromium.begin(&at.link(), width, 800).await;
        tab.see("founding-do").await;
        tab.asked(&axe).await;
        all.extend(look_at(&tab, "founding", width).await);
        tab.click("founding-join").await;
        tab.type_over("founding-invitation", "no code").await;
        tab.see("founding-invitation-refused").await;
        all.extend(look_at(&tab, "joining", width).await);
        tab.asked(
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError') }",
        )
        .await;
        tab.click("founding-scan").await;
        tab.see_as("founding-scan-told", "data-bad", "true").await;
        all.extend(look_at(&tab, "joining without a camera", width).await);
        tab.click("founding-new").await;
        tab.type_into("founding-passphrase", PASSPHRASE).await;
        tab.type_into("founding-person", "Anna Berg").await;
        tab.see("recovery-code").await;
        assert!(
            tab.see("recovery-go").await.attr("disabled").await.unwrap().is_some(),
            "not before it is written down"
        );
        all.extend(look_at(&tab, "recovery", width).await);
        assert!(tab.keep_recovery_code().await.starts_with("MERA-RECOVERY2-"));
        tab.see("sync-pill").await;
        tab.close().await;
        at.stop().await;
        all.extend(locked(&folder, &chromium, &axe, width).await);
    }
    assert!(all.is_empty(), "{} findings:\n{}", all.len(), all.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn scanning_an_invitation_has_no_serious_finding() {
    let (folder, at) = empty().await;
    let film = Picture::blank().film(folder.path());
    let (chromium, axe, mut all) = (Chromium::with_camera(&film), axe(), Vec::new());
    for width in [360, 1024] {
        let tab = chromium.begin(&at.link(), width, 800).await;
        tab.click("founding-join").await;
        tab.click("founding-scan").await;
        tab.see_part("founding-scan-told", "Hold the code").await;
        tab.asked(&axe).await;
        all.extend(look_at(&tab, "scanning", width).await);
        tab.close().await;
    }
    at.stop().await;
    assert!(all.is_empty(), "{} findings:\n{}", all.len(), all.join("\n"));
}

/// What is found where a device's passphrase is asked for; in the end it is open.
async fn locked(folder: &TempDir, chromium: &Chromium, axe: &str, width: u32) -> Vec<String> {
    let again = Home::open(&folder.path().join("device"), person(folder)).await;
    // The device that was closed lets go of its folder a moment later.
    while matches!(again.request(Request::About).await, Answer::Refused(why) if why.code == "device.in_use") {
        tokio::task::yield_now().await;
    }
    let ui = std::env::var_os("MERA_UI_DIST").map(PathBuf::from);
    let at = serve(again, Offer { port: 0, ui, token: None }).await.unwrap();
    let tab = chromium.begin(&at.link(), width, 800).await;
    tab.see("locked").await;
    tab.asked(axe).await;
    let found = look_at(&tab, "locked", width).await;
    tab.type_into("unlock-passphrase", "en anden hest").await;
    tab.see("unlock-passphrase-refused").await;
    tab.type_into("unlock-passphrase", PASSPHRASE).await;
    tab.see("sync-pill").await;
    tab.close().await;
    at.stop().await;
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn inviting_and_taking_out_have_no_serious_finding() {
    let (chromium, axe, mut all) = (Chromium::start(), axe(), Vec::new());
    for width in [360, 1024] {
        let company = Company::of(&["Anna", "Bo"]).await;
        company.until_equal().await;
        let (at, tab) = at_members(&company, 0, &chromium, width).await;
        let (bo_at, bo) = at_members(&company, 1, &chromium, width).await;
        for tab in [&tab, &bo] {
            tab.asked(&axe).await;
        }
        tab.click("invite").await;
        tab.click("invite-do").await;
        tab.see("invite-name-refused").await;
        all.extend(look_at(&tab, "inviting", width).await);
        tab.type_over("invite-name", "Carl").await;
        tab.see("qr").await;
        all.extend(look_at(&tab, "an invitation", width).await);
        tab.click_nth("member-roles", 1).await;
        tab.see("roles-form").await;
        all.extend(look_at(&tab, "roles", width).await);
        tab.click("take-out").await;
        tab.see("confirm").await;
        all.extend(look_at(&tab, "a question", width).await);
        tab.click("confirm-yes").await;
        bo.see("shut").await;
        all.extend(look_at(&bo, "shut", width).await);
        for (tab, at) in [(tab, at), (bo, bo_at)] {
            tab.close().await;
            at.stop().await;
        }
    }
    assert!(all.is_empty(), "{} findings:\n{}", all.len(), all.join("\n"));
}
