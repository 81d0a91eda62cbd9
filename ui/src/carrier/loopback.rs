//! The device behind HTTP and WebSocket on this machine.

use gloo_net::http::Request;
use gloo_timers::callback::Timeout;
use js_sys::Array;
use mera_device_api::Notice;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, WebSocket};

/// The name under which the tab keeps its token.
const TOKEN: &str = "mera.token";
/// Milliseconds until a lost line of notices is tried again.
const AGAIN: u32 = 1_500;

/// The token comes with the link, behind the `#`; the tab keeps it and takes it out of the address.
fn token() -> Option<String> {
    let window = web_sys::window()?;
    let storage = window.session_storage().ok()??;
    let hash = window.location().hash().unwrap_or_default();
    if let Some(token) = hash.strip_prefix("#token=") {
        storage.set_item(TOKEN, token).ok()?;
        window.history().ok()?.replace_state_with_url(&JsValue::NULL, "", Some("#/")).ok()?;
    }
    storage.get_item(TOKEN).ok()?
}

pub async fn ask(body: &str) -> Result<String, String> {
    let bearer = format!("Bearer {}", token().unwrap_or_default());
    let request = Request::post("/api/request").header("Authorization", &bearer).body(body.to_owned());
    let response = request.map_err(|fault| fault.to_string())?.send().await.map_err(|fault| fault.to_string())?;
    response.text().await.map_err(|fault| fault.to_string())
}

pub fn listen(told: impl Fn(Option<Notice>) + 'static) {
    connect(Rc::new(told));
}

fn connect(told: Rc<dyn Fn(Option<Notice>)>) {
    let Some(window) = web_sys::window() else { return };
    let host = window.location().host().unwrap_or_default();
    let protocols: Array = ["mera".to_owned(), token().unwrap_or_default()].iter().map(JsValue::from).collect();
    let url = format!("ws://{host}/api/notices");
    let Ok(socket) = WebSocket::new_with_str_sequence(&url, &protocols) else { return };
    let heard = told.clone();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(Ok(notice)) = event.data().as_string().map(|text| serde_json::from_str(&text)) {
            heard(Some(notice));
        }
    });
    let heard = told.clone();
    let on_open = Closure::<dyn Fn()>::new(move || heard(None));
    let on_close = Closure::<dyn Fn()>::new(move || {
        let told = told.clone();
        Timeout::new(AGAIN, move || connect(told)).forget();
    });
    socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    on_message.forget();
    on_open.forget();
    on_close.forget();
}
