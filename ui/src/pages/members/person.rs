//! A person: what they do, and their devices.

use super::act::{Act, Asking};
use super::gone;
use super::roles::{RolePicks, role_name};
use crate::desk::{Desk, use_desk};
use crate::written;
use mera_device_api::{MemberDevice, MemberRow, Request, RoleRow};
use patternfly_yew::prelude::*;
use yew::prelude::*;

/// Properties of [`PersonCard`].
#[derive(Properties, PartialEq)]
pub struct PersonProps {
    pub row: MemberRow,
    /// Every role that there is.
    pub roles: Vec<RoleRow>,
    /// Whether this device may change members.
    pub administrator: bool,
    /// Whether it is the person who looks.
    pub me: bool,
    pub act: Act,
}

#[component]
pub fn PersonCard(props: &PersonProps) -> Html {
    let desk = use_desk();
    let (row, act) = (&props.row, &props.act);
    let name = if row.name.is_empty() { desk.words.say("member-unnamed") } else { row.name.clone() };
    let (gone, busy) = (gone(row), act.busy());
    let (roles, more) = (act.asks(Asking::Roles(row.person)), act.asks(Asking::Invite(Some(row.person))));
    html! {
        <li class="mera-person" data-testid="member" data-gone={gone.to_string()}>
            <div class="mera-person-head">
                <h2 data-testid="member-name">{ name.clone() }</h2>
                if props.me { <small>{ desk.words.say("member-you") }</small> }
                <span class="mera-chips">
                    if gone { <Label color={Color::Grey} label={desk.words.say("member-gone")} compact={true} /> }
                    else { { for row.roles.iter().map(|role| html! { <Label color={color(role)} label={role_name(&desk, role)} compact={true} /> }) } }
                </span>
            </div>
            <ul class="mera-devices">{ for row.devices.iter().map(|device| one(&desk, props, &name, device)) }</ul>
            if act.asking() == Asking::Roles(row.person) {
                <RolesForm row={row.clone()} roles={props.roles.clone()} act={act.clone()} />
            } else if props.administrator && !gone {
                <div class="mera-person-does">
                    <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="member-roles" disabled={busy} onclick={roles} aria-label={format!("{}: {name}", desk.words.say("roles-change-do"))}>{ desk.words.say("roles-change-do") }</button>
                    <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="member-device" disabled={busy} onclick={more} aria-label={format!("{}: {name}", desk.words.say("one-more-device"))}>{ desk.words.say("one-more-device") }</button>
                </div>
            }
        </li>
    }
}

/// Who may let others in stands out.
fn color(role: &str) -> Color {
    if role == "administrator" { Color::Blue } else { Color::Grey }
}

fn one(desk: &Desk, props: &PersonProps, person: &str, device: &MemberDevice) -> Html {
    let name = if device.name.is_empty() { desk.words.say("member-unnamed") } else { device.name.clone() };
    let out = Asking::TakeOut { device: device.device, name: name.clone(), person: person.to_owned() };
    let may = props.administrator && !device.revoked && !device.this;
    html! {
        <li data-testid="member-one" data-out={device.revoked.to_string()}>
            <span class="mera-device-name">{ name.clone() }</span>
            <small>{ desk.words.with("since", &[("when", &written::day(device.since.date_naive(), desk.words.language))]) }</small>
            if device.this { <Label color={Color::Green} label={desk.words.say("this-device")} compact={true} /> }
            if device.revoked { <Label color={Color::Grey} label={desk.words.say("member-out")} compact={true} /> }
            if may {
                <button type="button" class="pf-v6-c-button pf-m-link pf-m-danger" data-testid="take-out" disabled={props.act.busy()} onclick={props.act.asks(out)} aria-label={format!("{}: {name}", desk.words.say("take-out"))}>{ desk.words.say("take-out") }</button>
            }
        </li>
    }
}

#[derive(Properties, PartialEq)]
struct RolesProps {
    row: MemberRow,
    roles: Vec<RoleRow>,
    act: Act,
}

/// Other roles for a person, in their place.
#[component]
fn RolesForm(props: &RolesProps) -> Html {
    let desk = use_desk();
    let chosen = use_state_eq(|| props.row.roles.clone());
    let changed = {
        let chosen = chosen.clone();
        Callback::from(move |now: Vec<String>| chosen.set(now))
    };
    let onsubmit = {
        let (act, chosen, person) = (props.act.clone(), chosen.clone(), props.row.person);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            act.send(Request::SetRoles { person, roles: (*chosen).clone() });
        })
    };
    let leave = props.act.leave().reform(|_: MouseEvent| ());
    html! {
        <form class="mera-roles-form" data-testid="roles-form" {onsubmit}>
            <RolePicks roles={props.roles.clone()} chosen={(*chosen).clone()} {changed} />
            <div class="mera-person-does">
                <button type="submit" class="pf-v6-c-button pf-m-primary" data-testid="roles-do" disabled={props.act.busy()}>{ desk.words.say("roles-save") }</button>
                <button type="button" class="pf-v6-c-button pf-m-secondary" onclick={leave}>{ desk.words.say("cancel") }</button>
            </div>
        </form>
    }
}
