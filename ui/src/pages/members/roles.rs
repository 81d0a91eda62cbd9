//! What a person does, as boxes to tick; each says what it allows, by the device's own table.

use crate::desk::{Desk, use_desk};
use mera_device_api::RoleRow;
use mera_schema::RecordKind;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What a role is called; one of a newer program by its stable name.
pub fn role_name(desk: &Desk, role: &str) -> String {
    desk.words.find(&format!("role-{role}"), &[]).unwrap_or_else(|| role.to_owned())
}

/// What a role allows, in a line.
pub fn role_says(desk: &Desk, row: &RoleRow) -> String {
    // A device of one's own is no record that anybody writes by hand.
    let kinds = |kinds: &mut dyn Iterator<Item = RecordKind>| {
        let names = kinds.filter(|kind| *kind != RecordKind::Device);
        names
            .map(|kind| desk.words.language.inside(&desk.words.say(&format!("kinds-{kind}"))))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let written = kinds(&mut row.may_write.iter().copied());
    let hidden = kinds(&mut RecordKind::ALL.iter().copied().filter(|kind| !row.may_read.contains(kind)));
    let seen = match hidden.is_empty() {
        true => desk.words.say("roles-see-all"),
        false => desk.words.with("roles-see-not", &[("kinds", &hidden)]),
    };
    let more = desk.words.find(&format!("role-{}-says", row.role), &[]);
    let change = desk.words.with("roles-change", &[("kinds", &written)]);
    more.into_iter().chain([change, seen]).collect::<Vec<_>>().join(" ")
}

/// Properties of [`RolePicks`].
#[derive(Properties, PartialEq)]
pub struct PicksProps {
    pub roles: Vec<RoleRow>,
    pub chosen: Vec<String>,
    pub changed: Callback<Vec<String>>,
    /// Why what was chosen is refused.
    #[prop_or_default]
    pub refused: Option<String>,
}

#[component]
pub fn RolePicks(props: &PicksProps) -> Html {
    let desk = use_desk();
    let pick = |row: &RoleRow| {
        let checked = props.chosen.contains(&row.role);
        let (role, chosen, changed) = (row.role.clone(), props.chosen.clone(), props.changed.clone());
        let onchange = Callback::from(move |event: Event| {
            let mut now: Vec<String> = chosen.iter().filter(|other| **other != role).cloned().collect();
            if event.target_unchecked_into::<HtmlInputElement>().checked() {
                now.push(role.clone());
            }
            changed.emit(now);
        });
        html! {
            <label class="mera-way">
                <input type="checkbox" data-testid={format!("role-{}", row.role)} {checked} {onchange} />
                <span><strong>{ role_name(&desk, &row.role) }</strong><small>{ role_says(&desk, row) }</small></span>
            </label>
        }
    };
    html! {
        <fieldset class="mera-roles">
            <legend class="mera-label">{ desk.words.say("roles") }</legend>
            { for props.roles.iter().map(pick) }
            if let Some(refused) = &props.refused { <p class="mera-refused" role="alert" data-testid="roles-refused">{ refused }</p> }
        </fieldset>
    }
}
