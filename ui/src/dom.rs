//! The few things asked of the page itself: to find, to focus, to bring into sight.

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{
    Blob, BlobPropertyBag, Document, Element, FocusOptions, HtmlAnchorElement, HtmlElement, HtmlInputElement,
    HtmlSelectElement, HtmlTextAreaElement, KeyboardEvent, ScrollIntoViewOptions, ScrollLogicalPosition, Url,
};

pub fn document() -> Option<Document> {
    web_sys::window()?.document()
}

pub fn by_id<T: JsCast>(id: &str) -> Option<T> {
    document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// The first element on the page that fits.
pub fn first(selector: &str) -> Option<HtmlElement> {
    document()?.query_selector(selector).ok()??.dyn_into().ok()
}

/// The first element that fits, inside another.
pub fn inside(element: &Element, selector: &str) -> Option<HtmlElement> {
    element.query_selector(selector).ok()??.dyn_into().ok()
}

/// Moves the focus there; what stands in a box is selected, so that typing replaces it.
pub fn focus(element: &HtmlElement) {
    element.focus().ok();
    if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
        input.select();
    }
}

/// Moves the focus without moving the page.
pub fn focus_in_place(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    element.focus_with_options(&options).ok();
}

/// Whether keys are being typed into the element rather than meant for the page.
pub fn takes_text(element: &Element) -> bool {
    element.is_instance_of::<HtmlInputElement>()
        || element.is_instance_of::<HtmlTextAreaElement>()
        || element.is_instance_of::<HtmlSelectElement>()
}

/// Scrolls as little as needed.
pub fn into_sight(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Lets the browser save a text as a file. Whether it could be offered.
pub fn save(name: &str, kind: &str, parts: &[String]) -> bool {
    let offered = || -> Option<()> {
        let parts: Array = parts.iter().map(JsValue::from).collect();
        let options = BlobPropertyBag::new();
        options.set_type(kind);
        let blob = Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
        let address = Url::create_object_url_with_blob(&blob).ok()?;
        let link: HtmlAnchorElement = document()?.create_element("a").ok()?.dyn_into().ok()?;
        link.set_href(&address);
        link.set_download(name);
        link.click();
        Url::revoke_object_url(&address).ok()
    };
    offered().is_some()
}

/// Hears every key for as long as the page is open.
pub fn on_key(heard: impl Fn(KeyboardEvent) + 'static) {
    let heard = Closure::<dyn Fn(KeyboardEvent)>::new(heard);
    if let Some(window) = web_sys::window() {
        window.add_event_listener_with_callback("keydown", heard.as_ref().unchecked_ref()).ok();
    }
    // It lives as long as the page.
    heard.forget();
}
