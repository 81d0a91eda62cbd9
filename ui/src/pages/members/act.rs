//! What an administrator is about to do on the page, and what became of it.

use crate::carrier;
use crate::desk::{Desk, Toast, use_desk};
use mera_device_api::{Answer, InvitationRow, Refused, Reply, Request};
use mera_schema::{DeviceId, PersonId};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// What the person is asked about.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Asking {
    #[default]
    Nothing,
    /// Who is to come: a new person, or one more device of one who is there.
    Invite(Option<PersonId>),
    /// What a person does from now on.
    Roles(PersonId),
    /// Whether a device is to be taken out; what it and its person are called.
    TakeOut { device: DeviceId, name: String, person: String },
    /// Whether everybody is to get new keys.
    NewKeys,
    /// Whether a new recovery code is to take the place of the one before.
    NewCode,
    /// Whether a relay that lost time is to wait for no other device.
    GoOn,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct State {
    asking: Asking,
    busy: bool,
    refused: Option<Refused>,
    made: Option<InvitationRow>,
}

/// The page's hand: what is asked, what is under way, what was refused.
#[derive(Clone, PartialEq)]
pub struct Act {
    desk: Desk,
    state: UseStateHandle<State>,
}

/// The hand of this page.
#[hook]
pub fn use_act() -> Act {
    let desk = use_desk();
    let state = use_state_eq(State::default);
    Act { desk, state }
}

impl Act {
    pub fn asking(&self) -> Asking {
        self.state.asking.clone()
    }

    pub fn busy(&self) -> bool {
        self.state.busy
    }

    pub fn refused(&self) -> Option<Refused> {
        self.state.refused.clone()
    }

    /// The invitation that is shown large.
    pub fn made(&self) -> Option<InvitationRow> {
        self.state.made.clone()
    }

    /// Asks the person.
    pub fn asks(&self, asking: Asking) -> Callback<MouseEvent> {
        let state = self.state.clone();
        Callback::from(move |_: MouseEvent| {
            state.set(State { asking: asking.clone(), refused: None, ..(*state).clone() });
        })
    }

    /// Leaves everything as it is.
    pub fn leave(&self) -> Callback<()> {
        let state = self.state.clone();
        Callback::from(move |()| {
            // A dialog that was answered closes too; what is under way then goes on.
            if !state.busy {
                state.set(State { asking: Asking::Nothing, refused: None, ..(*state).clone() });
            }
        })
    }

    /// Shows an invitation large, or none.
    pub fn show(&self, made: Option<InvitationRow>) -> Callback<MouseEvent> {
        let state = self.state.clone();
        Callback::from(move |_: MouseEvent| state.set(State { made: made.clone(), ..(*state).clone() }))
    }

    /// Does something that the person was asked about.
    pub fn does(&self, request: Request) -> Callback<()> {
        let act = self.clone();
        Callback::from(move |()| act.send(request.clone()))
    }

    /// Sends what changes the members; one thing at a time.
    pub fn send(&self, request: Request) {
        if self.state.busy {
            return;
        }
        // A form stays until it was done, so that nothing typed is lost; a question was answered.
        let stays = matches!(self.state.asking, Asking::Invite(_) | Asking::Roles(_));
        let asking = if stays { self.asking() } else { Asking::Nothing };
        let before = State { asking, busy: true, refused: None, made: self.made() };
        self.state.set(before.clone());
        let (desk, state) = (self.desk.clone(), self.state.clone());
        spawn_local(async move {
            let (taken_back, done) = (withdrawn(&request), said(&request));
            let after = State { busy: false, ..before };
            state.set(match carrier::ask(&request).await {
                Answer::Ok(Reply::Invitation(row)) => State { asking: Asking::Nothing, made: Some(row), ..after },
                Answer::Ok(reply) => {
                    if let Reply::RecoveryCode(sheet) = reply {
                        desk.keep_code.emit(sheet.code);
                    }
                    desk.toast.emit(Toast { text: desk.words.say(done), bad: false });
                    let made = after.made.clone().filter(|row| Some(&row.code) != taken_back.as_ref());
                    State { asking: Asking::Nothing, made, ..after }
                }
                Answer::Refused(why) => State { refused: Some(why), ..after },
            });
        });
    }
}

fn withdrawn(request: &Request) -> Option<String> {
    match request {
        Request::Withdraw { code } => Some(code.clone()),
        _ => None,
    }
}

/// What is said when it was done.
fn said(request: &Request) -> &'static str {
    match request {
        Request::Withdraw { .. } => "done-withdraw",
        Request::SetRoles { .. } => "done-roles",
        Request::Revoke { .. } => "done-take-out",
        Request::NewRecoveryCode => "done-new-code",
        Request::GoOnWithoutOthers => "done-go-on",
        _ => "done-keys",
    }
}
