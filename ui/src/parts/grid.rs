//! A grid of items that behaves like a spreadsheet: arrows between cells, Enter down, Tab right, a block pasted from a
//! spreadsheet lands cell by cell, and what the device refuses stands in its cell.

mod moves;
mod paste;

use super::field::{FieldBox, Pasted, plain_value};
use crate::block;
use crate::desk::{Desk, send, use_desk};
use crate::dom;
use mera_device_api::{RecordPage, Request};
use mera_schema::{Edit, FieldDef, FieldPath, Form, ItemId, LIFE, ORDER, RecordDef, RecordRef};
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, HtmlElement};
use yew::prelude::*;

/// Properties of [`Grid`].
#[derive(Properties, PartialEq)]
pub struct GridProps {
    pub record: RecordRef,
    pub page: Rc<RecordPage>,
    /// The items.
    pub values: Value,
    /// The collection's name.
    pub collection: &'static str,
    /// Its fields, left to right.
    pub columns: Vec<&'static str>,
    /// The head and the cells of a column that is computed.
    #[prop_or_default]
    pub computed: Option<(String, BTreeMap<ItemId, String>)>,
    /// The item whose quantity, or first cell, is to be filled in next.
    #[prop_or_default]
    pub fresh: Option<ItemId>,
    /// What adds an item; it stands below and takes blocks too.
    #[prop_or_default]
    pub children: Html,
}

/// The items that are not taken out, in their order.
pub fn items_of(values: &Value) -> Vec<(ItemId, Value)> {
    let all = values.as_object().into_iter().flatten();
    let mut live: Vec<(ItemId, Value)> = all
        .filter(|(_, item)| item[LIFE] != "removed")
        .filter_map(|(id, item)| Some((id.parse().ok()?, item.clone())))
        .collect();
    live.sort_by_key(|(id, item)| (plain_value(&item[ORDER]), *id));
    live
}

#[component]
pub fn Grid(props: &GridProps) -> Html {
    let desk = use_desk();
    let pasted = use_state_eq(BTreeMap::<String, Pasted>::new);
    let node = use_node_ref();
    let items = items_of(&props.values);
    {
        let (node, items, fresh) = (node.clone(), items.clone(), props.fresh);
        let place = items.iter().position(|(id, _)| Some(*id) == fresh);
        use_effect_with(place.and(fresh), move |fresh| {
            let row = fresh.and_then(|fresh| dom::by_id::<web_sys::Element>(&row_id(fresh)));
            let cell = row.and_then(|row| {
                dom::inside(&row, "[data-testid='line-quantity']").or_else(|| dom::inside(&row, moves::STOPS))
            });
            if let (Some(cell), true) = (cell, node.get().is_some()) {
                dom::focus(&cell);
            }
        });
    }
    let onkeydown = Callback::from(|event: KeyboardEvent| moves::key(&event));
    let onpaste = {
        let (desk, record, page, pasted) = (desk.clone(), props.record, props.page.clone(), pasted.clone());
        let (items, collection, columns) = (items.clone(), props.collection, props.columns.clone());
        Callback::from(move |event: Event| {
            if page.locked() {
                return;
            }
            let Some((at, block)) = block_of(&event) else { return };
            event.prevent_default();
            let sheet = paste::Sheet {
                record,
                seen: page.heads.clone(),
                collection,
                columns: columns.clone(),
                items: items.iter().map(|(id, item)| (*id, item.clone())).collect(),
                currency: currency_of(&page),
            };
            paste::lay(desk.clone(), sheet, at, block, pasted.clone());
        })
    };
    let head = |column: &&'static str| html! { <th scope="col" data-figure={is_figure(props, column).to_string()}>{ desk.words.field(column) }</th> };
    html! {
        <div class="mera-sheet" ref={node} {onkeydown} {onpaste}>
            if !items.is_empty() {
                <table class="mera-grid" data-collection={props.collection}>
                    <thead><tr>
                        { for props.columns.iter().map(head) }
                        if let Some((head, _)) = &props.computed { <th scope="col" class="mera-figure">{ head }</th> }
                        <th scope="col"><span class="mera-hidden">{ desk.words.say("remove") }</span></th>
                    </tr></thead>
                    <tbody>{ for items.iter().map(|(id, item)| row(&desk, props, &pasted, *id, item)) }</tbody>
                </table>
            }
            if !props.page.locked() { <div class="mera-add">{ props.children.clone() }</div> }
        </div>
    }
}

