//! The lines of a quote: a grid, and below it the catalogue.

use crate::desk::{send, use_desk};
use crate::parts::{Grid, Picker};
use crate::written;
use mera_device_api::{NewItem, RecordPage, Reply, Request, Row};
use mera_schema::{RecordKind, RecordRef};
use serde_json::Value;
use std::rc::Rc;
use yew::prelude::*;

/// The columns of the grid.
const COLUMNS: [&str; 5] = ["text", "quantity", "unit_price", "discount", "vat_rate"];

/// Properties of [`Lines`].
#[derive(Properties, PartialEq)]
pub struct LinesProps {
    pub record: RecordRef,
    pub page: Rc<RecordPage>,
    pub values: Value,
}

#[component]
pub fn Lines(props: &LinesProps) -> Html {
    let desk = use_desk();
    let fresh = use_state_eq(|| None);
    let (record, page) = (props.record, &props.page);
    let add = {
        let (desk, seen, fresh) = (desk.clone(), page.heads.clone(), fresh.clone());
        move |values: Vec<(String, String)>| {
            let fresh = fresh.clone();
            let item = NewItem { collection: "lines".into(), values };
            send(&desk, Request::AddItem { record, seen: seen.clone(), item }, move |reply| {
                if let Reply::Done(done) = reply {
                    fresh.set(done.item);
                }
            });
        }
    };
    let free = {
        let add = add.clone();
        Callback::from(move |_: MouseEvent| add(Vec::new()))
    };
    let picked = Callback::from(move |row: Row| add(vec![("product".into(), row.record.to_string())]));
    let money = |amount| written::money(amount, desk.words.language);
    let nets =
        page.figures.iter().flat_map(|figures| &figures.lines).map(|(id, line)| (*id, money(&line.net))).collect();
    let empty = crate::parts::items_of(&props.values).is_empty();
    html! {
        <section aria-label={desk.words.say("items-lines")}>
            <h2>{ desk.words.say("items-lines") }</h2>
            if empty && !page.locked() { <p class="mera-empty">{ desk.words.say("no-lines") }</p> }
            <Grid {record} page={page.clone()} values={props.values.clone()} collection="lines" columns={COLUMNS.to_vec()}
                computed={Some((desk.words.say("net"), nets))} fresh={*fresh}>
                <Picker id="add-line" name="add-line" label={desk.words.say("add-line")} hint={desk.words.say("add-line")} kind={RecordKind::Product} {picked} />
                <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="add-free-line" onclick={free}>{ desk.words.say("add-free-line") }</button>
            </Grid>
        </section>
    }
}
