//! Quotes by stage and salesperson.

use crate::desk::{use_answer, use_desk};
use crate::written;
use mera_device_api::{Answer, Reply, Request, StockRow};
use patternfly_yew::prelude::*;
use yew::prelude::*;

#[component]
pub fn Stock() -> Html {
    let desk = use_desk();
    let rows = match use_answer(Request::QuoteStock) {
        Some(Answer::Ok(Reply::QuoteStock(rows))) => rows,
        _ => Vec::new(),
    };
    let row = |row: &StockRow| {
        let stage =
            row.stage.map_or_else(|| desk.words.say("disputed"), |stage| desk.words.say(&format!("word-{stage}")));
        let net: Vec<String> = row.net.iter().map(|net| written::money(net, desk.words.language)).collect();
        html! { <tr><th scope="row">{ stage }</th><td>{ &row.salesperson }</td><td class="mera-figure">{ row.count }</td><td class="mera-figure">{ net.join(" + ") }</td></tr> }
    };
    html! {<>
        <div class="mera-bar"><Title>{ desk.words.say("stock") }</Title></div>
        <table class="mera-table">
            <thead><tr><th scope="col">{ desk.words.field("stage") }</th><th scope="col">{ desk.words.field("salesperson") }</th><th scope="col" class="mera-figure">{ desk.words.say("count") }</th><th scope="col" class="mera-figure">{ desk.words.say("net") }</th></tr></thead>
            <tbody>{ for rows.iter().map(row) }</tbody>
        </table>
    </>}
}
