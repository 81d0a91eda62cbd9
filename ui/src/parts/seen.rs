//! Whoever has a page open has read it.

use crate::desk::{send, use_desk};
use mera_device_api::Request;
use yew::prelude::*;

/// Properties of [`Seen`].
#[derive(Properties, PartialEq)]
pub struct SeenProps {
    /// What says so to the device.
    pub request: Request,
}

/// Says it once; with another key it is said again, of what has changed meanwhile.
#[component]
pub fn Seen(props: &SeenProps) -> Html {
    let desk = use_desk();
    use_effect_with(props.request.clone(), move |request| send(&desk, request.clone(), |_| ()));
    html! {}
}
