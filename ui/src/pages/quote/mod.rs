//! The quote: head, steps, clashes, lines, figures, texts.

mod lines;
mod steps;

use super::record::head;
use crate::desk::Desk;
use crate::parts::{ClashCard, field_box, fields_of, plain_value};
use crate::route::Route;
use crate::written;
use lines::Lines;
use mera_device_api::{QuoteFigures, RecordPage};
use mera_schema::{FieldPath, Quote, RecordRef};
use std::rc::Rc;
use steps::Steps;
use yew::prelude::*;

/// The fields above the lines.
const HEAD: [&str; 10] = [
    "customer",
    "contact",
    "subject",
    "reference",
    "salesperson",
    "date",
    "valid_until",
    "discount",
    "currency",
    "number",
];
const TEXTS: [&str; 3] = ["opening", "closing", "notes"];

/// The page of a quote.
pub fn whole(desk: &Desk, record: RecordRef, page: Rc<RecordPage>) -> Html {
    let values = fields_of(&page);
    let names = [plain_value(&values["number"]), plain_value(&values["subject"])];
    let title = names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" · ");
    let field = |name: &&str| {
        let def = Quote::DEF.field(None, name).copied();
        let path = FieldPath::root(name);
        def.map(|def| field_box(&page, record, path, def, &values[*name], false, None)).unwrap_or_default()
    };
    html! {<>
        { head(desk, record, &page, &title) }
        { came_of(desk, &page, &plain_value(&values["call"])) }
        <Steps {record} page={page.clone()} />
        { for page.clashes.iter().map(|clash| html! { <ClashCard key={clash.path.to_string()} clash={clash.clone()} /> }) }
        <div class="mera-fields">{ for HEAD.iter().map(field) }</div>
        <Lines {record} page={page.clone()} values={values["lines"].clone()} />
        { page.figures.as_ref().map_or_else(|| no_figures(desk), |sums| figures(desk, sums)) }
        <section aria-label={desk.words.say("texts")}><h2>{ desk.words.say("texts") }</h2><div class="mera-fields">{ for TEXTS.iter().map(field) }</div></section>
    </>}
}

/// The telephone call it came of.
fn came_of(desk: &Desk, page: &RecordPage, call: &str) -> Html {
    let Ok(record) = call.parse() else { return html! {} };
    let name =
        page.names.get(call).filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| desk.words.say("kind-call"));
    html! { <p class="mera-came-of">{ desk.words.field("call") }{ ": " }<a data-testid="came-of" href={Route::record(record).href()}>{ name }</a></p> }
}

fn no_figures(desk: &Desk) -> Html {
    html! { <p class="mera-band" data-bad="true" data-testid="no-figures">{ desk.words.say("no-figures") }</p> }
}

fn figures(desk: &Desk, sums: &QuoteFigures) -> Html {
    let money = |amount| written::money(amount, desk.words.language);
    let row = |label: String, amount: String, test: &'static str| html! { <div><dt>{ label }</dt><dd class="mera-figure" data-testid={test}>{ amount }</dd></div> };
    let vat = sums.vat.iter().map(|vat| {
        let rate = written::figure(&vat.rate.to_string(), desk.words.language);
        row(desk.words.with("vat-of", &[("rate", &rate)]), money(&vat.vat), "vat")
    });
    html! {
        <div class="mera-sums" data-provisional={sums.provisional.to_string()}><dl>
            { row(desk.words.say("sum"), money(&sums.sum), "sum") }
            if !sums.discount.amount.is_zero() { { row(desk.words.field("discount"), format!("−{}", money(&sums.discount)), "discount-sum") } }
            { row(desk.words.say("net"), money(&sums.net), "net") }
            { for vat }
            { row(desk.words.say("total"), money(&sums.total), "total") }
        </dl>
            if sums.provisional { <p>{ desk.words.say("provisional") }</p> }
        </div>
    }
}
