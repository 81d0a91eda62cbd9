//! The report of a visit: what was brought home, what has to be done, and who is told.

use crate::desk::{Desk, send, use_desk};
use crate::pages::calls::use_colleagues;
use crate::pages::record::{head, linked};
use crate::parts::{ClashCard, EraseButton, Seen, field_box, fields_of};
use crate::route::Route;
use crate::written;
use mera_device_api::{PresenceRow, RecordPage, ReportStep, Request};
use mera_schema::{AnyRecord, FieldPath, RecordKind, RecordRef, Report};
use patternfly_yew::prelude::*;
use std::rc::Rc;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// What is written, in the order in which somebody tells of a visit.
const FIELDS: [&str; 7] = ["subject", "party", "interests", "present", "needs", "competitors", "decisions"];

/// The page of a report.
pub fn whole(desk: &Desk, record: RecordRef, page: Rc<RecordPage>) -> Html {
    let AnyRecord::Report(report) = &page.record else { return html! {} };
    let values = fields_of(&page);
    let subject = report.subject.provisional().cloned().unwrap_or_default();
    let name = format!("{}: {subject}", desk.words.say("kind-report"));
    let filed = report.filed.provisional().copied();
    let field = |name: &&str| {
        let def = Report::DEF.field(None, name).copied();
        // What the customer is interested in has gone to the customer's page, and is looked after there.
        let locked = *name == "interests" && filed.is_some();
        let path = FieldPath::root(name);
        def.map(|def| field_box(&page, record, path, def, &values[*name], locked, None)).unwrap_or_default()
    };
    let author = report.author.provisional().and_then(|who| page.names.get(&who.to_string()).cloned());
    let visit = report.appointment.provisional().copied();
    let file = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| send(&desk, Request::Report { record, step: ReportStep::File }, |_| ()))
    };
    html! {<>
        { head(desk, record, &page, &name) }
        <div class="mera-call-steps" data-testid="report-steps">
            <Label color={if filed.is_some() { Color::Green } else { Color::Orange }} label={desk.words.say(if filed.is_some() { "word-filed" } else { "word-writing" })} />
            <small>{ [author, filed.map(|at| written::moment(at, desk.words.language))].into_iter().flatten().collect::<Vec<_>>().join(" · ") }</small>
            if let Some(visit) = visit { <a data-testid="report-visit" href={Route::record(visit).href()}>{ desk.words.say("kind-appointment") }</a> }
            if filed.is_none() && page.may_write && !page.earlier {
                <button type="button" class="pf-v6-c-button pf-m-primary pf-m-small" data-testid="report-file" onclick={file}>{ desk.words.say("report-file") }</button>
            }
        </div>
        { for page.clashes.iter().map(|clash| html! { <ClashCard key={clash.path.to_string()} clash={clash.clone()} /> }) }
        <div class="mera-fields">{ for FIELDS.iter().map(field) }</div>
        <Told page={page.clone()} />
        if !page.earlier { <NewAction key={record.to_string()} {record} /> }
        { linked(desk, record, &page) }
        if !page.earlier {
            if filed.is_some() { <Seen key={page.heads.join(",")} request={Request::Report { record, step: ReportStep::Read }} /> }
            <EraseButton {record} name={name.clone()} />
        }
    </>}
}

#[derive(Properties, PartialEq)]
struct ToldProps {
    page: Rc<RecordPage>,
}

