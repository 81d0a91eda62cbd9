//! What stands in place of the pages while the device is locked: its passphrase is asked for.

use crate::desk::use_desk;
use crate::parts::PassphraseBox;
use mera_device_api::Request;
use yew::prelude::*;

/// Properties of [`Locked`].
#[derive(Properties, PartialEq)]
pub struct LockedProps {
    /// The passphrase was right.
    pub opened: Callback<()>,
}

#[component]
pub fn Locked(props: &LockedProps) -> Html {
    let desk = use_desk();
    let request = Callback::from(|passphrase| Request::Unlock { passphrase });
    html! {
        <div class="mera-founding" data-testid="locked">
            <h1>{ desk.words.say("locked") }</h1>
            <p>{ desk.words.say("locked-lead") }</p>
            <PassphraseBox name="unlock" fresh={false} {request} done={&props.opened} />
        </div>
    }
}
