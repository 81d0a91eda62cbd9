//! The few things asked of the page itself: to find, to focus, to bring into sight.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{
    Document, Element, FocusOptions, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement,
    KeyboardEvent, ScrollIntoViewOptions, ScrollLogicalPosition,
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

/// Hears every key for as long as the page is open.
pub fn on_key(heard: impl Fn(KeyboardEvent) + 'static) {
    let heard = Closure::<dyn Fn(KeyboardEvent)>::new(heard);
    if let Some(window) = web_sys::window() {
        window.add_event_listener_with_callback("keydown", heard.as_ref().unchecked_ref()).ok();
    }
    // It lives as long as the page.
    heard.forget();
}
