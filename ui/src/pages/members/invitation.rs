//! Invitations: one shown large, to scan or to copy, until somebody has come with it; and all that nobody has come with.

use super::act::Act;
use super::roles::role_name;
use crate::desk::{Desk, use_desk};
use crate::parts::{CodeBox, QrPicture};
use crate::written;
use mera_device_api::{InvitationRow, Request};
use yew::prelude::*;

/// Properties of [`InvitationCard`].
#[derive(Properties, PartialEq)]
pub struct CardProps {
    pub row: InvitationRow,
    /// Whether the device still waits for somebody to come with it.
    pub open: bool,
    /// Whether nobody can be met at the relay now.
    pub offline: bool,
    pub act: Act,
}

/// How it stands with an invitation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Standing {
    Waits,
    Joined,
    Expired,
}

/// An invitation that was waited for and no longer is was used, unless its time was over; both in milliseconds.
pub fn standing(waited: bool, open: bool, now: i64, expires: i64) -> Standing {
    match (waited && !open, now > expires) {
        (true, false) => Standing::Joined,
        (_, true) => Standing::Expired,
        (false, false) => Standing::Waits,
    }
}

#[component]
pub fn InvitationCard(props: &CardProps) -> Html {
    let desk = use_desk();
    let waited = use_state_eq(|| false);
    {
        let waited = waited.clone();
        use_effect_with(props.open, move |open| {
            if *open {
                waited.set(true);
            }
        });
    }
    let row = &props.row;
    // Milliseconds since 1970 are whole numbers, though the browser gives them as a fraction.
    let now = js_sys::Date::now() as i64;
    let standing = standing(*waited, props.open, now, row.expires.timestamp_millis());
    let close = props.act.show(None);
    let says = match standing {
        Standing::Waits if props.offline => desk.words.say("invitation-offline"),
        Standing::Waits => desk.words.say("invitation-waits"),
        Standing::Joined => desk.words.with("invitation-joined", &[("person", &row.name)]),
        Standing::Expired => desk.words.say("refused-invitation-expired"),
    };
    let until = written::moment(row.expires, desk.words.language);
    html! {
        <section class="mera-invitation-card" data-testid="invitation" data-standing={format!("{standing:?}").to_lowercase()} aria-label={desk.words.say("invitation")}>
            <div class="mera-bar">
                <h2>{ desk.words.with("invitation-for", &[("person", &row.name)]) }</h2>
                <button type="button" class="mera-quiet" data-testid="invitation-close" onclick={close} aria-label={desk.words.say("close")}>{ "✕" }</button>
            </div>
            if standing == Standing::Waits {
                <div class="mera-scan">
                    <QrPicture text={row.code.clone()} label={desk.words.say("invitation-qr")} />
                    <div>
                        <p>{ desk.words.say("invitation-how") }</p>
                        <CodeBox name="invitation-code" label={desk.words.say("invitation")} code={row.code.clone()}>
                            { withdraw(&desk, &props.act, row) }
                        </CodeBox>
                        <p class="mera-hint">{ desk.words.with("invitation-until", &[("when", &until)]) }{ " " }{ desk.words.say("invitation-secret") }</p>
                    </div>
                </div>
            }
            <p class="mera-standing" role="status" data-testid="invitation-says">{ says }</p>
        </section>
    }
}

fn withdraw(desk: &Desk, act: &Act, row: &InvitationRow) -> Html {
    let onclick = act.does(Request::Withdraw { code: row.code.clone() }).reform(|_: MouseEvent| ());
    let label = format!("{}: {}", desk.words.say("withdraw"), row.name);
    html! { <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="withdraw" disabled={act.busy()} {onclick} aria-label={label}>{ desk.words.say("withdraw") }</button> }
}

/// Properties of [`OpenInvitations`].
#[derive(Properties, PartialEq)]
pub struct OpenProps {
    pub rows: Vec<InvitationRow>,
    pub act: Act,
}

/// Every invitation of this device that nobody has come with; the one that is shown large is not told twice.
#[component]
pub fn OpenInvitations(props: &OpenProps) -> Html {
    let desk = use_desk();
    let large = props.act.made();
    let rows: Vec<&InvitationRow> = props.rows.iter().filter(|row| large.as_ref() != Some(*row)).collect();
    if rows.is_empty() {
        return html! {};
    }
    let one = |row: &&InvitationRow| {
        let roles = row.roles.iter().map(|role| role_name(&desk, role)).collect::<Vec<_>>().join(", ");
        let until = written::moment(row.expires, desk.words.language);
        html! {
            <li key={row.code.clone()} data-testid="open-invitation">
                <span class="mera-device-name">{ &row.name }<small>{ format!(" · {roles}") }</small></span>
                <small>{ desk.words.with("invitation-until", &[("when", &until)]) }</small>
                <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="invitation-show" onclick={props.act.show(Some((*row).clone()))} aria-label={format!("{}: {}", desk.words.say("invitation-show"), row.name)}>{ desk.words.say("invitation-show") }</button>
                { withdraw(&desk, &props.act, row) }
            </li>
        }
    };
    html! {
        <section aria-label={desk.words.say("invitations")}>
            <h2>{ desk.words.say("invitations") }</h2>
            <ul class="mera-devices mera-person">{ for rows.iter().map(one) }</ul>
        </section>
    }
}
