//! What every page needs: the words, the device's news, and a way to ask.

use crate::carrier;
use crate::route::Route;
use crate::words::Words;
use gloo_timers::callback::Timeout;
use mera_device_api::{About, Answer, Refused, Reply, Request, SyncStatus};
use mera_schema::RecordKind;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The refusal of a device that was taken out of its company.
pub const OUT: &str = "membership.revoked";

/// The refusal of a device that did not answer.
const NO_ANSWER: &str = "carrier.no_answer";
/// Milliseconds until one that did not answer is asked again.
const AGAIN: u32 = 1_500;

/// Shared by all pages.
#[derive(Clone, PartialEq)]
pub struct Desk {
    pub words: Words,
    /// Moves when records changed.
    pub news: u32,
    pub about: Option<About>,
    pub sync: Option<SyncStatus>,
    /// How far the last import came: records done, and of how many.
    pub importing: Option<(usize, usize)>,
    /// How far the last check of signatures came: entries done, and of how many.
    pub auditing: Option<(u64, u64)>,
    /// How far the device is with a file that it writes for the person.
    pub saving: Option<(u64, u64)>,
    /// Says something for a moment.
    pub toast: Callback<Toast>,
    /// Shows a recovery code that was just told, until its person says that it is written down.
    pub keep_code: Callback<String>,
}

/// A desk of which nothing is known yet but its language.
#[cfg(test)]
pub fn bare(language: crate::words::Language) -> Desk {
    Desk {
        words: Words::of(language),
        news: 0,
        about: None,
        sync: None,
        importing: None,
        auditing: None,
        saving: None,
        toast: Callback::noop(),
        keep_code: Callback::noop(),
    }
}

/// Something said for a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    pub text: String,
    pub bad: bool,
}

impl Desk {
    /// Whether the person's roles let them write a kind of record.
    pub fn may_write(&self, kind: RecordKind) -> bool {
        self.about.as_ref().is_some_and(|about| about.may_write.contains(&kind))
    }

    /// Whether the person's roles let them read a kind of record.
    pub fn may_read(&self, kind: RecordKind) -> bool {
        self.about.as_ref().is_some_and(|about| about.may_read.contains(&kind))
    }

    /// Whether the person's roles let them see what everybody has done.
    pub fn sees_everything(&self) -> bool {
        let all = |role: &String| role == "administrator" || role == "finance";
        self.about.as_ref().is_some_and(|about| about.roles.iter().any(all))
    }

    /// Whether the person's roles let them decide about work that was set aside.
    pub fn judges(&self) -> bool {
        let judges = |role: &String| role == "administrator" || role == "office";
        self.about.as_ref().is_some_and(|about| about.roles.iter().any(judges))
    }

    /// Whether the person's roles let them erase a kind of record for good.
    pub fn may_erase(&self, kind: RecordKind) -> bool {
        self.about.as_ref().is_some_and(|about| about.may_erase.contains(&kind))
    }

    /// Says a refusal in the person's language.
    pub fn refuse(&self, refused: &Refused) {
        self.toast.emit(Toast { text: self.words.refusal(refused), bad: true });
    }
}

/// The desk of this page.
#[hook]
pub fn use_desk() -> Desk {
    use_context::<Desk>().expect("every page stands inside the app, which provides the desk")
}

/// Who and where the device is, and why it could not say so when it was last asked. It is asked again with all news and
/// at each turn: a device that was not there may have been founded, here or on another screen.
///
/// One that was taken out of its company shows nothing any more. A recovery code is handed on, as it is told once.
#[hook]
pub fn use_about(news: u32, turn: u32, recovery: Callback<String>) -> (Option<About>, Option<Refused>) {
    let about = use_state_eq(|| None);
    let refused = use_state_eq(|| None);
    {
        let (about, refused) = (about.clone(), refused.clone());
        use_effect_with((news, turn), move |_| {
            spawn_local(async move {
                match carrier::ask(&Request::About).await {
                    Answer::Ok(Reply::About(found)) => {
                        if let Some(code) = &found.recovery_code {
                            recovery.emit(code.clone());
                        }
                        about.set(Some(About { recovery_code: None, ..*found }));
                    }
                    Answer::Ok(_) => {}
                    Answer::Refused(why) => {
                        if why.code == OUT {
                            about.set(None);
                        }
                        refused.set(Some(why));
                    }
                }
            });
        });
    }
    ((*about).clone(), (*refused).clone())
}

