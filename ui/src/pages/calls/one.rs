//! The page of one call, settled or not.

use super::row::{color, pass_on, steps, use_colleagues};
use crate::desk::{Desk, use_desk};
use crate::pages::record::{head, linked};
use crate::parts::{ClashCard, EraseButton, field_box, fields_of};
use crate::written;
use mera_device_api::RecordPage;
use mera_schema::{AnyRecord, Call, FieldPath, Form, RecordRef};
use patternfly_yew::prelude::*;
use std::rc::Rc;
use yew::prelude::*;

/// What may be written by hand; what happened is a step.
const FIELDS: [&str; 8] = ["caller", "phone", "party", "contact", "for_whom", "urgency", "subject", "notes"];
const HAPPENED: [&str; 4] = ["taken", "seen", "called_back", "closed"];

/// The page of a call.
pub fn whole(desk: &Desk, record: RecordRef, page: Rc<RecordPage>) -> Html {
    let values = fields_of(&page);
    let AnyRecord::Call(call) = &page.record else { return html! {} };
    let state = call.state();
    let names =
        [&call.subject, &call.caller, &call.phone].map(|field| field.provisional().cloned().unwrap_or_default());
    let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| desk.words.say("untitled"));
    let field = |name: &&str| {
        let def = Call::DEF.field(None, name).copied();
        let path = FieldPath::root(name);
        def.map(|def| field_box(&page, record, path, def, &values[*name], false, None)).unwrap_or_default()
    };
    let happened = |name: &&str| {
        let at = values[*name].as_str()?;
        let at = written::shown(Form::Moment, at, desk.words.language);
        Some(html! { <div><dt>{ desk.words.field(name) }</dt><dd>{ at }</dd></div> })
    };
    let told = call.copies.values().filter_map(|copy| page.names.get(&copy.employee.provisional()?.to_string()));
    let told: Vec<String> = told.cloned().collect();
    html! {<>
        { head(desk, record, &page, &name) }
        <div class="mera-call-steps" data-testid="call-steps">
            <Label color={color(state)} label={desk.words.say(&format!("word-{state}"))} />
            if !page.earlier {
                { steps(desk, record, state, false) }
                <PassOn {record} standing={call.for_whom.provisional().copied()} />
            }
        </div>
        { for page.clashes.iter().map(|clash| html! { <ClashCard key={clash.path.to_string()} clash={clash.clone()} /> }) }
        <div class="mera-fields">{ for FIELDS.iter().map(field) }</div>
        <dl class="mera-happened" data-testid="call-happened">
            { for HAPPENED.iter().filter_map(happened) }
            if !told.is_empty() { <div><dt>{ desk.words.say("items-copies") }</dt><dd>{ told.join(", ") }</dd></div> }
        </dl>
        { linked(desk, record, &page) }
        if !page.earlier { <EraseButton {record} name={name.clone()} /> }
    </>}
}

#[derive(Properties, PartialEq)]
struct PassOnProps {
    record: RecordRef,
    /// Who is to call back now.
    standing: Option<RecordRef>,
}

#[component]
fn PassOn(props: &PassOnProps) -> Html {
    let desk = use_desk();
    pass_on(&desk, props.record, props.standing, &use_colleagues())
}
