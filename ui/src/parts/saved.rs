//! Where the device has put a file for the person, and how far it is with one.

use super::CopyBox;
use crate::desk::{Desk, send, use_desk};
use mera_device_api::Request;
use yew::prelude::*;

/// Properties of [`Saved`].
#[derive(Properties, PartialEq)]
pub struct SavedProps {
    pub name: AttrValue,
    /// What was saved.
    pub says: AttrValue,
    /// What to do with it.
    pub hint: AttrValue,
    /// Where it is.
    pub place: AttrValue,
}

#[component]
pub fn Saved(props: &SavedProps) -> Html {
    html! {
        <div class="mera-band mera-saved" role="status" data-testid={format!("{}-saved", props.name)}>
            <CopyBox name={format!("{}-place", props.name)} label={&props.says} hint={&props.hint} text={&props.place} />
        </div>
    }
}

/// How far the device is with a file, and a way to stop it.
#[component]
pub fn Saving() -> Html {
    let desk = use_desk();
    let onclick = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| send(&desk, Request::StopSaving, |_| {}))
    };
    html! {<>
        { progress(&desk) }
        <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="saving-stop" {onclick}>{ desk.words.say("saving-stop") }</button>
    </>}
}

fn progress(desk: &Desk) -> Html {
    let (done, of) = desk.saving.unwrap_or((0, 0));
    let said = desk.words.with("saving-progress", &[("done", &done.to_string()), ("of", &of.to_string())]);
    html! {
        <span class="mera-progress" role="status">
            if of > 0 { <progress max={of.to_string()} value={done.to_string()} aria-label={said.clone()} /> }
            <small>{ said }</small>
        </span>
    }
}
