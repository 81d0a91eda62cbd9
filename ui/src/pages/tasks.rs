//! Tasks, the most urgent first.

use crate::desk::{create, use_answer, use_desk};
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
    let today = desk.about.as_ref().map(|about| about.today);
    let new = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| create(&desk, RecordKind::Task, Vec::new()))
    };
    let row = |task: &TaskRow| {
        let late = task.due.is_some_and(|due| today.is_some_and(|today| due < today));
        html! {
            <li key={task.record.to_string()}><a href={Route::record(task.record).href()} data-testid="task-row">
                <span class="mera-row-title">{ if task.title.is_empty() { desk.words.say("untitled") } else { task.title.clone() } }</span>
                if late { <Label color={Color::Orange} label={desk.words.say("overdue")} compact={true} /> }
                <span class="mera-figure">{ task.due.map(|day| written::day(day, desk.words.language)).unwrap_or_default() }</span>
            </a></li>
        }
    };
    html! {<>
        <div class="mera-bar"><Title>{ desk.words.say("tasks") }</Title><button type="button" class="pf-v6-c-button pf-m-primary" data-testid="new" aria-keyshortcuts="Alt+N" onclick={new}>{ desk.words.say("new-task") }</button></div>
        if rows.as_ref().is_some_and(Vec::is_empty) { <p class="mera-empty" data-testid="empty">{ desk.words.say("no-tasks") }</p> }
        <ul class="mera-linked">{ for rows.iter().flatten().map(row) }</ul>
    </>}
}
