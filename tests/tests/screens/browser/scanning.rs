//! A new device joins without typing its invitation: with its camera, or from a picture.

use super::super::chromium::{Chromium, Tab};
use super::super::code::Picture;
use super::members::{PASSPHRASE, at_members, empty, invite};
use mera_tests::company::Company;

/// Keeps what the page gets from the camera, so that a story can look whether it is still on.
const WATCHED: &str = "window.streams = []; const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices); \
    navigator.mediaDevices.getUserMedia = async (wish) => { const one = await ask(wish); window.streams.push(one); return one; }";

/// The page of a new device, where it comes with an invitation.
async fn joining(chromium: &Chromium, link: &str) -> Tab {
    let tab = chromium.begin(link, 360, 780).await;
    tab.click("founding-join").await;
    tab.asked(WATCHED).await;
    tab
}

async fn camera_is_off(tab: &Tab, times: usize) {
    tab.unsee("founding-scan-view").await;
    let off = format!("return window.streams.length === {times} && window.streams.every((one) => !one.active)");
    tab.until_true("the camera is off", &off).await;
}

/// The rest of the page is filled in, and the device comes in.
async fn come_in(tab: &Tab) {
    tab.type_over("founding-name", "Bos telefon").await;
    tab.type_into("founding-passphrase", PASSPHRASE).await;
    tab.see("founding-series-refused").await;
    tab.type_over("founding-series", "BH1").await;
    tab.see("sync-pill").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_scans_the_invitation_with_the_camera_and_comes_in() {
    let (company, office) = (Company::of(&["Anna"]).await, Chromium::start());
    let (anna_at, anna) = at_members(&company, 0, &office, 1024).await;
    let code = invite(&anna, "Bo Holm").await;
    let (folder, bo_at) = empty().await;
    let telephone = Chromium::with_camera(&Picture::of(&code).film(folder.path()));
    let bo = joining(&telephone, &bo_at.link()).await;
    bo.click("founding-scan").await;
    bo.see_text("founding-scan-told", "The code is read and stands above.").await;
    assert_eq!(bo.value("founding-invitation").await, code);
    camera_is_off(&bo, 1).await;
    bo.see_text("founding-scan", "Scan the code").await;
    come_in(&bo).await;
    anna.see_text("invitation-says", "Bo Holm has joined.").await;
    for served in [anna_at, bo_at] {
        served.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_without_a_camera_chooses_a_picture_of_the_invitation_and_comes_in() {
    let (company, chromium) = (Company::of(&["Anna"]).await, Chromium::start());
    let (anna_at, anna) = at_members(&company, 0, &chromium, 1024).await;
    let code = invite(&anna, "Bo Holm").await;
    let (folder, bo_at) = empty().await;
    let bo = joining(&chromium, &bo_at.link()).await;
    let letter = folder.path().join("letter.png");
    std::fs::write(&letter, "Dear Bo").unwrap();
    let pictures = [
        (letter, "That is no picture that can be opened here."),
        (Picture::blank().png(folder.path(), "wall"), "No code can be read in the picture."),
        (Picture::of("WIFI:S:gaest;;").png(folder.path(), "other"), "That is another code."),
    ];
    let choose = async |place: &std::path::Path| {
        bo.see("founding-scan-picture").await.send_keys(place.to_str().unwrap()).await.unwrap();
    };
    for (place, told) in &pictures {
        choose(place).await;
        bo.see_part("founding-scan-told", told).await;
        bo.see_as("founding-scan-told", "data-bad", "true").await;
        assert_eq!(bo.value("founding-invitation").await, "");
    }
    choose(&Picture::of(&code).png(folder.path(), "invitation")).await;
    bo.see_text("founding-scan-told", "The code is read and stands above.").await;
    assert_eq!(bo.value("founding-invitation").await, code);
    come_in(&bo).await;
    anna.see_text("invitation-says", "Bo Holm has joined.").await;
    for served in [anna_at, bo_at] {
        served.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_code_is_told_apart_and_the_camera_goes_off_whenever_the_person_leaves_it() {
    let (folder, at) = empty().await;
    let chromium = Chromium::with_camera(&Picture::of("https://example.com/MERA1-ABCDE").film(folder.path()));
    let tab = joining(&chromium, &at.link()).await;
    tab.click("founding-scan").await;
    tab.see_part("founding-scan-told", "That is another code.").await;
    assert_eq!(tab.value("founding-invitation").await, "");
    tab.click("founding-scan").await;
    camera_is_off(&tab, 1).await;
    tab.see_text("founding-scan-told", "").await;

    tab.click("founding-scan").await;
    tab.see_part("founding-scan-told", "That is another code.").await;
    tab.asked("scrollTo(0, 0)").await;
    tab.click("founding-new").await;
    camera_is_off(&tab, 2).await;

    tab.click("founding-join").await;
    tab.click("founding-scan").await;
    tab.see_part("founding-scan-told", "That is another code.").await;
    tab.asked("window.streams[2].getTracks().forEach((one) => one.stop())").await;
    tab.see_part("founding-scan-told", "The camera has stopped.").await;
    camera_is_off(&tab, 3).await;
    at.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_while_the_camera_looks_stays_when_the_code_is_read() {
    let (folder, at) = empty().await;
    let chromium = Chromium::with_camera(&Picture::of("MERA1-ABCDE-FGHJK").film(folder.path()));
    let tab = joining(&chromium, &at.link()).await;
    // A camera that shows nothing before the person has typed.
    tab.asked(
        "const draw = CanvasRenderingContext2D.prototype.drawImage; window.shut = true; \
         CanvasRenderingContext2D.prototype.drawImage = function (...all) { if (!window.shut) draw.apply(this, all); }",
    )
    .await;
    tab.click("founding-scan").await;
    tab.see_part("founding-scan-told", "Hold the code").await;
    tab.see("founding-name").await.send_keys("Bos telefon").await.unwrap();
    tab.asked("window.shut = false").await;
    tab.see_text("founding-scan-told", "The code is read and stands above.").await;
    assert_eq!(tab.value("founding-invitation").await, "MERA1-ABCDE-FGHJK");
    assert_eq!(tab.value("founding-name").await, "Bos telefon");
    at.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_on_which_the_reader_gives_up_costs_the_camera_and_not_the_page() {
    let (folder, at) = empty().await;
    let invitation = Picture::of("MERA1-ABCDE-FGHJK");
    let chromium = Chromium::with_camera(&invitation.film(folder.path()));
    let tab = joining(&chromium, &at.link()).await;
    // What is thrown here leaves the program in the middle of a look, as a failed assertion of the reader does.
    tab.asked(
        "window.read = CanvasRenderingContext2D.prototype.getImageData; window.given_up = 0; \
         CanvasRenderingContext2D.prototype.getImageData = () => ({ get data() { window.given_up += 1; throw new Error('given up'); } })",
    )
    .await;
    tab.click("founding-scan").await;
    tab.see_part("founding-scan-told", "The camera has stopped.").await;
    camera_is_off(&tab, 1).await;
    assert_eq!(tab.asked("return window.given_up").await, 3);
    let file = invitation.png(folder.path(), "invitation");
    tab.see("founding-scan-picture").await.send_keys(file.to_str().unwrap()).await.unwrap();
    tab.see_part("founding-scan-told", "No code can be read in the picture.").await;
    tab.asked("CanvasRenderingContext2D.prototype.getImageData = window.read").await;
    tab.click("founding-scan").await;
    tab.see_text("founding-scan-told", "The code is read and stands above.").await;
    assert_eq!(tab.value("founding-invitation").await, "MERA1-ABCDE-FGHJK");
    camera_is_off(&tab, 2).await;
    at.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_is_not_given_away_is_told_with_what_to_do_instead() {
    let (_folder, at) = empty().await;
    let chromium = Chromium::start();
    let table = [
        ("NotAllowedError", "MERA may not use the camera."),
        ("NotFoundError", "No camera answers on this device."),
        ("NotReadableError", "The camera cannot be had;"),
    ];
    let tab = joining(&chromium, &at.link()).await;
    for (name, told) in table {
        let refuse =
            format!("navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{name}') }}");
        tab.asked(&refuse).await;
        tab.click("founding-scan").await;
        tab.see_part("founding-scan-told", told).await;
        tab.unsee("founding-scan-view").await;
        tab.see_text("founding-scan", "Scan the code").await;
    }
    at.stop().await;
}
