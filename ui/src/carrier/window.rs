//! The device behind the desktop window's IPC.

use js_sys::{Function, Object, Promise, Reflect};
use mera_device_api::Notice;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// What the shell puts into its page.
fn shell(part: &str, function: &str) -> Option<Function> {
    let get = |from: &JsValue, name: &str| Reflect::get(from, &name.into()).ok().filter(|found| !found.is_undefined());
    let tauri = get(&web_sys::window()?.into(), "__TAURI__")?;
    get(&get(&tauri, part)?, function)?.dyn_into().ok()
}

pub fn is_here() -> bool {
    shell("core", "invoke").is_some()
}

pub async fn ask(body: &str) -> Result<String, String> {
    let invoke = shell("core", "invoke").ok_or("the window has no shell")?;
    let words = Object::new();
    Reflect::set(&words, &"body".into(), &body.into()).map_err(said)?;
    let promise: Promise = invoke.call2(&JsValue::NULL, &"request".into(), &words).map_err(said)?.unchecked_into();
    JsFuture::from(promise).await.map_err(said)?.as_string().ok_or_else(|| "the shell answered no text".into())
}

pub fn listen(told: impl Fn(Option<Notice>) + 'static) {
    let Some(listen) = shell("event", "listen") else { return };
    let on_notice = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        let payload = Reflect::get(&event, &"payload".into()).ok().and_then(|payload| payload.as_string());
        told(payload.and_then(|text| serde_json::from_str::<Notice>(&text).ok()));
    });
    listen.call2(&JsValue::NULL, &"notice".into(), on_notice.as_ref()).ok();
    on_notice.forget();
}

fn said(fault: JsValue) -> String {
    fault.as_string().unwrap_or_else(|| format!("{fault:?}"))
}
