//! Everything on this device in plain files that other programs read.

use crate::carrier;
use crate::desk::use_desk;
use crate::parts::{Saved, Saving};
use mera_device_api::{Answer, ExportOf, Reply, Request};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

#[component]
pub fn Export() -> Html {
    let desk = use_desk();
    let (running, done) = (use_state_eq(|| false), use_state_eq(|| None::<(String, u64)>));
    let export = |what: ExportOf| {
        let (desk, running, done) = (desk.clone(), running.clone(), done.clone());
        Callback::from(move |_: MouseEvent| {
            let (desk, running, done) = (desk.clone(), running.clone(), done.clone());
            running.set(true);
            done.set(None);
            spawn_local(async move {
                match carrier::ask(&Request::Export { what, to: None }).await {
                    Answer::Ok(Reply::Exported { to, count }) => done.set(Some((to, count))),
                    Answer::Ok(_) => {}
                    Answer::Refused(refused) => desk.refuse(&refused),
                }
                running.set(false);
            });
        })
    };
    html! {
        <section class="mera-card" aria-labelledby="export-title">
            <h2 id="export-title">{ desk.words.say("export") }</h2>
            <p class="mera-measure">{ desk.words.say("export-explains") }</p>
            <div class="mera-steps">
                <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="export-csv" disabled={*running} onclick={export(ExportOf::RecordsCsv)}>{ desk.words.say("export-csv") }</button>
                <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="export-json" disabled={*running} onclick={export(ExportOf::RecordsJson)}>{ desk.words.say("export-json") }</button>
                if *running { <Saving /> }
            </div>
            if let Some((place, count)) = &*done {
                <Saved name="export" says={desk.words.count("export-done", *count)} hint={desk.words.say("export-keep")} place={place.clone()} />
            }
        </section>
    }
}
