//! Whom an administrator invites: a new person with what they do, or one more device of somebody who is there.

use super::act::Act;
use super::gone;
use super::roles::RolePicks;
use crate::desk::{Desk, use_desk};
use crate::dom;
use mera_device_api::{MembersPage, Request};
use mera_schema::PersonId;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// Hours that can be chosen, and their words: invitations are secrets, and so the usual one holds a day.
const HOURS: [(u32, &str); 4] = [(1, "hours-hour"), (24, "hours-day"), (72, "hours-days"), (168, "hours-week")];

/// Properties of [`Invite`].
#[derive(Properties, PartialEq)]
pub struct InviteProps {
    pub page: MembersPage,
    /// Whose device it will be; nobody for a new person.
    pub person: Option<PersonId>,
    pub act: Act,
}

/// What has been said so far.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    person: Option<PersonId>,
    name: String,
    roles: Vec<String>,
    hours: u32,
}

impl Said {
    fn request(&self) -> Request {
        let Self { person, name, roles, hours } = self.clone();
        match person {
            Some(_) => Request::Invite { person, name: String::new(), roles: Vec::new(), hours },
            None => Request::Invite { person, name, roles, hours },
        }
    }
}

#[component]
pub fn Invite(props: &InviteProps) -> Html {
    let desk = use_desk();
    let said =
        use_state_eq(|| Said { person: props.person, name: String::new(), roles: vec!["sales".into()], hours: 24 });
    let form = use_node_ref();
    {
        let form = form.clone();
        use_effect_with((), move |()| {
            let field = form.cast::<web_sys::Element>().and_then(|form| dom::inside(&form, "input, select"));
            field.inspect(|field| dom::into_sight(field)).inspect(dom::focus);
        });
    }
    let onsubmit = {
        let (act, said) = (props.act.clone(), said.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            act.send(said.request());
        })
    };
    let roles = {
        let said = said.clone();
        Callback::from(move |roles: Vec<String>| said.set(Said { roles, ..(*said).clone() }))
    };
    let leave = props.act.leave().reform(|_: MouseEvent| ());
    let no_role = props.act.refused().filter(|why| why.code.starts_with("role.")).map(|why| desk.words.refusal(&why));
    html! {
        <form class="mera-founding mera-invite" data-testid="invite-form" ref={form} {onsubmit} novalidate=true>
            <h2>{ desk.words.say("invite-title") }</h2>
            if said.person.is_none() { { name(&desk, &said, &props.act) } }
            { whose(&desk, &said, &props.page) }
            if said.person.is_none() {
                <RolePicks roles={props.page.roles.clone()} chosen={said.roles.clone()} changed={roles} refused={no_role} />
            }
            { hours(&desk, &said) }
            <div class="mera-person-does">
                <button type="submit" class="pf-v6-c-button pf-m-primary" data-testid="invite-do" disabled={props.act.busy()}>{ desk.words.say("invite-do") }</button>
                <button type="button" class="pf-v6-c-button pf-m-secondary" onclick={leave}>{ desk.words.say("cancel") }</button>
            </div>
        </form>
    }
}

fn name(desk: &Desk, said: &UseStateHandle<Said>, act: &Act) -> Html {
    let oninput = {
        let said = said.clone();
        Callback::from(move |event: InputEvent| {
            let name = event.target_unchecked_into::<HtmlInputElement>().value();
            said.set(Said { name, ..(*said).clone() });
        })
    };
    let why = act.refused().filter(|why| why.field.as_deref() == Some("person"));
    html! {
        <div class="mera-field">
            <label for="invite-name">{ desk.words.say("invite-name") }</label>
            <input class="mera-input" type="text" id="invite-name" data-testid="invite-name" autocomplete="off" aria-invalid={why.is_some().then_some("true")}
                aria-describedby={why.is_some().then_some("invite-name-refused")} value={said.name.clone()} {oninput} />
            if let Some(why) = &why {
                <p class="mera-refused" id="invite-name-refused" role="alert" data-testid="invite-name-refused">{ desk.words.refusal(why) }</p>
            }
        </div>
    }
}

fn whose(desk: &Desk, said: &UseStateHandle<Said>, page: &MembersPage) -> Html {
    let onchange = {
        let said = said.clone();
        Callback::from(move |event: Event| {
            let person = event.target_unchecked_into::<HtmlSelectElement>().value().parse().ok();
            said.set(Said { person, ..(*said).clone() });
        })
    };
    let there = page.people.iter().filter(|row| !gone(row) && !row.name.is_empty());
    html! {
        <div class="mera-field">
            <label for="invite-whose">{ desk.words.say("invite-whose") }</label>
            <select class="mera-input" id="invite-whose" data-testid="invite-whose" {onchange}>
                <option value="" selected={said.person.is_none()}>{ desk.words.say("invite-new-person") }</option>
                { for there.map(|row| html! { <option value={row.person.to_string()} selected={said.person == Some(row.person)}>{ desk.words.with("invite-device-of", &[("person", &row.name)]) }</option> }) }
            </select>
        </div>
    }
}

fn hours(desk: &Desk, said: &UseStateHandle<Said>) -> Html {
    let onchange = {
        let said = said.clone();
        Callback::from(move |event: Event| {
            if let Ok(hours) = event.target_unchecked_into::<HtmlSelectElement>().value().parse() {
                said.set(Said { hours, ..(*said).clone() });
            }
        })
    };
    html! {
        <div class="mera-field">
            <label for="invite-hours">{ desk.words.say("invite-hours") }</label>
            <select class="mera-input" id="invite-hours" data-testid="invite-hours" {onchange}>
                { for HOURS.map(|(hours, word)| html! { <option value={hours.to_string()} selected={hours == said.hours}>{ desk.words.say(word) }</option> }) }
            </select>
        </div>
    }
}
