//! What a person sees before there is a device to show.

use super::{Founding, Locked, Recovery, Shut};
use mera_device_api::Refused;
use yew::prelude::*;

/// Properties of [`Threshold`].
#[derive(Properties, PartialEq)]
pub struct ThresholdProps {
    /// Why there is no device to ask; nothing while it has not answered.
    pub refused: Option<Refused>,
    /// The recovery code of a company that was just founded, until its person has written it down.
    pub recovery: Option<String>,
    /// A company was founded, and told its code.
    pub keep_code: Callback<String>,
    /// The code is written down.
    pub kept: Callback<()>,
    /// The person thinks it may go now, or has founded it.
    pub again: Callback<()>,
    pub switch_language: Callback<MouseEvent>,
    /// The language that the switch leads to.
    pub other: AttrValue,
}

/// Before there is a device to show: nothing for a moment, then its founding, its lock, or why it cannot be reached.
#[component]
pub fn Threshold(props: &ThresholdProps) -> Html {
    let here = match (&props.recovery, &props.refused) {
        (Some(code), _) => html! { <Recovery code={code.clone()} kept={&props.kept} /> },
        (None, Some(refused)) if refused.code == "device.none" => {
            let keyring = refused.args.get("keyring").is_some_and(|keyring| keyring == "answers");
            html! { <Founding {keyring} founded={&props.again} told={&props.keep_code} /> }
        }
        (None, Some(refused)) if refused.code == "device.locked" => html! { <Locked opened={&props.again} /> },
        (None, Some(refused)) => html! { <Shut refused={refused.clone()} again={&props.again} /> },
        (None, None) => return html! {},
    };
    html! {<>
        <header class="mera-head mera-apart">
            <span class="mera-brand">{ "MERA" }</span>
            <button type="button" class="mera-quiet" data-testid="lang-switch" onclick={&props.switch_language} lang={&props.other}>{ props.other.to_uppercase() }</button>
        </header>
        <main id="page" class="mera-threshold">{ here }</main>
    </>}
}
