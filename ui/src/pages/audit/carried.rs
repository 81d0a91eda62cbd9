//! The trail as a file, for whoever checks it elsewhere.

use crate::carrier;
use crate::desk::use_desk;
use crate::parts::{Saved, Saving};
use mera_device_api::{Answer, ExportOf, Reply, Request};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[component]
pub fn Carry() -> Html {
    let desk = use_desk();
    let (running, done) = (use_state_eq(|| false), use_state_eq(|| None::<String>));
    let carry = |what: ExportOf| {
        let (desk, running, done) = (desk.clone(), running.clone(), done.clone());
        Callback::from(move |_: MouseEvent| {
            let (desk, running, done) = (desk.clone(), running.clone(), done.clone());
            running.set(true);
            done.set(None);
            spawn_local(async move {
                match carrier::ask(&Request::Export { what, to: None }).await {
                    Answer::Ok(Reply::Exported { to, .. }) => done.set(Some(to)),
                    Answer::Ok(_) => {}
                    Answer::Refused(refused) => desk.refuse(&refused),
                }
                running.set(false);
            });
        })
    };
    html! {<>
        <div class="mera-steps">
            <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="audit-csv" disabled={*running} onclick={carry(ExportOf::AuditCsv)}>{ desk.words.say("audit-csv") }</button>
            <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="audit-lines" disabled={*running} onclick={carry(ExportOf::AuditLines)}>{ desk.words.say("audit-lines") }</button>
            if *running { <Saving /> }
        </div>
        if let Some(place) = &*done {
            <Saved name="audit" says={desk.words.say("audit-saved")} hint={desk.words.say("audit-saved-hint")} place={place.clone()} />
        }
    </>}
}
