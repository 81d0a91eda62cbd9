//! The state of synchronisation in a few words.

use crate::desk::{Desk, use_desk};
use crate::route::Route;
use crate::written;
use mera_device_api::{SyncState, SyncStatus};
use yew::prelude::*;

/// Always in the frame; one click tells more.
#[component]
pub fn SyncPill() -> Html {
    let desk = use_desk();
    let Some(sync) = &desk.sync else {
        return html! { <span class="mera-pill" data-testid="sync-pill">{ "…" }</span> };
    };
    let (mood, text) = state_of(&desk, sync);
    html! { <a class="mera-pill" data-testid="sync-pill" data-mood={mood} href={Route::Sync.href()}>{ text }</a> }
}

/// A mood for the colour and a sentence for everybody.
pub fn state_of(desk: &Desk, sync: &SyncStatus) -> (&'static str, String) {
    let words = &desk.words;
    let time = sync.last_spoke.map(written::clock).unwrap_or_default();
    let waits = words.count("changes-wait", sync.waiting_changes);
    match (sync.online, sync.connected, sync.waiting_changes) {
        (true, _, 0) if sync.relay.is_none() => ("away", words.say("no-relay-set")),
        (true, _, _) if sync.relay.is_none() => ("away", format!("{} · {waits}", words.say("no-relay-set"))),
        (false, _, 0) => ("away", words.say("offline")),
        (false, _, _) => ("away", format!("{} · {waits}", words.say("offline"))),
        (true, false, 0) => ("away", words.say("no-relay")),
        (true, false, _) => ("away", format!("{} · {waits}", words.say("no-relay"))),
        (true, true, 0) => ("good", words.with("up-to-date", &[("time", &time)])),
        (true, true, _) => ("busy", waits),
    }
}

/// Where a record is safe.
pub fn safe_where(desk: &Desk, state: SyncState) -> String {
    match state {
        SyncState::Here => desk.words.say("safe-here"),
        SyncState::AtRelay => desk.words.say("safe-at-relay"),
        SyncState::OnDevices(count) => desk.words.count("safe-on-devices", u64::from(count)),
    }
}