/// Who gets a copy.
#[component]
fn Told(props: &ToldProps) -> Html {
    let desk = use_desk();
    let colleagues = use_colleagues();
    let AnyRecord::Report(report) = &props.page.record else { return html! {} };
    let record = report.record;
    let may = props.page.may_write && !props.page.earlier;
    let take = move |desk: &Desk, step: ReportStep| send(desk, Request::Report { record, step }, |_| ());
    let copies: Vec<_> = report.copies.values().filter(|copy| copy.is_live()).collect();
    let chip = |copy: &&mera_schema::ReportCopy| {
        let colleague = *copy.employee.provisional()?;
        let name = props.page.names.get(&colleague.to_string()).cloned().unwrap_or_default();
        let label = desk.words.with("call-not-told", &[("who", &name)]);
        let read = copy.seen.provisional().map(|_| desk.words.say("report-read"));
        let desk = desk.clone();
        let onclick = Callback::from(move |_: MouseEvent| take(&desk, ReportStep::NoCopy { colleague }));
        Some(html! {
            <span class="mera-member" key={colleague.to_string()} data-testid="report-copy">
                { name }if let Some(read) = read { <small>{ " · " }{ read }</small> }
                if may { <button type="button" aria-label={label} {onclick}>{ "×" }</button> }
            </span>
        })
    };
    let onchange = {
        let desk = desk.clone();
        Callback::from(move |event: Event| {
            let select = event.target_unchecked_into::<HtmlSelectElement>();
            if let Ok(colleague) = select.value().parse() {
                select.set_value("");
                take(&desk, ReportStep::Copy { colleague });
            }
        })
    };
    let has = |who: RecordRef| copies.iter().any(|copy| copy.employee.provisional() == Some(&who));
    let others = colleagues.iter().filter(|row| !has(row.employee));
    let option = others.map(|row| html! { <option value={row.employee.to_string()}>{ &row.name }</option> });
    html! {
        <section aria-label={desk.words.say("report-copies")}>
            <h2>{ desk.words.say("report-copies") }</h2>
            <div class="mera-cal-people">
                { for copies.iter().filter_map(chip) }
                if may {
                    <select class="mera-input mera-say-for" aria-label={desk.words.say("report-copies")} data-testid="report-add-copy" {onchange}>
                        <option value="" selected=true>{ desk.words.say("cal-add") }</option>
                        { for option }
                    </select>
                }
            </div>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct RecordProps {
    record: RecordRef,
}

/// Something that has to be done: a task with an owner and a day, which is about the report.
#[component]
fn NewAction(props: &RecordProps) -> Html {
    let desk = use_desk();
    let colleagues = use_colleagues();
    let (what, owner, due) = (use_state_eq(String::new), use_state_eq(String::new), use_state_eq(String::new));
    if !desk.may_write(RecordKind::Task) {
        return html! {};
    }
    let typed = |into: &UseStateHandle<String>| {
        let into = into.clone();
        Callback::from(move |event: InputEvent| into.set(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let picked = |into: &UseStateHandle<String>| {
        let into = into.clone();
        Callback::from(move |event: Event| into.set(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let onsubmit = {
        let (desk, record) = (desk.clone(), props.record);
        let (what, owner, due) = (what.clone(), owner.clone(), due.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let values = [("title", what.trim()), ("owner", owner.as_str()), ("due", due.as_str())];
            let values = values.into_iter().filter(|(_, value)| !value.is_empty());
            let mut values: Vec<(String, String)> =
                values.map(|(field, value)| (field.to_owned(), value.to_owned())).collect();
            values.push(("about".to_owned(), record.to_string()));
            let what = what.clone();
            send(&desk, Request::Create { kind: RecordKind::Task, values }, move |_| what.set(String::new()));
        })
    };
    let option = |row: &PresenceRow| {
        let chosen = row.employee.to_string() == *owner;
        html! { <option value={row.employee.to_string()} selected={chosen}>{ &row.name }</option> }
    };
    html! {
        <section aria-label={desk.words.say("report-actions")}>
            <h2>{ desk.words.say("report-actions") }</h2>
            <form class="mera-when-form" {onsubmit}>
                <div><label class="mera-label" for="action-what">{ desk.words.field("title") }</label>
                    <input class="mera-input" type="text" maxlength="200" autocomplete="off" id="action-what" data-testid="action-what" value={(*what).clone()} oninput={typed(&what)} /></div>
                <div><label class="mera-label" for="action-owner">{ desk.words.field("owner") }</label>
                    <select class="mera-input" id="action-owner" data-testid="action-owner" onchange={picked(&owner)}>
                        <option value="" selected={owner.is_empty()}>{ desk.words.say("none-chosen") }</option>
                        { for colleagues.iter().map(option) }
                    </select></div>
                <div><label class="mera-label" for="action-due">{ desk.words.field("due") }</label>
                    <input class="mera-input" type="date" id="action-due" data-testid="action-due" value={(*due).clone()} onchange={picked(&due)} /></div>
                <button type="submit" class="pf-v6-c-button pf-m-secondary" data-testid="action-add" disabled={what.trim().is_empty()}>{ desk.words.say("report-add-action") }</button>
            </form>
        </section>
    }
}
