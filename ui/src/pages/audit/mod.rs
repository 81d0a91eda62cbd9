//! The audit trail: who did what, when, on which device, and what proves it. Everything for administrators and finance;
//! for others the trail of one record.

mod asked;
mod carried;
mod checked;
mod row;

use crate::carrier;
use crate::desk::{Desk, use_answer_if, use_desk};
use crate::route::Route;
use asked::Asked;
use carried::Carry;
use checked::Check;
use mera_device_api::{Answer, AuditFilter, AuditPage, AuditPlace, AuditRow, Refused, Reply, Request};
use mera_schema::RecordRef;
use patternfly_yew::prelude::*;
use row::Row;
pub use row::{act, word};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Rows that are asked for at once.
const ROWS: usize = 50;

/// What has been told so far.
#[derive(Clone, PartialEq, Default)]
struct Shown {
    rows: Vec<AuditRow>,
    names: Rc<BTreeMap<String, String>>,
    next: Option<AuditPlace>,
    /// Whether more than the first page is shown: then news do not take it away.
    paged: bool,
    answered: bool,
    refused: Option<Refused>,
}

impl Shown {
    fn and(mut self, page: AuditPage) -> Self {
        self.rows.extend(page.rows);
        let names = self.names.iter().map(|(link, name)| (link.clone(), name.clone())).chain(page.names);
        Self { names: Rc::new(names.collect()), next: page.next, answered: true, refused: None, ..self }
    }
}

/// Properties of [`AuditView`].
#[derive(Properties, PartialEq)]
pub struct AuditProps {
    /// The one record that is looked at, if it is one.
    pub record: Option<RecordRef>,
}

#[component]
pub fn AuditView(props: &AuditProps) -> Html {
    let desk = use_desk();
    let filter = use_state_eq(|| AuditFilter { record: props.record, ..AuditFilter::default() });
    let (shown, more) = use_trail(&desk, (*filter).clone());
    let record = match use_answer_if(props.record.map(|record| Request::Open { record, at: None })) {
        Some(Answer::Ok(Reply::Record(page))) => crate::parts::title_of(&crate::parts::fields_of(&page)),
        _ => String::new(),
    };
    let audit = desk.words.say("audit");
    let title = if record.is_empty() { audit } else { format!("{audit} · {record}") };
    let asked = {
        let filter = filter.clone();
        Callback::from(move |next: AuditFilter| filter.set(next))
    };
    html! {<>
        <div class="mera-bar"><Title>{ title }</Title>
            if let Some(record) = props.record {
                <a class="pf-v6-c-button pf-m-secondary" data-testid="back-to-now" href={Route::record(record).href()}>{ desk.words.say("back-to-now") }</a>
            } else if desk.sees_everything() {
                <Carry />
            }
        </div>
        <p class="mera-measure">{ desk.words.say("audit-explains") }</p>
        if props.record.is_none() && desk.sees_everything() { <Check /> }
        if desk.sees_everything() { <Asked filter={(*filter).clone()} {asked} /> }
        { trail(&desk, &shown, more) }
    </>}
}

fn trail(desk: &Desk, shown: &Shown, more: Callback<MouseEvent>) -> Html {
    if let Some(refused) = &shown.refused {
        return html! { <p class="mera-band" data-bad="true" role="alert" data-testid="audit-refused">{ desk.words.refusal(refused) }</p> };
    }
    html! {<>
        <ol class="mera-history mera-audit" aria-label={desk.words.say("audit")}>
            { for shown.rows.iter().map(|row| html! { <Row key={row.proof.hash.clone()} row={row.clone()} names={shown.names.clone()} /> }) }
        </ol>
        if shown.next.is_some() {
            <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="audit-more" onclick={more}>{ desk.words.say("audit-more") }</button>
        } else if shown.answered && shown.rows.is_empty() {
            <p class="mera-empty" data-testid="audit-empty">{ desk.words.say("audit-empty") }</p>
        }
    </>}
}

/// The rows that a filter asks for, and a way to ask for older ones.
#[hook]
fn use_trail(desk: &Desk, filter: AuditFilter) -> (Shown, Callback<MouseEvent>) {
    let shown = use_state_eq(Shown::default);
    let latest = use_mut_ref(|| Rc::new(Cell::new(0_u32)));
    let latest = latest.borrow().clone();
    {
        let (shown, latest, filter) = (shown.clone(), latest.clone(), filter.clone());
        let former = use_mut_ref(|| filter.clone());
        use_effect_with((filter, desk.news), move |(filter, _)| {
            let same = former.replace(filter.clone()) == *filter;
            if !(same && shown.paged) {
                ask(filter.clone(), None, Shown::default(), latest, shown.setter());
            }
        });
    }
    let more = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| {
            let Some(from) = shown.next.clone() else { return };
            let before = Shown { paged: true, ..(*shown).clone() };
            ask(filter.clone(), Some(from), before, latest.clone(), shown.setter());
        })
    };
    ((*shown).clone(), more)
}

/// Asks for a page and puts it behind what was told before. Where nothing of it fits, the device is asked on.
fn ask(
    filter: AuditFilter,
    from: Option<AuditPlace>,
    before: Shown,
    latest: Rc<Cell<u32>>,
    shown: UseStateSetter<Shown>,
) {
    let turn = latest.get().wrapping_add(1);
    latest.set(turn);
    spawn_local(async move {
        let (mut told, mut from) = (before, from);
        let wanted = told.rows.len() + 1;
        loop {
            let request = Request::Audit { filter: filter.clone(), from: from.take(), limit: ROWS };
            let answer = carrier::ask(&request).await;
            if latest.get() != turn {
                return;
            }
            match answer {
                Answer::Ok(Reply::Audit(page)) => told = told.and(page),
                Answer::Refused(refused) => told = Shown { refused: Some(refused), ..told },
                Answer::Ok(_) => {}
            }
            from = told.next.clone();
            if told.refused.is_some() || told.rows.len() >= wanted || from.is_none() {
                shown.set(told);
                return;
            }
        }
    });
}
