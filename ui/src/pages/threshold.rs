//! What a person sees before there is a device to show.

use super::{Founding, Locked, Shut};
use mera_device_api::Refused;
use yew::prelude::*;

/// Properties of [`Threshold`].
#[derive(Properties, PartialEq)]
pub struct ThresholdProps {
    /// Why there is no device to ask; nothing while it has not answered.
    pub refused: Option<Refused>,
    /// The person thinks it may go now, or has founded it.
    pub again: Callback<()>,
    pub switch_language: Callback<MouseEvent>,
    /// The other language.
    pub other: AttrValue,
}

/// Before there is a device to show: nothing for a moment, then its founding, its lock, or why it cannot be reached.
#[component]
pub fn Threshold(props: &ThresholdProps) -> Html {
    let Some(refused) = props.refused.clone() else { return html! {} };
    html! {<>
        <header class="mera-head mera-apart">
            <span class="mera-brand">{ "MERA" }</span>
            <button type="button" class="mera-quiet" data-testid="lang-switch" onclick={&props.switch_language} lang={&props.other}>{ props.other.to_uppercase() }</button>
        </header>
        <main id="page" class="mera-threshold">
            { match refused.code.as_str() {
                "device.none" => {
                    let keyring = refused.args.get("keyring").is_some_and(|keyring| keyring == "answers");
                    html! { <Founding {keyring} founded={&props.again} /> }
                }
                "device.locked" => html! { <Locked opened={&props.again} /> },
                _ => html! { <Shut {refused} again={&props.again} /> },
            } }
        </main>
    </>}
}