/// The device's answer to a request; asked again whenever records change. While a new answer is on its way the former
/// one stays, so that nothing flickers.
#[hook]
pub fn use_answer(request: Request) -> Option<Answer> {
    use_answer_if(Some(request))
}

/// The same, when there may be nothing to ask.
#[hook]
pub fn use_answer_if(request: Option<Request>) -> Option<Answer> {
    use_answer_to(request).map(|(_, answer)| answer)
}

/// The same, asked again after so many milliseconds too: of what changes because time goes by.
#[hook]
pub fn use_answer_every(millis: u32, request: Request) -> Option<Answer> {
    let turn = use_state_eq(|| 0_u32);
    {
        let turn = turn.clone();
        use_effect_with(*turn, move |now| {
            let next = now.wrapping_add(1);
            let waiting = Timeout::new(millis, move || turn.set(next));
            move || drop(waiting)
        });
    }
    use_answer_in_turn(Some(request), *turn).map(|(_, answer)| answer)
}

/// The same, with the request that was answered: while the next answer is on its way, that is the one before.
#[hook]
pub fn use_answer_to(request: Option<Request>) -> Option<(Request, Answer)> {
    use_answer_in_turn(request, 0)
}

#[hook]
fn use_answer_in_turn(request: Option<Request>, at: u32) -> Option<(Request, Answer)> {
    let desk = use_desk();
    let answer = use_state(|| None::<(Request, Answer)>);
    let latest = use_mut_ref(|| Rc::new(Cell::new(0_u32)));
    // A device that did not answer is asked again: one line that broke does not leave a page without its content.
    let again = use_state_eq(|| 0_u32);
    {
        let (answer, latest, again) = (answer.clone(), latest.borrow().clone(), again.clone());
        use_effect_with((request.clone(), desk.news, at, *again), move |(request, .., before)| {
            let next = before.wrapping_add(1);
            let turn = latest.get() + 1;
            latest.set(turn);
            let Some(request) = request.clone() else { return };
            spawn_local(async move {
                let given = carrier::ask(&request).await;
                if latest.get() == turn {
                    if matches!(&given, Answer::Refused(why) if why.code == NO_ANSWER) {
                        Timeout::new(AGAIN, move || again.set(next)).forget();
                    }
                    answer.set(Some((request, given)));
                }
            });
        });
    }
    let request = request?;
    let same_page = |asked: &Request| match (asked, &request) {
        (Request::Open { record, at }, Request::Open { record: wanted, at: then }) => record == wanted && at == then,
        (Request::History { record }, Request::History { record: wanted }) => record == wanted,
        (Request::List { kind, .. }, Request::List { kind: wanted, .. }) => kind == wanted,
        _ => true,
    };
    answer.as_ref().filter(|(asked, _)| same_page(asked)).cloned()
}

/// Sends a request that changes something; a refusal is said.
pub fn send(desk: &Desk, request: Request, then: impl FnOnce(Reply) + 'static) {
    send_or(desk, request, then, || ());
}

/// The same, and does something where it was refused.
pub fn send_or(desk: &Desk, request: Request, then: impl FnOnce(Reply) + 'static, refused: impl FnOnce() + 'static) {
    let desk = desk.clone();
    spawn_local(async move {
        match carrier::ask(&request).await {
            Answer::Ok(reply) => then(reply),
            Answer::Refused(why) => {
                desk.refuse(&why);
                refused();
            }
        }
    });
}

/// Creates a record and goes to its page.
pub fn create(desk: &Desk, kind: RecordKind, values: Vec<(String, String)>) {
    send(desk, Request::Create { kind, values }, |reply| {
        if let Reply::Done(done) = reply
            && let Some(record) = done.record
        {
            Route::record(record).go();
        }
    });
}

/// What this browser keeps for the person: language and theme.
pub fn kept(name: &str) -> Option<String> {
    web_sys::window()?.local_storage().ok()??.get_item(name).ok()?
}

/// Keeps it.
pub fn keep(name: &str, value: &str) {
    if let Some(Ok(Some(storage))) = web_sys::window().map(|window| window.local_storage()) {
        storage.set_item(name, value).ok();
    }
}
