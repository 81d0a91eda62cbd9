//! Devices, a relay and real WebSockets between them.
#![allow(clippy::unwrap_used, missing_docs)]

mod secure;

use mera_device_api::{Answer, Reply, Request, SyncState};
use mera_schema::Edit;
use mera_tests::company::{Company, change_line, clashes, done, line_of, new_quote, ok, page, status};

#[tokio::test(flavor = "multi_thread")]
async fn two_people_edit_one_price_offline_and_one_answer_settles_it_everywhere() {
    let company = Company::of(&["Anna", "Bo", "Carl"]).await;
    let [anna, bo, carl] = [&company.devices[0], &company.devices[1], &company.devices[2]];
    let quote = new_quote(anna, "Kugleventil DN50", "100 DKK").await;
    company.until_equal().await;
    company.plug(anna, false).await;
    company.plug(bo, false).await;
    change_line(anna, quote, "unit_price", "95 DKK").await;
    change_line(anna, quote, "quantity", "4 pcs").await;
    change_line(bo, quote, "unit_price", "90 DKK").await;
    assert_eq!(status(anna).await.waiting_changes, 2);
    assert!(!status(anna).await.connected);
    company.plug(anna, true).await;
    company.plug(bo, true).await;
    company.until_equal().await;
    for device in [anna, bo, carl] {
        assert_eq!(clashes(device).await[0].candidates.len(), 2, "both values, on every device");
    }
    change_line(carl, quote, "unit_price", "90 DKK").await;
    company.until_equal().await;
    for device in [anna, bo, carl] {
        assert!(clashes(device).await.is_empty());
        assert_eq!(page(device, quote).await.figures.unwrap().net.to_string(), "360.00 DKK");
    }
    company.doctor().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_goes_and_comes_back_is_found_again_and_everything_unsent_goes_out() {
    let mut company = Company::of(&["Anna", "Bo"]).await;
    let quote = new_quote(&company.devices[0], "Flange", "30 DKK").await;
    company.until_equal().await;
    company.stop_relay().await;
    change_line(&company.devices[0], quote, "quantity", "3 pcs").await;
    let line = line_of(&page(&company.devices[1], quote).await);
    let seen = page(&company.devices[1], quote).await.heads;
    let edits = vec![Edit::set_in("lines", line, "discount", "5")];
    done(&company.devices[1], Request::Change { record: quote, seen, edits }).await;
    company.start_relay().await;
    company.until_equal().await;
    assert_eq!(page(&company.devices[1], quote).await.figures.unwrap().net.to_string(), "85.50 DKK");
    company.doctor().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_lost_its_disk_is_filled_again_by_the_devices() {
    let mut company = Company::of(&["Anna", "Bo"]).await;
    new_quote(&company.devices[0], "Flange", "30 DKK").await;
    company.until_equal().await;
    company.stop_relay().await;
    company.lose_the_relays_disk();
    company.start_relay().await;
    for device in &company.devices {
        company.until(device, async || status(device).await.connected).await;
    }
    let third = company.join("Carl").await;
    company.until_equal().await;
    assert!(status(&company.devices[third]).await.waiting_changes == 0);
    company.doctor().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_without_its_disk_waits_for_everybody_before_members_change_unless_an_administrator_goes_on() {
    let mut company = Company::of(&["Anna", "Bo", "Carl"]).await;
    company.until_equal().await;
    let [anna, bo, carl] = company.devices.clone().try_into().unwrap_or_else(|_| panic!());
    company.plug(&bo, false).await;
    company.plug(&carl, false).await;
    company.stop_relay().await;
    company.lose_the_relays_disk();
    company.start_relay().await;
    company.until(&anna, async || status(&anna).await.connected).await;
    let rotate = async || anna.request(Request::RotateKeys).await;
    let code = |answer: Answer| match answer {
        Answer::Refused(why) => why.code,
        Answer::Ok(_) => "done".to_owned(),
    };
    assert_eq!(code(rotate().await), "membership.roll");
    company.plug(&bo, true).await;
    company.until(&bo, async || status(&bo).await.connected).await;
    assert_eq!(code(rotate().await), "membership.roll", "Carl may know of more");
    company.plug(&carl, true).await;
    company.until(&carl, async || status(&carl).await.connected).await;
    assert_eq!(code(rotate().await), "done");
    company.until_equal().await;

    company.plug(&carl, false).await;
    company.stop_relay().await;
    company.lose_the_relays_disk();
    company.start_relay().await;
    company.until(&anna, async || status(&anna).await.connected).await;
    assert_eq!(code(rotate().await), "membership.roll");
    assert_eq!(code(anna.request(Request::GoOnWithoutOthers).await), "done");
    assert_eq!(code(rotate().await), "done");
    company.plug(&carl, true).await;
    for device in &company.devices {
        company.until(device, async || status(device).await.connected).await;
    }
    company.until_equal().await;
    company.doctor().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_where_a_record_is_safe() {
    let company = Company::of(&["Anna", "Bo"]).await;
    company.until_equal().await;
    let anna = &company.devices[0];
    company.plug(anna, false).await;
    let quote = new_quote(anna, "Flange", "30 DKK").await;
    assert_eq!(page(anna, quote).await.sync, SyncState::Here);
    company.plug(anna, true).await;
    company.until(anna, async || page(anna, quote).await.sync == SyncState::OnDevices(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_another_company_and_a_server_that_is_no_relay_are_told_apart() {
    let company = Company::of(&["Anna"]).await;
    let stranger = company.device_at("ws://127.0.0.1:1/sync").await;
    company.until(&stranger, async || status(&stranger).await.trouble.is_some()).await;
    assert_eq!(status(&stranger).await.trouble.unwrap().code, "sync.unreachable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_set_on_a_running_device_is_called_at_once_and_so_is_the_next() {
    let (first, second) = (Company::of(&[]).await, Company::of(&[]).await);
    let device = first.hermit().await;
    new_quote(&device, "Flange", "30 DKK").await;
    let alone = status(&device).await;
    assert!(!alone.connected && alone.relay.is_none() && alone.trouble.is_none(), "no relay is no trouble");
    assert_eq!(alone.waiting_changes, 3, "who it is, a quote, a line");
    for company in [&first, &second] {
        let set = Request::SetRelay { relay: Some(company.relay_address()) };
        let Reply::SyncStatus(before) = ok(&device, set).await else { panic!() };
        assert!(!before.connected, "the former line says nothing of this one");
        assert_eq!(before.waiting_changes, 3, "nothing is called safe that this relay has not confirmed");
        company.until(&device, async || status(&device).await.waiting_changes == 0).await;
        assert!(status(&device).await.connected);
    }
    let Reply::SyncStatus(alone) = ok(&device, Request::SetRelay { relay: None }).await else { panic!() };
    assert!(!alone.connected && alone.relay.is_none());
    assert_eq!(alone.waiting_changes, 0, "what was brought to a relay was brought");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_disk_was_set_back_gives_everybody_also_what_arrived_before_they_called_again() {
    let mut company = Company::of(&["Anna", "Bo", "Carl"]).await;
    let quote = new_quote(&company.devices[0], "Flange", "30 DKK").await;
    company.until_equal().await;
    company.stop_relay().await;
    let earlier = company.copy_the_relays_disk();
    company.start_relay().await;
    for quantity in ["2 pcs", "3 pcs"] {
        change_line(&company.devices[0], quote, "quantity", quantity).await;
        company.until_equal().await;
    }
    company.stop_relay().await;
    company.set_the_relays_disk_back(earlier.path());
    let [anna, bo] = [&company.devices[0], &company.devices[1]].map(Clone::clone);
    company.plug(&anna, false).await;
    company.plug(&bo, false).await;
    company.start_relay().await;
    // As many arrivals as were forgotten, so that Bo's place in the order is one that the relay has again.
    for discount in ["5", "6"] {
        change_line(&company.devices[2], quote, "discount", discount).await;
    }
    company.until(&company.devices[2], async || status(&company.devices[2]).await.waiting_changes == 0).await;
    company.plug(&bo, true).await;
    company.plug(&anna, true).await;
    company.until_equal().await;
    company.doctor().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_folder_was_copied_goes_on_in_both_places_and_what_was_written_in_either_stands_everywhere() {
    let mut company = Company::of(&["Anna", "Bo"]).await;
    let quote = new_quote(&company.devices[0], "Flange", "30 DKK").await;
    company.until_equal().await;
    let anna = company.devices[0].clone();
    company.plug(&anna, false).await;
    let copy = company.copy_of("Anna");
    company.devices.push(copy.clone());
    change_line(&copy, quote, "quantity", "5 pcs").await;
    company.until(&copy, async || status(&copy).await.waiting_changes == 0).await;
    // Her log is longer than the copy's, and the relay has the copy's.
    change_line(&anna, quote, "quantity", "3 pcs").await;
    change_line(&anna, quote, "discount", "5").await;
    company.plug(&anna, true).await;
    company
        .until(&anna, async || status(&anna).await.trouble.is_some_and(|told| told.code == "device.second_identity"))
        .await;
    company.until_equal().await;
    for device in &company.devices {
        let clash = clashes(device).await.swap_remove(0);
        let mut said: Vec<_> = clash
            .candidates
            .iter()
            .map(|one| (&*one.value, &*clash.people[&one.by.device.to_string()].device))
            .collect();
        said.sort_unstable();
        assert_eq!(said, [("3 pcs", "Annas pc (2)"), ("5 pcs", "Annas pc")]);
        let Reply::Doctor { views_equal, complaints, .. } = ok(device, Request::Doctor).await else { panic!() };
        assert!(views_equal && complaints.is_empty(), "{complaints:?}");
    }
    change_line(&anna, quote, "quantity", "4 pcs").await;
    company.until_equal().await;
    assert!(clashes(&company.devices[2]).await.is_empty());
}
