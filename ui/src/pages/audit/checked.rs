//! Every hash and every signature, read from the disk and checked again.

use crate::carrier;
use crate::desk::{Desk, send, use_desk};
use mera_device_api::{Answer, AuditBreach, AuditReport, Reply, Request};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[component]
pub fn Check() -> Html {
    let desk = use_desk();
    let (running, report) = (use_state_eq(|| false), use_state_eq(|| None::<AuditReport>));
    let start = {
        let (desk, running, report) = (desk.clone(), running.clone(), report.clone());
        Callback::from(move |_: MouseEvent| {
            let (desk, running, report) = (desk.clone(), running.clone(), report.clone());
            running.set(true);
            report.set(None);
            spawn_local(async move {
                match carrier::ask(&Request::AuditCheck).await {
                    Answer::Ok(Reply::AuditChecked(told)) => report.set(Some(told)),
                    Answer::Ok(_) => {}
                    Answer::Refused(refused) => desk.refuse(&refused),
                }
                running.set(false);
            });
        })
    };
    let stop = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| send(&desk, Request::StopAuditCheck, |_| {}))
    };
    html! {<>
        <div class="mera-steps">
            <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="audit-check" disabled={*running} onclick={start}>{ desk.words.say("audit-check") }</button>
            if *running {
                { progress(&desk) }
                <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="audit-stop" onclick={stop}>{ desk.words.say("audit-stop") }</button>
            }
        </div>
        <div role="status" aria-live="polite">
            if let Some(report) = &*report { { told(&desk, report) } }
        </div>
    </>}
}

fn progress(desk: &Desk) -> Html {
    let (done, of) = desk.auditing.unwrap_or((0, 0));
    let said = desk.words.with("audit-progress", &[("done", &done.to_string()), ("of", &of.to_string())]);
    html! {
        <span class="mera-progress">
            if of > 0 { <progress max={of.to_string()} value={done.to_string()} aria-label={said.clone()} /> }
            <small>{ said }</small>
        </span>
    }
}

fn told(desk: &Desk, report: &AuditReport) -> Html {
    let name = match (report.stopped, report.broken) {
        (_, broken) if broken > 0 => "audit-check-broken",
        (true, _) => "audit-check-stopped",
        (false, _) => "audit-check-well",
    };
    let [entries, signatures, statements, broken] =
        [report.entries, report.signatures, report.statements.into(), report.broken].map(|count| count.to_string());
    let fill =
        [("entries", &*entries), ("signatures", &*signatures), ("statements", &*statements), ("broken", &*broken)];
    let row = |one: &AuditBreach| {
        let standing = desk.words.say(&format!("audit-standing-{}", super::row::word(one.standing)));
        let whose = if one.device.is_none() {
            desk.words.say("audit-chain")
        } else {
            format!("{} · {}", one.by.person, one.by.device)
        };
        html! { <li data-testid="audit-breach">{ format!("{whose}, {}: {standing}", one.number) }</li> }
    };
    html! {
        <div class="mera-band" data-bad={(report.broken > 0).to_string()} data-testid="audit-checked">
            <p>{ desk.words.with(name, &fill) }</p>
            if !report.rows.is_empty() { <ul>{ for report.rows.iter().map(row) }</ul> }
        </div>
    }
}
