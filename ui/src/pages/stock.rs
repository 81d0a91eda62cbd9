//! Quotes by stage and salesperson: how many, how much, and how the stages compare.

use crate::desk::{use_answer, use_desk};
use crate::pages::list::{not_for_you, stage_color};
use crate::route::Route;
use crate::written;
use mera_device_api::{Answer, Reply, Request, StockRow};
use mera_schema::RecordKind;
use patternfly_yew::prelude::*;
use yew::prelude::*;

#[component]
pub fn Stock() -> Html {
    let desk = use_desk();
    let rows = match use_answer(Request::QuoteStock) {
        Some(Answer::Ok(Reply::QuoteStock(rows))) => Some(rows),
        _ => None,
    };
    let most = rows.iter().flatten().map(|row| row.count).max().unwrap_or(1);
    let row = |row: &StockRow| {
        let (word, color) = match row.stage {
            Some(stage) => (desk.words.say(&format!("word-{stage}")), stage_color(stage.as_str())),
            None => (desk.words.say("disputed"), Color::Orange),
        };
        let nobody = row.salesperson.is_empty();
        let who = if nobody { desk.words.say("no-salesperson") } else { row.salesperson.clone() };
        let bar = format!("inline-size: {}%", (row.count * 100).div_ceil(most));
        html! {
            <tr>
                <th scope="row"><Label {color} label={word} compact={true} /></th>
                <td>{ who }</td>
                <td class="mera-figure">{ row.count }<span class="mera-share" style={bar} aria-hidden="true"></span></td>
                <td class="mera-figure">{ for row.net.iter().map(|net| html! { <div>{ written::money(net, desk.words.language) }</div> }) }</td>
            </tr>
        }
    };
    html! {<>
        <div class="mera-bar"><Title>{ desk.words.say("stock") }</Title></div>
        if !desk.may_read(RecordKind::Quote) {
            { not_for_you(&desk, RecordKind::Quote) }
        } else if rows.as_ref().is_some_and(Vec::is_empty) {
            <div class="mera-empty" data-testid="empty">
                <p>{ desk.words.say("no-stock") }</p>
                <a class="pf-v6-c-button pf-m-secondary" href={Route::List(RecordKind::Quote).href()}>{ desk.words.say("to-quotes") }</a>
            </div>
        } else if let Some(rows) = &rows {
            <table class="mera-table" data-testid="stock-table">
                <thead><tr><th scope="col">{ desk.words.field("stage") }</th><th scope="col">{ desk.words.field("salesperson") }</th><th scope="col" class="mera-figure">{ desk.words.say("count") }</th><th scope="col" class="mera-figure">{ desk.words.say("net") }</th></tr></thead>
                <tbody>{ for rows.iter().map(row) }</tbody>
            </table>
        }
    </>}
}
