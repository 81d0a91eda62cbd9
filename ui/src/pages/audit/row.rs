//! One thing that somebody did, in words, and what proves it.

use crate::desk::{Desk, use_desk};
use crate::parts::{change_of, worth_telling};
use crate::route::Route;
use crate::written;
use mera_device_api::{AuditAct, AuditField, AuditProof, AuditRecord, AuditRow, AuditSays, AuditStanding, PersonOn};
use serde_json::json;
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::prelude::*;

/// Records of one entry that stand in sight; an import tells of many.
const IN_SIGHT: usize = 5;

/// Properties of [`Row`].
#[derive(Properties, PartialEq)]
pub struct RowProps {
    pub row: AuditRow,
    /// What links are called.
    pub names: Rc<BTreeMap<String, String>>,
}

#[component]
pub fn Row(props: &RowProps) -> Html {
    let desk = use_desk();
    let row = &props.row;
    let standing = word(row.standing);
    let who = if row.device.is_none() {
        html! { <strong>{ desk.words.say("audit-recovery-code") }</strong> }
    } else {
        html! { <span><strong>{ or_nameless(&desk, &row.by.person) }</strong><small>{ format!(" · {}", row.by.device) }</small></span> }
    };
    html! {
        <li data-testid="audit-row" data-standing={standing.clone()}>
            <div class="mera-who">
                { who }
                <small>{ written::moment(row.at, desk.words.language) }</small>
                if row.ahead { <small class="mera-audit-bad">{ desk.words.say("audit-ahead") }</small> }
                <span class="mera-audit-standing" data-bad={row.standing.is_broken().to_string()} data-plain={(standing == "verified").to_string()}>{ desk.words.say(&format!("audit-standing-{standing}")) }</span>
            </div>
            { act(&desk, &row.act, &props.names) }
            { proof(&desk, row) }
        </li>
    }
}

/// The contract's word for a standing, as names of sentences are written.
pub fn word(standing: AuditStanding) -> String {
    json!(standing).as_str().unwrap_or_default().replace('_', "-")
}

fn or_nameless(desk: &Desk, name: &str) -> String {
    if name.is_empty() { desk.words.say("untitled") } else { name.to_owned() }
}

fn called(desk: &Desk, who: &PersonOn) -> String {
    format!("{} · {}", or_nameless(desk, &who.person), who.device)
}

pub fn act(desk: &Desk, act: &AuditAct, names: &BTreeMap<String, String>) -> Html {
    let roles = |roles: &[String]| {
        let names: Vec<String> = roles.iter().map(|role| desk.words.say(&format!("role-{role}"))).collect();
        names.join(", ")
    };
    let says = |text: String| html! { <p data-testid="audit-act">{ text }</p> };
    match act {
        AuditAct::Changed { records, more } => {
            let hidden = more + records.len().saturating_sub(IN_SIGHT);
            html! {
                <ul>
                    { for records.iter().take(IN_SIGHT).map(|record| changed(desk, record, names)) }
                    if hidden > 0 { <li>{ desk.words.count("audit-more-records", hidden as u64) }</li> }
                </ul>
            }
        }
        AuditAct::Erased { records, more } => html! {
            <ul>
                { for records.iter().map(|record| html! { <li data-testid="audit-act">{ desk.words.with("audit-did-erased", &[("what", &what(desk, record))]) }</li> }) }
                if *more > 0 { <li>{ desk.words.count("audit-more-records", *more as u64) }</li> }
            </ul>
        },
        AuditAct::Founded => says(desk.words.say("audit-did-founded")),
        AuditAct::Admitted { who, roles: given, .. } => {
            says(desk.words.with("audit-did-admitted", &[("who", &called(desk, who)), ("roles", &roles(given))]))
        }
        AuditAct::RolesSet { name, roles: given, new_keys, .. } => {
            let name = or_nameless(desk, name);
            let told = desk.words.with("audit-did-roles", &[("who", &name), ("roles", &roles(given))]);
            says(if *new_keys { format!("{told} {}", desk.words.say("audit-new-keys")) } else { told })
        }
        AuditAct::Revoked { who, .. } => {
            let who: Vec<String> = who.iter().map(|who| called(desk, who)).collect();
            says(desk.words.with("audit-did-revoked", &[("who", &who.join(", "))]))
        }
        AuditAct::KeysRenewed { epoch } => says(desk.words.with("audit-did-keys", &[("epoch", &epoch.to_string())])),
        AuditAct::Recovered { who, .. } => says(desk.words.with("audit-did-recovered", &[("who", &called(desk, who))])),
        AuditAct::RecoveryCodeReplaced { epoch } => {
            says(desk.words.with("audit-did-new-code", &[("epoch", &epoch.to_string())]))
        }
        AuditAct::Branched { who, .. } => says(desk.words.with("audit-did-branched", &[("who", &called(desk, who))])),
        AuditAct::Judged { who, number, taken, note, .. } => {
            let name = if *taken { "audit-did-taken" } else { "audit-did-left" };
            says(desk.words.with(name, &[("who", &called(desk, who)), ("number", &number.to_string()), ("note", note)]))
        }
        AuditAct::Repeated { records } => says(desk.words.count("audit-did-repeated", *records as u64)),
        AuditAct::Checkpoint { records } => says(desk.words.count("audit-did-checkpoint", *records)),
        AuditAct::Unknown { kind } => says(desk.words.with("audit-did-unknown", &[("kind", &kind.to_string())])),
    }
}

