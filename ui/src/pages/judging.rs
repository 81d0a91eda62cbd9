//! Work that was set aside: who wrote it, what it would change, and what is decided about it.

use crate::desk::{Desk, send, use_answer, use_desk};
use crate::pages::audit::{act, word};
use crate::written;
use mera_device_api::{Answer, JudgingRow, PersonOn, Reply, Request};
use mera_schema::DeviceId;
use patternfly_yew::prelude::*;
use std::collections::BTreeMap;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

/// Which entry of which log.
type Which = (DeviceId, u64);

#[component]
pub fn JudgingView() -> Html {
    let desk = use_desk();
    let leaving = use_state_eq(|| None::<Which>);
    let rows = match use_answer(Request::Judging) {
        Some(Answer::Ok(Reply::Judging(page))) => page.rows,
        Some(Answer::Refused(refused)) => {
            return html! { <p class="mera-empty" data-testid="judging-refused">{ desk.words.refusal(&refused) }</p> };
        }
        _ => return html! {},
    };
    let (closed, open): (Vec<&JudgingRow>, Vec<&JudgingRow>) = rows.iter().partition(|row| row.closed.is_some());
    let row = |one: &&JudgingRow| html! { <Row key={format!("{}-{}", one.device, one.number)} row={(*one).clone()} leaving={leaving.clone()} /> };
    html! {<>
        <div class="mera-bar"><Title>{ desk.words.say("judging") }</Title><HandedInFile /></div>
        <p class="mera-measure">{ desk.words.say("judging-explains") }</p>
        if open.is_empty() { <p class="mera-empty" data-testid="judging-empty">{ desk.words.say("judging-empty") }</p> }
        <ol class="mera-history mera-audit" aria-label={desk.words.say("judging")}>{ for open.iter().map(row) }</ol>
        if !closed.is_empty() {
            <h2>{ desk.words.say("judging-closed") }</h2>
            <ol class="mera-history mera-audit" aria-label={desk.words.say("judging-closed")}>{ for closed.iter().map(row) }</ol>
        }
    </>}
}

#[derive(Properties, PartialEq)]
struct RowProps {
    row: JudgingRow,
    /// The entry that is about to be left out.
    leaving: UseStateHandle<Option<Which>>,
}

#[component]
fn Row(props: &RowProps) -> Html {
    let (desk, row) = (use_desk(), &props.row);
    let named = |who: &PersonOn| format!("{} · {}", who.person, who.device);
    html! {
        <li data-testid="judging-row" data-closed={row.closed.is_some().to_string()}>
            <div class="mera-who">
                <strong>{ named(&row.by) }</strong>
                <small>{ written::moment(row.at, desk.words.language) }</small>
                <span class="mera-audit-standing">{ desk.words.say(&format!("audit-standing-{}", word(row.standing))) }</span>
            </div>
            { act(&desk, &row.act, &BTreeMap::new()) }
            if let Some(closed) = &row.closed {
                <p data-testid="judging-decided">{ desk.words.with(if closed.taken { "judging-taken" } else { "judging-left" }, &[("who", &named(&closed.by)), ("when", &written::moment(closed.at, desk.words.language)), ("note", &closed.note)]) }</p>
            } else {
                { decide(&desk, row, &props.leaving) }
            }
        </li>
    }
}

fn decide(desk: &Desk, row: &JudgingRow, leaving: &UseStateHandle<Option<Which>>) -> Html {
    let which = (row.device, row.number);
    let take = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| send(&desk, Request::TakeOver { device: which.0, number: which.1 }, |_| {}))
    };
    let ask = {
        let leaving = leaving.clone();
        Callback::from(move |_: MouseEvent| leaving.set((*leaving != Some(which)).then_some(which)))
    };
    html! {<>
        <div class="mera-steps">
            <button type="button" class="pf-v6-c-button pf-m-primary" data-testid="judging-take" onclick={take}>{ desk.words.say("judging-take") }</button>
            <button type="button" class="pf-v6-c-button pf-m-secondary" data-testid="judging-leave" aria-expanded={(**leaving == Some(which)).to_string()} onclick={ask}>{ desk.words.say("judging-leave") }</button>
        </div>
        if **leaving == Some(which) { <LeaveOut {which} left={leaving.clone()} /> }
    </>}
}

#[derive(Properties, PartialEq)]
struct LeaveProps {
    which: Which,
    left: UseStateHandle<Option<Which>>,
}

/// Why an entry is left out.
#[component]
fn LeaveOut(props: &LeaveProps) -> Html {
    let (desk, text) = (use_desk(), use_node_ref());
    let (device, number) = props.which;
    let onsubmit = {
        let (desk, text, left) = (desk.clone(), text.clone(), props.left.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let note = text.cast::<HtmlTextAreaElement>().map(|text| text.value()).unwrap_or_default();
            let left = left.clone();
            send(&desk, Request::LeaveOut { device, number, note }, move |_| left.set(None));
        })
    };
    html! {
        <form {onsubmit}>
            <div class="mera-field">
                <label for="judging-note">{ desk.words.say("judging-note") }</label>
                <textarea class="mera-input" id="judging-note" data-testid="judging-note" rows="2" ref={text} />
            </div>
            <button type="submit" class="pf-v6-c-button pf-m-secondary" data-testid="judging-leave-do">{ desk.words.say("judging-leave-do") }</button>
        </form>
    }
}

/// A file that a device handed in.
#[component]
fn HandedInFile() -> Html {
    let desk = use_desk();
    let onchange = {
        let desk = desk.clone();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
            // The same file may be chosen again.
            input.set_value("");
            let desk = desk.clone();
            spawn_local(async move {
                let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
                let said = desk.clone();
                send(&desk, Request::OpenHandedIn { file: text.unwrap_or_default() }, move |reply| {
                    if let Reply::HandedInOpened { changes } = reply {
                        let text = said.words.count("judging-opened", changes);
                        said.toast.emit(crate::desk::Toast { text, bad: false });
                    }
                });
            });
        })
    };
    html! {
        <span class="mera-file">
            <input class="mera-hidden" id="judging-file" data-testid="judging-file" type="file" {onchange} />
            <label class="pf-v6-c-button pf-m-secondary" for="judging-file">{ desk.words.say("judging-file") }</label>
        </span>
    }
}
