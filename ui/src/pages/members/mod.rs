//! Who belongs to the company: the people, what they do, their devices. Administrators invite, give roles and take
//! devices out; everybody else sees who could.

mod act;
mod invitation;
mod invite;
mod person;
mod roles;

use crate::desk::{Desk, use_answer, use_desk};
use crate::parts::Confirm;
use crate::route::Route;
use act::{Act, Asking, use_act};
use invitation::{InvitationCard, OpenInvitations};
use invite::Invite;
use mera_device_api::{Answer, MemberRow, MembersPage, Reply, Request};
use patternfly_yew::prelude::*;
use person::PersonCard;
use yew::prelude::*;

/// A relay that lost time waits for devices that have not called.
const ROLL: &str = "membership.roll";

#[component]
pub fn MembersView() -> Html {
    let desk = use_desk();
    let act = use_act();
    match use_answer(Request::Members) {
        Some(Answer::Ok(Reply::Members(page))) => whole(&desk, &act, &page),
        Some(Answer::Refused(refused)) => html! { <p class="mera-empty">{ desk.words.refusal(&refused) }</p> },
        _ => html! {},
    }
}

fn whole(desk: &Desk, act: &Act, page: &MembersPage) -> Html {
    let offline = desk.sync.as_ref().is_some_and(|sync| !sync.connected);
    let inviting = act.asks(Asking::Invite(None));
    let person = |row: &MemberRow| {
        let me = row.person == page.me;
        html! { <PersonCard key={row.person.to_string()} row={row.clone()} roles={page.roles.clone()} administrator={page.administrator} {me} act={act.clone()} /> }
    };
    html! {<>
        <div class="mera-bar"><Title>{ desk.words.say("members") }</Title>
            if page.administrator {
                <button type="button" class="pf-v6-c-button pf-m-primary" data-testid="invite" aria-keyshortcuts="Alt+N" onclick={inviting}>{ desk.words.say("invite") }</button>
            }
        </div>
        if !page.administrator {
            <p class="mera-band" data-testid="members-read-only">{ desk.words.with("members-read-only", &[("names", &administrators(page))]) }</p>
        } else if offline {
            <p class="mera-band" data-testid="members-offline">{ desk.words.say("members-offline") }</p>
        }
        { refusal(desk, act) }
        if let Asking::Invite(person) = act.asking() {
            <Invite key={format!("{person:?}")} page={page.clone()} {person} act={act.clone()} />
        }
        if let Some(made) = act.made() {
            <InvitationCard key={made.code.clone()} open={page.invitations.contains(&made)} row={made.clone()} {offline} act={act.clone()} />
        }
        <ul class="mera-people">{ for in_order(page).into_iter().map(person) }</ul>
        if page.administrator {
            <OpenInvitations rows={page.invitations.clone()} act={act.clone()} />
            { new_keys(desk, act) }
            { new_code(desk, act) }
        }
        <dl class="mera-facts">
            <dt>{ desk.words.say("members-statements") }</dt><dd data-testid="members-statements">{ page.statements }</dd>
            <dt>{ desk.words.say("members-epoch") }</dt><dd data-testid="members-epoch">{ page.epoch }</dd>
        </dl>
        { question(desk, act) }
    </>}
}

/// Those who are there by name, oneself first, and then those who are gone.
fn in_order(page: &MembersPage) -> Vec<&MemberRow> {
    let mut people: Vec<&MemberRow> = page.people.iter().collect();
    people.sort_by_key(|row| (gone(row), row.person != page.me, row.name.to_lowercase()));
    people
}

/// Whether none of a person's devices is in any more.
fn gone(row: &MemberRow) -> bool {
    row.devices.iter().all(|device| device.revoked)
}