/// The kind of record and what it is called.
fn what(desk: &Desk, record: &AuditRecord) -> String {
    let kind = record.record.map(|record| desk.words.say(&format!("kind-{}", record.kind))).unwrap_or_default();
    format!("{kind} {}", record.title).trim().to_owned()
}

fn changed(desk: &Desk, record: &AuditRecord, names: &BTreeMap<String, String>) -> Html {
    let link = match record.record.filter(|_| !record.title.is_empty()) {
        Some(to) => html! { <a href={Route::record(to).href()}>{ what(desk, record) }</a> },
        None => html! { { what(desk, record) } },
    };
    let told = match (record.says, record.created) {
        (AuditSays::Told, true) => Some("audit-says-created"),
        (AuditSays::Told, false) => None,
        (AuditSays::Erased, _) => Some("audit-says-erased"),
        (AuditSays::Locked, _) => Some("audit-says-locked"),
        (AuditSays::Unreadable, _) => Some("audit-says-unreadable"),
    };
    let field = |field: &AuditField| {
        let kind = record.record.map(|record| record.kind)?;
        let AuditField { path, before, after, .. } = field;
        let (before, after) = (before.as_deref(), after.as_deref());
        worth_telling(path, before, after).then(|| change_of(desk, kind, names, (path, before, after)))
    };
    let part = |part: &str, collection: Option<&str>| {
        let Some(collection) = collection else { return html! {} };
        let called = if part.is_empty() { String::new() } else { format!("»{part}«") };
        html! { { format!("{} {called}", desk.words.say(&format!("item-{collection}"))) } }
    };
    let groups = record.fields.chunk_by(|one, next| one.path.place == next.path.place);
    html! {
        <li data-testid="audit-act">
            { link }if let Some(told) = told { { format!(": {}", desk.words.say(told)) } }
            { for groups.map(|group| html! { <div>{ part(&group[0].part, group[0].path.place.collection()) }<ul>{ for group.iter().filter_map(field) }</ul></div> }) }
        </li>
    }
}

fn proof(desk: &Desk, row: &AuditRow) -> Html {
    let AuditProof { key, hash, previous, signature, signed_at, message, .. } = &row.proof;
    let code = |name: &str, value: &str| html! { <><dt>{ desk.words.say(name) }</dt><dd><code>{ value.to_owned() }</code></dd></> };
    let number = row.number.to_string();
    let covered = match (signature, signed_at) {
        (_, None) => desk.words.say("audit-proof-none"),
        (Some(_), Some(_)) => desk.words.say("audit-proof-own"),
        (None, Some(at)) => desk.words.with("audit-proof-later", &[("number", &at.to_string())]),
    };
    html! {
        <details class="mera-audit-proof">
            <summary data-testid="audit-proof">{ desk.words.with("audit-proof-of", &[("number", &number)]) }</summary>
            <p>{ covered }</p>
            <dl class="mera-facts">
                { code("audit-proof-hash", hash) }
                { code("audit-proof-previous", previous) }
                { code("audit-proof-key", key) }
                { code("audit-proof-message", message) }
                if let Some(signature) = signature { { code("audit-proof-signature", signature) } }
            </dl>
        </details>
    }
}
