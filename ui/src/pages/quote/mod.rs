//! The quote: head, clashes, lines, texts, figures.

use super::record::{field_box, fields_of, head, items_of, remove_button};
use crate::desk::{Desk, send};
use crate::pages::list::stage_color;
use crate::parts::{ClashCard, Picker, plain_value};
use crate::written;
use mera_device_api::{NewItem, QuoteFigures, RecordPage, Request, Row, Verb};
use mera_schema::{FieldPath, ItemId, Quote, QuoteLine, RecordKind, RecordRef};
use patternfly_yew::prelude::*;
use serde_json::Value;
use yew::prelude::*;

/// The columns of the line grid.
const COLUMNS: [&str; 5] = ["text", "quantity", "unit_price", "discount", "vat_rate"];
/// The fields above the lines.
const HEAD: [&str; 9] =
    ["subject", "customer", "reference", "date", "valid_until", "discount", "currency", "salesperson", "number"];
const TEXTS: [&str; 3] = ["opening", "closing", "notes"];

/// The page of a quote.
pub fn whole(desk: &Desk, record: RecordRef, page: &RecordPage) -> Html {
    let values = fields_of(page);
    let title = format!("{} · {}", plain_value(&values["number"]), plain_value(&values["subject"]));
    let field = |name: &&str| {
        let def = Quote::DEF.field(None, name).copied();
        def.map(|def| field_box(page, record, FieldPath::root(name), def, &values[*name], false)).unwrap_or_default()
    };
    html! {<>
        { head(desk, record, page, &title) }
        { steps(desk, record, page, &values) }
        { for page.clashes.iter().map(|clash| html! { <ClashCard key={clash.path.to_string()} clash={clash.clone()} /> }) }
        <div class="mera-fields">{ for HEAD.iter().map(field) }</div>
        { lines(desk, record, page, &values["lines"]) }
        { page.figures.as_ref().map(|sums| figures(desk, sums)).unwrap_or_default() }
        <section aria-label={desk.words.say("texts")}><h2>{ desk.words.say("texts") }</h2><div class="mera-fields">{ for TEXTS.iter().map(field) }</div></section>
    </>}
}

/// How far it is, and the steps that follow.
fn steps(desk: &Desk, record: RecordRef, page: &RecordPage, values: &Value) -> Html {
    let stage = plain_value(&values["stage"]);
    let verbs: &[(Verb, &str)] = match stage.as_str() {
        "draft" => &[(Verb::Send, "send"), (Verb::Lose, "lose")],
        "sent" => &[(Verb::Win, "win"), (Verb::Lose, "lose"), (Verb::Revise, "revise")],
        "lost" => &[(Verb::Revise, "revise")],
        _ => &[],
    };
    let button = |(place, (verb, name)): (usize, &(Verb, &str))| {
        let (desk, verb, seen) = (desk.clone(), *verb, page.heads.clone());
        let label = desk.words.say(&format!("verb-{name}"));
        let why = desk.words.say("why-lost");
        let onclick = Callback::from(move |_: MouseEvent| {
            let reason = if verb == Verb::Lose {
                let asked = web_sys::window().and_then(|window| window.prompt_with_message(&why).ok().flatten());
                let Some(reason) = asked else { return };
                reason
            } else {
                String::new()
            };
            send(&desk, Request::Quote { record, seen: seen.clone(), verb, reason }, |_| {});
        });
        let class = if place == 0 { "pf-v6-c-button pf-m-primary" } else { "pf-v6-c-button pf-m-secondary" };
        html! { <button {class} data-testid={format!("verb-{name}")} {onclick}>{ label }</button> }
    };
    let revision = desk.words.with("revision-of", &[("number", &plain_value(&values["revision"]))]);
    html! {
        <div class="mera-steps">
            if !stage.is_empty() { <Label color={stage_color(&stage)} label={desk.words.say(&format!("word-{stage}"))} /> }
            <small>{ revision }</small>
            if !page.earlier { { for verbs.iter().enumerate().map(button) } }
        </div>
    }
}