fn administrators(page: &MembersPage) -> String {
    let there = page.people.iter().filter(|row| !gone(row) && row.roles.iter().any(|role| role == "administrator"));
    there.map(|row| row.name.as_str()).filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Why the last thing was not done. That the device is offline is nobody's fault and nothing is lost.
fn refusal(desk: &Desk, act: &Act) -> Html {
    // What became of an invitation nobody waits for here; it is told as trouble.
    let told = || desk.sync.as_ref().and_then(|sync| sync.trouble.clone()).filter(|told| told.code == ROLL);
    let Some(why) = act.refused().filter(|why| why.field.is_none()).or_else(told) else { return html! {} };
    let bad = why.code != "membership.offline" && why.code != "invitation.no_relay";
    html! {
        <p class="mera-band" role="alert" data-bad={bad.to_string()} data-testid="members-refused">
            { desk.words.refusal(&why) }
            if why.code == ROLL {
                { " " }<button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="go-on" disabled={act.busy()} onclick={act.asks(Asking::GoOn)}>{ desk.words.say("go-on-do") }</button>
            }
            if why.code == "invitation.no_relay" { { " " }<a href={Route::Sync.href()}>{ desk.words.say("sync") }</a> }
        </p>
    }
}

fn new_keys(desk: &Desk, act: &Act) -> Html {
    html! {
        <section aria-label={desk.words.say("new-keys")}>
            <h2>{ desk.words.say("new-keys") }</h2>
            <p class="mera-measure">{ desk.words.say("new-keys-says") }</p>
            <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="new-keys" disabled={act.busy()} onclick={act.asks(Asking::NewKeys)}>{ desk.words.say("new-keys-do") }</button>
        </section>
    }
}

fn new_code(desk: &Desk, act: &Act) -> Html {
    html! {
        <section aria-label={desk.words.say("new-code")}>
            <h2>{ desk.words.say("new-code") }</h2>
            <p class="mera-measure">{ desk.words.say("new-code-says") }</p>
            <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="new-code" disabled={act.busy()} onclick={act.asks(Asking::NewCode)}>{ desk.words.say("new-code-do") }</button>
        </section>
    }
}

/// What is asked before something that cannot be taken back.
fn question(desk: &Desk, act: &Act) -> Html {
    let left = act.leave();
    match act.asking() {
        Asking::TakeOut { device, name, person } => {
            let name = if name.is_empty() { device.to_string() } else { name };
            let title = desk.words.with("take-out-title", &[("device", &name)]);
            html! {
                <Confirm {title} yes={desk.words.say("take-out")} takes={true} confirmed={act.does(Request::Revoke { device })} {left}>
                    <p>{ desk.words.with("take-out-of", &[("device", &name), ("person", &person)]) }</p>
                    <ul>{ for ["take-out-cut-off", "take-out-keys", "take-out-unsent"].map(|says| html! { <li>{ desk.words.say(says) }</li> }) }</ul>
                </Confirm>
            }
        }
        Asking::GoOn => html! {
            <Confirm title={desk.words.say("go-on-title")} yes={desk.words.say("go-on-do")} takes={true} confirmed={act.does(Request::GoOnWithoutOthers)} {left}>
                <p>{ desk.words.say("go-on-happens") }</p>
            </Confirm>
        },
        Asking::NewKeys => html! {
            <Confirm title={desk.words.say("new-keys-title")} yes={desk.words.say("new-keys-do")} confirmed={act.does(Request::RotateKeys)} {left}>
                <p>{ desk.words.say("new-keys-happens") }</p>
            </Confirm>
        },
        Asking::NewCode => html! {
            <Confirm title={desk.words.say("new-code-title")} yes={desk.words.say("new-code-yes")} confirmed={act.does(Request::NewRecoveryCode)} {left}>
                <ul>{ for ["new-code-old", "new-code-keys", "new-code-once"].map(|says| html! { <li>{ desk.words.say(says) }</li> }) }</ul>
            </Confirm>
        },
        _ => html! {},
    }
}

#[cfg(test)]
mod tests;
