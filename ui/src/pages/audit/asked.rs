//! Which part of the trail is asked for.

use crate::desk::{use_answer, use_desk};
use crate::written;
use chrono::{DateTime, Days, NaiveDate, Utc};
use mera_device_api::{Answer, AuditFilter, AuditKind, MemberRow, Reply, Request};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// Properties of [`Asked`].
#[derive(Properties, PartialEq)]
pub struct AskedProps {
    pub filter: AuditFilter,
    pub asked: Callback<AuditFilter>,
}

const KINDS: [(AuditKind, &str); 5] = [
    (AuditKind::Changes, "audit-kind-changes"),
    (AuditKind::Erasures, "audit-kind-erasures"),
    (AuditKind::Members, "audit-kind-members"),
    (AuditKind::Judgements, "audit-kind-judgements"),
    (AuditKind::Checkpoints, "audit-kind-checkpoints"),
];

#[component]
pub fn Asked(props: &AskedProps) -> Html {
    let desk = use_desk();
    let people: Vec<MemberRow> = match use_answer(Request::Members) {
        Some(Answer::Ok(Reply::Members(page))) => page.people,
        _ => Vec::new(),
    };
    let filter = &props.filter;
    let ask = |change: fn(&mut AuditFilter, String)| {
        let (filter, asked) = (filter.clone(), props.asked.clone());
        Callback::from(move |value: String| {
            let mut next = filter.clone();
            change(&mut next, value);
            asked.emit(next);
        })
    };
    let of_person = people.iter().find(|row| Some(row.person) == filter.person);
    let persons = people.iter().map(|row| (row.person.to_string(), row.name.clone()));
    let devices = people.iter().filter(|row| of_person.is_none_or(|person| person.person == row.person));
    let devices = devices.flat_map(|row| row.devices.iter().map(|one| (one.device.to_string(), one.name.clone())));
    let kinds = KINDS.iter().enumerate().map(|(index, (_, says))| (index.to_string(), desk.words.say(says)));
    let kind = filter.kind.and_then(|kind| KINDS.iter().position(|(known, _)| *known == kind));
    let select = |id: &'static str,
                  label: &str,
                  chosen: Option<String>,
                  options: Vec<(String, String)>,
                  onchange: Callback<String>| {
        let onchange = onchange.reform(|event: Event| event.target_unchecked_into::<HtmlSelectElement>().value());
        html! {
            <div class="mera-field">
                <label for={id}>{ desk.words.say(label) }</label>
                <select class="mera-input" {id} data-testid={id} {onchange}>
                    <option value="" selected={chosen.is_none()}>{ desk.words.say("audit-all") }</option>
                    { for options.into_iter().map(|(value, says)| html! { <option value={value.clone()} selected={chosen.as_ref() == Some(&value)}>{ says }</option> }) }
                </select>
            </div>
        }
    };
    let day = |id: &'static str, label: &str, value: Option<NaiveDate>, onchange: Callback<String>| {
        let onchange = onchange.reform(|event: Event| event.target_unchecked_into::<HtmlInputElement>().value());
        let value = value.map(|day| day.to_string()).unwrap_or_default();
        html! {
            <div class="mera-field">
                <label for={id}>{ desk.words.say(label) }</label>
                <input class="mera-input" type="date" {id} data-testid={id} {value} {onchange} />
            </div>
        }
    };
    let first = filter.since.map(written::day_of);
    let last = filter.until.and_then(|until| written::day_of(until).checked_sub_days(Days::new(1)));
    html! {
        <div class="mera-fields mera-audit-asked">
            { select("audit-person", "audit-person", filter.person.map(|person| person.to_string()), persons.collect(), ask(|next, value| { next.person = value.parse().ok(); next.device = None; })) }
            { select("audit-device", "audit-device", filter.device.map(|device| device.to_string()), devices.collect(), ask(|next, value| next.device = value.parse().ok())) }
            if filter.record.is_none() {
                { select("audit-kind", "audit-kind", kind.map(|kind| kind.to_string()), kinds.collect(), ask(|next, value| next.kind = value.parse().ok().and_then(|index: usize| Some(KINDS.get(index)?.0)))) }
            }
            { day("audit-since", "audit-since", first, ask(|next, value| next.since = beginning(&value, 0))) }
            { day("audit-until", "audit-until", last, ask(|next, value| next.until = beginning(&value, 1))) }
        </div>
    }
}

/// When a day begins where the person is, or one so many days later.
fn beginning(day: &str, later: u64) -> Option<DateTime<Utc>> {
    let day: NaiveDate = day.parse().ok()?;
    Some(written::begins(day.checked_add_days(Days::new(later))?))
}
