//! From cell to cell by keyboard.

use crate::dom;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::KeyboardEvent;

/// What a cell can be entered by.
pub const STOPS: &str = "input:not([tabindex='-1']), select, textarea, button, a";

/// Where a key leads.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Up,
    Down,
    Left,
    Right,
}

/// Answers a key pressed anywhere in the grid.
pub fn key(event: &KeyboardEvent) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing() {
        return;
    }
    if event.key() == "F2" {
        if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
            let end = input.value().encode_utf16().count() as u32;
            input.set_selection_range(end, end).ok();
            event.prevent_default();
        }
        return;
    }
    let Some(way) = way(event, &target) else { return };
    let next = match target.closest("td").ok().flatten() {
        Some(cell) => from_cell(&cell, way),
        // Below the rows stands what adds one.
        None if way == Way::Up => last_row(&target),
        None => None,
    };
    if let Some(next) = next {
        event.prevent_default();
        dom::focus(&next);
    }
}

/// Row and column of the cell an element stands in.
pub fn place_of(element: &Element) -> Option<(usize, usize)> {
    let cell = element.closest("td").ok()??;
    Some((before(&cell.parent_element()?), before(&cell)))
}

fn way(event: &KeyboardEvent, target: &HtmlElement) -> Option<Way> {
    let acts = !dom::takes_text(target);
    let several_lines = target.is_instance_of::<HtmlTextAreaElement>();
    let chooses = target.is_instance_of::<HtmlSelectElement>();
    match event.key().as_str() {
        "Enter" if acts || several_lines => None,
        "Enter" if event.shift_key() => Some(Way::Up),
        "Enter" => Some(Way::Down),
        _ if event.shift_key() => None,
        "ArrowUp" if !chooses && !several_lines => Some(Way::Up),
        "ArrowDown" if !chooses && !several_lines => Some(Way::Down),
        "ArrowLeft" if at_end(target, Way::Left) => Some(Way::Left),
        "ArrowRight" if at_end(target, Way::Right) => Some(Way::Right),
        _ => None,
    }
}

/// Whether an arrow has nowhere to go inside the text: it is at its end, or the whole text is selected.
fn at_end(target: &HtmlElement, way: Way) -> bool {
    let Some(input) = target.dyn_ref::<HtmlInputElement>() else { return true };
    let (Ok(Some(start)), Ok(Some(end))) = (input.selection_start(), input.selection_end()) else { return true };
    let length = input.value().encode_utf16().count() as u32;
    let whole = start == 0 && end == length;
    whole || if way == Way::Left { start == 0 && end == 0 } else { start == length }
}

fn from_cell(cell: &Element, way: Way) -> Option<HtmlElement> {
    let column = before(cell);
    match way {
        Way::Left => along(cell.previous_element_sibling(), Element::previous_element_sibling),
        Way::Right => along(cell.next_element_sibling(), Element::next_element_sibling),
        Way::Up => down(cell.parent_element()?.previous_element_sibling(), column, Element::previous_element_sibling),
        Way::Down => down(cell.parent_element()?.next_element_sibling(), column, Element::next_element_sibling)
            .or_else(|| dom::inside(&cell.closest(".mera-sheet").ok()??, ".mera-add input, .mera-add button")),
    }
}

/// The next cell in the row that can be entered.
fn along(mut cell: Option<Element>, next: fn(&Element) -> Option<Element>) -> Option<HtmlElement> {
    while let Some(here) = cell {
        if let Some(stop) = dom::inside(&here, STOPS) {
            return Some(stop);
        }
        cell = next(&here);
    }
    None
}

/// The next row whose cell in the column can be entered.
fn down(mut row: Option<Element>, column: usize, next: fn(&Element) -> Option<Element>) -> Option<HtmlElement> {
    while let Some(here) = row {
        let cell = here.children().item(u32::try_from(column).unwrap_or(0));
        if let Some(stop) = cell.and_then(|cell| dom::inside(&cell, STOPS)) {
            return Some(stop);
        }
        row = next(&here);
    }
    None
}

fn last_row(target: &Element) -> Option<HtmlElement> {
    let sheet = target.closest(".mera-sheet").ok()??;
    let row = sheet.query_selector("tbody tr:last-child").ok()??;
    dom::inside(&row, STOPS)
}

/// How many stand before an element.
fn before(element: &Element) -> usize {
    std::iter::successors(element.previous_element_sibling(), Element::previous_element_sibling).count()
}
