//! A clash in its place: both values, who, when, and what each would do to the total.

use crate::desk::{send, use_answer, use_desk};
use crate::route::Route;
use crate::written;
use mera_device_api::{Answer, ClashRow, Reply, Request};
use mera_schema::{Candidate, Edit, FieldPath, Form, RecordKind, RecordRef};
use yew::prelude::*;

/// Properties of [`ClashCard`].
#[derive(Properties, PartialEq)]
pub struct ClashProps {
    pub clash: ClashRow,
    /// Whether to name the record, where it does not stand above.
    #[prop_or_default]
    pub named: bool,
}

/// One question; choosing an answer settles it everywhere.
#[component]
pub fn ClashCard(props: &ClashProps) -> Html {
    let desk = use_desk();
    let clash = &props.clash;
    let field = desk.words.field(&clash.path.field);
    let question = if clash.part.is_empty() { field } else { format!("{} · {field}", clash.part) };
    let choose = |candidate: &Candidate<String>| {
        let (desk, clash, value) = (desk.clone(), clash.clone(), candidate.value.clone());
        Callback::from(move |_: MouseEvent| {
            let edits = vec![Edit::Set { path: clash.path.clone(), value: Some(value.clone()) }];
            send(&desk, Request::Change { record: clash.record, seen: clash.heads.clone(), edits }, |_| {});
        })
    };
    let candidate = |candidate: &Candidate<String>| {
        let who = clash.people.get(&candidate.by.device.to_string());
        let by = who.map_or_else(String::new, |who| format!("{} · {}", who.person, who.device));
        let at = written::moment(candidate.by.at, desk.words.language);
        let value = value_of(&desk.words, clash.form, &candidate.value);
        html! {
            <li data-testid="clash-candidate">
                <strong>{ value.clone() }</strong>
                <small>{ by }<br />{ at }</small>
                if clash.record.kind == RecordKind::Quote {
                    <Outcome record={clash.record} path={clash.path.clone()} value={candidate.value.clone()} />
                }
                <button class="pf-v6-c-button pf-m-secondary" onclick={choose(candidate)} aria-label={format!("{} {value}", desk.words.say("choose"))}>
                    { desk.words.say("choose") }
                </button>
            </li>
        }
    };
    html! {
        <section class="mera-clash" data-testid="clash" aria-label={desk.words.with("clash-in", &[("what", &question)])}>
            <h3>
                <span aria-hidden="true">{ "⚠ " }</span>
                { desk.words.with("clash-in", &[("what", &question)]) }
            </h3>
            if props.named { <a href={Route::record(clash.record).href()}>{ &clash.title }</a> }
            <ul>{ for clash.candidates.iter().map(candidate) }</ul>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct OutcomeProps {
    record: RecordRef,
    path: FieldPath,
    value: String,
}

/// What the total would be.
#[component]
fn Outcome(props: &OutcomeProps) -> Html {
    let desk = use_desk();
    let request = Request::Preview { record: props.record, path: props.path.clone(), value: props.value.clone() };
    let Some(Answer::Ok(Reply::Figures(figures))) = use_answer(request) else { return html! {} };
    let total = written::money(&figures.total, desk.words.language);
    html! { <small>{ desk.words.with("total-then", &[("total", &total)]) }</small> }
}

fn value_of(words: &crate::words::Words, form: Form, value: &str) -> String {
    match form {
        Form::Choice => words.say(&format!("word-{value}")),
        _ => written::shown(form, value, words.language),
    }
}