fn row_id(id: ItemId) -> String {
    format!("item-{id}")
}

fn row(desk: &Desk, props: &GridProps, pasted: &BTreeMap<String, Pasted>, id: ItemId, item: &Value) -> Html {
    let test = if props.collection == "lines" { "line" } else { "item" };
    let cell = |name: &&'static str| {
        let Some(def) = definition(props.record, props.collection, name) else { return html! {} };
        let path = FieldPath::item(props.collection, id, name);
        let told = pasted.get(&path.to_string()).cloned();
        html! { <td data-label={desk.words.field(name)} data-field={*name} data-figure={is_figure(props, name).to_string()}>{ field_box(&props.page, props.record, path, def, &item[*name], true, told) }</td> }
    };
    let computed = props.computed.as_ref().map(|(head, cells)| {
        let text = cells.get(&id).cloned().unwrap_or_default();
        html! { <td class="mera-figure" data-label={head.clone()} data-testid="line-net">{ text }</td> }
    });
    html! {
        <tr data-testid={test} id={row_id(id)} key={id.to_string()}>
            { for props.columns.iter().map(cell) }
            { for computed }
            <td class="mera-last">if !props.page.locked() { { remove_button(desk, props, id) } }</td>
        </tr>
    }
}

fn definition(record: RecordRef, collection: &str, name: &str) -> Option<FieldDef> {
    RecordDef::of(record.kind).field(Some(collection), name).copied()
}

fn is_figure(props: &GridProps, name: &str) -> bool {
    let form = definition(props.record, props.collection, name).map(|def| def.form);
    matches!(form, Some(Form::Money | Form::Quantity | Form::Percent | Form::Number))
}

/// Takes an item out; it stays in the history and can be asked about.
fn remove_button(desk: &Desk, props: &GridProps, id: ItemId) -> Html {
    let onclick = {
        let (desk, record, seen, collection) = (desk.clone(), props.record, props.page.heads.clone(), props.collection);
        Callback::from(move |_: MouseEvent| {
            let edits = vec![Edit::set_in(collection, id, LIFE, "removed")];
            send(&desk, Request::Change { record, seen: seen.clone(), edits }, |_| {});
        })
    };
    let label = desk.words.say("remove");
    html! { <button type="button" class="mera-quiet" data-testid="line-remove" {onclick} aria-label={label.clone()} title={label}>{ "✕" }</button> }
}

/// One field of a record's page.
pub fn field_box(
    page: &RecordPage,
    record: RecordRef,
    path: FieldPath,
    def: FieldDef,
    value: &Value,
    bare: bool,
    pasted: Option<Pasted>,
) -> Html {
    let standing = plain_value(value);
    let unit = standing.split_once(' ').map(|(_, unit)| unit.to_owned());
    let unit = unit.unwrap_or_else(|| if def.form == Form::Money { currency_of(page) } else { "pcs".into() });
    let (locked, key) = (page.locked(), path.to_string());
    html! { <FieldBox {key} {record} heads={page.heads.clone()} {path} {def} value={value.clone()} names={page.names.clone()} {unit} {locked} {bare} {pasted} /> }
}

/// The currency a bare price on this page is in.
fn currency_of(page: &RecordPage) -> String {
    let value = super::fields_of(page);
    let currency = plain_value(&value["currency"]);
    if currency.is_empty() { "DKK".into() } else { currency }
}

/// Where a block was pasted (row and column; nothing below the last row), and its rows of cells.
type Laid = (Option<(usize, usize)>, Vec<Vec<String>>);

fn block_of(event: &Event) -> Option<Laid> {
    let event = event.dyn_ref::<ClipboardEvent>()?;
    let block = block::cells(&event.clipboard_data()?.get_data("text/plain").ok()?)?;
    let target: HtmlElement = event.target()?.dyn_into().ok()?;
    Some((moves::place_of(&target), block))
}
