//! Sheets of another program are taken in: chosen, looked at, imported, and told what became of every row.

use crate::carrier;
use crate::desk::{Desk, send, use_answer, use_desk};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use js_sys::{ArrayBuffer, Uint8Array};
use mera_device_api::{
    Answer, ImportFile, ImportProfile, ImportReport, ProfileRow, Refused, RefusedRow, Reply, Request,
};
use mera_schema::RecordKind;
use patternfly_yew::prelude::*;
use std::collections::BTreeMap;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// The choice that stands for a profile of one's own.
const OWN: &str = "own";
/// What a sheet's file is called at its end.
const SHEETS: &str = ".csv,.tsv,.txt,.xlsx,.xlsm,.xls";

/// What the person has chosen.
#[derive(Clone, PartialEq, Default)]
struct Chosen {
    /// The name of a profile that is shipped, or [`OWN`]; nothing until one is chosen.
    profile: Option<String>,
    own: Option<File>,
    files: Vec<File>,
}

#[component]
pub fn ImportPage() -> Html {
    let desk = use_desk();
    let chosen = use_state_eq(Chosen::default);
    let report = use_state_eq(|| None::<ImportReport>);
    let running = use_state_eq(|| false);
    let profiles = match use_answer(Request::ImportProfiles) {
        Some(Answer::Ok(Reply::ImportProfiles(profiles))) => profiles,
        _ => Vec::new(),
    };
    let start = |check: bool| {
        let (desk, chosen, report, running) = (desk.clone(), chosen.clone(), report.clone(), running.clone());
        let first = profiles.first().map(|profile| profile.name.clone());
        Callback::from(move |_: MouseEvent| {
            let (desk, report, running) = (desk.clone(), report.clone(), running.clone());
            let (chosen, first) = ((*chosen).clone(), first.clone());
            running.set(true);
            spawn_local(async move {
                match imported(chosen, first, check).await {
                    Ok(told) => report.set(Some(told)),
                    Err(refused) => {
                        report.set(None);
                        desk.refuse(&refused);
                    }
                }
                running.set(false);
            });
        })
    };
    let stop = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| send(&desk, Request::StopImport, |_| {}))
    };
    let ready = !chosen.files.is_empty() && !*running;
    html! {<>
        <div class="mera-bar"><Title>{ desk.words.say("import") }</Title></div>
        <p class="mera-measure">{ desk.words.say("import-says") }</p>
        { choice(&desk, &chosen, &profiles) }
        <div class="mera-steps mera-import-steps">
            <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="import-check" onclick={start(true)} disabled={!ready}>{ desk.words.say("import-check") }</button>
            <button type="button" class="pf-v6-c-button pf-m-primary" data-testid="import-start" onclick={start(false)} disabled={!ready}>{ desk.words.say("import-start") }</button>
            if *running {
                { progress(&desk) }
                <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="import-stop" onclick={stop}>{ desk.words.say("import-stop") }</button>
            }
        </div>
        <div role="status" aria-live="polite">
            if let (Some(report), false) = (&*report, *running) { { told(&desk, report) } }
        </div>
    </>}
}

fn choice(desk: &Desk, chosen: &UseStateHandle<Chosen>, profiles: &[ProfileRow]) -> Html {
    let change = |change: fn(&mut Chosen, Event)| {
        let chosen = chosen.clone();
        Callback::from(move |event: Event| {
            let mut next = (*chosen).clone();
            change(&mut next, event);
            chosen.set(next);
        })
    };
    let pick = change(|next, event| next.profile = Some(event.target_unchecked_into::<HtmlSelectElement>().value()));
    let own = change(|next, event| next.own = files_of(&event).pop());
    let files = change(|next, event| next.files = files_of(&event));
    let current = chosen.profile.clone().or_else(|| profiles.first().map(|profile| profile.name.clone()));
    let here = profiles.iter().find(|profile| Some(&profile.name) == current.as_ref());
    let option = |name: &str, label: String| html! { <option value={name.to_owned()} selected={current.as_deref() == Some(name)}>{ label }</option> };
    html! {
        <div class="mera-fields mera-import">
            <div class="mera-field">
                <label for="import-profile">{ desk.words.say("import-profile") }</label>
                <select class="mera-input" id="import-profile" data-testid="import-profile" onchange={pick}>
                    { for profiles.iter().map(|profile| option(&profile.name, profile.name.clone())) }
                    { option(OWN, desk.words.say("import-own")) }
                </select>
                if let Some(profile) = here { <small>{ desk.words.with("import-reads", &[("sheets", &profile.reads.join(", "))]) }</small> }
            </div>
            if current.as_deref() == Some(OWN) {
                { file_field(desk, "import-own", "import-own-file", ".toml", false, own, chosen.own.as_slice()) }
            }
            { file_field(desk, "import-files", "import-files", SHEETS, true, files, &chosen.files) }
        </div>
    }
}

/// A choice of files. The browser's own button speaks the browser's language; ours speaks the person's.
fn file_field(
    desk: &Desk,
    id: &'static str,
    label: &str,
    accept: &'static str,
    multiple: bool,
    onchange: Callback<Event>,
    files: &[File],
) -> Html {
    let names = files.iter().map(File::name).collect::<Vec<_>>().join(", ");
    let said = if names.is_empty() { desk.words.say("import-none-chosen") } else { names };
    html! {
        <div class="mera-field">
            <span class="mera-label">{ desk.words.say(label) }</span>
            <span class="mera-file">
                <input class="mera-hidden" {id} data-testid={id} type="file" {accept} {multiple} {onchange} aria-describedby={format!("{id}-chosen")} />
                <label class="pf-v6-c-button pf-m-secondary" for={id}>{ desk.words.say(if multiple { "import-choose-files" } else { "import-choose-file" }) }</label>
                <small id={format!("{id}-chosen")}>{ said }</small>
            </span>
        </div>
    }
}

