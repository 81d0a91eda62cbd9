//! The state of synchronisation in plain words: what waits, why, since when.

use crate::desk::{Desk, send, use_desk};
use crate::parts::{CopyBox, PassphraseBox, RelayBox, state_of};
use crate::route::Route;
use crate::written;
use mera_device_api::{CheckpointRow, Loading, NearbyRow, Request, SyncStatus, Waiting};
use patternfly_yew::prelude::*;
use yew::prelude::*;

#[component]
pub fn SyncPage() -> Html {
    let desk = use_desk();
    let Some(sync) = desk.sync.clone() else { return html! {} };
    let now = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| send(&desk, Request::SyncNow, |_| {}))
    };
    let switch = {
        let (desk, online) = (desk.clone(), sync.online);
        Callback::from(move |_: Event| send(&desk, Request::SetOnline { online: !online }, |_| {}))
    };
    let keep = Callback::from(|passphrase| Request::KeepKey { passphrase: Some(passphrase), former: None });
    let waiting = |row: &Waiting| {
        html! {
            <li key={row.record.to_string()} data-testid="waiting-row"><a href={Route::record(row.record).href()}>
                <span class="mera-row-number">{ desk.words.say(&format!("kind-{}", row.record.kind)) }</span>
                <span class="mera-row-title">{ if row.title.is_empty() { desk.words.say("untitled") } else { row.title.clone() } }</span>
                <small>{ desk.words.with("since", &[("when", &written::moment(row.since, desk.words.language))]) }</small></a></li>
        }
    };
    let neighbour = |row: &NearbyRow| {
        html! {
            <li key={row.device.to_string()} data-testid="nearby-row"><div class="mera-still">
                <span class="mera-row-title">{ format!("{} · {}", row.person, row.name) }</span>
                <small>{ desk.words.with("in-step", &[("when", &written::moment(row.met, desk.words.language))]) }</small></div></li>
        }
    };
    let last =
        sync.last_spoke.map(|at| written::moment(at, desk.words.language)).unwrap_or_else(|| desk.words.say("never"));
    html! {<>
        <div class="mera-bar"><Title>{ desk.words.say("sync") }</Title>
            <button type="button" class="pf-v6-c-button pf-m-primary" data-testid="sync-now" onclick={now} disabled={!sync.online}>{ desk.words.say("sync-now") }</button></div>
        <p class="mera-lead" data-testid="sync-state">{ state_of(&desk, &sync).1 }</p>
        <p data-testid="sync-means">{ desk.words.say(meaning(&sync)) }</p>
        if let Some(Loading { records, of }) = &sync.loading {
            <p data-testid="loading">{ desk.words.with("loading-records", &[("here", &records.to_string()), ("of", &of.to_string())]) }</p>
            <progress class="mera-progress" value={records.to_string()} max={of.to_string()} aria-label={desk.words.say("records")} />
        }
        if let Some(trouble) = &sync.trouble { <p class="mera-band" data-bad="true" data-testid="sync-trouble">{ desk.words.refusal(trouble) }</p> }
        if desk.about.as_ref().is_some_and(|about| about.key == "in_folder") {
            <div class="mera-band" data-bad="true" data-testid="key-in-plain">
                <p>{ desk.words.say("key-warning") }</p>
                <PassphraseBox name="keep-key" fresh={true} request={keep} done={Callback::noop()} />
            </div>
        }
        <label class="mera-switch"><input type="checkbox" role="switch" data-testid="online-switch" checked={sync.online} onchange={switch} />{ desk.words.say("cable") }</label>
        <div class="mera-fields">
            <RelayBox relay={sync.relay.clone()} />
            if let Some(about) = &desk.about {
                <CopyBox name="company-id" label={desk.words.say("company-id")} hint={desk.words.say("company-id-hint")} text={about.workspace.to_string()} />
            }
        </div>
        <dl class="mera-facts">
            <dt>{ desk.words.say("last-spoke") }</dt><dd>{ last }</dd>
            if let Some(about) = &desk.about {
                <dt>{ desk.words.say("this-device") }</dt><dd>{ format!("{} · {} · {}", about.name, about.person, about.version) }</dd>
                <dt>{ desk.words.say("key") }</dt><dd data-testid="key-kept">{ desk.words.say(&format!("key-{}", about.key.replace('_', "-"))) }</dd>
                <dt>{ desk.words.say("records") }</dt><dd>{ about.records }</dd>
            }
            <dt>{ desk.words.say("checkpoint") }</dt><dd data-testid="checkpoint">{ checkpoint(&desk, sync.checkpoint.as_deref()) }</dd>
            <dt>{ desk.words.say("digest") }</dt><dd><code data-testid="digest">{ sync.digest.chars().take(16).collect::<String>() }</code></dd>
        </dl>
        if let Some(nearby) = &sync.nearby {
            <h2>{ desk.words.say("nearby") }</h2>
            <p>{ desk.words.say(if nearby.is_empty() { "nearby-none" } else { "nearby-means" }) }</p>
            <ul class="mera-linked" data-testid="nearby">{ for nearby.iter().map(neighbour) }</ul>
        }
        <h2>{ desk.words.count("changes-wait", sync.waiting_changes) }</h2>
        if sync.waiting.is_empty() { <p class="mera-empty">{ desk.words.say("nothing-waits") }</p> }
        <ul class="mera-linked">{ for sync.waiting.iter().map(waiting) }</ul>
    </>}
}

/// When the newest checkpoint was made, and who vouches for it.
fn checkpoint(desk: &Desk, row: Option<&CheckpointRow>) -> String {
    let Some(CheckpointRow { when, by, records, .. }) = row else { return desk.words.say("checkpoint-none") };
    let when = written::moment(*when, desk.words.language);
    desk.words.with("checkpoint-says", &[("when", &when), ("person", &by.person), ("records", &records.to_string())])
}

/// What the state means for the person who reads it.
fn meaning(sync: &SyncStatus) -> &'static str {
    match (sync.online, sync.connected, sync.waiting_changes) {
        (false, ..) => "means-offline",
        (true, false, _) if sync.relay.is_none() => "means-alone",
        (true, false, _) => "means-no-relay",
        (true, true, 0) => "means-up-to-date",
        (true, true, _) => "means-sending",
    }
}
