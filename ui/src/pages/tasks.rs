//! Tasks, the most urgent first.

use crate::desk::{send, use_answer, use_desk};
use crate::route::Route;
use crate::written;
use mera_device_api::{Answer, Reply, Request, TaskRow};
use mera_schema::RecordKind;
use patternfly_yew::prelude::*;
use yew::prelude::*;

#[component]
pub fn Tasks() -> Html {
    let desk = use_desk();
    let rows = match use_answer(Request::Tasks { done: false }) {
        Some(Answer::Ok(Reply::Tasks(rows))) => Some(rows),
        _ => None,
    };
    let new = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| {
            send(&desk, Request::Create { kind: RecordKind::Task, values: Vec::new() }, |reply| {
                if let Reply::Done(done) = reply
                    && let Some(record) = done.record
                {
                    Route::record(record).go();
                }
            });
        })
    };
    let row = |task: &TaskRow| {
        html! {
            <li key={task.record.to_string()}><a href={Route::record(task.record).href()}>
                <span>{ if task.title.is_empty() { desk.words.say("new-task") } else { task.title.clone() } }</span>
                <span class="mera-figure">{ task.due.map(|day| written::day(day, desk.words.language)).unwrap_or_default() }</span>
            </a></li>
        }
    };
    html! {<>
        <div class="mera-bar"><Title>{ desk.words.say("tasks") }</Title><button class="pf-v6-c-button pf-m-primary" data-testid="new" onclick={new}>{ desk.words.say("new-task") }</button></div>
        if rows.as_ref().is_some_and(Vec::is_empty) { <p class="mera-empty">{ desk.words.say("no-tasks") }</p> }
        <ul class="mera-linked">{ for rows.iter().flatten().map(row) }</ul>
    </>}
}