fn lines(desk: &Desk, record: RecordRef, page: &RecordPage, values: &Value) -> Html {
    let figures = page.figures.as_ref();
    let add = {
        let (desk, seen) = (desk.clone(), page.heads.clone());
        move |values: Vec<(String, String)>| {
            let item = NewItem { collection: "lines".into(), values };
            send(&desk, Request::AddItem { record, seen: seen.clone(), item }, |_| {});
        }
    };
    let free = {
        let add = add.clone();
        Callback::from(move |_: MouseEvent| add(vec![("vat_rate".into(), "25".into())]))
    };
    let picked = Callback::from(move |row: Row| add(vec![("product".into(), row.record.to_string())]));
    html! {
        <section aria-label={desk.words.say("items-lines")}>
            <h2>{ desk.words.say("items-lines") }</h2>
            <table class="mera-lines">
                <thead><tr>
                    { for COLUMNS.iter().map(|column| html! { <th scope="col">{ desk.words.field(column) }</th> }) }
                    <th scope="col" class="mera-figure">{ desk.words.say("net") }</th>
                    <th scope="col"><span class="mera-hidden">{ desk.words.say("remove") }</span></th>
                </tr></thead>
                <tbody>{ for items_of(values).into_iter().map(|(id, item)| line(desk, record, page, figures, id, &item)) }</tbody>
            </table>
            if !page.earlier && !page.newer {
                <div class="mera-add">
                    <Picker name="add-line" label={desk.words.say("add-line")} kind={RecordKind::Product} {picked} />
                    <button class="pf-v6-c-button pf-m-secondary" data-testid="add-free-line" onclick={free}>{ desk.words.say("add-free-line") }</button>
                </div>
            }
        </section>
    }
}

fn line(
    desk: &Desk,
    record: RecordRef,
    page: &RecordPage,
    figures: Option<&QuoteFigures>,
    id: ItemId,
    item: &Value,
) -> Html {
    let cell = |name: &&str| {
        let def = QuoteLine::FIELDS.iter().find(|def| def.name == *name).copied();
        let path = FieldPath::item("lines", id, name);
        let inside = def.map(|def| field_box(page, record, path, def, &item[*name], true)).unwrap_or_default();
        html! { <td data-label={desk.words.field(name)}>{ inside }</td> }
    };
    let net =
        figures.and_then(|figures| figures.lines.get(&id)).map(|line| written::money(&line.net, desk.words.language));
    html! {
        <tr data-testid="line" key={id.to_string()}>
            { for COLUMNS.iter().map(cell) }
            <td class="mera-figure" data-label={desk.words.say("net")} data-testid="line-net">{ net.unwrap_or_default() }</td>
            <td>if !page.earlier { { remove_button(desk, record, page, "lines", id) } }</td>
        </tr>
    }
}

fn figures(desk: &Desk, sums: &QuoteFigures) -> Html {
    let money = |amount| written::money(amount, desk.words.language);
    let row = |label: String, amount: String, test: &'static str| html! { <div><dt>{ label }</dt><dd class="mera-figure" data-testid={test}>{ amount }</dd></div> };
    let vat = sums.vat.iter().map(|vat| {
        let rate = written::figure(&vat.rate.to_string(), desk.words.language);
        row(desk.words.with("vat-of", &[("rate", &rate)]), money(&vat.vat), "vat")
    });
    html! {
        <dl class="mera-sums" data-provisional={sums.provisional.to_string()}>
            { row(desk.words.say("sum"), money(&sums.sum), "sum") }
            { row(desk.words.field("discount"), money(&sums.discount), "discount-sum") }
            { row(desk.words.say("net"), money(&sums.net), "net") }
            { for vat }
            { row(desk.words.say("total"), money(&sums.total), "total") }
            if sums.provisional { <p>{ desk.words.say("provisional") }</p> }
        </dl>
    }
}
