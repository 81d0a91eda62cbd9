//! What opens this device: the keyring, or a passphrase, which can be changed.

use crate::desk::{Toast, use_desk};
use crate::parts::{NewPassphrase, Said};
use mera_device_api::{Reply, Request};
use yew::prelude::*;

/// Signs of a device's passphrase at least, as the device demands.
const SHORTEST: usize = 8;

/// Properties of [`Key`].
#[derive(Properties, PartialEq)]
pub struct KeyProps {
    /// Where the key is kept, as the contract says it.
    pub kept: AttrValue,
}

#[component]
pub fn Key(props: &KeyProps) -> Html {
    let desk = use_desk();
    let former = props.kept == "passphrase";
    let request = Callback::from(move |said: Said| Request::KeepKey {
        passphrase: Some(said.new),
        former: former.then_some(said.former),
    });
    let done = {
        let desk = desk.clone();
        Callback::from(move |_: Reply| desk.toast.emit(Toast { text: desk.words.say("device-key-done"), bad: false }))
    };
    let title = desk.words.say(if former { "device-key-change" } else { "device-key-choose" });
    html! {
        <section class="mera-card" aria-labelledby="device-key-title">
            <h2 id="device-key-title">{ title.clone() }</h2>
            <NewPassphrase name="device-key" label={desk.words.say("passphrase-new")} does={title} lesser={true} hint={desk.words.say("device-key-hint")} shortest={SHORTEST} {former} {request} {done} />
        </section>
    }
}