fn progress(desk: &Desk) -> Html {
    let (done, of) = desk.importing.unwrap_or((0, 0));
    let said = desk.words.with("import-progress", &[("done", &done.to_string()), ("of", &of.to_string())]);
    html! {
        <span class="mera-progress">
            if of > 0 { <progress max={of.to_string()} value={done.to_string()} aria-label={said.clone()} /> }
            <small data-testid="import-progress">{ said }</small>
        </span>
    }
}

fn told(desk: &Desk, report: &ImportReport) -> Html {
    let headline = match (report.checked, report.stopped) {
        (true, _) => desk.words.count("import-would-take", report.records as u64),
        (false, true) => desk.words.say("import-stopped"),
        (false, false) => desk.words.say("import-done"),
    };
    let counts =
        [("import-new", &report.created), ("import-changed", &report.changed), ("import-same", &report.unchanged)];
    html! {<>
        <p class="mera-band" data-testid="import-told">{ headline }</p>
        if counts.iter().any(|(_, counts)| !counts.is_empty()) {
            <dl class="mera-facts" data-testid="import-counts">
                { for counts.iter().filter(|(_, counts)| !counts.is_empty()).map(|(name, counts)| html! {<>
                    <dt>{ desk.words.say(name) }</dt><dd>{ kinds(desk, counts) }</dd>
                </>}) }
            </dl>
        }
        if !report.missing.is_empty() { <p>{ desk.words.with("import-missing", &[("sheets", &report.missing.join(", "))]) }</p> }
        if !report.unused.is_empty() { <p>{ desk.words.with("import-unused", &[("sheets", &report.unused.join(", "))]) }</p> }
        if report.refused > 0 { { refused(desk, report) } }
    </>}
}

fn kinds(desk: &Desk, counts: &BTreeMap<RecordKind, usize>) -> String {
    let one = |(kind, count): (&RecordKind, &usize)| {
        format!("{count} {}", desk.words.say(&format!("kinds-{kind}")).to_lowercase())
    };
    counts.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn refused(desk: &Desk, report: &ImportReport) -> Html {
    let row = |row: &RefusedRow| {
        let why = Refused::new(&row.code, row.says.clone());
        html! {
            <tr data-testid="import-refused">
                <td>{ &row.sheet }</td><td class="mera-figure">{ row.line }</td><td>{ row.column.clone().unwrap_or_default() }</td>
                <td>{ desk.words.refusal(&why) }</td>
            </tr>
        }
    };
    html! {<>
        <h2>{ desk.words.count("import-refused", report.refused as u64) }</h2>
        <p>{ desk.words.say("import-mend") }</p>
        <div class="mera-wide-table" tabindex="0" role="region" aria-label={desk.words.count("import-refused", report.refused as u64)}>
        <table class="mera-table">
            <thead><tr>
                <th scope="col">{ desk.words.say("import-sheet") }</th><th scope="col" class="mera-figure">{ desk.words.say("import-line") }</th>
                <th scope="col">{ desk.words.say("import-column") }</th><th scope="col">{ desk.words.say("import-why") }</th>
            </tr></thead>
            <tbody>{ for report.rows.iter().map(row) }</tbody>
        </table>
        </div>
        if report.refused > report.rows.len() { <p>{ desk.words.with("import-first", &[("count", &report.rows.len().to_string())]) }</p> }
    </>}
}

fn files_of(event: &Event) -> Vec<File> {
    let list = event.target_unchecked_into::<HtmlInputElement>().files();
    list.map(|list| (0..list.length()).filter_map(|place| list.get(place)).collect()).unwrap_or_default()
}

async fn imported(chosen: Chosen, first: Option<String>, check: bool) -> Result<ImportReport, Refused> {
    let profile = match chosen.profile.or(first) {
        Some(own) if own == OWN => {
            let file =
                chosen.own.ok_or_else(|| Refused::new("import.no_profile", "choose the profile's file first"))?;
            ImportProfile::Own(String::from_utf8_lossy(&bytes(&file).await?).into_owned())
        }
        Some(name) => ImportProfile::Shipped(name),
        None => return Err(Refused::new("import.no_profile", "choose a profile first")),
    };
    let mut files = Vec::new();
    for file in &chosen.files {
        files.push(ImportFile { name: file.name(), content: STANDARD.encode(bytes(file).await?) });
    }
    match carrier::ask(&Request::Import { profile, files, check }).await {
        Answer::Ok(Reply::Import(report)) => Ok(report),
        Answer::Ok(_) => Err(Refused::new("carrier.other_version", "the device answered something else")),
        Answer::Refused(refused) => Err(refused),
    }
}

async fn bytes(file: &File) -> Result<Vec<u8>, Refused> {
    let unread =
        |_| Refused::new("import.file_gone", format!("{} can no longer be read; choose it again", file.name()));
    let buffer: ArrayBuffer = JsFuture::from(file.array_buffer()).await.map_err(unread)?.into();
    Ok(Uint8Array::new(&buffer).to_vec())
}
