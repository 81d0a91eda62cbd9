//! A visit is agreed: it stands in everybody's calendar, is talked about, moved by hand, and asked about where two moved it apart.

use super::super::chromium::Chromium;
use super::accessibility::{axe, look_at};
use super::calls::office;
use super::shown;

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_is_agreed_told_talked_about_moved_by_hand_and_asked_about_where_two_moved_it() {
    let (company, bo) = office().await;
    let (anna_at, bo_at) = (shown(&company.devices[0]).await, shown(&company.devices[1]).await);
    let (chromium, axe, mut all) = (Chromium::start(), axe(), Vec::new());
    let office = chromium.open(&anna_at.link(), 1280, 900).await;
    let phone = chromium.open(&bo_at.link(), 360, 740).await;
    office.asked(&axe).await;
    phone.asked(&axe).await;

    office.go("#/calendar/week/2027-03-02").await;
    office.click("new").await;
    office.type_in("cal-subject", "Ventiler").await;
    office.set("cal-first", "2027-03-02").await;
    office.set("cal-from", "09:00").await;
    office.see_as("cal-form", "aria-label", "New appointment").await;
    office.type_in("cal-with", "Aalborg").await;
    office.see_part("cal-with-result", "Aalborg Værft").await;
    office.press("\u{E007}").await;
    office.see_part("cal-with-chosen", "Aalborg Værft").await;
    office.type_in("cal-place", "Vejle").await;
    office.choose("cal-add-told", &bo.to_string()).await;
    all.extend(look_at(&office, "something is agreed", 1280).await);

    office.click("cal-agree").await;
    office.see_part("cal-entry", "9:00–10:00").await;
    office.see_part("cal-peek", "Aalborg Værft").await;
    all.extend(look_at(&office, "a week", 1280).await);

    phone.see_text("calls-count", "1").await;
    phone.go("#/calls").await;
    phone.see_part("appointment-news-row", "Ventiler").await;
    all.extend(look_at(&phone, "news", 360).await);
    phone.click_in("appointment-news-row", "a").await;
    phone.unsee("calls-count").await;
    phone.go("#/sync").await;
    phone.click("online-switch").await;
    phone.see_as("sync-pill", "data-mood", "away").await;
    phone.press("\u{E004}").await;
    phone.go("#/list/appointment").await;
    phone.click("list-row").await;
    phone.click("appointment-move").await;
    phone.set("cal-first", "2027-03-04").await;
    phone.set("cal-last", "2027-03-04").await;
    phone.click("appointment-moved").await;
    phone.see_part("appointment-when", "4 Mar 2027").await;
    phone.type_in("comment-text", "Husk tegningerne").await;
    phone.click("comment-send").await;
    phone.see_part("comments", "Husk tegningerne").await;
    all.extend(look_at(&phone, "an appointment", 360).await);

    office.draw("cal-entry", 0, 96).await;
    office.see_part("cal-entry", "11:00–12:00").await;
    phone.go("#/sync").await;
    phone.click("online-switch").await;
    office.see_as("cal-entry", "data-disputed", "true").await;
    office
        .until_true(
            "it stands at both times",
            "return document.querySelectorAll(\"[data-testid='cal-entry']\").length === 2",
        )
        .await;
    office.click("cal-open").await;
    office.see_part("comments", "Husk tegningerne").await;
    office.see_part("clash", "2 Mar 2027 11:00–12:00").await;
    all.extend(look_at(&office, "a disputed time", 1280).await);
    office.press("\u{E004}").await;
    office.click_in("clash", "button").await;
    office.unsee("clash").await;

    office.click("report-begin").await;
    office.type_in("field-decisions", "Tilbud i næste uge").await;
    office.type_in("action-what", "Send tilbud").await;
    office.choose("action-owner", &bo.to_string()).await;
    office.set("action-due", "2027-03-09").await;
    office.click("action-add").await;
    office.see_part("page", "Send tilbud").await;
    all.extend(look_at(&office, "a report", 1280).await);
    phone.see("online-switch").await;
    office.click("report-file").await;
    office.see_part("report-steps", "Done").await;
    phone.see_part("toast", "Visit report").await;
    phone.go("#/calls").await;
    phone.click_in("appointment-news-row", "a").await;
    let decided = "return document.querySelector(\"[data-testid='field-decisions']\")?.value === 'Tilbud i næste uge'";
    phone.until_true("what was decided stands there", decided).await;
    office.see_part("report-copy", "read").await;
    phone.go("#/tasks").await;
    phone.see_part("page", "Send tilbud").await;

    assert!(phone.fits().await && office.fits().await);
    assert!(all.is_empty(), "{} findings:\n{}", all.len(), all.join("\n"));
    company.until_equal().await;
    company.doctor().await;
    for served in [anna_at, bo_at] {
        served.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_again_is_moved_once_by_hand_and_stops_from_a_time_on() {
    let (company, bo) = office().await;
    let at = shown(&company.devices[0]).await;
    let chromium = Chromium::start();
    let office = chromium.open(&at.link(), 1280, 900).await;
    office.go("#/calendar/month/2027-03-02").await;
    office.click("new").await;
    office.type_in("cal-subject", "Morgenmøde").await;
    office.choose("cal-sort", "meeting").await;
    office.set("cal-first", "2027-03-01").await;
    office.choose("cal-repeat", "weekly").await;
    office.choose("cal-add-present", &bo.to_string()).await;
    office.click("cal-agree").await;
    let times =
        |count: usize| format!("return document.querySelectorAll(\"[data-testid='cal-entry']\").length === {count}");
    office.until_true("five Mondays", &times(5)).await;
    office.go("#/calendar/week/2027-03-09").await;
    office.see_part("cal-entry", "9:00–10:00").await;
    office.draw("cal-entry", 0, 48).await;
    office.see_part("cal-entry", "10:00–11:00").await;
    office.go("#/calendar/month/2027-03-02").await;
    office.until_true("five still", &times(5)).await;
    office.go("#/calendar/day/2027-03-15").await;
    office.see_part("cal-entry", "9:00–10:00").await;
    office.click("cal-entry").await;
    office.click("cal-end").await;
    office.unsee("cal-entry").await;
    office.go("#/calendar/month/2027-03-02").await;
    office.until_true("two are left", &times(2)).await;
    office.choose("cal-watch", &format!("team {}", "Sælger")).await;
    office.see_part("cal-watched", "Bo Berg").await;
    office.click_in("cal-outside", "summary").await;
    office.click("cal-export").await;
    office.see_part("cal-saved", "1 appointment is saved").await;
    assert!(office.value("cal-feed").await.ends_with("/me.ics"));
    company.doctor().await;
    at.stop().await;
}
