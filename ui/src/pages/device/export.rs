//! Everything on this device in plain files that other programs read.

use crate::desk::use_desk;
use crate::parts::{Saved, Saving, use_exporting};
use mera_device_api::ExportOf;
use yew::prelude::*;

#[component]
pub fn Export() -> Html {
    let desk = use_desk();
    let exporting = use_exporting();
    html! {
        <section class="mera-card" aria-labelledby="export-title">
            <h2 id="export-title">{ desk.words.say("export") }</h2>
            <p class="mera-measure">{ desk.words.say("export-explains") }</p>
            <div class="mera-steps">
                <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="export-csv" disabled={exporting.running()} onclick={exporting.writes(ExportOf::RecordsCsv)}>{ desk.words.say("export-csv") }</button>
                <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="export-json" disabled={exporting.running()} onclick={exporting.writes(ExportOf::RecordsJson)}>{ desk.words.say("export-json") }</button>
                if exporting.running() { <Saving /> }
            </div>
            if let Some((place, count)) = exporting.done() {
                <Saved name="export" says={desk.words.count("export-done", *count)} hint={desk.words.say("export-keep")} place={place.clone()} />
            }
        </section>
    }
}
