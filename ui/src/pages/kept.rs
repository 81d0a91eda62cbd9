//! What the law wants kept of somebody who was erased: it is looked at, and never changed.

use super::record::head;
use crate::desk::Desk;
use crate::parts::{EraseButton, field_box, fields_of, plain_value};
use crate::route::Route;
use crate::written;
use mera_device_api::RecordPage;
use mera_schema::{AnyRecord, FieldDef, FieldPath, Form, KeptFor, RecordDef, RecordRef};
use std::rc::Rc;
use yew::prelude::*;

/// The page of an addressee.
pub fn whole(desk: &Desk, record: RecordRef, page: Rc<RecordPage>) -> Html {
    let values = fields_of(&page);
    let name = plain_value(&values["name"]);
    let AnyRecord::Addressee(kept) = &page.record else { return html! {} };
    // Whom it was copied from is gone.
    let fields = RecordDef::of(record.kind).fields.iter().filter(|def| def.name != "contact");
    let field =
        |def: &FieldDef| field_box(&page, record, FieldPath::root(def.name), *def, &values[def.name], false, None);
    html! {<>
        { head(desk, record, &page, &name) }
        <p class="mera-band" data-testid="kept">{ desk.words.say("kept-why") }</p>
        <div class="mera-fields">{ for fields.map(field) }</div>
        <section aria-label={desk.words.say("items-documents")}>
            <h2>{ desk.words.say("items-documents") }</h2>
            <ul class="mera-linked">{ for kept.documents.values().map(|document| needed(desk, &page, document)) }</ul>
        </section>
        if !page.earlier { <EraseButton {record} name={name.clone()} /> }
    </>}
}

fn needed(desk: &Desk, page: &RecordPage, kept: &KeptFor) -> Html {
    let Some(document) = kept.document.provisional() else { return html! {} };
    let until = kept.until.provisional().map(ToString::to_string).unwrap_or_default();
    let until = written::shown(Form::Day, &until, desk.words.language);
    let name = page.names.get(&document.to_string()).filter(|name| !name.is_empty());
    html! {
        <li key={document.to_string()}>
            <a href={Route::record(*document).href()}>
                <span class="mera-row-number">{ desk.words.say(&format!("kind-{}", document.kind)) }</span>
                <span class="mera-row-title">{ name.cloned().unwrap_or_else(|| desk.words.say("untitled")) }</span>
                <span class="mera-figure">{ desk.words.with("kept-until", &[("until", &until)]) }</span>
            </a>
        </li>
    }
}
