//! This device: whose it is, its backup, everything on it as plain files, and what opens it.

mod backup;
mod export;
mod key;

use crate::desk::use_desk;
use crate::written;
use backup::Backup;
use export::Export;
use key::Key;
use patternfly_yew::prelude::*;
use yew::prelude::*;

#[component]
pub fn DevicePage() -> Html {
    let desk = use_desk();
    let Some(about) = desk.about.clone() else { return html! {} };
    let roles = about.roles.iter().map(|role| desk.words.say(&format!("role-{role}"))).collect::<Vec<_>>().join(", ");
    let kept = desk.words.say(&format!("key-{}", about.key.replace('_', "-")));
    html! {<>
        <div class="mera-bar"><Title>{ desk.words.say("this-device") }</Title></div>
        <dl class="mera-facts" data-testid="device-facts">
            <dt>{ desk.words.say("device-name") }</dt><dd>{ &about.name }</dd>
            <dt>{ desk.words.say("device-person") }</dt><dd>{ format!("{} · {roles}", about.person) }</dd>
            <dt>{ desk.words.say("records") }</dt><dd>{ written::figure(&about.records.to_string(), desk.words.language) }</dd>
            <dt>{ desk.words.say("device-key") }</dt><dd>{ kept }</dd>
            <dt>{ desk.words.say("device-version") }</dt><dd>{ format!("MERA {}", about.version) }</dd>
        </dl>
        <Backup about={about.clone()} />
        <Export />
        <Key kept={about.key.clone()} />
    </>}
}
