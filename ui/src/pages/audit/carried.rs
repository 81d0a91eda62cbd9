//! The trail as a file, for whoever checks it elsewhere.

use crate::desk::use_desk;
use crate::parts::{Saved, Saving, use_exporting};
use mera_device_api::ExportOf;
use yew::prelude::*;

#[component]
pub fn Carry() -> Html {
    let desk = use_desk();
    let exporting = use_exporting();
    html! {<>
        <div class="mera-steps">
            <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="audit-csv" disabled={exporting.running()} onclick={exporting.writes(ExportOf::AuditCsv)}>{ desk.words.say("audit-csv") }</button>
            <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="audit-lines" disabled={exporting.running()} onclick={exporting.writes(ExportOf::AuditLines)}>{ desk.words.say("audit-lines") }</button>
            if exporting.running() { <Saving /> }
        </div>
        if let Some((place, _)) = exporting.done() {
            <Saved name="audit" says={desk.words.say("audit-saved")} hint={desk.words.say("audit-saved-hint")} place={place.clone()} />
        }
    </>}
}
