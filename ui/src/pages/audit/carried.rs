//! The trail as a file, for whoever checks it elsewhere.

use crate::carrier;
use crate::desk::{Toast, use_desk};
use crate::dom;
use mera_device_api::{Answer, AuditForm, Refused, Reply, Request};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[component]
pub fn Carry() -> Html {
    let desk = use_desk();
    let running = use_state_eq(|| false);
    let carry = |form: AuditForm, name: &'static str, kind: &'static str| {
        let (desk, running) = (desk.clone(), running.clone());
        Callback::from(move |_: MouseEvent| {
            let (desk, running) = (desk.clone(), running.clone());
            running.set(true);
            spawn_local(async move {
                match whole(form).await {
                    Ok(parts) => {
                        let saved = dom::save(name, kind, &parts);
                        let said = if saved { "audit-exported" } else { "audit-not-exported" };
                        desk.toast.emit(Toast { text: desk.words.say(said), bad: !saved });
                    }
                    Err(refused) => desk.refuse(&refused),
                }
                running.set(false);
            });
        })
    };
    let (csv, lines) = (
        carry(AuditForm::Csv, "mera-audit.csv", "text/csv"),
        carry(AuditForm::JsonLines, "mera-audit.jsonl", "application/jsonl"),
    );
    html! {<>
        <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="audit-csv" disabled={*running} onclick={csv}>{ desk.words.say("audit-csv") }</button>
        <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="audit-lines" disabled={*running} onclick={lines}>{ desk.words.say("audit-lines") }</button>
    </>}
}

/// Every part of the trail, one after the other.
async fn whole(form: AuditForm) -> Result<Vec<String>, Refused> {
    let (mut parts, mut from) = (Vec::new(), None);
    loop {
        match carrier::ask(&Request::AuditExport { form, from }).await {
            Answer::Ok(Reply::AuditText(text)) => {
                parts.push(text.text);
                if text.next.is_none() {
                    return Ok(parts);
                }
                from = text.next;
            }
            Answer::Ok(_) => return Ok(parts),
            Answer::Refused(refused) => return Err(refused),
        }
    }
}
